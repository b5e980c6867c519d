from collections.abc import Iterable, Iterator
from datetime import datetime, time, timedelta

from django.db.models import Count, Exists, F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse

from matching.models import Mentorship
from matching.models.mentorship import MentorshipQuerySet
from meetings.models import Meeting, MeetingQuerySet
from meetings.reminders.base import going, messages, of_members
from notices.models import Notice, NoticePreference
from notices.outbox import Message, post_all
from notices.still import still_due
from participants.models import Person

AN_HOUR = timedelta(hours=1)
FIRST_WITHIN = timedelta(days=10)
NEXT_WITHIN = timedelta(days=14)
WINDOW = timedelta(days=14)
GOING = [Mentorship.State.CONFIRMED, Mentorship.State.ACTIVE]


def to_remind(at: datetime) -> MeetingQuerySet:
    """Those that may begin tomorrow, wherever somebody is; `is_day_before` asks each person's clock."""
    return going().starting_between(at, at + timedelta(hours=48))


def is_day_before(meeting: Meeting, person: Person, at: datetime) -> bool:
    """From midnight before the day before, so that the morning's digest can carry it; not to somebody
    who has just heard that it was planned."""
    day = meeting.starts_at.astimezone(person.zone).date() - timedelta(days=1)
    begins = datetime.combine(day, time(), tzinfo=person.zone)
    return begins <= at and meeting.planned_at < begins


def beginning_soon(at: datetime) -> MeetingQuerySet:
    """Those that begin within the hour and have a member who asked to be told."""
    wish = wishes().filter(person__enrolments__memberships__mentorship=OuterRef("mentorship"))
    return going().starting_between(at, at + AN_HOUR).filter(Exists(wish), planned_at__lte=at - AN_HOUR)


def wishes() -> QuerySet[NoticePreference]:
    return NoticePreference.objects.filter(kind="meeting-soon").exclude(by_email=False, in_inbox=False)


def without_first_meeting(at: datetime) -> MentorshipQuerySet:
    """Confirmed ten days ago, for two weeks, and nothing planned yet."""
    meetings = Meeting.objects.uncancelled().filter(mentorship=OuterRef("pk"))
    return Mentorship.objects.filter(
        ~Exists(meetings),
        state__in=GOING,
        confirmed_at__gt=at - FIRST_WITHIN - WINDOW,
        confirmed_at__lte=at - FIRST_WITHIN,
    )


def last_ones(at: datetime) -> MeetingQuerySet:
    """Meetings that ended two weeks ago, for two weeks, after which nothing is planned though the course has
    more, and the cohort goes on."""
    later = Meeting.objects.uncancelled().filter(
        mentorship=OuterRef("mentorship"), starts_at__gt=OuterRef("starts_at")
    )
    held = Meeting.objects.held().filter(mentorship=OuterRef("mentorship")).order_by().values("mentorship")
    return (
        going()
        .uncancelled()
        .filter(
            ~Exists(later),
            ends_at__gt=at - NEXT_WITHIN - WINDOW,
            ends_at__lte=at - NEXT_WITHIN,
            mentorship__cohort__ends_on__gt=at.date(),
        )
        .annotate(count_held=Coalesce(Subquery(held.values(count=Count("pk"))), 0))
        .filter(count_held__lt=F("mentorship__cohort__meetings_planned"))
    )


def post_due(at: datetime) -> int:
    asked = set(wishes().values_list("person", flat=True))
    due = (
        messages(
            "meeting-reminder",
            to_remind(at),
            "meetings:detail",
            to=lambda meeting, person: is_day_before(meeting, person, at),
        ),
        messages(
            "meeting-soon",
            beginning_soon(at),
            "meetings:detail",
            to=lambda meeting, person: person.pk in asked,
        ),
        first_ones(without_first_meeting(at)),
        next_ones(last_ones(at)),
    )
    return sum(post_all(each, at=at) for each in due)


def first_ones(mentorships: MentorshipQuerySet) -> Iterator[Message]:
    for mentorship in mentorships.with_members().iterator(chunk_size=500):
        for member in mentorship.members.all():
            yield Message(
                kind="first-meeting-to-plan",
                to=member.person,
                key=f"first-meeting-to-plan:{mentorship.pk}:{member.pk}",
                context={
                    "mentorship": mentorship,
                    "others": mentorship.names_of_others(member.person),
                    "writes_first": member.makes_first_contact,
                },
                url=reverse("meetings:plan", args=[mentorship.uuid]),
            )


def next_ones(meetings: MeetingQuerySet) -> Iterator[Message]:
    for meeting in meetings.with_people().iterator(chunk_size=500):
        mentorship = meeting.mentorship
        for member in mentorship.members.all():
            yield Message(
                kind="next-meeting-to-plan",
                to=member.person,
                key=f"next-meeting-to-plan:{meeting.pk}:{member.pk}",
                context={
                    "mentorship": mentorship,
                    "others": mentorship.names_of_others(member.person),
                    "last": meeting,
                },
                url=reverse("meetings:plan", args=[mentorship.uuid]),
            )


# --- Asked again when the mail is about to go ------------------------------------------


@still_due("meeting-reminder", "meeting-soon")
def still_planned(notices: list[Notice]) -> Iterable[int]:
    """Neither cancelled nor moved: the key ends with the start that was spoken of."""
    notices = of_members(notices)
    of = {notice.pk: about(notice) for notice in notices}
    starts = dict(going().uncancelled().filter(pk__in=of.values()).values_list("pk", "starts_at"))
    return [
        notice.pk
        for notice in notices
        if (start := starts.get(of[notice.pk])) and notice.key.endswith(f"{start:%Y-%m-%dT%H:%M}")
    ]


@still_due("first-meeting-to-plan")
def still_without_first(notices: list[Notice]) -> Iterable[int]:
    notices = of_members(notices)
    of = {notice.pk: about(notice) for notice in notices}
    planned = Meeting.objects.uncancelled().filter(mentorship=OuterRef("pk"))
    open_ones = set(
        Mentorship.objects.filter(~Exists(planned), pk__in=of.values(), state__in=GOING).values_list(
            "pk", flat=True
        )
    )
    return [pk for pk, mentorship in of.items() if mentorship in open_ones]


@still_due("next-meeting-to-plan")
def still_without_next(notices: list[Notice]) -> Iterable[int]:
    notices = of_members(notices)
    of = {notice.pk: about(notice) for notice in notices}
    later = Meeting.objects.uncancelled().filter(
        mentorship=OuterRef("mentorship"), starts_at__gt=OuterRef("starts_at")
    )
    last = set(going().filter(~Exists(later), pk__in=of.values()).values_list("pk", flat=True))
    return [pk for pk, meeting in of.items() if meeting in last]


def about(notice: Notice) -> int:
    """The pk that the key names first: of a meeting, or of a mentorship."""
    return int(notice.key.split(":")[1])
