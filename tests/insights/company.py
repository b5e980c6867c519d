"""A programme with people, meetings, goals and answers in it, made of the plain factories."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from goals.models import CheckIn, Goal
from insights import release
from matching.models import Mentorship
from meetings.models import Confirmation, Meeting
from programmes.models import Cohort, Programme, Role
from pulses.models import Answer, InvitationToAnswer, Response, Wave
from tests import factories

AT = datetime.fromisoformat("2026-10-20T10:00:00+00:00")
"""Eleven weeks into the cohort of `factories.cohort`, whose rhythm expects two meetings by now."""


def mentorship(
    cohort: Cohort, *, state: str = Mentorship.State.ACTIVE, held: int = 0, **fields: Any
) -> Mentorship:
    """Signed eight weeks ago; `held` meetings, one every two weeks, the last a week ago."""
    fields.setdefault("confirmed_at", AT - timedelta(weeks=9))
    fields.setdefault("activated_at", AT - timedelta(weeks=8))
    people = fields.pop("people", {})
    made = factories.mentorship(state=state, in_cohort=cohort, **people, **fields)
    for number in range(held):
        meeting(made, AT - timedelta(weeks=1 + 2 * number), answers=["yes"])
    return made


def meeting(
    of: Mentorship, starts_at: datetime, answers: Sequence[str] = (), cancelled_by: str = ""
) -> Meeting:
    made = Meeting.objects.create(
        mentorship=of,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=1),
        cancelled_at=starts_at - timedelta(days=1) if cancelled_by else None,
        cancelled_by=factories.member(of, cancelled_by) if cancelled_by else None,
    )
    for member, answer in zip(of.members.all(), answers, strict=False):
        Confirmation.objects.create(meeting=made, member=member, answer=answer)
    return made


def goal(of: Mentorship, levels: Sequence[int] = (), **fields: Any) -> Goal:
    """With a check-in of the mentor for each level, a month apart."""
    made = Goal.objects.create(mentorship=of, title="Use AI for the board papers", **fields)
    for number, level in enumerate(levels):
        CheckIn.objects.create(
            goal=made,
            member=factories.member(of, Role.MENTOR),
            due_on=date(2026, 9, 1) + timedelta(days=30 * number),
            level=level,
        )
    return made


def wave(cohort: Cohort, kind: str, closes_on: date = date(2026, 9, 1)) -> Wave:
    return Wave.objects.create(
        cohort=cohort, kind=kind, opens_on=closes_on - timedelta(days=14), closes_on=closes_on
    )


def answers(to: Wave, role: str, values: Sequence[dict[str, int]], silent: int = 0) -> None:
    """One response for each of `values`; `silent` people more were asked. Who is missing is enrolled."""
    there = list(to.cohort.enrolments.filter(role=role))
    for number in range(len(values) + silent):
        asked = there[number] if number < len(there) else factories.enrolment(to.cohort, role=role)
        InvitationToAnswer.objects.create(
            wave=to, enrolment=asked, closes_on=to.closes_on, is_answered=number < len(values)
        )
    for value in values:
        response = Response.objects.create(wave=to, role=role)
        Answer.objects.bulk_create(
            Answer(response=response, question=question, value=number) for question, number in value.items()
        )


def sponsor(of: Programme):
    person = factories.person()
    factories.programme_role(of, person, "sponsor")
    return person


def count(at: datetime = AT) -> None:
    """As a worker does once an hour."""
    release.refresh(at)
