"""What people do in a mentorship of Nordhafen: agree, set a goal, meet, give feedback, confide."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from django.utils import translation

import agreements.actions
import concerns.actions
import feedback.actions
import feedback.exchange
import goals.actions
import meetings.actions
from agreements.models import Agreement
from goals.models import Goal
from matching.models import Member, Mentorship
from meetings.models import Meeting
from mentoring.demo import words
from participants.models import Person
from programmes.models import Cohort, Role

if TYPE_CHECKING:
    from mentoring.demo.story import Story

WEEK = timedelta(weeks=1)


def course(
    story: Story,
    mentorship: Mentorship,
    cohort: Cohort,
    *,
    meetings_held: int,
    until: datetime,
) -> None:
    """Sign, set a goal, meet, log, share, check in: as far as `until` and `meetings_held` allow."""
    mentor, mentee = mentorship.members.all()[1], mentorship.members.all()[0]
    if mentor.role != Role.MENTOR:
        mentor, mentee = mentee, mentor
    start = story.noon(cohort.starts_on)
    agreement = agreements.actions.agreement_for(mentorship=mentorship, at=start)
    number = adapt(story, mentorship, agreement, mentor, start + timedelta(days=1))
    agreements.actions.sign(
        agreement=agreement,
        member=mentee,
        version_number=number,
        at=start + timedelta(days=2),
    )
    if not meetings_held:
        return
    agreements.actions.sign(
        agreement=agreement,
        member=mentor,
        version_number=number,
        at=start + timedelta(days=3),
    )
    goal = set_goal(story, mentorship, mentor, mentee, start + timedelta(days=10))
    for number, begins in enumerate(meeting_times(story, mentorship, cohort, meetings_held)):
        meet(story, mentorship, mentor, mentee, number, begins)
    levels = iter([0, 0, 1])
    for due in cohort.check_in_dates():
        at = story.noon(due) + timedelta(days=1)
        if at > until:
            break
        level = next(levels) if story.random.random() < 0.8 else -1
        for member in (mentee, mentor):
            lately = until - at < 4 * WEEK
            if lately and member == mentor and story.now == until:
                continue
            goals.actions.check_in(
                goal=goal,
                member=member,
                due_on=due,
                level=level,
                comment=story.random.choice(words.COMMENTS[member.person.language]),
                obstacle="",
                at=at + timedelta(hours=story.random.randint(0, 30)),
            )
        if level > 0:
            goals.actions.attain(goal=goal, member=mentee, at=at + timedelta(hours=31))
            break
    if meetings_held > 2 and story.random.random() < 0.5:
        exchange_feedback(story, mentorship, mentor, mentee, until - WEEK)
    if meetings_held > 2:
        exchange_topics(story, mentorship, mentor, mentee, until - 3 * WEEK)


def adapt(story: Story, mentorship: Mentorship, agreement: Agreement, mentor: Member, at: datetime) -> int:
    """The version to sign. Aylin's and one in four others have made the programme's text their own."""
    if not (mentorship.member_for(story.company.named("Aylin Kaya")) or mentorship.pk % 4 == 0):
        return 1
    edits = [
        agreements.actions.ClauseEdit(position=number, text=text)
        for number, text in words.REWORDED[mentor.person.language].items()
    ]
    kind, text = words.ADDED[mentor.person.language]
    edits.append(agreements.actions.ClauseEdit(kind=kind, text=text))
    return agreements.actions.adapt(agreement=agreement, member=mentor, clauses=edits, at=at).number


def set_goal(story: Story, mentorship: Mentorship, mentor: Member, mentee: Member, at: datetime) -> Goal:
    title, levels = story.random.choice(words.GOALS[mentee.person.language])
    if mentorship.member_for(story.company.named("Aylin Kaya")):
        title, levels = words.GOALS["en"][0]
    objective = mentorship.cohort.programme.objectives.first()
    return goals.actions.set_goal(
        mentorship=mentorship,
        member=mentor,
        title=title,
        owner=mentee,
        objective=objective,
        levels=dict(zip(range(-2, 3), levels, strict=True)),
        baseline=-1,
        weight=1,
        at=at,
    )


def meeting_times(story: Story, mentorship: Mentorship, cohort: Cohort, count: int) -> Iterator[datetime]:
    zone = mentorship.people()[0].zone
    hour = story.random.choice([10, 11, 14, 15])
    weekday = story.random.randint(0, 4)
    for number in range(count):
        day = cohort.starts_on + timedelta(weeks=2 + number * cohort.weeks_between, days=weekday)
        yield datetime.combine(day, time(hour), zone)


def meet(
    story: Story, mentorship: Mentorship, mentor: Member, mentee: Member, number: int, begins: datetime
) -> Meeting:
    minutes = mentorship.cohort.meeting_minutes
    meeting = meetings.actions.plan(
        mentorship=mentorship,
        by=mentee.person if number == 0 else mentor.person,
        starts_at=begins,
        minutes=minutes,
        place=story.random.choice(words.PLACES),
        link="https://meet.example.com/nordhafen",
        agenda="",
        at=begins - timedelta(days=9),
    )
    after = begins + timedelta(minutes=minutes, hours=2)
    logs = words.LOGS[mentee.person.language]
    log = logs[number % len(logs)]
    meetings.actions.record_log(meeting=meeting, member=mentor, **log, private_note="", at=after)
    if story.random.random() < 0.6:
        meetings.actions.answer(
            meeting=meeting,
            member=mentee,
            answer="yes",
            at=after + timedelta(hours=20),
        )
    if story.random.random() < 0.4:
        title, link = words.RESOURCES[number % len(words.RESOURCES)]
        meetings.actions.share(
            mentorship=mentorship,
            member=mentor,
            title=title,
            link=link,
            at=after + timedelta(days=1),
        )
    return meeting


def wait_for_an_answer(story: Story, mentorship: Mentorship) -> None:
    """A meeting the day before yesterday or earlier, on a weekday, that nobody has spoken of yet."""
    day = story.now - timedelta(days=2)
    while day.weekday() > 4:
        day -= timedelta(days=1)
    begins = datetime.combine(day.date(), time(14), mentorship.people()[0].zone)
    meetings.actions.plan(
        mentorship=mentorship,
        by=story.company.named("Petra Lindner"),
        starts_at=begins,
        minutes=60,
        link="https://meet.example.com/nordhafen",
        at=begins - timedelta(days=12),
    )


def plan_ahead(story: Story, mentorship: Mentorship, *, days: int) -> None:
    person = mentorship.people()[0]
    day = story.now + timedelta(days=days)
    while day.weekday() > 4:
        day += timedelta(days=1)
    meetings.actions.plan(
        mentorship=mentorship,
        by=person,
        starts_at=datetime.combine(day.date(), time(story.random.choice([10, 14, 15])), person.zone),
        minutes=60,
        link="https://meet.example.com/nordhafen",
        at=story.now - timedelta(days=5),
    )


def exchange_feedback(
    story: Story, mentorship: Mentorship, mentor: Member, mentee: Member, at: datetime
) -> None:
    for author, recipient in ((mentor, mentee), (mentee, mentor)):
        with translation.override(author.person.language):
            feedback.actions.give(
                mentorship=mentorship,
                author=author,
                recipient=recipient,
                helped=story.random.choice(words.HELPED[author.person.language]),
                to_try=story.random.choice(words.TO_TRY[author.person.language]),
                at=at,
            )


def exchange_topics(
    story: Story, mentorship: Mentorship, mentor: Member, mentee: Member, at: datetime
) -> None:
    """Each offers something; the mentor takes up what the mentee offers, the other waits for an answer."""
    _own, offered = (
        feedback.exchange.offer(
            mentorship=mentorship,
            member=member,
            title=words.OFFERS[member.person.language][member.role],
            at=at,
        )
        for member in (mentor, mentee)
    )
    feedback.exchange.take_up(topic=offered, member=mentor, at=at + timedelta(days=2))


def confide(story: Story, mentorships: list[Mentorship]) -> None:
    """Two concerns for the confidant: one in care, one that waits."""
    nadia = story.company.named("Nadia Okafor")
    first, second = mentorships[4], mentorships[5]
    taken = concerns.actions.raise_concern(
        mentorship=first,
        by=junior(first),
        topic="time",
        urgency="can_wait",
        text="Our meetings were moved four times in a row. I do not want to complain, but I would like to go on.",
        may_contact=True,
        contact="",
        at=story.now - 2 * WEEK,
    )
    concerns.actions.take(concern=taken, by=nadia, at=story.now - 2 * WEEK + timedelta(days=1))
    concerns.actions.reply(
        concern=taken,
        by=nadia,
        text="Thank you for telling me. Shall we look together at how you could raise it with them?",
        at=story.now - 2 * WEEK + timedelta(days=1),
    )
    concerns.actions.raise_concern(
        mentorship=second,
        by=junior(second),
        topic="pressure",
        urgency="soon",
        text="I was asked what my team lead thinks of the reorganisation. I did not answer, and it felt wrong.",
        may_contact=True,
        contact="By phone, after four.",
        at=story.now - timedelta(days=2),
    )


def junior(mentorship: Mentorship) -> Person:
    return next(member.person for member in mentorship.members.all() if member.role == Role.MENTOR)
