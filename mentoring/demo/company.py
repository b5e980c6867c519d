"""Nordhafen, an invented logistics company of some 300 people, from a seed."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from django.db import connection

from mentoring.demo import words
from participants.models import (
    Delegation,
    Expertise,
    Grade,
    Interest,
    Person,
    PersonLanguage,
    Profession,
    Profile,
    Site,
    Topic,
    Unit,
)

DOMAIN = "nordhafen.example"
PASSWORD = "lighthouse-and-tide"


@dataclass
class Company:
    random: Random
    people: list[Person] = field(default_factory=list)
    topics: list[Topic] = field(default_factory=list)

    def named(self, name: str) -> Person:
        return next(person for person in self.people if person.name == name)

    def of_rank(self, *ranks: int) -> list[Person]:
        return [person for person in self.people if rank_of(person) in ranks]


def rank_of(person: Person) -> int:
    return (person.grade.rank or 0) if person.grade else 0


def found(random: Random, today: date) -> Company:
    """People in a pyramid of units, each with a manager, a site, a profession, languages and a profile."""
    company = Company(random)
    grades = {rank: Grade.objects.create(name=name, rank=rank) for rank, name in words.GRADES.items()}
    sites = [Site.objects.create(name=name, time_zone=zone) for name, zone in words.SITES]
    professions = {name: Profession.objects.create(name=name) for name in words.PROFESSIONS}
    company.topics = [Topic.objects.create(name_en=en, name_de=de) for en, de in words.TOPICS]
    names = invented_names(random)

    def hire(
        rank: int,
        title: str,
        unit: Unit,
        profession: str,
        manager: Person | None,
        name: str = "",
        site: Site | None = None,
        language: str = "",
    ) -> Person:
        name = name or next(names)
        site = site or random.choices(sites, weights=[6, 4, 3, 2, 1])[0]
        person = Person(
            name=name,
            email=f"{address(name)}@{DOMAIN}",
            external_id=f"N{len(company.people) + 1001}",
            job_title=title,
            grade=grades[rank],
            unit=unit,
            site=site,
            profession=professions[profession],
            manager=manager,
            joined_on=today - timedelta(days=random.randint(120, 900 + rank * 900)),
            language=language or ("de" if site.time_zone == "Europe/Berlin" else "en"),
            time_zone=site.time_zone,
        )
        person.set_unusable_password()
        company.people.append(person)
        return person

    board = Unit.objects.create(name="Board")
    top = hire(
        8,
        "Chief Executive Officer",
        board,
        "Management",
        None,
        "Ingrid Solberg",
        site=sites[0],
        language="en",
    )
    for unit_name, profession, teams in words.UNITS:
        unit = Unit.objects.create(name=unit_name)
        director = hire(
            7,
            f"Director {unit_name}",
            unit,
            profession,
            top,
            words.DIRECTORS.get(unit_name, ""),
        )
        for team_name in teams:
            team = Unit.objects.create(name=team_name, parent=unit)
            head = hire(
                6,
                f"Head of {team_name}",
                team,
                profession,
                director,
                words.HEADS.get(team_name, ""),
            )
            for _ in range(2):
                lead = hire(5, f"Team Lead {team_name}", team, profession, head)
                for rank in random.choices([1, 2, 3, 4], weights=[2, 4, 4, 2], k=7):
                    hire(
                        rank,
                        f"{words.TITLES[rank]} {team_name}",
                        team,
                        profession,
                        lead,
                    )
    place_known_people(company, sites[0])
    for rank in sorted(grades, reverse=True):
        Person.objects.bulk_create(company.of_rank(rank))
    for person in company.people:
        person.refresh_from_db(fields=["line"])
    introduce(company)
    count_anew()
    return company


def count_anew() -> None:
    """All is made in one transaction, so nobody else tells the planner how much there is by now."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def place_known_people(company: Company, site: Site) -> None:
    """The people one can sign in as, where the company has a place for them."""
    known: list[Person] = []
    for team, ranks, name, title in words.KNOWN:
        person = next(one for one in company.of_rank(*ranks) if str(one.unit) == team and one not in known)
        person.name, person.given_name, person.email = name, "", f"{address(name)}@{DOMAIN}"
        person.job_title = title or person.job_title
        person.site, person.time_zone, person.language = site, site.time_zone, "en"
        known.append(person)
    for person in company.people:
        person.given_name = person.given_name or given_name(person.name)


def introduce(company: Company) -> None:
    """Languages, a profile with topics, and who arranges whose meetings."""
    random = company.random
    languages, profiles, expertise, interests = [], [], [], []
    for person in company.people:
        first = words.FIRST_LANGUAGE[str(person.site)]
        languages.append(PersonLanguage(person=person, code=first, level=4))
        if first != "en":
            languages.append(PersonLanguage(person=person, code="en", level=random.choice([2, 3, 3])))
        if first not in ("de", "en") and random.random() < 0.5:
            languages.append(PersonLanguage(person=person, code="de", level=random.choice([1, 2, 3])))
        profiles.append(Profile(person=person, about=random.choice(words.ABOUT[person.language])))
    PersonLanguage.objects.bulk_create(languages)
    Profile.objects.bulk_create(profiles)
    junior_topics, senior_topics = (
        company.topics[: words.JUNIOR_TOPICS],
        company.topics[words.JUNIOR_TOPICS :],
    )
    for profile in profiles:
        is_junior = rank_of(profile.person) <= 4
        teaches, learns = (junior_topics, senior_topics) if is_junior else (senior_topics, junior_topics)
        expertise += [
            Expertise(
                profile=profile,
                topic=topic,
                level=random.choice([2, 3, 3, 4]),
                years=random.randint(1, 6),
            )
            for topic in random.sample(teaches, 3)
        ]
        for topic, priority in zip(random.sample(learns, 3), (3, 2, 1), strict=True):
            interests.append(Interest(profile=profile, topic=topic, priority=priority))
    aylin, martin = company.named("Aylin Kaya").profile, company.named("Dr. Martin Vogel").profile
    expertise = [each for each in expertise if each.profile != aylin]
    interests = [each for each in interests if each.profile != martin]
    for topic, level, years, priority in zip(company.topics, (4, 3), (4, 3), (3, 2), strict=False):
        expertise.append(Expertise(profile=aylin, topic=topic, level=level, years=years))
        interests.append(Interest(profile=martin, topic=topic, priority=priority))
    Expertise.objects.bulk_create(expertise)
    Interest.objects.bulk_create(interests)
    Delegation.objects.create(
        person=company.named("Dr. Martin Vogel"),
        delegate=company.named("Petra Lindner"),
    )


def invented_names(random: Random) -> Iterator[str]:
    pairs = [(given, family) for given in words.GIVEN_NAMES for family in words.FAMILY_NAMES]
    random.shuffle(pairs)
    taken = {name for _team, _ranks, name, _title in words.KNOWN} | {
        "Ingrid Solberg",
        *words.HEADS.values(),
    }
    return (f"{given} {family}" for given, family in pairs if f"{given} {family}" not in taken)


def given_name(name: str) -> str:
    return next(word for word in name.split() if not word.endswith("."))


def address(name: str) -> str:
    table: dict[str, str | int | None] = {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", **words.PLAIN}
    plain = name.lower().translate(str.maketrans(table))
    return ".".join(word for word in plain.replace("'", "").split() if not word.endswith("."))
