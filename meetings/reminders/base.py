from collections.abc import Callable, Iterator

from django.urls import reverse

from matching.models import Member, Mentorship
from meetings.models import Meeting, MeetingQuerySet
from notices.models import Notice
from notices.outbox import Message
from participants.models import Person


def of_members(notices: list[Notice]) -> list[Notice]:
    """Those to people who are members still; the third word of each key names the membership."""
    named = {notice.pk: int(notice.key.split(":")[2]) for notice in notices}
    here = set(Member.objects.filter(pk__in=set(named.values())).values_list("pk", flat=True))
    return [notice for notice in notices if named[notice.pk] in here]


def going() -> MeetingQuerySet:
    return Meeting.objects.filter(mentorship__state__in=[Mentorship.State.CONFIRMED, Mentorship.State.ACTIVE])


Wanted = Callable[[Meeting, Person], bool]


def messages(
    kind: str, meetings: MeetingQuerySet, page: str, *, to: Wanted = lambda meeting, person: True
) -> Iterator[Message]:
    """One to each member `to` agrees to. The key holds the start: a meeting that was moved is spoken of
    anew."""
    for meeting in meetings.with_people().iterator(chunk_size=500):
        for member in meeting.mentorship.members.all():
            if not to(meeting, member.person):
                continue
            yield Message(
                kind=kind,
                to=member.person,
                key=f"{kind}:{meeting.pk}:{member.pk}:{meeting.starts_at:%Y-%m-%dT%H:%M}",
                context={
                    "meeting": meeting,
                    "others": meeting.mentorship.names_of_others(member.person),
                },
                url=reverse(page, args=[meeting.uuid]),
            )
