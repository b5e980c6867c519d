"""What members say of their meetings: that they took place, or did not, or at another time, or unplanned."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from domain.errors import DomainError
from matching.models import Member, Mentorship
from meetings.actions.base import lock, lock_going, refuse_if_cancelled
from meetings.actions.planning import check_within_cohort, note_change, overlapping
from meetings.actions.telling import send, with_members
from meetings.models import Confirmation, Meeting, MeetingChange
from notices.outbox import post


@transaction.atomic
def answer(
    *, meeting: Meeting, member: Member, answer: str, once: bool = False, at: datetime | None = None
) -> Confirmation:
    """Say whether the meeting took place, or otherwise than before: the last word of each member counts,
    with `once` their first. Where the members disagree, the others are told."""
    at = at or timezone.now()
    meeting = lock(meeting)
    refuse_if_cancelled(meeting)
    if meeting.starts_at > at:
        raise DomainError(_("This meeting has not begun yet. You can answer once it has."))
    given, created = Confirmation.objects.get_or_create(
        meeting=meeting, member=member, defaults={"answer": answer, "answered_at": at}
    )
    if not created and (once or given.answer == answer):
        return given
    if not created:
        given.answer, given.answered_at = answer, at
        given.save(update_fields=["answer", "answered_at"])
    if meeting.status(at) == Meeting.Status.DISPUTED:
        tell_others(meeting, member, "meeting-to-settle", at)
    return given


@transaction.atomic
def took_place_at(
    *, meeting: Meeting, member: Member, starts_at: datetime, minutes: int, at: datetime | None = None
) -> Meeting:
    """Say that a planned meeting was held at another time, which is over too. Earlier answers spoke of the
    planned time and fall away; the others are told, and can disagree. Calendars hear of it only where the
    planned time is still to come: of what is over they need no mail."""
    at = at or timezone.now()
    mentorship = lock_going(meeting.mentorship)
    meeting = lock(meeting)
    refuse_if_cancelled(meeting)
    if (meeting.starts_at, meeting.minutes) == (starts_at, minutes):
        answer(meeting=meeting, member=member, answer=Confirmation.Answer.YES, at=at)
        return meeting
    by_others = {given.answer for given in meeting.counting() if given.member_id != member.pk}
    if by_others == {Confirmation.Answer.YES} and not meeting.confirmations.filter(member=member).exists():
        raise DomainError(
            _("It was said already that you met as planned. Say first that you see it otherwise.")
        )
    ends_at = check_past(mentorship, starts_at, minutes, at, but=meeting)
    before = meeting.starts_at
    meeting.starts_at, meeting.ends_at = starts_at, ends_at
    meeting.sequence += 1
    meeting.save(update_fields=["starts_at", "ends_at", "sequence"])
    meeting.confirmations.all().delete()
    note_change(meeting, MeetingChange.Kind.MOVED, member.person, member, before, at)
    answer(meeting=meeting, member=member, answer=Confirmation.Answer.YES, at=at)
    tell_others(meeting, member, "meeting-logged", at)
    if before > at:
        meeting.mentorship = with_members(meeting)
        for person in meeting.mentorship.people():
            send(meeting, "meeting-calendar", person, member.person, at)
    return meeting


@transaction.atomic
def log_unplanned(
    *,
    mentorship: Mentorship,
    member: Member,
    starts_at: datetime,
    minutes: int,
    request_key: UUID | None = None,
    at: datetime | None = None,
) -> Meeting:
    """Write down a meeting that happened without a plan, once per `request_key`. It counts as held, because
    somebody who was there says so; the others are told, and can disagree."""
    at = at or timezone.now()
    mentorship = lock_going(mentorship)
    request_key = request_key or uuid4()
    if logged := mentorship.meetings.filter(request_key=request_key).first():
        return logged
    ends_at = check_past(mentorship, starts_at, minutes, at)
    meeting = Meeting.objects.create(
        mentorship=mentorship,
        request_key=request_key,
        starts_at=starts_at,
        ends_at=ends_at,
        planned_by=member.person,
        planned_at=at,
    )
    note_change(meeting, MeetingChange.Kind.LOGGED, member.person, member, starts_at, at)
    answer(meeting=meeting, member=member, answer=Confirmation.Answer.YES, at=at)
    tell_others(meeting, member, "meeting-logged", at)
    return meeting


def check_past(
    mentorship: Mentorship, starts_at: datetime, minutes: int, at: datetime, but: Meeting | None = None
) -> datetime:
    """When it ended. Raises DomainError for a time that lies ahead, outside the cohort, or taken already."""
    ends_at = starts_at + timedelta(minutes=minutes)
    if not 10 <= minutes <= 240:
        raise DomainError(_("A meeting takes between 10 minutes and 4 hours."), field="minutes")
    if starts_at > at:
        raise DomainError(_("This time lies ahead. Plan the meeting instead."), field="day")
    check_within_cohort(mentorship, starts_at)
    if overlapping(mentorship, starts_at, ends_at, but=but).exists():
        raise DomainError(
            _("There is a meeting at this time already. Say there what came of it."), field="day"
        )
    return ends_at


def tell_others(meeting: Meeting, member: Member, kind: str, at: datetime) -> None:
    mentorship = Mentorship.objects.with_members().get(pk=meeting.mentorship_id)
    for other in mentorship.others(member.person):
        post(
            kind,
            to=other.person,
            key=f"{kind}:{meeting.pk}:{other.pk}:{meeting.starts_at:%Y-%m-%dT%H:%M}",
            context={
                "mentorship": mentorship,
                "meeting": meeting,
                "others": mentorship.names_of_others(other.person),
                "actor": member.person.first_name,
            },
            url=reverse("meetings:answer", args=[meeting.uuid]),
            at=at,
        )
