"""A cohort ready to be matched, for the tests of this app."""

from datetime import UTC, datetime
from typing import Any

from matching.models import MatchRun, Proposal
from matching.policies import policy_for
from participants.models import Expertise, Interest, Person, Topic
from programmes.models import Cohort, Enrolment, Role
from tests import factories

AT = datetime(2026, 8, 1, 9, 0, tzinfo=UTC)


def topic(name: str) -> Topic:
    return Topic.objects.get_or_create(name_en=name, defaults={"name_de": f"{name} (de)"})[0]


def junior(name: str = "", **fields: Any) -> Person:
    fields.setdefault("grade", factories.grade(2))
    fields.setdefault("unit", factories.unit("Sales"))
    return factories.person(name, **fields)


def senior(name: str = "", **fields: Any) -> Person:
    fields.setdefault("grade", factories.grade(6))
    fields.setdefault("unit", factories.unit("Finance"))
    return factories.person(name, **fields)


def knows(person: Person, name: str, level: int = 4, years: int = 6) -> None:
    Expertise.objects.create(profile=factories.profile(person), topic=topic(name), level=level, years=years)


def wants(person: Person, name: str, priority: int = 3) -> None:
    Interest.objects.create(profile=factories.profile(person), topic=topic(name), priority=priority)


def cohort(**fields: Any) -> Cohort:
    fields.setdefault("state", Cohort.State.MATCHING)
    return factories.cohort(**fields)


def mentor(of: Cohort, person: Person | None = None, **fields: Any) -> Enrolment:
    return factories.enrolment(of, person or junior(), Role.MENTOR, **fields)


def mentee(of: Cohort, person: Person | None = None, **fields: Any) -> Enrolment:
    return factories.enrolment(of, person or senior(), Role.MENTEE, **fields)


def finished_run(of: Cohort, **fields: Any) -> MatchRun:
    fields = {"requested_at": AT, "started_at": AT, "finished_at": AT, **fields}
    return MatchRun.objects.create(cohort=of, state=MatchRun.State.FINISHED, **fields)


def proposal(run: MatchRun, mentor: Enrolment, mentee: Enrolment, **fields: Any) -> Proposal:
    fields.setdefault("score", 640)
    fields.setdefault("breakdown", {})
    return Proposal.objects.create(run=run, mentor=mentor, mentee=mentee, **fields)


def policy(of: Cohort, **fields: Any) -> None:
    found = policy_for(of.programme)
    type(found).objects.filter(pk=found.pk).update(**fields)
