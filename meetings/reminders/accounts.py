from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import timezone

from matching.models import Member
from meetings import mail_link
from meetings.models import Meeting, MeetingLog, MeetingQuerySet
from meetings.reminders.base import going, of_members
from notices.models import Notice
from notices.outbox import Message, post_all
from notices.still import still_due

AFTER_END = timedelta(days=14)
LOG_AFTER = timedelta(days=2)
LOG_AGAIN_AFTER = timedelta(days=7)
LOG_GAP = timedelta(days=4)
LOG_UNTIL = timedelta(days=14)


def to_ask_about(at: datetime) -> MeetingQuerySet:
    """Those that are over and of which nobody has said anything, for two weeks."""
    return going().to_confirm(at).filter(ends_at__gt=at - AFTER_END)


def without_log(at: datetime, after: timedelta = LOG_AFTER) -> MeetingQuerySet:
    """Those that were held and of which nobody has written anything, for two weeks."""
    return (
        going()
        .held()
        .filter(ends_at__lte=at - after, ends_at__gt=at - LOG_UNTIL)
        .exclude(Exists(MeetingLog.objects.filter(meeting=OuterRef("pk"))))
    )


def post_due(at: datetime) -> int:
    return sum(
        post_all(messages, at=at)
        for messages in (
            did_you_meet(to_ask_about(at)),
            log_missing(without_log(at)),
            log_missing_again(without_log(at, LOG_AGAIN_AFTER), at),
        )
    )


def did_you_meet(meetings: MeetingQuerySet) -> Iterator[Message]:
    """The mail's button leads to a page on which one tap answers, without signing in."""
    for meeting, member, context in with_members(meetings):
        yield Message(
            kind="meeting-to-confirm",
            to=member.person,
            key=key("meeting-to-confirm", meeting, member),
            context=context,
            url=reverse("meetings:answer", args=[meeting.uuid]),
            mail_url=mail_link.address(meeting, member),
            until=meeting.ends_at + AFTER_END,
        )


def log_missing(meetings: MeetingQuerySet) -> Iterator[Message]:
    for meeting, member, context in with_members(meetings):
        yield Message(
            kind="log-missing",
            to=member.person,
            key=key("log-missing", meeting, member),
            context=context,
            url=reverse("meetings:log", args=[meeting.uuid]),
            until=meeting.ends_at + LOG_UNTIL,
        )


def log_missing_again(meetings: MeetingQuerySet, at: datetime) -> list[Message]:
    """Only to who got the first, and some days after it, also where the first came late."""
    firsts = list(log_missing(meetings))
    earlier = set(
        Notice.objects.filter(
            key__in=[first.key for first in firsts], created_at__lte=at - LOG_GAP
        ).values_list("key", flat=True)
    )
    return [
        replace(first, key=f"{first.key}:again", after=first.key, context={**first.context, "again": True})
        for first in firsts
        if first.key in earlier
    ]


def with_members(meetings: MeetingQuerySet) -> Iterator[tuple[Meeting, Member, dict[str, object]]]:
    for meeting in meetings.with_people().iterator(chunk_size=500):
        for member in meeting.mentorship.members.all():
            names = meeting.mentorship.names_of_others(member.person)
            yield meeting, member, {"meeting": meeting, "others": names}


def key(kind: str, meeting: Meeting, member: Member) -> str:
    """Holds the start: a meeting that was moved is spoken of anew."""
    return f"{kind}:{meeting.pk}:{member.pk}:{meeting.starts_at:%Y-%m-%dT%H:%M}"


@still_due("meeting-to-confirm")
def still_unanswered(notices: list[Notice]) -> Iterable[int]:
    return still(notices, Meeting.objects.uncancelled().filter(confirmations=None))


@still_due("log-missing")
def still_without_log(notices: list[Notice]) -> Iterable[int]:
    return still(notices, without_log(timezone.now(), timedelta()))


@still_due("meeting-to-settle")
def still_disputed(notices: list[Notice]) -> Iterable[int]:
    return still(notices, Meeting.objects.disputed())


def still(notices: list[Notice], meetings: MeetingQuerySet) -> Iterator[int]:
    """The notices whose meeting is among `meetings`, at the time the notice speaks of, to its members."""
    notices = of_members(notices)
    named = {notice.pk: notice.key.split(":", 3) for notice in notices}
    starts = dict(
        meetings.filter(pk__in={int(parts[1]) for parts in named.values()}).values_list("pk", "starts_at")
    )
    for pk, (_kind, meeting, _member, rest) in named.items():
        start = starts.get(int(meeting))
        if start and rest.startswith(f"{start:%Y-%m-%dT%H:%M}"):
            yield pk
