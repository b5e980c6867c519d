"""Enrolling step by step, as people do it."""

from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from notices.models import Notice
from participants.models import Topic
from programmes import actions
from programmes.models import Avoidance, Cohort, Enrolment, Role
from programmes.summary import week_in_words
from tests import factories
from tests.factories import open_now

pytestmark = pytest.mark.django_db
State = Enrolment.State


@pytest.fixture
def person(client):
    someone = factories.person("Aylin Demir")
    client.force_login(someone)
    return someone


@pytest.fixture(autouse=True)
def own_limits(settings):
    """Other workers of the same run clear the cache they share."""
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    cache.clear()


def at(cohort, step):
    return reverse("programmes:enrol-step", args=[cohort.uuid, step])


def rows(prefix, *filled):
    data = {f"{prefix}-TOTAL_FORMS": str(len(filled)), f"{prefix}-INITIAL_FORMS": "0"}
    for number, row in enumerate(filled):
        data |= {f"{prefix}-{number}-{name}": str(value) for name, value in row.items()}
    return data


def topics(**fields):
    topic = Topic.objects.get_or_create(name_en="AI", defaults={"name_de": "KI"})[0]
    can, want = {"subject": topic.pk, "level": 3, "years": 4}, {"subject": topic.pk, "priority": 3}
    return {**rows("can", can), **rows("want", want), **fields}


def time(**fields):
    spoken = rows("speak", {"subject": "de", "level": 4})
    return {"weekly_hours": ["9", "33"], "meets_remotely": "on", **spoken, **fields}


def begun(client, cohort, role="mentor"):
    client.post(at(cohort, "part"), {"role": role, "capacity": "1"})
    return Enrolment.objects.get(cohort=cohort)


def said(answer):
    return [str(message) for message in get_messages(answer.wsgi_request)]


def test_five_steps_lead_from_nothing_to_taking_part(client, person):
    cohort = open_now()
    start = client.get(reverse("programmes:enrol", args=[cohort.uuid]))
    assert start.url == at(cohort, "part")
    sent = [
        client.post(at(cohort, "part"), {"role": "mentor", "capacity": "2"}),
        client.post(at(cohort, "topics"), topics()),
        client.post(at(cohort, "time"), time()),
        client.post(at(cohort, "people"), {"hopes": "To be heard."}),
        client.post(at(cohort, "send")),
    ]
    following = [at(cohort, step) for step in ("topics", "time", "people", "send")]
    assert [answer.url for answer in sent] == [*following, cohort.get_absolute_url()]
    enrolment = Enrolment.objects.get()
    assert (enrolment.state, enrolment.role, enrolment.capacity) == (State.ACCEPTED, "mentor", 2)
    assert (enrolment.weekly_hours, enrolment.meets_remotely, enrolment.meets_on_site) == (
        [9, 33],
        True,
        False,
    )
    assert enrolment.hopes == "To be heard."
    assert [(e.topic.name, e.level, e.years) for e in person.profile.expertise.all()] == [("AI", 3, 4)]
    assert [(i.topic.name, i.priority) for i in person.profile.interests.all()] == [("AI", 3)]
    assert list(person.languages.values_list("code", "level")) == [("de", 4)]


def test_a_draft_is_resumed_where_it_was_left_and_seen_by_nobody_else(client, person):
    cohort = open_now()
    draft = begun(client, cohort)
    client.post(at(cohort, "topics"), topics())
    client.post(at(cohort, "part"), {"role": "mentor", "capacity": "3"})  # back, to correct something
    other_device = type(client)()
    other_device.force_login(person)
    assert other_device.get(reverse("programmes:enrol", args=[cohort.uuid])).url == at(cohort, "time")
    assert (draft.state, Enrolment.objects.get().capacity) == (State.DRAFT, 3)
    assert Notice.objects.count() == 0
    assert list(Enrolment.objects.visible_to(person)) == [draft]
    for stranger in (factories.person(), factories.hr_admin()):
        assert list(Enrolment.objects.visible_to(stranger)) == []


def test_a_draft_does_not_appear_in_the_admin_site(client, person):
    draft = begun(client, open_now())
    client.force_login(factories.hr_admin())
    page = client.get(reverse("admin:programmes_enrolment_changelist"))
    assert page.context["cl"].result_count == 0
    assert client.get(reverse("admin:programmes_enrolment_change", args=[draft.pk])).status_code == 302


