"""A run from the database to its proposals, with the real solver."""

import json
import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.utils import timezone

from domain.errors import DomainError
from domain.jobs import ATTEMPTS, BEGUN_PATIENCE
from matching import actions, tasks
from matching.models import Block, MatchRun, Mentorship, Proposal, ProposedGroup
from matching.policies import policy_for
from mentoring.celery import app
from mentoring.embedded import BASE_DIR
from programmes.models import Avoidance, Wish
from tests import factories
from tests.matching import people
from tests.matching.people import AT

pytestmark = pytest.mark.django_db


def run_of(cohort):
    run = actions.request_run(cohort=cohort, by=factories.hr_admin(), at=AT)
    actions.execute_run(run=run, at=AT)
    run.refresh_from_db()
    assert (run.state, run.error) == ("finished", "")
    return run


def pairs_of(run):
    return sorted(run.proposals.values_list("mentor__person__name", "mentee__person__name"))


def test_run_proposes_who_suits_best():
    cohort = people.cohort()
    for name, topic in [("Aylin", "Data"), ("Jonas", "Video")]:
        mentor = people.junior(name)
        people.knows(mentor, topic)
        people.mentor(cohort, mentor)
    for name, topic in [("Martin", "Video"), ("Sabine", "Data")]:
        mentee = people.senior(name)
        people.wants(mentee, topic)
        people.mentee(cohort, mentee)
    run = run_of(cohort)
    assert pairs_of(run) == [("Aylin", "Sabine"), ("Jonas", "Martin")]
    assert (run.started_at, run.finished_at) == (AT, AT)
    assert (run.outcome["served"], run.outcome["pairs"], run.outcome["left_out"]) == (2, 2, [])
    assert run.outcome["proof"]["optimal"] is True
    first = run.proposals.first()
    assert first.breakdown["points"]["topics"] == 84  # expert: 60, six years: 24
    assert first.breakdown["facts"]["others"] == ["unit"]


@pytest.mark.parametrize("levels", [1, 2, 3, 5])
@pytest.mark.parametrize("mentor_above", [False, True])
def test_nobody_in_one_line_is_ever_proposed(levels, mentor_above):
    cohort = people.cohort()
    people.policy(cohort, grade_gap=0)
    top = people.senior("Top")
    below = top
    for level in range(levels):
        below = people.junior(f"Level {level}", manager=below, unit=factories.unit(f"Unit {level}"))
    mentor, mentee = (top, below) if mentor_above else (below, top)
    people.mentor(cohort, mentor)
    people.mentee(cohort, mentee)
    run = run_of(cohort)
    assert pairs_of(run) == []
    assert [(e["role"], e["reasons"][0]["rule"]) for e in run.outcome["left_out"]] == [
        ("mentee", "line"),
        ("mentor", "line"),
    ]


def test_line_is_kept_apart_although_the_two_suit_each_other_best():
    cohort = people.cohort()
    martin, sabine = people.senior("Martin"), people.senior("Sabine")
    aylin = people.junior("Aylin", manager=martin)
    jonas = people.junior("Jonas", manager=sabine)
    people.knows(aylin, "Data")
    people.wants(martin, "Data")
    for person in (aylin, jonas):
        people.mentor(cohort, person)
    for person in (martin, sabine):
        people.mentee(cohort, person)
    assert pairs_of(run_of(cohort)) == [("Aylin", "Sabine"), ("Jonas", "Martin")]


def test_mentor_is_junior_in_a_reverse_programme_and_senior_in_a_formal_one():
    for form, expected in [("reverse", 1), ("formal", 0)]:
        cohort = people.cohort(programme=factories.programme(form=form))
        people.mentor(cohort, people.junior())
        people.mentee(cohort, people.senior())
        assert run_of(cohort).proposals.count() == expected


def test_avoidance_and_block_and_earlier_partners_are_never_proposed():
    for rule in ("avoidance", "block", "partner"):
        cohort = people.cohort()
        aylin, martin = people.junior("Aylin"), people.senior("Martin")
        one, two = people.mentor(cohort, aylin), people.mentee(cohort, martin)
        if rule == "avoidance":
            Avoidance.objects.create(enrolment=two, person=aylin)
        elif rule == "block":
            Block.objects.create(programme=cohort.programme, first=martin, second=aylin, reason="Family.")
        else:
            before = factories.cohort(programme=cohort.programme)
            factories.mentorship(aylin, martin, Mentorship.State.ENDED, before)
        assert pairs_of(run_of(cohort)) == [], rule
        assert one.pk and two.pk


