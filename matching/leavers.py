"""Somebody leaves the company while they take part: whoever looks after the programme hears of it at once,
and a few days later, if it was no mistake, their mentorships end kindly for whoever remains."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from matching.actions import part_from_leaver
from matching.models import Departure, Member
from matching.people_of import CURRENT
from notices.outbox import Message, post_all
from programmes.models import Cohort, Enrolment

GRACE = timedelta(days=3)
OVER = (Cohort.State.CLOSED, Cohort.State.ARCHIVED)


def look_after_leavers(at: datetime) -> None:
    notice(at)
    part(at)


@transaction.atomic
def notice(at: datetime) -> int:
    """Tell of those who left since the last look, and forget who is back. Returns how many notices."""
    Departure.objects.filter(person__is_active=True).delete()
    gone = (
        Enrolment.objects.filter(
            person__is_active=False,
            person__erased_at=None,
            state__in=[Enrolment.State.APPLIED, Enrolment.State.WAITLISTED, Enrolment.State.ACCEPTED],
        )
        .exclude(cohort__state__in=OVER)
        .values_list("cohort__programme", "person")
        .union(places().values_list("mentorship__cohort__programme", "enrolment__person"))
    )
    known = set(Departure.objects.values_list("programme", "person"))
    made = Departure.objects.bulk_create(
        (
            Departure(programme_id=programme, person_id=person, noticed_at=at)
            for programme, person in sorted({*gone} - known)
        ),
        ignore_conflicts=True,
    )
    if not made:
        return 0
    new = Departure.objects.filter(noticed_at=at).select_related("person", "programme").order_by("pk")
    return post_all((message for departure in new for message in messages(departure)), at=at)


def places() -> QuerySet[Member]:
    """In mentorships that are offered or live, of people who are no longer active."""
    return Member.objects.filter(enrolment__person__is_active=False, mentorship__state__in=CURRENT)


def messages(departure: Departure) -> Iterator[Message]:
    """To each who looks after the programme, one."""
    person, programme = departure.person, departure.programme
    mine = places().filter(enrolment__person=person, mentorship__cohort__programme=programme)
    together = [member.mentorship for member in mine.select_related("mentorship").order_by("pk")]
    if together:
        url = reverse("admin:matching_mentorship_change", args=[together[0].pk])
    else:
        cohort = programme.cohorts.filter(enrolments__person=person).order_by("-starts_on", "-pk")[0]
        url = reverse("admin:programmes_cohort_change", args=[cohort.pk])
    context = {
        "name": person.name,
        "others": partial(first_names, [m for mentorship in together for m in mentorship.others(person)]),
        "programme": programme,
        "days": GRACE.days,
    }
    for to in programme.looked_after_by():
        yield Message("person-left", to, f"person-left:{departure.pk}:{to.pk}", context, url)


def first_names(members: list[Member]) -> str:
    return get_text_list([member.person.first_name for member in members], _("and"))


def part(at: datetime) -> int:
    """End what was told of days ago. Who was made active again meanwhile stays together."""
    told = Departure.objects.filter(
        programme=OuterRef("mentorship__cohort__programme"),
        person=OuterRef("enrolment__person"),
        noticed_at__lte=at - GRACE,
    )
    due = places().filter(Exists(told)).select_related("enrolment__person", "mentorship").order_by("pk")
    return sum(part_from_leaver(mentorship=m.mentorship, person=m.person, at=at) for m in due)
