"""Nobody who confided in somebody is left waiting."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from concerns import actions, reminders, waiting
from concerns.models import Concern
from concerns.tasks import sweep
from domain.errors import DomainError
from matching import actions as mentorships
from matching.models import Mentorship
from notices.models import Notice
from notices.outbox import post_all
from notices.still import settled
from tests import factories
from tests.concerns.test_concerns import AT, SECRET, confidant_of, raised, scene

pytestmark = pytest.mark.django_db


def run(at):
    """Whom this run told of what."""
    before = set(Notice.objects.values_list("pk", flat=True))
    post_all(reminders.unread(at), at=at)
    post_all(reminders.nudges(at), at=at)
    new = Notice.objects.exclude(pk__in=before).order_by("recipient__name")
    return [(one.kind, one.recipient.name) for one in new]


def arrive():
    Notice.objects.update(sent_at=AT)


NADIA = [("concern-waiting", "Nadia Okafor")]


@pytest.mark.parametrize(("urgency", "days"), [("now", 1), ("soon", 3), ("can_wait", 7)])
def test_confidants_are_reminded_by_urgency_twice_and_no_more(urgency, days):
    mentorship, aylin, _, _ = scene()
    raised(mentorship, aylin, urgency=urgency)
    wait = timedelta(days=days)
    assert run(AT + wait - timedelta(minutes=1)) == []
    assert run(AT + wait) == NADIA
    assert run(AT + wait) == []
    assert run(AT + 2 * wait) == []  # the first never reached her
    arrive()
    assert run(AT + 2 * wait + timedelta(days=3)) == NADIA  # no worker ran for days
    assert run(AT + 9 * wait) == []
    text = " ".join(Notice.objects.latest("pk").text.split())
    assert SECRET not in text and "Aylin" not in text


def test_whoever_answered_or_took_it_is_left_alone_until_something_is_written_again():
    mentorship, aylin, _, nadia = scene()
    confidant_of(mentorship, "Olaf Berg")
    concern = raised(mentorship, aylin)
    actions.reply(concern=concern, by=nadia, text="I am here.", at=AT + timedelta(days=1))
    concern.refresh_from_db()
    assert (concern.state, concern.confidant) == ("in_care", nadia)
    assert run(AT + timedelta(days=20)) == []
    assert waiting.waiting_for(nadia, AT + timedelta(days=20)) == []
    again = AT + timedelta(days=21)
    actions.reply(concern=concern, by=aylin, text="It happened again.", at=again)
    assert [one.title for one in waiting.waiting_for(nadia, again)] == ["Somebody has written to you again"]
    inbox = signed_in(nadia).get(reverse("concerns:inbox"))
    assert [one.is_waiting for one in inbox.context["open"]] == [True]
    assert run(again + timedelta(days=4)) == NADIA


def test_a_mail_that_waits_is_not_sent_once_another_has_taken_it():
    mentorship, aylin, _, nadia = scene()
    olaf = confidant_of(mentorship, "Olaf Berg")
    concern = raised(mentorship, aylin, at=timezone.now() - timedelta(hours=3))
    mails = Notice.objects.filter(kind="concern-raised")
    assert settled(mails) == set()
    actions.take(concern=concern, by=nadia)
    assert settled(mails) == {one.pk for one in mails}
    actions.reply(concern=concern, by=aylin, text="One more thing.")
    assert settled(mails) == {mails.get(recipient=olaf).pk}


def test_the_sweep_runs_in_the_worker_and_once():
    mentorship, aylin, _, _ = scene()
    raised(mentorship, aylin, at=timezone.now() - timedelta(days=4))
    for _ in range(2):
        sweep()
    assert Notice.objects.filter(kind="concern-waiting").count() == 1


def test_a_concern_whose_mentorship_is_gone_stays_closed_to_the_line_of_who_raised_it():
    mentorship, aylin, _, nadia = scene()
    boss = confidant_of(mentorship, "Boss")
    aylin.manager = boss
    aylin.save()
    concern = raised(mentorship, aylin)
    Concern.objects.update(mentorship=None)
    assert list(Concern.objects.visible_to(boss)) == []
    assert list(Concern.objects.visible_to(nadia)) == [concern]


# --- Pausing meanwhile ---------------------------------------------------------------


def signed_in(person):
    client = Client()
    client.force_login(person)
    return client


def test_whoever_raised_it_pauses_and_the_other_learns_no_more_than_that():
    mentorship, aylin, martin, _ = scene()
    concern = raised(mentorship, aylin)
    client, url = signed_in(aylin), reverse("concerns:pause", args=[concern.uuid])
    assert "and no more" in client.get(url).content.decode()
    for _ in range(2):
        client.post(url)
    assert Mentorship.objects.get().state == "paused"
    (told,) = Notice.objects.filter(kind="mentorship-changed")
    assert told.recipient == martin
    said = f"{told.subject} {told.text}".lower()
    assert "paused" in said
    assert not any(word in said for word in ("concern", "confid", "nadia", SECRET.lower()))


def test_the_confidant_pauses_once_they_care_for_it_and_both_members_are_told_the_same():
    mentorship, aylin, martin, nadia = scene()
    concern = raised(mentorship, aylin)
    with pytest.raises(DomainError, match="into your care first"):
        actions.pause(concern=concern, by=nadia, at=AT)
    actions.take(concern=concern, by=nadia, at=AT)
    actions.pause(concern=concern, by=nadia, at=AT)
    told = Notice.objects.filter(kind="mentorship-changed")
    assert {one.recipient for one in told} == {aylin, martin}
    assert not any("Nadia" in one.text + one.subject for one in told)


def test_a_pause_lasts_until_whoever_confided_ends_it_and_looks_like_any_other():
    mentorship, aylin, martin, nadia = scene()
    concern = raised(mentorship, aylin)
    actions.take(concern=concern, by=nadia, at=AT)
    actions.pause(concern=concern, by=nadia, at=AT)
    page = reverse("mentorship", args=[mentorship.uuid])
    resume = reverse("matching:resume", args=[mentorship.uuid])
    assert resume in signed_in(aylin).get(page).content.decode()
    seen = signed_in(martin).get(page).content.decode()
    assert resume not in seen
    assert "You will hear as soon as it goes on." in seen
    signed_in(martin).post(resume)
    assert Mentorship.objects.get().state == "paused"
    signed_in(aylin).post(resume)
    assert Mentorship.objects.get().state in ("confirmed", "active")


def test_a_pause_for_a_concern_outlasts_one_the_other_side_began():
    mentorship, aylin, martin, _nadia = scene()
    mentorships.pause(mentorship=mentorship, person=martin, at=AT)
    concern = raised(mentorship, aylin)
    pause = reverse("concerns:pause", args=[concern.uuid])
    assert pause in signed_in(aylin).get(reverse("concerns:detail", args=[concern.uuid])).content.decode()
    signed_in(aylin).post(pause)
    mentorships.resume(mentorship=mentorship, person=martin, at=AT)
    assert Mentorship.objects.get().state == "paused"


def test_nobody_else_pauses_and_nothing_is_paused_for_a_settled_concern():
    mentorship, aylin, martin, _nadia = scene()
    concern = raised(mentorship, aylin)
    url = reverse("concerns:pause", args=[concern.uuid])
    for one in (martin, factories.person(), factories.hr_admin()):
        assert [signed_in(one).get(url).status_code, signed_in(one).post(url).status_code] == [404, 404]
    actions.settle(concern=concern, by=aylin, at=AT)
    with pytest.raises(DomainError, match="settled"):
        actions.pause(concern=concern, by=aylin, at=AT)
    assert Mentorship.objects.get().state == "active"


def test_in_a_group_all_others_learn_of_a_pause_and_none_of_the_concern():
    mentorship, aylin, _martin, nadia = scene()
    factories.join(mentorship, factories.person("Ines Roth"), factories.person("Jan Berg"))
    concern = raised(Mentorship.objects.get(), aylin)
    actions.pause(concern=concern, by=aylin, at=AT)
    told = set(Notice.objects.filter(kind="mentorship-changed").values_list("recipient__name", flat=True))
    assert told == {"Dr. Martin Vogel", "Ines Roth", "Jan Berg"}
    assert Notice.objects.filter(kind="concern-raised").get().recipient == nadia


def test_a_contact_without_leave_to_use_it_is_asked_about_and_nothing_is_lost():
    mentorship, aylin, _, _ = scene()
    page = signed_in(aylin).post(
        reverse("concerns:raise", args=[mentorship.uuid]),
        {
            "request_key": "0f8fad5b-d9cb-469f-a165-70867728950e",
            "topic": "time",
            "urgency": "soon",
            "text": SECRET,
            "contact": "0171 2345",
        },
    )
    assert page.context["form"].errors.keys() == {"may_contact"}
    assert SECRET in page.content.decode()
    assert Concern.objects.count() == 0