def test_what_is_kept_of_a_run_names_no_avoidance_and_no_wish():
    cohort = people.cohort()
    aylin, martin = people.junior("Aylin"), people.senior("Martin")
    people.mentor(cohort, aylin)
    two = people.mentee(cohort, martin)
    Avoidance.objects.create(enrolment=two, person=aylin)
    run = run_of(cohort)
    kept = json.dumps([run.snapshot, run.outcome])
    assert [word for word in ("avoid", "wishes_of") if word in kept] == []
    assert [entry["possible"] for entry in run.outcome["left_out"]] == [1, 1]


def test_who_is_left_without_comes_with_the_rules_that_kept_the_others_away():
    cohort = people.cohort()
    same = factories.unit("Sales")
    people.mentor(cohort, people.junior("Aylin", unit=same))
    people.mentee(cohort, people.senior("Martin", unit=same))
    people.mentee(cohort, people.senior("Sabine"))
    run = run_of(cohort)
    assert pairs_of(run) == [("Aylin", "Sabine")]
    [entry] = run.outcome["left_out"]
    assert (entry["role"], entry["candidates"], entry["possible"]) == ("mentee", 1, 0)
    assert entry["reasons"] == [{"rule": "unit", "removed": 1, "alone": 1}]


def test_capacity_is_never_exceeded():
    cohort = people.cohort()
    mentor = people.mentor(cohort, capacity=2)
    for _number in range(4):
        people.mentee(cohort)
    run = run_of(cohort)
    assert run.proposals.filter(mentor=mentor).count() == 2
    hr = factories.hr_admin()
    actions.confirm_all(run=run, by=hr, at=AT)
    again = run_of(cohort)
    assert again.proposals.count() == 0
    assert Mentorship.objects.live().count() == 2


def test_confirmed_mentorships_stay_and_the_next_run_serves_the_others():
    cohort = people.cohort()
    people.mentor(cohort, people.junior("Aylin"))
    people.mentee(cohort, people.senior("Martin"))
    first = run_of(cohort)
    actions.confirm(proposal=first.proposals.get(), by=factories.hr_admin(), at=AT)
    people.mentor(cohort, people.junior("Jonas"))
    people.mentee(cohort, people.senior("Sabine"))
    second = run_of(cohort)
    assert pairs_of(second) == [("Jonas", "Sabine")]
    assert second.outcome["left_out"] == []
    assert (second.outcome["mentees"], second.outcome["with_mentor"]) == (2, 2)


def test_wish_decides_between_equals():
    cohort = people.cohort()
    jonas, aylin = people.junior("Jonas"), people.junior("Aylin")
    for person in (jonas, aylin):
        people.mentor(cohort, person)
    wisher = people.mentee(cohort, people.senior("Martin"))
    Wish.objects.create(enrolment=wisher, person=jonas, rank=1)
    assert pairs_of(run_of(cohort)) == [("Jonas", "Martin")]


def test_task_does_it_once():
    cohort = people.cohort()
    people.mentor(cohort)
    people.mentee(cohort)
    run = actions.request_run(cohort=cohort, by=factories.hr_admin(), at=AT)
    tasks.run(run.pk)
    tasks.run(run.pk)
    run.refresh_from_db()
    assert (run.state, Proposal.objects.count()) == ("finished", 1)


