from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from domain.errors import DomainError
from feedback import actions, reminders
from feedback.models import Feedback
from notices.models import Notice
from notices.outbox import post_all
from tests import factories
from tests.threads import at_once

pytestmark = pytest.mark.django_db

AT = datetime(2026, 9, 15, 10, 0, tzinfo=UTC)
WEEK = timedelta(days=7)
FRAME = 5  # Savepoint and its release, session, person; the page's frame.


def pair(**fields):
    made = factories.mentorship(
        factories.person("Aylin Kaya"), factories.person("Dr. Martin Vogel"), **fields
    )
    return made, factories.member(made, "mentor"), factories.member(made, "mentee")


def give(author, recipient, helped="You let me finish.", at=AT, **fields):
    return actions.give(
        mentorship=author.mentorship, author=author, recipient=recipient, helped=helped, at=at, **fields
    )


def told():
    return [
        (notice.recipient.name, notice.created_at) for notice in Notice.objects.order_by("created_at", "pk")
    ]


def sweep(at):
    post_all(reminders.messages(at), at=at)


def signed_in(person):
    client = Client()
    client.force_login(person)
    return client


def test_feedback_opens_when_both_have_written_and_both_are_told():
    _, aylin, martin = pair()
    first = give(aylin, martin)
    assert list(Feedback.objects.visible_to(martin.person, AT)) == []
    assert told() == []
    second = give(martin, aylin, "You were patient with me.", at=AT + timedelta(hours=1))
    assert list(Feedback.objects.visible_to(martin.person, AT)) == [second, first]
    assert sorted(told()) == [
        ("Aylin Kaya", AT + timedelta(hours=1)),
        ("Dr. Martin Vogel", AT + timedelta(hours=1)),
    ]
    notice = Notice.objects.filter(recipient=martin.person).get()
    assert (notice.kind, notice.subject) == ("feedback-given", "Aylin has written you feedback")
    assert notice.url == f"/feedback/{aylin.mentorship.uuid}/#received"
    assert "You let me finish" not in notice.text


@pytest.mark.parametrize(
    ("after", "says"),
    [
        (WEEK - timedelta(seconds=1), False),
        (WEEK, True),
        (WEEK + timedelta(days=5), True),  # no worker ran on the day
        (WEEK + timedelta(days=29), False),
    ],
)
def test_feedback_opens_after_a_week_and_the_sweep_says_so(after, says):
    _, aylin, martin = pair()
    made = give(aylin, martin)
    assert (made in Feedback.objects.visible_to(martin.person, AT + after)) is (after >= WEEK)
    sweep(AT + after)
    assert told() == ([("Dr. Martin Vogel", AT + after)] if says else [])


def test_feedback_is_told_of_once_whatever_runs_again():
    _, aylin, martin = pair()
    give(aylin, martin)
    for days in (7, 7, 8):
        sweep(AT + timedelta(days=days))
    give(martin, aylin, at=AT + timedelta(days=9))
    assert told() == [("Dr. Martin Vogel", AT + WEEK), ("Aylin Kaya", AT + timedelta(days=9))]


def test_a_week_is_seven_days_in_every_time_zone():
    made = factories.mentorship(
        factories.person(time_zone="Pacific/Auckland"),
        factories.person(time_zone="America/Los_Angeles"),
    )
    give(factories.member(made, "mentor"), factories.member(made, "mentee"))
    sweep(AT + WEEK - timedelta(minutes=1))
    assert Notice.objects.count() == 0
    sweep(AT + WEEK)
    assert Notice.objects.count() == 1


def test_feedback_to_oneself_or_outside_the_mentorship_is_refused():
    _, aylin, martin = pair()
    _, stranger, _ = pair()
    for author, recipient in ((aylin, aylin), (aylin, stranger), (stranger, martin)):
        with pytest.raises(DomainError) as error:
            actions.give(mentorship=aylin.mentorship, author=author, recipient=recipient, helped="x")
        assert error.value.field == "recipient"


