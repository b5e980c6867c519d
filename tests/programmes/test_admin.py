"""What HR and coordinators see and do in the admin site."""

import html
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from notices.models import Notice
from programmes.models import Cohort, Enrolment, Invitation, InvitationRound, Programme, Role
from programmes.tasks import invite_round
from tests import factories

pytestmark = pytest.mark.django_db
LISTS = ["programme", "cohort", "enrolment", "invitation"]


def changelist(model):
    return reverse(f"admin:programmes_{model}_changelist")


def change(obj, page="change"):
    return reverse(f"admin:programmes_{obj._meta.model_name}_{page}", args=[obj.pk])


def draft(**fields):
    today = timezone.now().date()
    return factories.cohort(
        Cohort.State.DRAFT,
        enrolment_opens_on=today,
        enrolment_closes_on=today + timedelta(days=7),
        starts_on=today + timedelta(days=14),
        ends_on=today + timedelta(days=200),
        **fields,
    )


@pytest.fixture
def hr(client):
    someone = factories.hr_admin()
    client.force_login(someone)
    return someone


@pytest.fixture
def mine(client):
    """A cohort with an enrolment and an invitation, run by the coordinator who is signed in."""
    cohort = draft(programme=factories.programme(name_en="Mine"))
    coordinator = factories.person("Coordinator")
    factories.programme_role(cohort.programme, coordinator, "coordinator")
    client.force_login(coordinator)
    factories.enrolment(cohort, factories.person("Inside"))
    factories.invitation(cohort, factories.person("Asked inside"))
    return cohort


@pytest.fixture
def other():
    cohort = draft(programme=factories.programme(name_en="Other"))
    factories.enrolment(cohort, factories.person("Outside"))
    factories.invitation(cohort, factories.person("Asked outside"))
    return cohort


@pytest.mark.parametrize("model", LISTS)
def test_a_coordinator_sees_only_their_own_in_lists(client, mine, other, model):
    page = client.get(changelist(model))
    rows = list(page.context["cl"].result_list)
    programmes = {getattr(getattr(row, "cohort", row), "programme", row) for row in rows}
    assert programmes == {mine.programme}


def test_a_coordinator_reaches_nothing_of_others_by_address(client, mine, other):
    rows = [other.programme, other, other.enrolments.get(), other.invitations.get()]
    for row in rows:
        assert (
            client.get(change(row)).status_code == 302
        )  # back to the start page, as for a row that is not there
    for page in ("invite", "open_enrolment", "begin_matching", "start", "close"):
        assert client.post(change(other, page)).status_code == 404
    client.post(
        changelist("enrolment"), {"action": "withdraw", "_selected_action": other.enrolments.get().pk}
    )
    other.refresh_from_db()
    assert (other.state, other.enrolments.get().state) == (Cohort.State.DRAFT, Enrolment.State.ACCEPTED)


def test_a_coordinator_cannot_put_a_cohort_into_the_programme_of_others(client, mine, other):
    page = client.get(reverse("admin:programmes_cohort_add"))
    assert list(page.context["adminform"].form.fields["programme"].queryset) == [mine.programme]
    data = {name: getattr(mine, name) for name in ("enrolment_opens_on", "enrolment_closes_on", "starts_on")}
    data |= {"ends_on": mine.ends_on, "name": "Smuggled", "time_zone": "UTC", "meetings_planned": 6}
    data |= {"weeks_between": 4, "meeting_minutes": 60, "check_in_weeks": "6"}
    assert client.post(page.request["PATH_INFO"], data | {"programme": other.programme.pk}).status_code == 200
    assert client.post(page.request["PATH_INFO"], data | {"programme": mine.programme.pk}).status_code == 302
    assert [cohort.programme for cohort in Cohort.objects.filter(name="Smuggled")] == [mine.programme]


def test_a_coordinator_searches_for_nobody_in_the_company(client, mine, other):
    for model, field in [("programmerole", "person"), ("unit", "head")]:
        answer = client.get(
            reverse("admin:autocomplete"),
            {
                "term": "Outside",
                "app_label": "participants" if model == "unit" else "programmes",
                "model_name": model,
                "field_name": field,
            },
        )
        assert answer.status_code == 403
    assert client.get(reverse("admin:participants_person_changelist")).status_code == 403


