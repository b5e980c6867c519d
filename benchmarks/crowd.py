"""Mentorships and meetings by the thousand, as rows: for what is measured on a full database."""

from datetime import date, datetime, timedelta

from django.db import connection

from matching.models import Member, Mentorship
from meetings.models import Meeting
from participants.models import Person
from programmes.models import Cohort, Enrolment, Programme, Role


def mentorships(count: int, time_zone: str, *, gone: int = 0, since: datetime) -> list[int]:
    """The pks of so many mentorships that are active, of two people each. Every `gone`th person has an
    address no server knows."""
    programme = Programme.objects.create(name_en="Crowd", name_de="Menge")
    cohort = Cohort.objects.create(
        programme=programme,
        name="Crowd",
        state=Cohort.State.RUNNING,
        enrolment_opens_on=date(2020, 1, 1),
        enrolment_closes_on=date(2020, 2, 1),
        starts_on=date(2020, 3, 1),
        ends_on=date(2100, 1, 1),
    )
    people = Person.objects.bulk_create(
        [
            Person(
                name=f"Person {number}",
                email=f"{'gone' if gone and number % gone == 0 else 'p'}{number}@example.org",
                time_zone=time_zone,
            )
            for number in range(2 * count)
        ],
        batch_size=1000,
    )
    enrolments = Enrolment.objects.bulk_create(
        [
            Enrolment(
                cohort=cohort,
                person=person,
                role=(Role.MENTOR, Role.MENTEE)[number % 2],
                state=Enrolment.State.ACCEPTED,
            )
            for number, person in enumerate(people)
        ],
        batch_size=1000,
    )
    made = Mentorship.objects.bulk_create(
        [
            Mentorship(cohort=cohort, state=Mentorship.State.ACTIVE, confirmed_at=since, activated_at=since)
            for _ in range(count)
        ],
        batch_size=1000,
    )
    Member.objects.bulk_create(
        [
            Member(mentorship=made[number // 2], enrolment=enrolment, role=enrolment.role)
            for number, enrolment in enumerate(enrolments)
        ],
        batch_size=1000,
    )
    return [one.pk for one in made]


def meetings(of: list[int], count: int, first: datetime, step: timedelta) -> None:
    """So many half-hour meetings, dealt to the mentorships in turn, each `step` after the one before."""
    pattern = Meeting(mentorship_id=of[0], starts_at=first, ends_at=first + timedelta(minutes=30))
    own = {
        "uuid": "gen_random_uuid()",
        "request_key": "gen_random_uuid()",
        "mentorship_id": "(%s::bigint[])[n %% %s + 1]",
        "starts_at": "%s + n * %s",
        "ends_at": "%s + n * %s + interval '30 minutes'",
    }
    values = {
        "mentorship_id": [of, len(of)],
        "starts_at": [first, step],
        "ends_at": [first, step],
    }
    fields = [field for field in Meeting._meta.concrete_fields if not field.primary_key]
    columns = [field.column for field in fields]
    chosen, parameters = [], []
    for field in fields:
        if field.column in own:
            chosen.append(own[field.column])
            parameters += values.get(field.column, [])
        else:
            chosen.append("%s")
            parameters.append(field.get_db_prep_save(getattr(pattern, field.attname), connection))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO meetings_meeting ({', '.join(columns)}) "
            f"SELECT {', '.join(chosen)} FROM generate_series(0, %s - 1) n",
            [*parameters, count],
        )
