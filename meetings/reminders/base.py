from collections.abc import Callable, Iterator

from django.urls import reverse

from matching.models import Mentorship
from meetings.models import Meeting, MeetingQuerySet
from notices.outbox import Message
from participants.models import Person


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
