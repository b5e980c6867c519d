"""A mentorship's page: its timeline from all rooms, and what is next in it."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

import agreements.actions
import feedback.actions
import goals.actions
import meetings.actions
from agreements.actions import ClauseEdit
from matching.models import Member, Mentorship
from programmes.models import Role
from tests import factories

pytestmark = pytest.mark.django_db
NOW = timezone.now().replace(minute=0, second=0, microsecond=0)
DAY = timedelta(days=1)


def lived(mentor, members=2, times=1) -> Mentorship:
    """A mentorship in which everything has happened `times` times."""
    cohort = factories.cohort(
        starts_on=(NOW - 90 * DAY).date(),
        ends_on=(NOW + 90 * DAY).date(),
        enrolment_closes_on=(NOW - 99 * DAY).date(),
        enrolment_opens_on=(NOW - 120 * DAY).date(),
    )
    made = factories.mentorship(mentor=mentor, in_cohort=cohort, state="confirmed")
    for number in range(members - 2):
        enrolment = factories.enrolment(cohort, factories.person(f"Guest {number}"), Role.MENTEE)
        Member.objects.create(mentorship=made, enrolment=enrolment, role=Role.MENTEE)
    made = Mentorship.objects.with_members().get(pk=made.pk)
    first, *others = sorted(made.members.all(), key=lambda member: member.person != mentor)
    agreement = agreements.actions.agreement_for(made, at=NOW - 80 * DAY)
    for number in range(times):
        at = NOW - (70 - 20 * number) * DAY
        agreements.actions.adapt(
            agreement=agreement,
            member=others[0],
            clauses=[ClauseEdit(kind="taboo", text=f"No {number}.")],
            at=at,
        )
        for member in (first, *others):
            agreements.actions.sign(
                agreement=agreement, member=member, version_number=number + 2, at=at + DAY
            )
        goals.actions.set_goal(
            mentorship=made,
            member=others[0],
            title=f"Goal {number}",
            owner=None,
            objective=None,
            levels=dict.fromkeys(range(-2, 3), "So"),
            baseline=-1,
            weight=1,
            at=at + 2 * DAY,
        )
        meeting = meetings.actions.log_unplanned(
            mentorship=made, member=first, starts_at=at + 3 * DAY, minutes=30, at=at + 3 * DAY
        )
        meetings.actions.record_log(
            meeting=meeting, member=first, topics="AI", next_steps=["Try"], at=at + 4 * DAY
        )
        meetings.actions.share(
            mentorship=made, member=first, title="It", link="https://example.org", at=at + 5 * DAY
        )
        for author, recipient in ((first, others[0]), (others[0], first)):
            feedback.actions.give(
                mentorship=made,
                author=author,
                recipient=recipient,
                helped="Secret words",
                to_try="",
                at=at + 6 * DAY,
            )
    return made


def page_of(client, mentorship):
    return client.get(reverse("mentorship", args=[mentorship.uuid]))


def test_timeline_tells_of_every_room_and_not_what_was_said(client):
    aylin = factories.person("Aylin Kaya")
    mentorship = lived(aylin)
    other = mentorship.names_of_others(aylin)
    client.force_login(aylin)
    page = page_of(client, mentorship)
    assert [(entry.title, entry.state) for entry in page.context["card"].entries] == [
        (f"{other} changed the agreement", "happened"),
        ("Agreement signed by all of you", "done"),
        (f"{other} set the goal “Goal 0”", "happened"),
        ("First meeting", "happened"),
        ("You shared “It”", "happened"),
        (f"{other} wrote you feedback", "happened"),
        (f"You wrote feedback to {other}", "happened"),
    ]
    assert "Secret words" not in page.content.decode()


def test_feedback_that_is_not_open_yet_is_not_on_the_timeline_either(client):
    aylin = factories.person("Aylin Kaya")
    mentorship = factories.mentorship(mentor=aylin)
    members = {m.person == aylin: m for m in mentorship.members.all()}
    feedback.actions.give(
        mentorship=mentorship,
        author=members[False],
        recipient=members[True],
        helped="Secret",
        to_try="",
        at=timezone.now(),
    )
    client.force_login(aylin)
    assert page_of(client, mentorship).context["card"].entries == []


@pytest.mark.parametrize("members", [2, 4])
def test_page_costs_the_same_at_one_of_everything_and_at_three(client, members):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counts = []
    for times in (1, 3):
        mentor = factories.person()
        mentorship = lived(mentor, members=members, times=times)
        client.force_login(mentor)
        with CaptureQueriesContext(connection) as queries:
            assert page_of(client, mentorship).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_page_opens_with_what_is_next_in_this_mentorship_and_no_other(client):
    aylin = factories.person("Aylin Kaya")
    mentorship = factories.mentorship(mentor=aylin, mentee=factories.person("Martin Vogel"))
    other = factories.mentorship(mentor=aylin, mentee=factories.person("Somebody Else"))
    client.force_login(aylin)
    context = page_of(client, mentorship).context
    shown = [context["next_step"], *context["later"]]
    assert [thing.about for thing in shown] == [mentorship.pk] * len(shown)
    assert shown[0].title == "When do you and Martin meet for the first time?"
    Mentorship.objects.filter(pk=other.pk).update(state="ended")
    assert page_of(client, other).context["next_step"] is None