@pytest.mark.django_db(transaction=True)
def test_feedback_sent_twice_at_once_is_stored_once():
    _, aylin, martin = pair()
    key = uuid4()

    def send(_):
        try:
            return give(aylin, martin, request_key=key).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        made = list(pool.map(send, range(2)))
    assert made[0] == made[1]
    assert Feedback.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_who_write_at_the_same_moment_are_both_told():
    _, aylin, martin = pair()

    def send(way):
        try:
            return give(*way).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(send, [(aylin, martin), (martin, aylin)]))
    assert sorted(name for name, _ in told()) == ["Aylin Kaya", "Dr. Martin Vogel"]


# --- The page ------------------------------------------------------------------------


def url_of(mentorship):
    return reverse("feedback:give", args=[mentorship.uuid])


def test_the_page_stores_what_was_written_once():
    mentorship, aylin, martin = pair()
    client = signed_in(aylin.person)
    sent = {
        "request_key": uuid4(),
        "recipient": "",
        "helped": "You let me finish.",
        "to_try": "Shorter calls.",
    }
    for _ in range(2):
        assert client.post(url_of(mentorship), sent).url == url_of(mentorship)
    made = Feedback.objects.get()
    assert (made.author, made.recipient, made.helped, made.to_try) == (
        aylin,
        martin,
        "You let me finish.",
        "Shorter calls.",
    )


def test_the_page_shows_what_one_gave_and_hides_what_is_not_open():
    mentorship, aylin, martin = pair()
    give(aylin, martin, "You let me finish.", at=timezone.now())
    assert "You let me finish." in signed_in(aylin.person).get(url_of(mentorship)).content.decode()
    client = signed_in(martin.person)
    assert "You let me finish." not in client.get(url_of(mentorship)).content.decode()
    give(martin, aylin, "You were patient.", at=timezone.now())
    assert "You let me finish." in client.get(url_of(mentorship)).content.decode()


def test_in_a_group_one_says_to_whom_and_the_third_reads_nothing():
    mentorship, aylin, martin = pair()
    third = mentorship.members.create(
        enrolment=factories.enrolment(mentorship.cohort, factories.person("Ines Roth")), role="mentee"
    )
    client = signed_in(aylin.person)
    sent = {"request_key": uuid4(), "helped": "For Martin."}
    assert client.post(url_of(mentorship), sent).context["form"].errors.keys() == {"recipient"}
    client.post(url_of(mentorship), {**sent, "recipient": martin.pk})
    give(martin, aylin, at=timezone.now())
    made = Feedback.objects.get(author=aylin)
    assert made.recipient == martin
    assert list(Feedback.objects.visible_to(third.person, AT + timedelta(days=400))) == []


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_stranger_and_hr_find_nothing(method):
    mentorship, aylin, martin = pair()
    give(aylin, martin)
    coordinator = factories.person()
    factories.programme_role(mentorship.cohort.programme, coordinator, "coordinator")
    for one in (factories.person(), factories.hr_admin(), coordinator):
        assert list(Feedback.objects.visible_to(one, AT + WEEK)) == []
        sent = {"request_key": uuid4(), "helped": "x"}
        assert getattr(signed_in(one), method)(url_of(mentorship), sent).status_code == 404
    assert Feedback.objects.count() == 1


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_takes_the_same_queries_however_much_was_written(django_assert_num_queries, rows):
    mentorship, aylin, martin = pair()
    for _ in range(rows):
        give(aylin, martin)
        give(martin, aylin)
    client = signed_in(aylin.person)
    # Mentorship, members; may one write (two); what was written.
    with django_assert_num_queries(FRAME + 5):
        page = client.get(url_of(mentorship))
    assert (len(page.context["given"]), len(page.context["received"])) == (rows, rows)


