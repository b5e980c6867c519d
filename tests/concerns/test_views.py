from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from concerns import actions
from concerns.models import Concern
from matching import actions as mentorships
from tests import factories
from tests.concerns.test_concerns import AT, SECRET, confidant_of, raised, scene

pytestmark = pytest.mark.django_db

FRAME = 5  # Savepoint and its release, session, person; the page's frame.


def signed_in(person):
    client = Client()
    client.force_login(person)
    return client


def raise_url(mentorship):
    return reverse("concerns:raise", args=[mentorship.uuid])


def filled(**fields):
    return {"request_key": uuid4(), "topic": "pressure", "text": SECRET, "urgency": "now", **fields}


def test_the_page_names_its_readers_before_a_word_is_written():
    mentorship, aylin, martin, _nadia = scene()
    confidant_of(mentorship, "Petra Inline", manager=martin)
    page = signed_in(aylin).get(raise_url(mentorship)).content.decode()
    assert ("Nadia Okafor" in page, "Petra Inline" in page) == (True, False)
    assert page.index("Who will read this") > 0
    assert "Nobody else is shown it: not Martin, nobody in either reporting line, not HR." in page


def test_the_page_says_plainly_where_nobody_could_read_it():
    mentorship, aylin, martin, nadia = scene()
    nadia.manager = martin
    nadia.save()
    client = signed_in(aylin)
    page = client.get(raise_url(mentorship)).content.decode()
    assert "There is nobody here who could read this safely" in page
    assert "Speak to HR directly" in page
    assert "<textarea" not in page
    client.post(raise_url(mentorship), filled())
    assert Concern.objects.count() == 0


def test_raise_stores_it_once_and_leads_to_it():
    mentorship, aylin, *_ = scene()
    client, sent = signed_in(aylin), filled(may_contact="on", contact="0171 2345")
    for _ in range(2):
        response = client.post(raise_url(mentorship), sent)
        concern = Concern.objects.get()
        assert response.url == reverse("concerns:detail", args=[concern.uuid])
    assert (concern.text, concern.urgency, concern.contact, concern.raised_by) == (
        SECRET,
        "now",
        "0171 2345",
        aylin,
    )
    page = client.get(response.url)
    assert SECRET in page.content.decode()
    assert "no-store" in page["Cache-Control"]


def test_raise_keeps_what_was_typed():
    mentorship, aylin, *_ = scene()
    page = signed_in(aylin).post(raise_url(mentorship), filled(topic=""))
    assert page.context["form"].errors.keys() == {"topic"}
    assert SECRET in page.content.decode()
    assert page.content.decode().count("Something below needs a second look.") == 1
    assert "second look" not in signed_in(aylin).get(raise_url(mentorship)).content.decode()


def test_the_page_says_what_is_next_to_its_author_and_to_its_reader():
    mentorship, aylin, _, nadia = scene()
    concern = raised(mentorship, aylin)
    url = reverse("concerns:detail", args=[concern.uuid])
    asked = signed_in(nadia).get(url).content.decode()
    assert asked.index("Will you take this into your care?") < asked.index("<textarea")
    told = "You get a mail when somebody answers"
    assert told in signed_in(aylin).get(url).content.decode() and told not in asked
    signed_in(nadia).post(reverse("concerns:take", args=[concern.uuid]))
    assert told not in signed_in(aylin).get(url).content.decode()


def test_confidant_and_whoever_raised_it_write_to_each_other():
    mentorship, aylin, _, nadia = scene()
    concern = raised(mentorship, aylin)
    url = reverse("concerns:detail", args=[concern.uuid])
    confidant, member = signed_in(nadia), signed_in(aylin)
    assert SECRET in confidant.get(url).content.decode()
    confidant.post(reverse("concerns:take", args=[concern.uuid]))
    confidant.post(url, {"request_key": uuid4(), "text": "What would you like to happen?"})
    assert "What would you like to happen?" in member.get(url).content.decode()
    assert "Will you take this into your care?" not in confidant.get(url).content.decode()
    settle = reverse("concerns:settle", args=[concern.uuid])
    assert "Aylin is told that you marked it as settled" in confidant.get(settle).content.decode()
    assert "Nobody is told." in member.get(settle).content.decode()
    member.post(settle)
    concern.refresh_from_db()
    assert (concern.state, concern.confidant) == ("settled", nadia)


def test_whoever_raised_it_cannot_take_it_into_their_own_care():
    mentorship, aylin, *_ = scene()
    concern = raised(mentorship, aylin)
    assert signed_in(aylin).post(reverse("concerns:take", args=[concern.uuid])).status_code == 403
    concern.refresh_from_db()
    assert concern.state == "open"


def outsiders(mentorship, martin):
    coordinator, foreign = factories.person("Coordinator"), factories.person("Confidant elsewhere")
    factories.programme_role(mentorship.cohort.programme, coordinator, "coordinator")
    factories.programme_role(factories.programme(), foreign, "confidant")
    factories.programme_role(mentorship.cohort.programme, martin, "confidant")
    in_line = confidant_of(mentorship, "In the line", manager=martin)
    return [factories.person(), factories.hr_admin(), coordinator, foreign, martin, in_line]