def test_a_stranger_is_not_let_in(client, other):
    client.force_login(factories.person())
    for url in [*map(changelist, LISTS), change(other), change(other, "invite")]:
        assert client.get(url).status_code in (302, 403)
    client.post(change(other, "open_enrolment"))
    other.refresh_from_db()
    assert other.state == Cohort.State.DRAFT


QUERIES = {"programme": 7, "cohort": 8, "enrolment": 7, "invitation": 7}


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize("model", LISTS)
def test_lists_cost_the_same_with_one_row_and_with_three(client, hr, model, rows, django_assert_num_queries):
    for _ in range(rows):
        cohort = draft()
        factories.enrolment(cohort)
        factories.invitation(cohort, factories.person())
    client.get(changelist(model))
    with django_assert_num_queries(QUERIES[model]):
        page = client.get(changelist(model))
    assert len(page.context["cl"].result_list) == rows


@pytest.mark.parametrize("model", ["enrolment", "invitation"])
def test_lists_of_hundreds_cost_the_same_and_are_paginated(client, hr, model, django_assert_num_queries):
    cohort = draft()
    for _ in range(300):
        someone = factories.person()
        if model == "enrolment":
            factories.enrolment(cohort, someone)
        else:
            factories.invitation(cohort, someone)
    client.get(changelist(model))
    with django_assert_num_queries(QUERIES[model]):
        page = client.get(changelist(model))
    shown = page.context["cl"]
    assert (shown.result_count, len(shown.result_list)) == (300, shown.list_per_page)
    assert shown.list_per_page <= 100


# --- Presets ---


@pytest.mark.parametrize("form", Programme.Form.values)
def test_a_preset_makes_a_whole_programme_in_both_languages(client, hr, form):
    page = reverse("admin:programmes_programme_from_preset")
    assert client.get(page).status_code == 200
    answer = client.post(page, {"preset": form, "name": f"Our {form}", "name_de": f"Unser {form}"})
    programme = Programme.objects.get()
    assert answer.url == change(programme)
    assert (programme.form, programme.name_en, programme.name_de) == (form, f"Our {form}", f"Unser {form}")
    assert set(programme.eligibility.values_list("role", flat=True)) == {"mentor", "mentee"}
    assert {page.role for page in programme.briefing_pages.all()} == {"mentor", "mentee"}
    assert {rule.kind for rule in programme.ground_rules.all()} == {
        "taboo",
        "conduct",
        "confidentiality",
        "logistics",
    }
    texts = [(programme, ["name", "summary"])]
    texts += [(objective, ["statement"]) for objective in programme.objectives.all()]
    texts += [(o, ["question"]) for o in programme.objectives.filter(measure="question")]
    texts += [(rule, ["text"]) for rule in programme.ground_rules.all()]
    texts += [(page, ["title", "text", "question"]) for page in programme.briefing_pages.all()]
    for obj, names in texts:
        obj.full_clean()
        for name in names:
            english, german = getattr(obj, f"{name}_en"), getattr(obj, f"{name}_de")
            assert english and german and english != german
    assert client.get(change(programme)).status_code == 200


def test_a_preset_of_a_name_that_is_taken_is_refused_beside_the_field(client, hr):
    factories.programme(name_en="Taken")
    page = client.post(
        reverse("admin:programmes_programme_from_preset"), {"preset": "reverse", "name": "Taken"}
    )
    assert page.context["form"].errors == {"name": ["There is a programme of this name already."]}


def test_only_hr_makes_programmes(client, mine):
    page = reverse("admin:programmes_programme_from_preset")
    assert client.post(page, {"preset": "reverse"}).status_code == 403
    assert Programme.objects.count() == 1


def test_a_new_cohort_is_offered_the_rhythm_of_its_preset(client, hr):
    programme = factories.programme(form="group")
    page = client.get(reverse("admin:programmes_cohort_add"), {"programme": programme.pk})
    form = page.context["adminform"].form
    assert (form["programme"].value(), form["meeting_minutes"].value()) == (str(programme.pk), 90)


# --- Steps and invitations ---