def test_errors_stand_beside_their_fields_and_nothing_typed_is_lost(client, person):
    cohort = open_now()
    draft = begun(client, cohort)
    topic = Topic.objects.create(name_en="Data")
    row = {"subject": topic.pk, "level": 3, "years": 7}
    page = client.post(at(cohort, "topics"), topics(**rows("can", row, row)))
    form = page.context["form"]
    assert form.rows.expertise.errors == [{}, {"subject": ["This stands here twice. Keep one of the two."]}]
    assert 'value="7"' in page.content.decode()
    data = time(meets_remotely="")
    del data["weekly_hours"]
    form = client.post(at(cohort, "time"), data).context["form"]
    assert form.errors == {
        "weekly_hours": ["Tick at least one hour in which you could meet."],
        "meets_on_site": ["Choose at least one way to meet."],
    }
    draft.refresh_from_db()
    assert (draft.step, draft.weekly_hours) == ("topics", [])


def test_autosave_keeps_what_is_whole_and_complains_of_nothing(client, person):
    cohort = open_now()
    draft = begun(client, cohort)
    answer = client.post(at(cohort, "time"), time(autosave="1"))
    assert answer.headers["X-Saved"] == "yes" and "Saved at" in answer.content.decode()
    half = time(autosave="1", meets_remotely="")
    assert client.post(at(cohort, "time"), half).headers["X-Saved"] == "no"
    draft.refresh_from_db()
    assert (draft.weekly_hours, draft.meets_remotely, draft.step) == ([9, 33], True, "topics")


def test_autosave_never_changes_what_was_sent(client, person):
    cohort = open_now()
    sent = actions.enrol(cohort=cohort, person=person, role="mentor", weekly_hours=[9])
    assert client.post(at(cohort, "time"), time(autosave="1")).headers["X-Saved"] == "no"
    sent.refresh_from_db()
    assert sent.weekly_hours == [9]


@pytest.mark.parametrize(
    ("choice", "before", "after"),
    [
        ("day-0", ["9"], {*range(7, 19)}),
        ("day-0", [str(hour) for hour in range(7, 19)], set()),
        ("mornings", [], {day * 24 + hour for day in range(5) for hour in (9, 10, 11)}),
        ("none", ["9", "33"], set()),
        ("day-9", ["9"], {9}),
        ("<script>", ["9"], {9}),
    ],
)
def test_quick_choices_work_without_a_script(client, person, choice, before, after):
    cohort = open_now()
    begun(client, cohort)
    page = client.post(at(cohort, "time"), time(weekly_hours=before, act=f"quick:{choice}"))
    assert {int(hour) for hour in page.context["form"]["weekly_hours"].value() or []} == after


def test_it_cannot_be_sent_before_it_is_whole(client, person):
    person.languages.all().delete()
    cohort = open_now()
    draft = begun(client, cohort)
    page = client.post(at(cohort, "send"))
    assert [gap.step for gap in page.context["missing"]] == ["time", "time"]
    draft.refresh_from_db()
    assert draft.state == State.DRAFT


def test_sending_twice_sends_once(client, person):
    cohort = open_now()
    begun(client, cohort)
    client.post(at(cohort, "time"), time())
    first, second = client.post(at(cohort, "send")), client.post(at(cohort, "send"))
    assert first.url == second.url == cohort.get_absolute_url()
    assert said(second) == ["Thank you. You take part."]
    assert Notice.objects.filter(kind="enrolment-decided").count() == 1


def test_everything_but_the_role_can_be_changed_until_matching_starts(client, person):
    cohort = open_now()
    sent = actions.enrol(cohort=cohort, person=person, role="mentor", weekly_hours=[9])
    assert client.post(at(cohort, "part"), {"role": "mentee", "capacity": "2"}).url == at(cohort, "topics")
    assert client.post(at(cohort, "people"), {"hopes": "More."}).url == cohort.get_absolute_url()
    sent.refresh_from_db()
    assert (sent.role, sent.capacity, sent.hopes, sent.state) == ("mentor", 2, "More.", State.ACCEPTED)
    Cohort.objects.filter(pk=cohort.pk).update(state=Cohort.State.MATCHING)
    late = client.post(at(cohort, "people"), {"hopes": "Other."})
    assert said(late) == ["You are enrolled, and matching has started: what you told can no longer change."]
    sent.refresh_from_db()
    assert sent.hopes == "More."


def test_a_role_meant_for_others_is_an_error_beside_the_role(client, person):
    cohort = open_now()
    cohort.programme.eligibility.filter(role=Role.MENTEE).delete()
    page = client.post(at(cohort, "part"), {"role": "mentee", "capacity": "1"})
    assert page.context["form"].errors == {
        "role": ["In this programme that role is meant for others. Choose one of those offered here."]
    }
    assert Enrolment.objects.count() == 0


