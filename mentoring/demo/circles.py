"""Two more programmes of Nordhafen: one in which people find each other, and one of groups."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import agreements.actions
import matching.actions
import matching.group_actions
import matching.requests
import programmes.actions
from matching.directory.search import search
from matching.models import Mentorship, Request
from matching.policies import policy_for
from mentoring.demo import together, words
from mentoring.demo.company import count_anew
from participants.models import Person
from programmes.models import Cohort, Enrolment, Programme, Role

if TYPE_CHECKING:
    from mentoring.demo.story import Story

DAY = timedelta(days=1)


def informal(story: Story) -> None:
    """People in a directory: one request answered, one that waits, and Petra, who has been asked."""
    programme = story.programme("informal", "Learning from Each Other", "Voneinander lernen")
    cohort = opened(story, programme, weeks_ago=5, weeks=40)
    mentors = [
        story.enrol(cohort, person, Role.MENTOR, begun(story, cohort)) for person in story.pick(10, 5, 6)
    ]
    petra = story.company.named("Petra Lindner")
    learners = [petra, *(person for person in story.pick(12, 2, 3, 4) if person.name != petra.name)]
    mentees = [story.enrol(cohort, person, Role.MENTEE, begun(story, cohort)) for person in learners]
    count_anew()
    programmes.actions.start(cohort=cohort, by=story.hr, at=story.noon(cohort.starts_on))
    first = asked(story, mentees[1], mentors, days_ago=9)
    matching.requests.accept(request=first, at=story.now - 8 * DAY)
    asked(story, mentees[2], mentors, days_ago=1)
    offering = next(mentor for mentor in possible(mentees[0], mentors) if mentor.pk != first.asked_id)
    matching.requests.ask(
        asker=offering,
        asked=mentees[0],
        message=words.REQUESTS[offering.person.language][1],
        at=story.now - 2 * DAY,
    )


def possible(mine: Enrolment, others: list[Enrolment]) -> list[Enrolment]:
    found = search(mine).ids
    return sorted((e for e in others if e.pk in found), key=lambda e: found.index(e.pk))


def asked(story: Story, who: Enrolment, mentors: list[Enrolment], *, days_ago: int) -> Request:
    return matching.requests.ask(
        asker=who,
        asked=possible(who, mentors)[0],
        message=words.REQUESTS[who.person.language][0],
        at=story.now - days_ago * DAY,
    )


def groups(story: Story) -> None:
    """Two themes, a group on each; the first has signed and plans to meet."""
    programme = story.programme("group", "Topic Circles", "Themenkreise")
    themes = story.company.topics[words.JUNIOR_TOPICS : words.JUNIOR_TOPICS + 2]
    policy_for(programme).themes.set(themes)
    cohort = opened(story, programme, weeks_ago=3, weeks=26)
    known = {name for _role, name in words.SIGN_INS}
    people: dict[str, list[Person]] = {Role.MENTOR: [], Role.MENTEE: []}
    for theme in themes:
        for role, how_many, found in (
            (Role.MENTOR, 3, Person.objects.filter(grade__rank__in=[5, 6], profile__expertise__topic=theme)),
            (Role.MENTEE, 6, Person.objects.filter(grade__rank__lte=4, profile__interests__topic=theme)),
        ):
            fresh = [p for p in found.order_by("pk") if p not in people[role] and p.name not in known]
            people[role] += fresh[:how_many]
    for part, chosen in people.items():
        for person in chosen:
            at = begun(story, cohort)
            enrolment = story.enrol(cohort, person, Role(part), at)
            programmes.actions.complete_briefing(enrolment=enrolment, at=at + DAY)
    count_anew()
    matched = story.noon(cohort.enrolment_closes_on) + DAY
    programmes.actions.begin_matching(cohort=cohort, by=story.hr, at=matched)
    run = matching.actions.request_run(cohort=cohort, by=story.hr, at=matched)
    matching.actions.execute_run(run=run, at=matched)
    matching.group_actions.confirm_groups(run=run, by=story.hr, at=matched + 2 * DAY)
    programmes.actions.start(cohort=cohort, by=story.hr, at=story.noon(cohort.starts_on))
    first = Mentorship.objects.with_members().filter(cohort=cohort).order_by("pk").first()
    if first:
        agreement = agreements.actions.agreement_for(mentorship=first, at=matched + 3 * DAY)
        for number, member in enumerate(first.members.all(), start=4):
            agreements.actions.sign(
                agreement=agreement, member=member, version_number=1, at=matched + number * DAY
            )
        together.plan_ahead(story, first, days=4)


def opened(story: Story, programme: Programme, *, weeks_ago: int, weeks: int) -> Cohort:
    start = story.now.date() - timedelta(weeks=weeks_ago, days=story.now.weekday())
    cohort = story.cohort(programme, "2026", start, weeks=weeks)
    programmes.actions.open_enrolment(cohort=cohort, by=story.hr, at=story.noon(cohort.enrolment_opens_on))
    programme.eligibility.get_or_create(role=Role.MENTOR)
    programme.eligibility.get_or_create(role=Role.MENTEE)
    return cohort


def begun(story: Story, cohort: Cohort) -> datetime:
    return story.noon(cohort.enrolment_opens_on) + story.random.randint(1, 12) * DAY
