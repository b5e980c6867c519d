"""Plain functions that make valid objects; each argument has a default that says nothing."""

from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from django.utils import timezone

from matching.models import Member, Mentorship
from participants.models import Grade, Person, PersonLanguage, Profile, Site, Unit
from programmes.models import (
    BriefingPage,
    Cohort,
    Eligibility,
    Enrolment,
    GroundRule,
    Invitation,
    Programme,
    ProgrammeRole,
    Role,
)

NOW = datetime(2026, 9, 15, 10, 0, tzinfo=UTC)  # a Tuesday
_numbers = count(1)


def person(name: str = "", **fields: Any) -> Person:
    number = next(_numbers)
    name = name or f"Person {number}"
    fields.setdefault("email", f"person{number}@example.org")
    made = Person(name=name, **fields)
    made.set_unusable_password()
    made.save()
    made.refresh_from_db()
    PersonLanguage.objects.create(person=made, code="en", level=3)
    return made


def hr_admin(**fields: Any) -> Person:
    return person(is_hr_admin=True, **fields)


def grade(rank: int) -> Grade:
    return Grade.objects.get_or_create(rank=rank, defaults={"name": f"Grade {rank}"})[0]


def unit(name: str = "") -> Unit:
    return Unit.objects.get_or_create(name=name or f"Unit {next(_numbers)}", parent=None)[0]


def site(name: str = "", time_zone: str = "Europe/Berlin") -> Site:
    return Site.objects.get_or_create(
        name=name or f"Site {next(_numbers)}", defaults={"time_zone": time_zone}
    )[0]


def profile(of: Person) -> Profile:
    return Profile.objects.get_or_create(person=of)[0]


def programme(**fields: Any) -> Programme:
    number = next(_numbers)
    fields.setdefault("name_en", f"Programme {number}")
    fields.setdefault("name_de", f"Programm {number}")
    made = Programme.objects.create(**fields)
    GroundRule.objects.create(
        programme=made,
        kind="taboo",
        text_en="Nothing private.",
        text_de="Nichts Privates.",
        position=1,
    )
    GroundRule.objects.create(
        programme=made,
        kind="confidentiality",
        text_en="It stays between us.",
        text_de="Es bleibt unter uns.",
        is_mandatory=True,
        position=2,
    )
    return made


def programme_role(of: Programme, someone: Person, role: str) -> ProgrammeRole:
    return ProgrammeRole.objects.create(programme=of, person=someone, role=role)


def cohort(state: str = Cohort.State.RUNNING, **fields: Any) -> Cohort:
    """Enrolment in June and July, running from 3 August 2026 to 31 January 2027."""
    fields.setdefault("programme", fields.get("programme") or programme())
    fields.setdefault("name", f"Cohort {next(_numbers)}")
    fields.setdefault("enrolment_opens_on", date(2026, 6, 1))
    fields.setdefault("enrolment_closes_on", date(2026, 7, 31))
    fields.setdefault("starts_on", date(2026, 8, 3))
    fields.setdefault("ends_on", date(2027, 1, 31))
    return Cohort.objects.create(state=state, **fields)


def enrolment(
    in_cohort: Cohort,
    someone: Person | None = None,
    role: str = Role.MENTEE,
    **fields: Any,
) -> Enrolment:
    fields.setdefault("state", Enrolment.State.ACCEPTED)
    fields.setdefault("weekly_hours", [day * 24 + hour for day in range(5) for hour in range(9, 17)])
    return Enrolment.objects.create(cohort=in_cohort, person=someone or person(), role=role, **fields)


def mentorship(
    mentor: Person | None = None,
    mentee: Person | None = None,
    state: str = Mentorship.State.ACTIVE,
    in_cohort: Cohort | None = None,
    **fields: Any,
) -> Mentorship:
    in_cohort = in_cohort or cohort()
    fields.setdefault("confirmed_at", NOW - timedelta(days=30))
    made = Mentorship.objects.create(cohort=in_cohort, state=state, **fields)
    for role, someone in ((Role.MENTOR, mentor), (Role.MENTEE, mentee)):
        Member.objects.create(mentorship=made, enrolment=enrolment(in_cohort, someone, role), role=role)
    return Mentorship.objects.with_members().get(pk=made.pk)


def join(made: Mentorship, *people: Person, role: str = Role.MENTEE) -> Mentorship:
    """The mentorship as a group, with `people` in it too."""
    for someone in people:
        Member.objects.create(mentorship=made, enrolment=enrolment(made.cohort, someone, role), role=role)
    return Mentorship.objects.with_members().get(pk=made.pk)


def member(of: Mentorship, role: str) -> Member:
    return of.members.get(role=role)


def eligibility(of: Programme, role: str, **fields: Any) -> Eligibility:
    return Eligibility.objects.create(programme=of, role=role, **fields)


def enrolling(**fields: Any) -> Cohort:
    """A cohort in which everybody can enrol, as mentor or mentee, from June to the end of September 2026."""
    fields.setdefault("enrolment_closes_on", date(2026, 9, 30))
    fields.setdefault("starts_on", date(2026, 10, 5))
    fields.setdefault("ends_on", date(2027, 4, 5))
    made = cohort(Cohort.State.ENROLLING, **fields)
    for role in Role.values:
        eligibility(made.programme, role)
    return made


def open_now(**fields: Any) -> Cohort:
    """A cohort in which everybody can enrol today, by the clock, for a week."""
    today = timezone.now().date()
    return enrolling(
        enrolment_opens_on=today - timedelta(days=1),
        enrolment_closes_on=today + timedelta(days=7),
        starts_on=today + timedelta(days=14),
        ends_on=today + timedelta(days=200),
        **fields,
    )


def invitation(to: Cohort, someone: Person, role: str = Role.MENTEE, **fields: Any) -> Invitation:
    fields.setdefault("created_at", NOW)
    fields.setdefault("told_at", None if to.state == Cohort.State.DRAFT else fields["created_at"])
    return Invitation.objects.create(cohort=to, person=someone, role=role, **fields)


def briefing_page(of: Programme, role: str = Role.MENTEE, **fields: Any) -> BriefingPage:
    fields.setdefault("title_en", f"Page {next(_numbers)}")
    fields.setdefault("question_en", "What would you say no to?")
    return BriefingPage.objects.create(programme=of, role=role, text_en="Read this.", **fields)