def test_what_was_said_in_the_middle_does_not_open_what_is_said_at_the_end():
    _, aylin, martin = pair()
    give(aylin, martin)
    give(martin, aylin)
    at_the_end = AT + timedelta(days=80)
    late = give(aylin, martin, "At the end.", at=at_the_end)
    assert late not in Feedback.objects.visible_to(martin.person, at_the_end)
    give(martin, aylin, at=at_the_end + timedelta(days=1))
    assert late in Feedback.objects.visible_to(martin.person, at_the_end + timedelta(days=1))


# --- Changing one's words, and keeping the other's -----------------------------------


def edit_url(made):
    return reverse("feedback:edit", args=[made.uuid])


def test_words_can_be_changed_until_they_are_shown_and_never_after():
    mentorship, aylin, martin = pair()
    made = give(aylin, martin, at=timezone.now())
    client = signed_in(aylin.person)
    assert edit_url(made) in client.get(url_of(mentorship)).content.decode()
    client.post(edit_url(made), {"helped": "You asked first.", "to_try": ""})
    made.refresh_from_db()
    assert (made.helped, made.edited_at is not None) == ("You asked first.", True)
    give(martin, aylin, at=timezone.now())
    assert edit_url(made) not in client.get(url_of(mentorship)).content.decode()
    page = client.post(edit_url(made), {"helped": "Something else.", "to_try": ""})
    assert "stays as it is" in page.content.decode()
    made.refresh_from_db()
    assert made.helped == "You asked first."


def test_words_cannot_be_changed_after_a_week():
    _, aylin, martin = pair()
    made = give(aylin, martin)
    actions.edit(feedback=made, author=aylin, helped="In time.", at=AT + WEEK - timedelta(minutes=1))
    with pytest.raises(DomainError, match="stays as it is"):
        actions.edit(feedback=made, author=aylin, helped="Too late.", at=AT + WEEK)
    made.refresh_from_db()
    assert made.helped == "In time."


@pytest.mark.django_db(transaction=True)
def test_changing_words_while_the_other_writes_never_changes_what_was_shown():
    _, aylin, martin = pair()
    made = give(aylin, martin, "First.")
    edited, _ = at_once(
        lambda: actions.edit(feedback=made, author=aylin, helped="Second.", at=AT + timedelta(hours=1)),
        lambda: give(martin, aylin, at=AT + timedelta(hours=1)),
    )
    made.refresh_from_db()
    assert made.helped == ("First." if isinstance(edited, DomainError) else "Second.")


def test_nobody_else_changes_or_keeps_ones_words():
    mentorship, aylin, martin = pair()
    made = give(aylin, martin, "You let me finish.", at=timezone.now() - WEEK)
    with pytest.raises(DomainError):
        actions.edit(feedback=made, author=martin, helped="x", at=AT)
    delegate = factories.person()
    martin.person.delegations.create(delegate=delegate)
    keep = reverse("feedback:keep", args=[mentorship.uuid])
    for one in (factories.person(), factories.hr_admin(), delegate):
        client = signed_in(one)
        assert [client.get(edit_url(made)).status_code, client.get(keep).status_code] == [404, 404]
    assert signed_in(martin.person).post(edit_url(made), {"helped": "x"}).status_code == 404
    made.refresh_from_db()
    assert made.helped == "You let me finish."


def test_the_file_holds_what_was_written_to_oneself_and_is_open_and_nothing_else():
    mentorship, aylin, martin = pair()
    give(aylin, martin, "You <b>let</b> me finish.", to_try="Shorter calls.", at=timezone.now() - WEEK)
    give(aylin, martin, "Not open yet.", at=timezone.now())
    client = signed_in(martin.person)
    file = client.get(reverse("feedback:keep", args=[mentorship.uuid]))
    assert file["Content-Type"] == "text/plain; charset=utf-8"
    assert file["Content-Disposition"] == 'attachment; filename="feedback.txt"'
    text = file.content.decode()
    assert "You <b>let</b> me finish." in text and "Shorter calls." in text and "Aylin Kaya" in text
    assert "Not open yet." not in text
    mine = signed_in(aylin.person).get(reverse("feedback:keep", args=[mentorship.uuid])).content.decode()
    assert "Nothing has been written to you yet." in mine