@pytest.mark.parametrize(
    ("name", "method"),
    [("detail", "get"), ("detail", "post"), ("take", "post"), ("settle", "get"), ("settle", "post")],
)
def test_outsiders_hr_and_confidants_in_the_line_find_nothing(name, method):
    mentorship, aylin, martin, _nadia = scene()
    concern = raised(mentorship, aylin)
    url = reverse(f"concerns:{name}", args=[concern.uuid])
    for one in outsiders(mentorship, martin):
        sent = {"request_key": uuid4(), "text": "x"}
        assert getattr(signed_in(one), method)(url, sent).status_code == 404
    concern.refresh_from_db()
    assert (concern.state, concern.messages.count()) == ("open", 0)


def test_a_concern_is_raised_by_members_alone():
    mentorship, _, martin, nadia = scene()
    for one in (factories.person(), factories.hr_admin(), nadia):
        assert signed_in(one).get(raise_url(mentorship)).status_code == 404
        assert signed_in(one).post(raise_url(mentorship), filled()).status_code == 404
    assert signed_in(martin).get(raise_url(mentorship)).status_code == 200
    assert Concern.objects.count() == 0


def test_the_inbox_is_empty_of_what_one_may_not_read_and_closed_to_others():
    mentorship, aylin, martin, nadia = scene()
    concern = raised(mentorship, aylin)
    url, link = reverse("concerns:inbox"), reverse("concerns:detail", args=[concern.uuid])
    seen = {}
    for one in (nadia, aylin, *outsiders(mentorship, martin)):
        page = signed_in(one).get(url)
        seen[one.name] = page.status_code == 200 and link in page.content.decode()
    assert [name for name, yes in seen.items() if yes] == ["Nadia Okafor", "Aylin Kaya"]
    for one in (factories.person(), factories.hr_admin()):
        assert signed_in(one).get(url).status_code == 404


def test_the_inbox_begins_with_what_is_most_urgent_and_has_waited_longest():
    mentorship, aylin, _, nadia = scene()
    days = {"can_wait": 1, "soon": 2, "now": 3}
    made = [
        raised(mentorship, aylin, urgency=urgency, at=AT + timedelta(days=day))
        for day in (0, 10)
        for urgency, day in ((name, day + days[name]) for name in days)
    ]
    actions.take(concern=made[2], by=nadia)
    page = signed_in(nadia).get(reverse("concerns:inbox"))
    order = [(one.urgency, one.state) for one in page.context["open"]]
    assert order == [
        ("now", "open"),
        ("soon", "open"),
        ("soon", "open"),
        ("can_wait", "open"),
        ("can_wait", "open"),
        ("now", "in_care"),
    ]
    assert [one.pk for one in page.context["open"]][1:3] == [made[1].pk, made[4].pk]


@pytest.mark.parametrize("rows", [1, 3])
def test_the_inbox_takes_the_same_queries_however_many_concerns(django_assert_num_queries, rows):
    mentorship, aylin, _, nadia = scene()
    for _ in range(rows):
        raised(mentorship, aylin)
    client = signed_in(nadia)
    # Concerns; is she a confidant.
    with django_assert_num_queries(FRAME + 2):
        page = client.get(reverse("concerns:inbox"))
    assert len(page.context["open"]) == rows


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_of_a_concern_takes_the_same_queries_however_long_the_exchange(
    django_assert_num_queries, rows
):
    mentorship, aylin, _, nadia = scene()
    concern = raised(mentorship, aylin)
    for _ in range(rows):
        actions.reply(concern=concern, by=nadia, text="Hello")
    client = signed_in(nadia)
    # The concern; its messages; its readers; other confidants; whether its author has paused.
    with django_assert_num_queries(FRAME + 5):
        client.get(reverse("concerns:detail", args=[concern.uuid]))


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_to_raise_one_takes_the_same_queries_however_many_confidants(
    django_assert_num_queries, rows
):
    mentorship, aylin, *_ = scene()
    for number in range(rows - 1):
        confidant_of(mentorship, f"Confidant {number}")
        raised(mentorship, aylin)
    client = signed_in(aylin)
    # Mentorship, members; may one (two); confidants, members' lines; earlier concerns.
    with django_assert_num_queries(FRAME + 7):
        page = client.get(raise_url(mentorship))
    assert len(page.context["confidants"]) == rows


def test_who_left_a_group_can_confide_about_it_and_no_confidant_of_their_line_reads_of_it():
    mentorship, _aylin, _martin, nadia = scene()
    ines, jan = factories.person("Ines Roth"), factories.person("Jan Berg")
    boss = confidant_of(mentorship, "Boss of Ines")
    ines.manager = boss
    ines.save()
    former = confidant_of(mentorship, "Former member")
    factories.join(mentorship, ines, jan, former)
    url = reverse("concerns:raise", args=[mentorship.uuid])
    for one in (ines, former):
        mentorships.end(mentorship=mentorship, person=one, at=AT)
    assert signed_in(ines).get(reverse("mentorship", args=[mentorship.uuid])).status_code == 404
    page = signed_in(ines).get(url)
    assert reverse("mentorship", args=[mentorship.uuid]) not in page.content.decode()
    told = raised(mentorship, jan)
    assert [Concern.objects.visible_to(one).count() for one in (nadia, boss, former, ines)] == [1, 0, 0, 0]
    assert signed_in(ines).post(url, filled()).status_code == 302
    assert Concern.objects.exclude(pk=told.pk).get().raised_by == ines
    for stranger in (factories.person(), factories.hr_admin(), boss):
        assert signed_in(stranger).get(url).status_code == 404