def test_a_role_that_closed_meanwhile_leads_back_to_choosing(client, person):
    cohort = open_now()
    begun(client, cohort, "mentee")
    client.post(at(cohort, "time"), time())
    cohort.programme.eligibility.filter(role=Role.MENTEE).delete()
    answer = client.post(at(cohort, "send"))
    assert answer.url == at(cohort, "part")
    assert said(answer) == [
        "In this programme the role “mentee” is meant for others. You could take part as mentor."
    ]


def test_too_late_leads_to_a_sentence_and_a_way_on(client, person):
    cohort, open_one = open_now(time_zone="Pacific/Auckland"), open_now()
    draft = begun(client, cohort)
    long_ago = timezone.now().date() - timedelta(days=2)
    Cohort.objects.filter(pk=cohort.pk).update(enrolment_opens_on=long_ago, enrolment_closes_on=long_ago)
    answer = client.get(at(cohort, "time"))
    assert "ended with" in said(answer)[0] and "Auckland" in said(answer)[0]
    page = client.get(answer.url)
    assert page.context["others"] == [open_one]
    draft.refresh_from_db()
    assert draft.state == State.DRAFT


def test_throwing_a_draft_away_asks_first(client, person):
    cohort = open_now()
    draft = begun(client, cohort)
    actions.avoid(enrolment=draft, people=[factories.person()])
    there = reverse("programmes:discard", args=[draft.uuid])
    assert client.get(there).status_code == 200 and Enrolment.objects.count() == 1
    client.post(there)
    assert (Enrolment.objects.count(), Avoidance.objects.count()) == (0, 0)


def test_who_withdrew_comes_back_to_what_they_told(client, person):
    cohort = open_now()
    enrolment = actions.enrol(cohort=cohort, person=person, role="mentor", weekly_hours=[9], hopes="Yes")
    actions.withdraw(enrolment=enrolment, by=person)
    assert client.get(reverse("programmes:enrol", args=[cohort.uuid])).url == at(cohort, "part")
    client.post(at(cohort, "part"), {"role": "mentee", "capacity": "1"})
    client.post(at(cohort, "send"))
    enrolment.refresh_from_db()
    assert (enrolment.state, enrolment.role, enrolment.hopes) == (State.ACCEPTED, "mentee", "Yes")
    assert Notice.objects.filter(kind="enrolment-decided").count() == 2


def test_who_was_declined_cannot_come_back_through_withdrawing(client, person):
    cohort, hr = open_now(), factories.hr_admin()
    enrolment = factories.enrolment(cohort, person, state=State.APPLIED)
    actions.decline(enrolment=enrolment, by=hr)
    actions.withdraw(enrolment=enrolment, by=person)
    answer = client.post(at(cohort, "part"), {"role": "mentor", "capacity": "1"})
    assert said(answer) == [
        "Your enrolment in this cohort was decided on. Its coordinator can tell you more."
    ]
    enrolment.refresh_from_db()
    assert enrolment.state == State.WITHDRAWN


# --- People in mind ----------------------------------------------------------------------


def look(client, cohort, text):
    page = client.post(at(cohort, "people"), {"hopes": "", "act": "search", "q": text})
    return [found.name for found in page.context.get("found", [])]


def test_only_those_who_may_take_part_in_the_other_role_are_found(client, person):
    cohort = open_now()
    rule = cohort.programme.eligibility.get(role=Role.MENTEE)
    rule.lowest_grade = factories.grade(5)
    rule.save()
    senior = factories.person("Martina Vogel", grade=factories.grade(6))
    factories.person("Martin Junior", grade=factories.grade(1))
    factories.person("Martin Left", grade=factories.grade(6), is_active=False)
    invited = factories.person("Martin Invited", grade=factories.grade(1))
    factories.invitation(cohort, invited, Role.MENTEE)
    begun(client, cohort)
    assert look(client, cohort, "martin") == ["Martin Invited", "Martina Vogel"]
    assert look(client, cohort, "vogel mart") == ["Martina Vogel"]
    assert look(client, cohort, senior.email.upper()) == ["Martina Vogel"]
    assert look(client, cohort, "ma") == []
    assert look(client, cohort, "demir") == []