WORK = """
import signal, sys
import django; django.setup()
from matching import tasks
from matching.models import MatchRun
def report(job, done, of=100):
    if done >= int(sys.argv[2]):
        print("here", flush=True)
        signal.pause()
MatchRun.report = report
tasks.run(int(sys.argv[1]))
"""


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("form", "after"), [("reverse", 0), ("reverse", 90), ("group", 10)])
def test_run_whose_worker_is_killed_is_noticed_at_once_and_taken_up_again_by_itself(form, after):
    cohort = people.cohort(programme=factories.programme(form=form))
    people.policy(cohort, group_mentors=1, group_least=1)
    for add, say, person in [
        (people.mentor, people.knows, people.junior()),
        (people.mentee, people.wants, people.senior()),
    ]:
        say(person, "Data")
        add(cohort, person)
    run = actions.request_run(cohort=cohort, by=factories.hr_admin(), at=timezone.now())
    database = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    worker = subprocess.Popen(
        [sys.executable, "-c", WORK, str(run.pk), str(after)],
        cwd=BASE_DIR,
        env={**os.environ, "DATABASE_URL": database.geturl()},
        stdout=subprocess.PIPE,
    )
    assert worker.stdout.readline() == b"here\n"
    run.refresh_from_db()
    assert (run.state, run.is_held, run.is_abandoned) == ("running", True, False)
    tasks.run(run.pk)  # a second worker leaves it alone
    later = timezone.now() + BEGUN_PATIENCE + timedelta(seconds=1)
    assert MatchRun.hand_over_the_lost(at=later) == 0
    worker.send_signal(signal.SIGKILL)
    worker.communicate()
    limit = time.monotonic() + 10
    while run.is_held and time.monotonic() < limit:
        time.sleep(0.02)
    assert run.is_abandoned
    assert not (Proposal.objects.exists() or ProposedGroup.objects.exists())
    assert [MatchRun.hand_over_the_lost(at=later) for _ in range(2)] == [1, 0]
    app.control.purge()  # of the message: here this process is the worker
    tasks.run(run.pk)
    run.refresh_from_db()
    assert (run.state, run.attempts) == ("finished", 2)
    made = ProposedGroup if form == "group" else Proposal
    assert made.objects.count() == 1


def test_run_that_kills_its_workers_is_given_up_in_words_and_frees_the_cohort():
    cohort = people.cohort()
    people.mentor(cohort)
    people.mentee(cohort)
    run = actions.request_run(cohort=cohort, by=factories.hr_admin(), at=AT)
    MatchRun.objects.update(attempts=ATTEMPTS, state="running")
    actions.execute_run(run=run, at=AT)
    run.refresh_from_db()
    assert (run.state, run.finished_at, Proposal.objects.count()) == ("failed", AT, 0)
    assert "given up" in run.error
    actions.request_run(cohort=cohort, by=factories.hr_admin(), at=AT)


def test_run_that_was_stopped_is_not_done():
    cohort = people.cohort()
    people.mentor(cohort)
    people.mentee(cohort)
    run = actions.request_run(cohort=cohort, by=factories.hr_admin(), at=AT)
    actions.cancel_run(run=run, at=AT)
    tasks.run(run.pk)
    run.refresh_from_db()
    assert (run.state, Proposal.objects.count()) == ("cancelled", 0)
    actions.request_run(cohort=cohort, by=factories.hr_admin(), at=AT)


def test_finished_run_cannot_be_stopped():
    run = people.finished_run(people.cohort())
    with pytest.raises(DomainError):
        actions.cancel_run(run=run, at=AT)


def test_run_that_fails_says_so_in_words_and_frees_the_cohort():
    cohort = people.cohort()
    people.mentor(cohort)
    mentee = people.mentee(cohort)
    run = actions.request_run(cohort=cohort, by=factories.hr_admin(), at=AT)
    mentee.person.grade = None
    mentee.person.save()
    actions.execute_run(run=run, at=AT)
    run.refresh_from_db()
    assert (run.state, run.finished_at) == ("failed", AT)
    assert run.error.startswith("1 person has no grade, so seniority cannot be compared")
    mentee.person.grade = factories.grade(6)
    mentee.person.save()
    assert run_of(cohort).proposals.count() == 1


def test_each_aim_leads_to_a_proved_result():
    for aim in ("floor", "total", "bands"):
        cohort = people.cohort()
        policy = policy_for(cohort.programme)
        policy.aim = aim
        policy.save()
        for _number in range(3):
            people.mentor(cohort)
            people.mentee(cohort)
        run = run_of(cohort)
        assert (run.snapshot["order"], run.outcome["proof"]["optimal"], run.outcome["pairs"]) == (
            aim,
            True,
            3,
        )
