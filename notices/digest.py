"""Collecting what waits into one mail a day."""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from notices import hours
from notices.kinds import DIGEST, Pace
from notices.models import Notice

if TYPE_CHECKING:
    from django.contrib.auth.models import _User as Person

PEOPLE = 500
NIGHT = timedelta(hours=4)  # no day of a person ends sooner after its digest was made
STALE = timedelta(days=14)  # what could not be mailed for so long stays in the inbox alone


def key(person_id: int, day: str) -> str:
    return f"{DIGEST}:{person_id}:{day}"


def day_of(at: datetime, person: "Person") -> str:
    return at.astimezone(person.zone).date().isoformat()


def collect(at: datetime) -> int:
    """Make the digests that are due, and say how many. Whoever had one today gets the rest tomorrow."""
    dissolve_old(at)
    made = 0
    while people := set(
        Notice.objects.to_collect(at).order_by("due_at").values_list("recipient", flat=True)[:PEOPLE]
    ):
        with transaction.atomic():
            found = Notice.objects.to_collect(at).filter(recipient__in=people)
            items = list(found.select_for_update(skip_locked=True, of=["self"]).select_related("recipient"))
            if not items:
                return made  # another sweep is at it
            made += collect_items(items, at)
    return made


def collect_items(items: list[Notice], at: datetime) -> int:
    of_person = defaultdict(list)
    for item in items:
        of_person[item.recipient].append(item)
    digests, later = {}, defaultdict(list)
    for person, theirs in of_person.items():
        pks = [item.pk for item in theirs]
        if hours.is_open(at, person.zone):
            digests[key(person.pk, day_of(at, person))] = (digest_for(person, at), pks)
        else:
            later[hours.next_morning(at, person.zone)].extend(pks)
    Notice.objects.bulk_create([made for made, _pks in digests.values()], ignore_conflicts=True)
    stored = dict(Notice.objects.filter(key__in=digests).values_list("uuid", "pk"))
    made = 0
    for digest, pks in digests.values():
        if digest.uuid in stored:
            made += 1
            Notice.objects.filter(pk__in=pks).update(digest=stored[digest.uuid])
        else:
            later[hours.next_morning(at, digest.recipient.zone)].extend(pks)
    for morning, pks in later.items():
        Notice.objects.filter(pk__in=pks).update(due_at=morning)
    return made


def digest_for(person: "Person", at: datetime) -> Notice:
    return Notice(
        recipient=person,
        kind=DIGEST,
        key=key(person.pk, day_of(at, person)),
        language=person.language,
        pace=Pace.UNCOUNTED,
        in_inbox=False,
        created_at=at,
        due_at=at,
    )


@transaction.atomic
def dissolve_old(at: datetime) -> None:
    """Let those go that could not be sent on their day, so that today's takes in what they held."""
    waiting = Notice.objects.undelivered().filter(kind=DIGEST, claimed_by=None, created_at__lt=at - NIGHT)
    locked = waiting.select_for_update(skip_locked=True, of=["self"]).select_related("recipient")
    old = [made.pk for made in locked if made.key != key(made.recipient_id, day_of(at, made.recipient))]
    if old:
        items = Notice.objects.filter(digest__in=old)
        items.filter(created_at__lte=at - STALE).update(by_email=False)
        items.update(digest=None, due_at=at)
        Notice.objects.filter(pk__in=old).update(by_email=False)
