"""Somebody leaves the company while they are in a mentorship: the coordinators hear of it at once, and a few
days later, if it was no mistake, the mentorship ends kindly for whoever remains."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.urls import reverse

from matching.actions import part_from_leaver
from matching.models import Member
from matching.people_of import CURRENT
from notices.models import Notice
from notices.outbox import Message, post_all
from participants.models import Person
from programmes.models import ProgrammeRole

GRACE = timedelta(days=3)


def of_leavers() -> QuerySet[Member]:
    """Places in mentorships that are offered or live, of people who are no longer active."""
    return (
        Member.objects.filter(enrolment__person__is_active=False, mentorship__state__in=CURRENT)
        .select_related("enrolment__person", "mentorship__cohort__programme")
        .order_by("pk")
    )


def key_of(member: Member) -> str:
    return f"member-left:{member.pk}"


def tell_coordinators(at: datetime) -> int:
    """Each coordinator of the programme, or HR where it has none, once per place."""
    return post_all((message for member in of_leavers() for message in _messages(member)), at=at)


def _messages(member: Member) -> Iterator[Message]:
    mentorship = member.mentorship
    for person in responsible_for(mentorship.cohort.programme_id):
        yield Message(
            "member-left",
            to=person,
            key=f"{key_of(member)}:{person.pk}",
            context={
                "name": member.person.name,
                "others": mentorship.names_of_others(member.person),
                "programme": mentorship.cohort.programme,
                "days": GRACE.days,
            },
            url=reverse("admin:matching_mentorship_change", args=[mentorship.pk]),
        )


def responsible_for(programme: int) -> list[Person]:
    """Its coordinators; where it has none, every HR admin."""
    coordinators = Person.objects.active().filter(
        programme_roles__programme=programme, programme_roles__role=ProgrammeRole.Kind.COORDINATOR
    )
    return list(coordinators) or list(Person.objects.active().filter(is_hr_admin=True))


def part(at: datetime) -> int:
    """End what its coordinators heard of days ago. Who was made active again meanwhile stays together."""
    found = 0
    for member in of_leavers():
        told = Notice.objects.filter(kind="member-left", key__startswith=f"{key_of(member)}:")
        if told.filter(created_at__lte=at - GRACE).exists():
            found += part_from_leaver(mentorship=member.mentorship, person=member.person, at=at)
    return found