def test_each_step_says_what_will_happen_and_is_taken_on_confirmation(client, hr):
    cohort = draft()
    for role in Role:
        factories.enrolment(cohort, role=role)
    factories.invitation(cohort, factories.person("Aylin"))
    factories.eligibility(cohort.programme, Role.MENTOR)
    steps = [
        ("open_enrolment", "1 person is on the list of invitations and will be told now.", "enrolling"),
        ("begin_matching", "Accepted: 1 as mentor, 1 as mentee.", "matching"),
        ("start", "From now on the rhythm counts: 6 meetings until", "running"),
        ("close", "This cannot be undone.", "closed"),
    ]
    for name, sentence, state in steps:
        before = cohort.state
        assert change(cohort, name) in client.get(change(cohort)).content.decode()
        assert sentence in client.get(change(cohort, name)).content.decode()
        cohort.refresh_from_db()
        assert cohort.state == before
        client.post(change(cohort, name))
        cohort.refresh_from_db()
        assert cohort.state == state
    assert Notice.objects.filter(kind="invitation").count() == 1


def test_a_step_out_of_turn_is_refused_with_a_sentence(client, hr):
    cohort = draft()
    page = client.post(change(cohort, "close"), follow=True)
    assert [str(message) for message in page.context["messages"]] == [
        "This is no longer possible: it is “draft” now."
    ]


def test_inviting_by_rule_shows_the_number_and_invites_everybody_eligible(client, hr):
    cohort = draft()
    factories.eligibility(cohort.programme, Role.MENTEE, lowest_grade=factories.grade(5))
    seniors = [factories.person(grade=factories.grade(rank)) for rank in (5, 6, 7)]
    factories.person(grade=factories.grade(4))
    factories.invitation(cohort, seniors[0])
    page = client.get(change(cohort, "invite"))
    assert "mentee: 2 people to invite by the rules" in page.content.decode()
    client.post(change(cohort, "invite"), {"role": "mentee", "whom": "rule"})
    do_rounds()
    assert set(Invitation.objects.values_list("person", flat=True)) == {person.pk for person in seniors}


def do_rounds():
    """What a worker does once the request has committed."""
    for waiting in InvitationRound.objects.filter(state="running"):
        invite_round(waiting.pk)


def test_inviting_by_list_names_the_addresses_nobody_has(client, hr):
    cohort, person = draft(), factories.person()
    data = {"role": "mentor", "whom": "list", "addresses": f"{person.email.upper()}; ghost@example.org"}
    page = client.post(change(cohort, "invite"), data)
    assert page.context["form"].errors == {
        "addresses": ["We know nobody with the address ghost@example.org."]
    }
    assert data["addresses"] in html.unescape(page.content.decode())
    client.post(change(cohort, "invite"), data | {"addresses": f"Somebody <{person.email}>"})
    do_rounds()
    assert [(i.person, i.role) for i in Invitation.objects.all()] == [(person, "mentor")]


def test_staff_decide_on_enrolments_together(client, mine):
    first, second = [factories.enrolment(mine, state="applied") for _ in range(2)]
    for enrolment, verb in [(first, "accept"), (second, "decline")]:
        client.post(changelist("enrolment"), {"action": verb, "_selected_action": enrolment.pk})
        enrolment.refresh_from_db()
    assert (first.state, second.state) == (Enrolment.State.ACCEPTED, Enrolment.State.DECLINED)


def test_staff_do_not_see_somebodys_week_wishes_or_avoidances(client, mine):
    page = client.get(change(mine.enrolments.get()))
    assert page.status_code == 200
    shown = {name for name, _options in page.context["adminform"].fieldsets for name in _options["fields"]}
    assert shown & {"weekly_hours", "wishes", "avoidances"} == set()
    assert list(page.context["inline_admin_formsets"]) == []


@pytest.mark.parametrize(("state", "moves"), [("draft", True), ("enrolling", False), ("running", False)])
def test_cohort_changes_its_programme_only_while_nobody_was_asked(client, hr, state, moves):
    cohort = draft()
    Cohort.objects.filter(pk=cohort.pk).update(state=state)
    other = factories.programme()
    form = client.get(change(cohort)).context["adminform"].form
    data = {name: form[name].value() or "" for name in form.fields}
    data |= {name: str(value).strip("[]") for name, value in data.items() if isinstance(value, list)}
    response = client.post(change(cohort), {**data, "programme": other.pk})
    assert response.status_code == 302
    cohort.refresh_from_db()
    assert (cohort.programme == other) == moves
