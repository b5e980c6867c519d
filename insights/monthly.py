"""The figures of one's programmes by mail once a month, for those who want them."""

from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone, translation

from insights import pages
from insights.scope import scopes
from notices.models import Notice, NoticePreference
from notices.outbox import Message, post_all
from participants.models import Person

KIND = "insights-monthly"
LAST_DAY = 7
"""Of the month: so long it is made up for when no worker ran on the first."""


def post_due(at: datetime) -> int:
    return post_all(monthly(at), at=at)


def monthly(at: datetime) -> Iterator[Message]:
    """In the first days of the month where they live. The figures are those released, as on the pages."""
    wanted = NoticePreference.objects.filter(Q(by_email=True) | Q(in_inbox=True), kind=KIND)
    people = Person.objects.filter(pk__in=wanted.values("person"), is_active=True).order_by("pk")
    month = {person: at.astimezone(person.zone) for person in people}
    keys = {person: f"{KIND}:{person.pk}:{local:%Y-%m}" for person, local in month.items()}
    posted = set(Notice.objects.filter(key__in=keys.values()).values_list("key", flat=True))
    for person, local in month.items():
        if local.day > LAST_DAY or keys[person] in posted:
            continue
        with translation.override(person.language), timezone.override(person.zone):
            cards = [card for card in pages.overview(scopes(person), at) if card.cohorts]
        if cards:
            yield Message(
                kind=KIND,
                to=person,
                key=keys[person],
                context={"cards": cards, "link": settings.SITE_URL + reverse("insights:overview")},
                url=reverse("insights:overview"),
            )
