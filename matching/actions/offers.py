"""An offer: answered by its members, taken back by staff, or lapsed."""

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from domain.errors import DomainError
from matching.actions.base import locked, record
from matching.group_standing import goes_on_with
from matching.models import MatchRun, Member, Mentorship
from matching.notify import notify
from matching.people_of import current_pairs, movable_offers
from participants.models import Person

State = Mentorship.State


@transaction.atomic
def answer_offer(
    *, mentorship: Mentorship, person: Person, accept: bool, at: datetime | None = None
) -> Mentorship:
    """Accepting is final once all have accepted; declining needs no reason and is told without a name.

    A group that fits its programme without who declined goes on: they are free for another, and what the
    others answered stays. Otherwise the whole offer falls.
    """
    at = at or timezone.now()
    mentorship = locked(mentorship)
    member = Member.ever_asked.get(mentorship=mentorship, enrolment__person=person)
    if mentorship.state != State.OFFERED or member.left_at:
        if member.accepted_at if accept else member.declined_at:
            return mentorship
        raise DomainError(_("This offer is no longer open."))
    if not accept:
        Member.objects.filter(pk=member.pk).update(declined_at=at, accepted_at=None)
        go_on_without(mentorship, [member], at, change="declined")
        return mentorship
    Member.objects.filter(pk=member.pk, accepted_at=None).update(accepted_at=at)
    _begin_if_all_accepted(mentorship, at)
    return mentorship


def go_on_without(mentorship: Mentorship, gone: Sequence[Member], at: datetime, *, change: str) -> bool:
    """Of an offer these are no longer to be part of: whether it goes on with the others, who are told, or
    falls, of which they are told as `change`. Called with the mentorship locked."""
    others = [member for member in mentorship.members.all() if member not in gone]
    if not goes_on_with(mentorship, others):
        mentorship.move_to(State.DECLINED, closed_at=at)
        by = gone[0].person if len(gone) == 1 else None
        notify("mentorship-changed", [mentorship.pk], at=at, by=by, change=change)
        return False
    Member.objects.filter(pk__in=[member.pk for member in gone]).update(left_at=at, accepted_at=None)
    if not _begin_if_all_accepted(mentorship, at):
        notify("mentorship-changed", [mentorship.pk], at=at, change="smaller")
    return True


def _begin_if_all_accepted(mentorship: Mentorship, at: datetime) -> bool:
    if mentorship.members.filter(accepted_at=None).exists():
        return False
    mentorship.move_to(State.CONFIRMED, confirmed_at=at)
    notify("mentorship-confirmed", [mentorship.pk], at=at)
    return True


def offers_in_the_way(run: MatchRun, enrolments: Collection[int] | None = None) -> list[Mentorship]:
    """Offers nobody has accepted that the run gave up for others, of these enrolments or of all."""
    if run.move_price is None:
        return []
    kept = set(run.proposals.kept().values_list("mentor", "mentee"))
    given_up = {of for pair, of in current_pairs(run.cohort).items() if pair not in kept}
    found = movable_offers(run.cohort).filter(pk__in=given_up)
    if enrolments is not None:
        found = found.filter(members__enrolment__in=enrolments).distinct()
    return list(found.with_members())


@transaction.atomic
def withdraw_offer(*, mentorship: Mentorship, by: Person, at: datetime | None = None) -> Mentorship:
    """Take an offer back that nobody has accepted yet; both are told, without a cause."""
    at = at or timezone.now()
    mentorship = locked(mentorship)
    if mentorship.state == State.OFFERED and mentorship.members.exclude(accepted_at=None).exists():
        raise DomainError(_("Somebody has accepted already. Wait for the other answers."))
    if mentorship.move_to(State.DECLINED, closed_at=at):
        notify("mentorship-changed", [mentorship.pk], at=at, change="withdrawn")
        record(by, [mentorship], _("The offer was withdrawn."), at)
    return mentorship


@transaction.atomic
def lapse_offer(*, mentorship: Mentorship, at: datetime) -> bool:
    """An offer that was not answered by all in time; all stay enrolled and are told so. A group begins with
    those who accepted, where they fit its programme. Twice is once."""
    mentorship = locked(mentorship)
    if mentorship.state != State.OFFERED or mentorship.cohort.today(at) <= mentorship.answer_by:
        return False
    members = list(mentorship.members.select_related("enrolment__person"))
    silent = [member for member in members if not member.accepted_at]
    if not goes_on_with(mentorship, [member for member in members if member.accepted_at]):
        mentorship.move_to(State.DECLINED, closed_at=at)
        notify("mentorship-changed", [mentorship.pk], at=at, change="lapsed")
        return True
    notify("mentorship-changed", [mentorship.pk], at=at, only=silent, change="missed")
    Member.objects.filter(pk__in=[member.pk for member in silent]).update(left_at=at)
    _begin_if_all_accepted(mentorship, at)
    return True
