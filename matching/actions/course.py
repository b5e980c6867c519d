"""What becomes of a mentorship: paused, resumed, left, ended or completed."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from domain.errors import DomainError
from matching.actions.base import locked, record
from matching.actions.offers import go_on_without
from matching.models import Member, Mentorship
from matching.notify import notify
from participants.models import Person
from programmes.models import Role

State = Mentorship.State


@transaction.atomic
def pause(
    *, mentorship: Mentorship, person: Person, by: Person | None = None, at: datetime | None = None
) -> Mentorship:
    """A member needs a rest. Of a mentorship that is paused already it says that theirs lasts, and nobody is
    told. `by` is a confidant who does it on their behalf; then the member is told as well."""
    at = at or timezone.now()
    mentorship = locked(mentorship)
    member = mentorship.members.get(enrolment__person=person)
    paused = mentorship.move_to(State.PAUSED, paused_at=at)
    Member.objects.filter(pk=member.pk, rests_since=None).update(rests_since=at)
    if paused:
        notify("mentorship-changed", [mentorship.pk], at=at, by=by or person, change="paused")
    return mentorship


@transaction.atomic
def resume(*, mentorship: Mentorship, person: Person, at: datetime | None = None) -> Mentorship:
    """Back to where it was, active when all had signed, confirmed otherwise, once nobody needs the pause.

    Whoever did not ask for a pause cannot end it: nobody is pulled back into what they needed a rest from.
    It is the same rule for every pause, so that none tells why it is one.
    """
    at = at or timezone.now()
    mentorship = locked(mentorship)
    if mentorship.state in (State.CONFIRMED, State.ACTIVE):
        return mentorship
    if mentorship.state != State.PAUSED:
        raise DomainError(_("Only a paused mentorship can go on."))
    mentorship.members.filter(enrolment__person=person).update(rests_since=None)
    if mentorship.members.resting().exists():
        return mentorship
    mentorship.move_to(State.ACTIVE if mentorship.activated_at else State.CONFIRMED, paused_at=None)
    notify("mentorship-changed", [mentorship.pk], at=at, by=person, change="resumed")
    return mentorship


@transaction.atomic
def end(*, mentorship: Mentorship, person: Person, at: datetime | None = None) -> Mentorship:
    """Any member may, at any time, without a reason. The others are told that it ended, not why; a group in
    which a mentor and a mentee remain goes on without the one who leaves."""
    at = at or timezone.now()
    mentorship = locked(mentorship)
    if not mentorship.members.filter(enrolment__person=person).exists():
        return mentorship
    if _leave_group(mentorship, person, at):
        notify("mentorship-changed", [mentorship.pk], at=at, change="left")
    elif mentorship.move_to(State.ENDED, closed_at=at):
        notify("mentorship-changed", [mentorship.pk], at=at, by=person, change="ended")
    return mentorship


@transaction.atomic
def run_out(*, mentorship: Mentorship, at: datetime) -> bool:
    """Its cohort is over, and nobody met: it ends by itself, without a word of blame."""
    mentorship = locked(mentorship)
    ended = mentorship.move_to(State.ENDED, closed_at=at)
    if ended:
        notify("mentorship-changed", [mentorship.pk], at=at, change="over")
    return ended


def goes_on_without(mentorship: Mentorship, person: Person) -> bool:
    """Whether it is a group in which somebody of each role remains."""
    roles = {m.role for m in mentorship.members.all() if m.enrolment.person_id != person.pk}
    return mentorship.members.count() > len(Role) and roles == set(Role)


def _leave_group(mentorship: Mentorship, person: Person, at: datetime) -> bool:
    if not (mentorship.is_live and goes_on_without(mentorship, person)):
        return False
    return bool(mentorship.members.filter(enrolment__person=person).update(left_at=at))


@transaction.atomic
def end_by_staff(
    *, mentorship: Mentorship, by: Person, reason: str, at: datetime | None = None
) -> Mentorship:
    """A coordinator ends it, for a reason only staff see; all members are told that it ended. Both keep their
    places and can be matched again."""
    at = at or timezone.now()
    if not reason.strip():
        raise DomainError(_("Say why. Only the staff of the programme read it."), field="reason")
    mentorship = locked(mentorship)
    if mentorship.move_to(State.ENDED, closed_at=at, staff_reason=reason.strip()[:300]):
        notify("mentorship-changed", [mentorship.pk], at=at, change="ended")
        record(by, [mentorship], _("Ended."), at)
    return mentorship


@transaction.atomic
def part_from_leaver(*, mentorship: Mentorship, person: Person, at: datetime) -> bool:
    """Somebody left the company: the mentorship ends, or the group goes on, and who remains is told kindly.
    Twice is once."""
    mentorship = locked(mentorship)
    if mentorship.state == State.OFFERED:
        member = mentorship.members.select_related("enrolment__person").filter(enrolment__person=person)
        for gone in member:
            go_on_without(mentorship, [gone], at, change="declined")
        return bool(member)
    if not mentorship.is_live:
        return False
    changed = _leave_group(mentorship, person, at) or mentorship.move_to(State.ENDED, closed_at=at)
    if changed:
        notify("mentorship-changed", [mentorship.pk], at=at, by=person, change="company")
    return changed


@transaction.atomic
def complete(*, mentorship: Mentorship, at: datetime | None = None) -> Mentorship:
    at = at or timezone.now()
    mentorship = locked(mentorship)
    if mentorship.move_to(State.COMPLETED, closed_at=at):
        notify("mentorship-changed", [mentorship.pk], at=at, change="completed")
    return mentorship
