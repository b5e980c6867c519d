"""An offer: answered by its members, taken back by staff, or lapsed."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from domain.errors import DomainError
from matching.actions.base import locked, record
from matching.models import MatchRun, Member, Mentorship
from matching.notify import notify
from matching.people_of import current_pairs, movable_offers
from participants.models import Person

State = Mentorship.State


@transaction.atomic
def answer_offer(
    *, mentorship: Mentorship, person: Person, accept: bool, at: datetime | None = None
) -> Mentorship:
    """Accepting is final once all have accepted; declining needs no reason and is told without a name."""
    at = at or timezone.now()
    mentorship = locked(mentorship)
    member = mentorship.members.get(enrolment__person=person)
    if mentorship.state != State.OFFERED:
        if member.accepted_at if accept else member.declined_at:
            return mentorship
        raise DomainError(_("This offer is no longer open."))
    if not accept:
        Member.objects.filter(pk=member.pk).update(declined_at=at, accepted_at=None)
        mentorship.move_to(State.DECLINED, closed_at=at)
        notify("mentorship-changed", [mentorship.pk], at=at, by=person, change="declined")
        return mentorship
    Member.objects.filter(pk=member.pk, accepted_at=None).update(accepted_at=at)
    if not mentorship.members.filter(accepted_at=None).exists():
        mentorship.move_to(State.CONFIRMED, confirmed_at=at)
        notify("mentorship-confirmed", [mentorship.pk], at=at)
    return mentorship


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
        raise DomainError(_("One of the two has accepted already. Wait for the other's answer."))
    if mentorship.move_to(State.DECLINED, closed_at=at):
        notify("mentorship-changed", [mentorship.pk], at=at, change="withdrawn")
        record(by, [mentorship], _("The offer was withdrawn."), at)
    return mentorship


@transaction.atomic
def lapse_offer(*, mentorship: Mentorship, at: datetime) -> bool:
    """An offer that was not answered by all in time; both stay enrolled and are told so. Twice is once."""
    mentorship = locked(mentorship)
    if mentorship.state != State.OFFERED or mentorship.cohort.today(at) <= mentorship.answer_by:
        return False
    mentorship.move_to(State.DECLINED, closed_at=at)
    notify("mentorship-changed", [mentorship.pk], at=at, change="lapsed")
    return True
