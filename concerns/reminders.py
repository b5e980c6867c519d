"""Nobody who confided in somebody is left waiting. No notice says what was written, or by whom."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from concerns.actions import raised
from concerns.models import Concern
from concerns.queries import confidants_for
from notices.models import Notice
from notices.outbox import Message
from notices.still import still_due
from participants.models import Person

Urgency = Concern.Urgency
ANSWERED_WITHIN = {
    Urgency.NOW: timedelta(days=1),
    Urgency.SOON: timedelta(days=3),
    Urgency.CAN_WAIT: timedelta(days=7),
}
"""After it a confidant is reminded, and once more after as long again."""
NUDGES = 2
LOOKED_BACK = timedelta(days=60)


def messages(at: datetime) -> Iterator[Message]:
    """What waits, to everybody who may read it now: whoever has become a confidant since learns of it too."""
    open_ones = Concern.objects.waiting().filter(raised_at__lte=at, raised_at__gt=at - LOOKED_BACK)
    for concern in open_ones.select_related("mentorship__cohort"):
        for reader in readers(concern):
            yield raised(concern, reader)


def nudges(at: datetime) -> Iterator[Message]:
    """To whoever cares for it, or to all who could take it, while they owe an answer."""
    unanswered = Concern.objects.unanswered().filter(Q(since__lte=at, since__gt=at - LOOKED_BACK))
    for concern in unanswered.select_related("mentorship__cohort"):
        number = min(NUDGES, (at - concern.since) // ANSWERED_WITHIN[Urgency(concern.urgency)])
        able = readers(concern) if number else []
        for reader in [one for one in able if one.pk == concern.confidant_id] or able:
            yield nudge(concern, reader, number)


def readers(concern: Concern) -> list[Person]:
    """Who may read it now; nobody once the mentorship it was about is forgotten."""
    return confidants_for(concern.mentorship) if concern.mentorship else []


def nudge(concern: Concern, reader: Person, number: int) -> Message:
    turn = f"concern-waiting:{concern.pk}:{reader.pk}:{concern.since.timestamp():.0f}"
    return Message(
        "concern-waiting",
        to=reader,
        key=f"{turn}:{number}",
        context={},
        url=reverse("concerns:detail", args=[concern.uuid]),
        after=f"{turn}:{number - 1}" if number > 1 else "",
    )


@still_due("concern-raised", "concern-waiting")
def still_waiting(notices: list[Notice]) -> Iterable[int]:
    """The key names concern and confidant; what another has taken, or was answered, needs no mail."""
    about = {one.pk: int(one.key.split(":")[1]) for one in notices}
    unanswered = Concern.objects.unanswered().filter(Q(since__lte=timezone.now()), pk__in=about.values())
    waiting = {one.pk: one.confidant_id for one in unanswered}
    for notice in notices:
        concern = about[notice.pk]
        if concern in waiting and waiting[concern] in (None, notice.recipient_id):
            yield notice.pk
