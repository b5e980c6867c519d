"""Nobody who confided in somebody is left waiting. No notice says what was written, or by whom."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from django.db.models import Max
from django.utils import timezone

from concerns.actions import readers_changed, url_of
from concerns.models import Concern, Reader
from notices.models import Notice
from notices.outbox import Message
from notices.still import still_due
from participants.models import Person
from programmes.models import Cohort

Urgency = Concern.Urgency
ANSWERED_WITHIN = {
    Urgency.NOW: timedelta(days=1),
    Urgency.SOON: timedelta(days=3),
    Urgency.CAN_WAIT: timedelta(days=7),
}
"""After it a confidant is reminded, and once more after as long again."""
NUDGES = 2
LOOKED_BACK = timedelta(days=60)


def unread(at: datetime) -> Iterator[Message]:
    """To authors, once: nobody can read it any more, and they may choose who should."""
    concerns = Concern.objects.unread().exclude(mentorship__cohort__state=Cohort.State.ARCHIVED)
    concerns = concerns.filter(raised_at__lte=at).select_related("raised_by")
    for concern in concerns.annotate(latest=Max("readers__pk")):
        yield readers_changed(concern, f"none-after-{concern.latest}")


def nudges(at: datetime) -> Iterator[Message]:
    """To whoever cares for it, or to all who could take it, while they owe an answer."""
    unanswered = Concern.objects.waiting(at).filter(
        waits_since__gt=at - LOOKED_BACK, raised_by__erased_at=None
    )
    for concern in unanswered:
        waited = at - (concern.waits_since or at)
        number = min(NUDGES, waited // ANSWERED_WITHIN[Urgency(concern.urgency)])
        able = concern.readers_now() if number else []
        for reader in [one for one in able if one.pk == concern.confidant_id] or able:
            yield nudge(concern, reader, number)


def nudge(concern: Concern, reader: Person, number: int) -> Message:
    since = concern.waits_since.timestamp() if concern.waits_since else 0
    turn = f"concern-waiting:{concern.pk}:{reader.pk}:{since:.0f}"
    return Message(
        "concern-waiting",
        to=reader,
        key=f"{turn}:{number}",
        context={},
        url=url_of(concern),
        after=f"{turn}:{number - 1}" if number > 1 else "",
    )


@still_due("concern-raised", "concern-waiting")
def still_waiting(notices: list[Notice]) -> Iterable[int]:
    """The key names concern and confidant; what another has taken, or was answered, needs no mail."""
    about = {one.pk: int(one.key.split(":")[1]) for one in notices}
    open_ones = Concern.objects.waiting(timezone.now()).filter(pk__in=about.values())
    readers = Reader.objects.reading().filter(concern__in=open_ones).select_related("concern")
    waiting = {(one.concern_id, one.person_id): one.concern.confidant_id for one in readers}
    for notice in notices:
        reads = about[notice.pk], notice.recipient_id
        if reads in waiting and waiting[reads] in (None, notice.recipient_id):
            yield notice.pk
