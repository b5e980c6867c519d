"""A year of one programme, for looking at its pages and for the browser tests."""

from datetime import date, timedelta
from random import Random

from matching.models import Mentorship
from programmes.models import Objective, Programme, Role
from pulses.models import Wave
from tests import factories
from tests.insights import company
from tests.insights.company import AT

UNITS = ["Finance", "Supply chain", "Research and development", "Customer care", "Legal"]
MEANS = {
    Role.MENTOR: {
        "engagement": 3.6,
        "communication": 2.7,
        "connection": 2.4,
        "collaboration": 3.0,
        "creativity": 2.9,
    },
    Role.MENTEE: {
        "engagement": 3.3,
        "communication": 3.1,
        "connection": 2.6,
        "collaboration": 3.2,
        "creativity": 3.4,
    },
}


def programme_with_a_past() -> Programme:
    """A cohort that is over and one that runs, with objectives, goals and pulses."""
    dice = Random(7)
    programme = factories.programme(
        name_en="Reverse mentoring: new work", name_de="Reverse Mentoring: neue Arbeit"
    )
    add_objectives(programme)
    spring = factories.cohort(
        "closed",
        programme=programme,
        name="Spring 2026",
        enrolment_opens_on=date(2026, 1, 5),
        enrolment_closes_on=date(2026, 2, 15),
        starts_on=date(2026, 3, 2),
        ends_on=date(2026, 8, 31),
    )
    autumn = factories.cohort(programme=programme, name="Autumn 2026")
    for number in range(17):
        state = Mentorship.State.ENDED if number < 2 else Mentorship.State.COMPLETED
        one = company.mentorship(
            spring, state=state, people=pair(dice), confirmed_at=AT - timedelta(weeks=33)
        )
        hold(one, [32 - 4 * meeting for meeting in range(2 if number < 2 else dice.choice([4, 5, 6, 6]))])
        levels = [-1, dice.choice([-1, 0, 0]), dice.choice([0, 0, 1, 1, 2])]
        is_attained = levels[-1] >= 0 and dice.random() < 0.7
        company.goal(
            one,
            levels,
            state="attained" if is_attained else "open",
            set_at=AT - timedelta(weeks=31),
            closed_at=AT - timedelta(weeks=dice.randint(9, 26)) if is_attained else None,
        )
    for number in range(24):
        state = Mentorship.State.PAUSED if number == 0 else Mentorship.State.ACTIVE
        one = company.mentorship(autumn, state=state, people=pair(dice))
        hold(one, [] if number < 7 else [1, 5][: dice.choice([1, 2, 2])])
        if number > 6:
            company.meeting(one, AT + timedelta(days=dice.randint(3, 20)))
        if number % 3 == 0:
            company.meeting(one, AT - timedelta(days=2))
        if number % 4 == 1:
            company.meeting(one, AT - timedelta(days=9), cancelled_by="mentee")
        company.goal(one, [-1, dice.choice([-1, 0, 0, 1])])
    for _number in range(9):
        factories.invitation(autumn, factories.person(), dice.choice(Role.values))
    for cohort, kinds in ((spring, ["start", "middle", "end"]), (autumn, ["start"])):
        for step, kind in enumerate(kinds):
            ask(dice, company.wave(cohort, kind, cohort.starts_on + timedelta(weeks=1 + 11 * step)), step)
    company.count()
    return programme


def add_objectives(programme: Programme) -> None:
    aims = [
        ("Juniors say openly what they think, and seniors hear it", "pulse", "communication", None, 3.6),
        ("More people know somebody on another level to turn to", "pulse", "connection", None, 3.5),
        ("Everybody can say what they really think", "pulse", "safety", 3.0, 4.0),
        ("Knowledge is passed on: goals are reached", "goals", "", 0, 60),
        ("Mentorships really meet", "meetings", "", 0, 80),
    ]
    for position, (statement, measure, dimension, baseline, target) in enumerate(aims):
        Objective.objects.create(
            programme=programme,
            statement_en=statement,
            measure=measure,
            dimension=dimension,
            baseline=baseline,
            target=target,
            position=position,
            due_on=date(2027, 1, 31),
        )


def pair(dice: Random) -> dict:
    def somebody(rank: int):
        unit = factories.unit(dice.choice(UNITS[: 4 + (dice.random() < 0.2)]))
        site = factories.site(dice.choice(["Hamburg", "Munich", "Vienna"]))
        return factories.person(unit=unit, site=site, grade=factories.grade(rank))

    return {"mentor": somebody(dice.choice([1, 2])), "mentee": somebody(dice.choice([4, 5]))}


def hold(mentorship: Mentorship, weeks_ago: list[int]) -> None:
    for weeks in weeks_ago:
        company.meeting(mentorship, AT - timedelta(weeks=weeks), ["yes"])


def ask(dice: Random, wave: Wave, step: int) -> None:
    for role in Role.values:
        values = []
        for _number in range(14 + 6 * (wave.cohort.state == "running")):
            keys = {key: mean + 0.45 * step for key, mean in MEANS[role].items()}
            keys |= dict.fromkeys(["safety-frank", "safety-decline", "safety-support"], 3.2 + 0.35 * step)
            values.append({key: min(5, max(1, round(dice.gauss(mean, 0.8)))) for key, mean in keys.items()})
        company.answers(wave, role, values, silent=3)
