"""What people do in the cohorts of a company, besides meeting."""

from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.db import models

from agreements.models import Agreement, Clause, Signature, Version
from benchmarks.population.rows import hexes, load, where
from endings.models import Again, LookBack
from goals.models import CheckIn, Goal, GoalLevel
from matching.models import Member, Mentorship
from notices.models import Notice
from participants.models import Expertise, Interest, Profile, Topic
from programmes.models import Cohort, Enrolment, GroundRule, Invitation, Objective
from pulses.models import Answer, InvitationToAnswer, Response, Wave

PROGRAMMES, COHORTS = 10, 20
UNMATCHED = 0.1
"""So many more are enrolled than come into a mentorship."""
WEEK = np.timedelta64(7, "D")
ROLES = np.array(["mentor", "mentee"])
DIMENSIONS = [value for value in Objective.Dimension.values if value != "safety"]
QUESTIONS = [*DIMENSIONS, "safety-frank", "safety-decline", "safety-support"]
WORDS = "We looked at how decisions are heard two floors further down, and what to try until next time."


def enrolled(sizes: np.ndarray) -> np.ndarray:
    """How many of each role, by cohort."""
    return np.ceil(sizes * (1 + UNMATCHED)).astype(int)


class Draw:
    """Loads one kind of rows after the other; arrays are by mentorship."""

    def __init__(self, rng: np.random.Generator, at: datetime, cohorts: list[Cohort], sizes: np.ndarray):
        self.rng, self.at, self.cohorts, self.sizes = rng, at, cohorts, sizes
        self.now = np.datetime64(at.replace(tzinfo=None), "s")
        self.count = int(sizes.sum())
        self.cohort = np.repeat(np.arange(len(cohorts)), sizes)
        self.ids = np.array([cohort.pk for cohort in cohorts])
        self.starts = np.array([cohort.starts_on for cohort in cohorts], "datetime64[D]")
        self.closed_cohort = np.array([cohort.state == "closed" for cohort in cohorts])
        self.both = np.repeat(np.arange(self.count), 2)

    def load(self, model: type[models.Model], count: int, **given: Any) -> None:
        load(self.rng, self.at, model, count, **given)

    def enrolments(self, mentors: np.ndarray, mentees: np.ndarray) -> None:
        places = enrolled(self.sizes)
        of = np.repeat(np.arange(len(self.sizes)), places)
        rank = np.arange(len(of)) - np.repeat(np.cumsum(places) - places, places)
        matched = rank < self.sizes[of]
        rest = self.rng.choice(["accepted", "waitlisted", "declined", "withdrawn"], int((~matched).sum()))
        self.persons = np.column_stack([mentors[matched], mentees[matched]]).ravel()
        people = np.concatenate([self.persons, mentors[~matched], mentees[~matched]])
        where = np.concatenate([np.repeat(of[matched], 2), of[~matched], of[~matched]])
        role = np.concatenate([np.tile(ROLES, self.count), np.repeat(ROLES, len(rest))])
        applied = self.starts[where] - self.rng.integers(20, 60, len(where)).astype("timedelta64[D]")
        briefed = np.where(self.rng.random(len(where)) < 0.9, self.starts[where].astype(str), None)
        self.load(
            Enrolment,
            len(where),
            cohort_id=self.ids[where],
            person_id=people,
            role=role,
            state=np.concatenate([np.repeat("accepted", 2 * self.count), rest, rest]),
            weekly_hours="{9,10,14,15,33,34,58,82}",
            hopes=WORDS,
            applied_at=applied,
            decided_at=applied + np.timedelta64(5, "D"),
            briefed_at=briefed,
        )
        # half of those enrolled were invited, and as many who did not enrol in this cohort
        own = np.flatnonzero(self.rng.random(len(where)) < 0.5)
        other = np.flatnonzero(self.rng.random(len(where)) < 0.5)
        cohort = np.concatenate([where[own], (where[other] + 1) % len(self.ids)])
        self.load(
            Invitation,
            len(cohort),
            cohort_id=self.ids[cohort],
            person_id=np.concatenate([people[own], people[other]]),
            role=np.concatenate([role[own], role[other]]),
            told_at=self.starts[cohort] - np.timedelta64(60, "D"),
        )

    def mentorships(self) -> None:
        chance = self.rng.random(self.count)
        running = np.select(
            [chance < 0.82, chance < 0.88, chance < 0.91], ["active", "confirmed", "paused"], "ended"
        )
        over = np.where(chance < 0.85, "completed", "ended")
        state = np.where(self.closed_cohort[self.cohort], over, running)
        self.closed = np.isin(state, ["completed", "ended"])
        begun = self.starts[self.cohort].astype("datetime64[s]")
        self.confirmed_at = begun + self.rng.integers(0, 15 * 86400, self.count).astype("timedelta64[s]")
        last = np.minimum(begun + 52 * WEEK, self.now)
        early = self.confirmed_at + (last - self.confirmed_at) * self.rng.uniform(0.1, 0.9, self.count)
        self.closed_at = np.where(state == "completed", last, early)
        offered = (self.cohort // COHORTS % 2 == 0) | (self.rng.random(self.count) < 0.02)
        self.load(
            Mentorship,
            self.count,
            cohort_id=self.ids[self.cohort],
            state=state,
            topic="Working with machines that learn",
            created_at=self.confirmed_at - WEEK,
            offered_at=where(offered, self.confirmed_at - WEEK),
            confirmed_at=self.confirmed_at,
            activated_at=where(state != "confirmed", self.confirmed_at + WEEK),
            paused_at=where(state == "paused", np.repeat(self.now, self.count)),
            closed_at=where(self.closed, self.closed_at),
        )
        self.load(
            Member,
            2 * self.count,
            mentorship_id=self.both + 1,
            enrolment_id=np.arange(1, 2 * self.count + 1),
            role=np.tile(ROLES, self.count),
            accepted_at=where(offered[self.both], self.confirmed_at[self.both]),
        )

    def agreements(self) -> None:
        ids = np.arange(1, self.count + 1)
        rules = {rule.programme_id: (rule.pk, rule.kind) for rule in GroundRule.objects.filter(position=0)}
        rule = [rules[self.cohorts[one].programme_id] for one in self.cohort]
        self.load(Agreement, self.count, mentorship_id=ids, created_at=self.confirmed_at)
        self.load(Version, self.count, agreement_id=ids, number=1, created_at=self.confirmed_at)
        self.load(
            Clause,
            4 * self.count,
            version_id=np.repeat(ids, 4),
            ground_rule_id=np.repeat([pk for pk, _kind in rule], 4),
            kind=np.repeat([kind for _pk, kind in rule], 4),
            original=f'{{"en": "{WORDS}", "de": "{WORDS}"}}',
            position=np.tile(np.arange(4), self.count),
        )
        self.load(
            Signature,
            2 * self.count,
            version_id=self.both + 1,
            member_id=np.arange(1, 2 * self.count + 1),
            signed_at=(self.confirmed_at + WEEK)[self.both],
        )

    def goals(self) -> None:
        """One of each member's."""
        count = 2 * self.count
        ids = np.arange(1, count + 1)
        over = self.closed[self.both]
        chance = self.rng.random(count)
        self.load(
            Goal,
            count,
            mentorship_id=self.both + 1,
            owner_id=ids,
            title="Hear earlier what worries people two levels down",
            weight=self.rng.integers(1, 4, count),
            baseline=-1,
            state=np.where(over & (chance < 0.6), "attained", np.where(chance > 0.95, "dropped", "open")),
            set_by_id=ids,
            set_at=(self.confirmed_at + WEEK)[self.both],
        )
        self.load(
            GoalLevel,
            3 * count,
            goal_id=np.repeat(ids, 3),
            level=np.tile([-1, 0, 1], count),
            description=WORDS,
        )
        starts = self.starts[self.cohort][self.both]
        goal, member, day, level = [], [], [], []
        for weeks, gain in ((6, -0.4), (13, 0.0), (24, 0.5)):
            for role in (0, 1):
                due = starts + weeks * WEEK
                some = np.flatnonzero((due < self.now) & (self.rng.random(count) < 0.7))
                goal.append(ids[some])
                member.append(2 * self.both[some] + 1 + role)
                day.append(due[some])
                level.append(np.clip(np.rint(self.rng.normal(gain, 1, len(some))), -2, 2).astype(int))
        days = np.concatenate(day)
        self.load(
            CheckIn,
            len(days),
            goal_id=np.concatenate(goal),
            member_id=np.concatenate(member),
            due_on=days,
            level=np.concatenate(level),
            comment=WORDS,
            reported_at=days,
        )

    def pulses(self) -> None:
        """Everybody matched is asked, three in five answer, and leave out an answer now and then."""
        waves = [
            Wave(cohort=cohort, kind=kind, opens_on=opens, closes_on=opens + timedelta(days=13))
            for cohort in self.cohorts
            for kind, opens in cohort.pulse_days().items()
            if opens <= self.at.date()
        ]
        Wave.objects.bulk_create(waves)
        questions = {
            one.programme_id: f"objective-{one.pk}" for one in Objective.objects.filter(measure="question")
        }
        position = {pk: index for index, pk in enumerate(self.ids)}
        wave = np.repeat(np.arange(len(waves)), [2 * self.sizes[position[one.cohort_id]] for one in waves])
        begin = 2 * (np.cumsum(self.sizes) - self.sizes)
        index = np.concatenate([np.arange(2 * self.sizes[position[one.cohort_id]]) for one in waves])
        member = begin[[position[one.cohort_id] for one in waves]][wave] + index
        has_answered = self.rng.random(len(wave)) < 0.6
        pks = np.array([one.pk for one in waves])
        closes = np.array([one.closes_on for one in waves], "datetime64[D]")
        self.load(
            InvitationToAnswer,
            len(wave),
            wave_id=pks[wave],
            enrolment_id=member + 1,
            closes_on=closes[wave],
            is_answered=has_answered,
        )
        wave, member = wave[has_answered], member[has_answered]
        keys = hexes(self.rng, len(wave))
        self.load(Response, len(wave), id=keys, wave_id=pks[wave], role=ROLES[member % 2])
        kinds = np.array([one.kind for one in waves])[wave]
        mean = np.select([kinds == "start", kinds == "middle"], [3.0, 3.4], 3.7)
        which, question, value = [], [], []
        for key in [*QUESTIONS, "objective"]:
            some = self.rng.random(len(wave)) < 0.95
            if key == "objective":
                some &= kinds != "middle"
            found = np.flatnonzero(some)
            which.append(found)
            question += (
                [questions[self.cohorts[position[waves[wave[one]].cohort_id]].programme_id] for one in found]
                if key == "objective"
                else [key] * len(found)
            )
            value.append(np.clip(np.rint(self.rng.normal(mean[found], 1)), 1, 5).astype(int))
        order = np.argsort(np.concatenate(which), kind="stable")  # as they come: response by response
        self.load(
            Answer,
            len(order),
            response_id=keys[np.concatenate(which)[order]],
            question=np.array(question)[order],
            value=np.concatenate(value)[order],
        )

    def looks_back(self) -> None:
        member = np.flatnonzero(self.closed_cohort[self.cohort][self.both])
        has_answered = self.rng.random(len(member)) < 0.6
        asked = (self.starts[self.cohort] + 56 * WEEK)[self.both]
        self.load(
            LookBack,
            len(member),
            enrolment_id=member + 1,
            asked_on=asked[member],
            is_answered=has_answered,
        )
        member = member[has_answered]
        self.load(
            Again,
            len(member),
            cohort_id=self.ids[self.cohort[self.both[member]]],
            role=ROLES[member % 2],
            answer=self.rng.choice(Again.Answer.values, len(member), p=[0.6, 0.2, 0.15, 0.05]),
        )

    def around(self, mentors: np.ndarray, mentees: np.ndarray) -> None:
        """What pages of people show besides: profiles, topics, notices."""
        topics = Topic.objects.bulk_create(
            Topic(name_en=f"Topic {number}", name_de=f"Thema {number}") for number in range(60)
        )
        pks = np.array([one.pk for one in topics])
        people = np.concatenate([mentors, mentees])
        ids = np.arange(1, len(people) + 1)
        self.load(Profile, len(people), person_id=people, headline=WORDS, updated_at=self.at)
        for model in (Expertise, Interest):
            first = self.rng.integers(0, 30, len(people))
            self.load(
                model,
                2 * len(people),
                profile_id=np.repeat(ids, 2),
                topic_id=pks[np.column_stack([first, first + 30]).ravel()],
            )
        each = 5
        count = each * len(self.persons)
        days = self.rng.integers(0, 365 * 86400, count).astype("timedelta64[s]")
        created = np.sort(self.now - days)
        self.load(
            Notice,
            count,
            recipient_id=self.rng.permutation(np.repeat(self.persons, each)),
            kind="meeting-reminder",
            key=(f"bench:{number}" for number in range(count)),
            language="en",
            subject="You meet tomorrow at 10:00",
            text=WORDS,
            url="/meetings/",
            created_at=created,
            due_at=created,
            sent_at=created,
            read_at=where(self.rng.random(count) < 0.7, created),
        )