def test_nobody_outside_the_other_role_can_be_named_by_number_either(client, person):
    cohort = open_now()
    cohort.programme.eligibility.filter(role=Role.MENTEE).delete()
    outsider = factories.person("Not here")
    draft = begun(client, cohort)
    page = client.post(at(cohort, "people"), {"hopes": "", "act": f"like:{outsider.pk}"})
    assert page.context["problem"].startswith("This person cannot take part")
    assert "Not here" not in page.content.decode()
    assert draft.wishes.count() == 0


def test_looking_for_names_is_limited(client, person, monkeypatch):
    cohort = open_now()
    factories.person("Martina Vogel")
    begun(client, cohort)
    monkeypatch.setattr("programmes.candidates.PER_MINUTE", 3)
    found = [look(client, cohort, "martina") for _ in range(8)]
    assert found[0] == ["Martina Vogel"]
    assert [] in found  # at the latest when the fourth falls into one minute


def test_wishes_are_ranked_and_nobody_stands_in_both_lists(client, person):
    cohort = open_now()
    one, two, three, four = [factories.person() for _ in range(4)]
    draft = begun(client, cohort)

    def press(act):
        return client.post(at(cohort, "people"), {"hopes": "Kept.", "act": act})

    for other in (one, two, three):
        assert press(f"like:{other.pk}").url == at(cohort, "people")
    press(f"up:{three.pk}"), press(f"unlike:{one.pk}"), press(f"avoid:{one.pk}")
    assert list(draft.wishes.values_list("person", flat=True)) == [three.pk, two.pk]
    assert list(draft.avoidances.values_list("person", flat=True)) == [one.pk]
    assert "in both lists" in press(f"like:{one.pk}").context["problem"]
    press(f"like:{four.pk}")
    fourth = factories.person()
    assert press(f"like:{fourth.pk}").context["problem"] == "Name at most 3 people."
    draft.refresh_from_db()
    assert draft.hopes == "Kept."


def test_avoidances_are_shown_to_nobody_not_even_hr(client, person):
    cohort, avoided, hr = open_now(), factories.person("Martin Vogel"), factories.hr_admin()
    enrolment = actions.enrol(
        cohort=cohort, person=person, role="mentor", weekly_hours=[9], avoidances=[avoided]
    )
    assert "Martin Vogel" in client.get(at(cohort, "people")).content.decode()
    client.force_login(hr)
    for page in (
        reverse("admin:programmes_enrolment_change", args=[enrolment.pk]),
        reverse("admin:programmes_enrolment_changelist"),
        reverse("admin:programmes_enrolment_history", args=[enrolment.pk]),
        cohort.get_absolute_url(),
    ):
        assert "Martin Vogel" not in client.get(page).content.decode()
    assert [Avoidance.objects.visible_to(viewer).count() for viewer in (person, avoided, hr)] == [1, 0, 0]


def test_the_page_before_sending_names_nobody(client, person):
    cohort, avoided = open_now(), factories.person("Martin Vogel")
    draft = begun(client, cohort)
    actions.avoid(enrolment=draft, people=[avoided])
    page = client.get(at(cohort, "send")).content.decode()
    assert "Martin Vogel" not in page and "1 person rather not" in page


@pytest.mark.parametrize("number", [1, 3])
@pytest.mark.parametrize("step", ["part", "topics", "time", "people", "send"])
def test_each_step_costs_the_same_with_one_row_and_with_three(
    client, person, step, number, django_assert_num_queries
):
    cohort = open_now()
    draft = begun(client, cohort)
    person.languages.all().delete()
    profile = factories.profile(person)
    for place in range(number):
        topic = Topic.objects.create(name_en=f"Topic {place}", name_de=f"Thema {place}")
        profile.expertise.create(topic=topic), profile.interests.create(topic=topic)
        person.languages.create(code=["de", "en", "fr"][place])
    actions.wish_for(enrolment=draft, people=[factories.person() for _ in range(number)])
    actions.avoid(enrolment=draft, people=[factories.person() for _ in range(number)])
    client.get(at(cohort, step))
    with django_assert_num_queries(QUERIES[step]):
        client.get(at(cohort, step))


QUERIES = {"part": 11, "topics": 12, "time": 9, "people": 10, "send": 20}


def test_hours_are_told_as_spans():
    assert week_in_words([9, 10, 14, 33]) == "Mon 9–11, 14–15; Tue 9–10"


def test_declining_the_invitation_throws_the_draft_away(client, person):
    cohort = open_now()
    invitation = factories.invitation(cohort, person, Role.MENTOR)
    begun(client, cohort)
    assert actions.decline_invitation(invitation=invitation) is None
    invitation.refresh_from_db()
    assert invitation.declined_at is not None and Enrolment.objects.count() == 0
