"""Setting a programme up in the admin site: the path, the rules, the objectives, the course, the history."""

from datetime import date, timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse
from django.utils import translation

from matching.models import Block
from matching.policies import policy_for
from programmes import actions
from programmes.actions.programmes import first_bounds
from programmes.models import Eligibility, Objective, Role
from pulses.models import OwnQuestion
from tests import factories
from tests.factories import NOW
from tests.programmes.test_admin import change, changelist, draft

pytestmark = pytest.mark.django_db


@pytest.fixture
def hr(client):
    someone = factories.hr_admin(name="Helena")
    client.force_login(someone)
    return someone


@pytest.fixture
def programme(hr):
    for rank in range(1, 9):
        factories.grade(rank)
    return actions.create_from_preset(preset="reverse", by=hr)


def open_stages(client, programme):
    path = client.get(change(programme)).context["path"]
    return [stage.title for stage in path.stages if not stage.done]


def test_the_path_names_what_is_missing_until_nothing_is(client, hr, programme):
    person = factories.person(grade=factories.grade(1))
    factories.person(grade=factories.grade(8))
    assert open_stages(client, programme) == [
        "Objectives",
        "Coordinators and confidants",
        "A first cohort",
        "Invite people",
        "Open enrolment",
    ]
    programme.objectives.update(due_on=date(2027, 7, 1))
    for role in ("coordinator", "confidant"):
        factories.programme_role(programme, factories.person(), role)
    assert open_stages(client, programme) == ["A first cohort", "Invite people", "Open enrolment"]
    cohort = draft(programme=programme)
    actions.invite(cohort=cohort, people=[person], role=Role.MENTOR, by=hr)
    assert open_stages(client, programme) == ["Open enrolment"]
    actions.open_enrolment(cohort=cohort, by=hr)
    page = client.get(change(programme))
    assert page.context["path"].next is None
    assert "Everything is in place" in page.content.decode()


def test_the_path_says_where_a_german_text_is_missing(client, programme):
    programme.ground_rules.filter(pk=programme.ground_rules.first().pk).update(text_de="")
    stages = {stage.title: stage.remarks for stage in client.get(change(programme)).context["path"].stages}
    assert stages["Ground rules"] == [
        "A German text is missing; people who read German would get the English one."
    ]


def test_the_page_of_a_programme_costs_the_same_with_one_and_three_of_everything(
    client, hr, django_assert_num_queries
):
    for rows in (1, 3):
        programme = factories.programme()
        factories.programme_role(programme, factories.person(), "confidant")
        for number in range(rows):
            Objective.objects.create(
                programme=programme, measure="goals", target=70, statement_en=str(number)
            )
            draft(programme=programme)
        client.get(change(programme))
        with django_assert_num_queries(21):
            client.get(change(programme))


@pytest.mark.parametrize(
    ("grades", "mentors", "mentees"), [(8, 4, 6), (6, 3, 5), (4, 2, 4), (3, 1, 3)], ids=str
)
def test_a_reverse_preset_begins_with_grades_two_apart(grades, mentors, mentees):
    for rank in range(1, grades + 1):
        factories.grade(rank)
    bounds = first_bounds({"mentor": "lower", "mentee": "upper"})
    assert bounds["mentor"]["highest_grade"].rank == mentors
    assert bounds["mentee"]["lowest_grade"].rank == mentees


def test_without_grades_in_order_a_preset_admits_everybody():
    assert first_bounds({"mentor": "lower", "mentee": "upper"}) == {"mentor": {}, "mentee": {}}


# --- Who may take part ---


def rules(**fields):
    return {"mentor-is_open": "rule", "mentee-is_open": "rule"} | fields


def test_the_number_of_people_is_counted_as_the_rules_are_edited_and_nothing_is_saved(client, hr):
    programme = factories.programme()
    for rank in (1, 2, 3):
        factories.person(grade=factories.grade(rank))
    middle = factories.grade(2).pk
    page = reverse("admin:programmes_programme_who", args=[programme.pk])
    assert client.get(page).context["counts"] == {"mentors": 0, "mentees": 0, "both": 0}
    answer = client.post(
        page,
        rules(**{"mentor-highest_grade": middle, "mentee-lowest_grade": middle}),
    )
    assert answer.context["counts"] == {"mentors": 2, "mentees": 2, "both": 1}
    assert not Eligibility.objects.exists()


def test_saving_the_rules_keeps_what_was_counted_and_closes_a_role(client, hr):
    programme = factories.programme()
    unit, site = factories.unit(), factories.site()
    inside = factories.person(unit=unit, site=site)
    factories.person(unit=unit)
    factories.eligibility(programme, Role.MENTEE)
    page = reverse("admin:programmes_programme_who", args=[programme.pk])
    data = rules(**{"mentor-units": unit.pk, "mentor-sites": site.pk, "mentee-is_open": "", "save": "1"})
    assert client.post(page, data).url == change(programme)
    [rule] = programme.eligibility.all()
    assert (rule.role, list(rule.people())) == ("mentor", [inside])
    [entry] = LogEntry.objects.all()
    assert (entry.user, actions.told(entry)) == (hr, "Who may take part was changed.")


def test_a_highest_grade_below_the_lowest_is_refused_beside_the_field(client, hr):
    programme = factories.programme()
    page = reverse("admin:programmes_programme_who", args=[programme.pk])
    low, high = factories.grade(5).pk, factories.grade(2).pk
    answer = client.post(
        page, rules(**{"mentor-lowest_grade": low, "mentor-highest_grade": high, "save": "1"})
    )
    assert answer.context["rules"].forms[0].errors == {
        "highest_grade": ["This grade lies below the lowest one."]
    }
    assert (answer.context["counts"], Eligibility.objects.count()) == (None, 0)


# --- Objectives ---


def objective_errors(client, **fields):
    programme = factories.programme()
    data = {"name_en": "P", "form": "reverse", "offer_days": 7, "smallest_group": 5, "retention_months": 24}
    for prefix in ("objectives", "ground_rules", "briefing_pages", "roles"):
        data |= {f"{prefix}-TOTAL_FORMS": 0, f"{prefix}-INITIAL_FORMS": 0}
    data["objectives-TOTAL_FORMS"] = 1
    fields = {"statement_en": "S", "position": 0} | fields
    data |= {f"objectives-0-{name}": value for name, value in fields.items()}
    page = client.post(change(programme), data)
    if page.status_code == 302:
        return programme.objectives.get()
    return page.context["inline_admin_formsets"][0].formset.errors[0]


@pytest.mark.parametrize(
    ("fields", "errors"),
    [
        (
            {"measure": "pulse", "target": 4},
            {"dimension": ["Choose which dimension of the pulse measures it."]},
        ),
        (
            {"measure": "question", "target": 4},
            {"question_en": ["Write the question that people are asked."]},
        ),
        ({"measure": "goals", "target": 101}, {"target": ["This measure goes from 0 to 100."]}),
        (
            {"measure": "pulse", "dimension": "safety", "target": 4, "baseline": 0},
            {"baseline": ["This measure goes from 1 to 5."]},
        ),
        (
            {"measure": "meetings", "target": 60, "baseline": 60},
            {"target": ["The target lies where you are already. Aim a little higher."]},
        ),
    ],
)
def test_an_objective_that_cannot_be_measured_is_refused_beside_its_field(client, hr, fields, errors):
    assert objective_errors(client, **fields) == errors


def test_an_objective_keeps_only_what_belongs_to_its_measure(client, hr):
    saved = objective_errors(
        client, measure="goals", dimension="safety", question_en="Why?", target=70, baseline=0
    )
    assert (saved.measure, saved.dimension, saved.question_en, saved.target) == ("goals", "", "", 70)


# --- A cohort: dates, course, copy ---


def cohort_data(programme, **fields):
    return {
        "programme": programme.pk,
        "name": "Spring",
        "enrolment_opens_on": "2027-01-01",
        "enrolment_closes_on": "2027-01-31",
        "starts_on": "2027-02-15",
        "ends_on": "2027-08-16",
        "time_zone": "Europe/Berlin",
        "meetings_planned": 6,
        "weeks_between": 4,
        "meeting_minutes": 60,
        "check_in_weeks": "6,13,24",
    } | fields


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("enrolment_closes_on", "2026-12-31", "This lies before the day enrolment opens."),
        ("starts_on", "2027-01-30", "The course cannot start before enrolment closes."),
        ("ends_on", "2027-02-15", "The course needs time: this lies before its start."),
        ("check_in_weeks", "6,40", "After 40 weeks the course has ended already."),
    ],
)
def test_a_date_out_of_order_is_refused_beside_it(client, hr, field, value, sentence):
    page = client.post(
        reverse("admin:programmes_cohort_add"), cohort_data(factories.programme(), **{field: value})
    )
    assert page.context["adminform"].form.errors == {field: [sentence]}


def test_a_new_cohort_is_offered_dates_in_their_order(client, hr):
    page = client.get(reverse("admin:programmes_cohort_add"), {"programme": factories.programme().pk})
    form = page.context["adminform"].form
    names = ["enrolment_opens_on", "enrolment_closes_on", "starts_on", "ends_on"]
    dates = [form[name].value() for name in names]
    assert dates == sorted(dates)
    assert (dates[2].weekday(), (dates[3] - dates[2]).days) == (0, 26 * 7)
    assert [moment.title for moment in page.context["course"]][:2] == ["Enrolment opens", "Last day to enrol"]


def test_the_course_follows_the_form_while_it_is_edited_and_saves_nothing(client, hr):
    cohort = draft()
    page = reverse("admin:programmes_cohort_course")
    answer = client.post(page, cohort_data(cohort.programme, meetings_planned=2, check_in_weeks="6"))
    course = [(moment.day, moment.title) for moment in answer.context["course"]]
    assert course == [
        (date(2027, 1, 1), "Enrolment opens"),
        (date(2027, 1, 31), "Last day to enrol"),
        (date(2027, 2, 15), "The course begins"),
        (date(2027, 2, 15), "First pulse"),
        (date(2027, 3, 15), "Meeting 1 of 2 took place by now"),
        (date(2027, 3, 29), "Check-in"),
        (date(2027, 4, 12), "Meeting 2 of 2 took place by now"),
        (date(2027, 5, 17), "Pulse at the middle"),
        (date(2027, 8, 2), "Last pulse"),
        (date(2027, 8, 16), "The course ends"),
    ]
    before = cohort.starts_on
    cohort.refresh_from_db()
    assert cohort.starts_on == before
    assert client.post(page, {"starts_on": "soon"}).context["course"] == []


def test_a_cohort_is_copied_with_its_dates_moved_together(client, hr):
    cohort = factories.cohort(meetings_planned=8, places=12, check_in_weeks=[4, 8])
    free = factories.enrolment(cohort, role=Role.MENTOR)
    factories.enrolment(cohort, state="withdrawn")
    taken = factories.mentorship(in_cohort=cohort)
    data = {"name": "Next", "starts_on": cohort.starts_on + timedelta(weeks=26), "invites_left_over": "on"}
    answer = client.post(change(cohort, "copy"), data)
    made = cohort.programme.cohorts.get(name="Next")
    assert answer.url == change(made)
    for name in ("enrolment_opens_on", "enrolment_closes_on", "starts_on", "ends_on"):
        assert getattr(made, name) - getattr(cohort, name) == timedelta(weeks=26)
    assert (made.state, made.meetings_planned, made.places, made.check_in_weeks) == ("draft", 8, 12, [4, 8])
    assert [(i.person, i.role, i.told_at) for i in made.invitations.all()] == [(free.person, "mentor", None)]
    assert taken.cohort == cohort
    again = client.post(change(cohort, "copy"), data)
    assert again.context["form"].errors == {"name": ["The programme has a cohort of this name already."]}


def test_a_cohorts_name_is_no_markup_in_a_help_text(client, hr):
    cohort = factories.cohort(name="<b x-init=go()>Autumn")
    page = client.get(change(cohort, "copy")).content.decode()
    assert ("“&lt;b x-init=go()&gt;Autumn”" in page, "<b x-init" in page) == (True, False)


def test_what_blocks_a_step_is_said_and_held_by_the_step_itself(client, hr):
    cohort = draft()
    cohort.programme.ground_rules.all().delete()
    page = client.get(change(cohort, "open_enrolment"))
    blocking = [finding.sentence for finding in page.context["findings"] if finding.blocks]
    assert blocking == [
        "There are no ground rules, so there would be nothing for people to agree on and sign.",
        "Nobody could enrol: the rules let nobody in, and nobody is on the list of invitations.",
    ]
    assert page.context["blocked"]
    answer = client.post(change(cohort, "open_enrolment"), follow=True)
    assert [str(message) for message in answer.context["messages"]] == blocking[:1]
    cohort.refresh_from_db()
    assert cohort.state == "draft"


def test_a_step_taken_in_another_tab_is_not_taken_again(client, hr):
    cohort = draft()
    factories.eligibility(cohort.programme, Role.MENTOR)
    factories.person()
    for _tab in range(2):
        client.post(change(cohort, "open_enrolment"))
    assert LogEntry.objects.filter(object_id=str(cohort.pk)).count() == 1
    assert "This step was taken already" in client.get(change(cohort, "open_enrolment")).content.decode()


# --- Preview ---


@pytest.mark.parametrize("role", Role.values)
def test_a_programme_is_previewed_in_either_role_and_language(client, programme, role):
    page = reverse("admin:programmes_programme_preview", args=[programme.pk])
    german = client.get(page, {"role": role, "language": "de", "page": "briefing"}).content.decode()
    first = programme.briefing_pages.filter(role=role).first()
    assert first.title_de in german and first.title_en not in german and "Vorschau" in german
    english = client.get(page, {"role": role, "language": "en"}).content.decode()
    assert f"Would you like to take part as {role}?" in english
    assert programme.ground_rules.first().text_en in english


# --- What was changed ---


def test_every_change_is_told_with_its_author_in_the_readers_language(client, hr, programme):
    cohort = draft(programme=programme)
    actions.invite(cohort=cohort, people=[factories.person()], role=Role.MENTOR, by=hr)
    page = reverse("admin:programmes_programme_history", args=[programme.pk])
    entries = list(client.get(page).context["page"])
    lines = [(entry.user, actions.told(entry)) for entry in entries]
    assert lines == [(hr, "People invited: 1."), (hr, "Created from a preset.")]
    with translation.override("de"):
        assert actions.told(entries[0]) == "Eingeladene Personen: 1."
    single = client.get(change(cohort, "history")).content.decode()
    assert "People invited: 1." in single and "Helena" in single


def test_a_confidant_is_strongly_advised_before_opening_and_holds_nothing_up(client, hr, programme):
    cohort = draft(programme=programme)
    page = client.get(change(cohort, "open_enrolment"))
    first = next(finding for finding in page.context["findings"] if not finding.blocks)
    assert first.urgent and "no confidant" in first.sentence
    assert "strongly advised" in page.content.decode()
    factories.programme_role(programme, factories.person(), "confidant")
    page = client.get(change(cohort, "open_enrolment"))
    assert not [finding for finding in page.context["findings"] if finding.urgent]


def test_the_history_holds_what_other_rooms_keep_of_the_programme(client, hr, programme):
    cohort = draft(programme=programme)
    one, two = factories.person("Aylin"), factories.person("Martin")
    things = [
        policy_for(programme),
        Block.objects.create(programme=programme, first=one, second=two),
        OwnQuestion.objects.create(programme=programme, text_en="How was it?", position=1),
        factories.mentorship(in_cohort=cohort),
    ]
    elsewhere = policy_for(factories.programme())
    for thing in [*things, elsewhere]:
        actions.record(thing, hr, "Changed.", NOW)
    page = reverse("admin:programmes_programme_history", args=[programme.pk])
    told = [(e.content_type.model_class(), e.object_id) for e in client.get(page).context["page"]]
    for thing in things:
        assert (type(thing), str(thing.pk)) in told
    assert (type(elsewhere), str(elsewhere.pk)) not in told


def test_the_history_leaves_out_other_programmes(client, hr, programme):
    other = draft()
    actions.invite(cohort=other, people=[factories.person()], role=Role.MENTOR, by=hr)
    page = reverse("admin:programmes_programme_history", args=[programme.pk])
    assert "People invited" not in client.get(page).content.decode()


# --- A stranger: the coordinator of another programme ---


@pytest.fixture
def stranger(client):
    someone = factories.person("Stranger")
    own = draft(programme=factories.programme(name_en="Own"))
    factories.programme_role(own.programme, someone, "coordinator")
    client.force_login(someone)
    return someone


@pytest.fixture
def theirs():
    cohort = draft(programme=factories.programme(name_en="Secret"))
    factories.enrolment(cohort, factories.person("Hidden one"))
    factories.invitation(cohort, factories.person("Hidden two"))
    factories.eligibility(cohort.programme, Role.MENTOR)
    return cohort


def test_a_stranger_opens_no_page_of_the_programme(client, theirs, stranger):
    link = actions.make_link(cohort=theirs, role=Role.MENTOR, by=factories.hr_admin())
    round = actions.begin_round(cohort=theirs, whom="rule", role=Role.MENTOR, by=factories.hr_admin())
    addresses = [
        *(change(theirs.programme, page) for page in ("who", "preview", "history")),
        *(change(theirs, page) for page in ("invite", "copy", "preview", "open_enrolment")),
        reverse("admin:programmes_cohort_round", args=[round.pk]),
        reverse("admin:programmes_cohort_revoke_link", args=[link.pk]),
    ]
    for address in addresses:
        assert client.get(address).status_code == 404
        assert client.post(address, {"stop": "1", "save": "1"}).status_code == 404
    link.refresh_from_db()
    round.refresh_from_db()
    assert (link.revoked_at, round.state) == (None, "running")
    for row, page in [(theirs, "history"), (theirs, "delete"), (theirs.invitations.get(), "history")]:
        answer = client.get(change(row, page), follow=True)
        assert "Secret" not in answer.content.decode()


@pytest.mark.parametrize(
    "query", ["?q=Hidden", "?shown=all", "?_facets=True", "?shown=all&_facets=True", "?all="]
)
@pytest.mark.parametrize("model", ["programme", "cohort", "enrolment", "invitation"])
def test_a_strangers_lists_show_neither_rows_nor_filters_nor_counts_of_others(
    client, theirs, stranger, model, query
):
    page = client.get(changelist(model) + query).content.decode()
    assert "Secret" not in page and "Hidden o" not in page and "Hidden t" not in page


@pytest.mark.parametrize("field", ["cohort__programme__name_en__startswith", "person__email__startswith"])
def test_a_strangers_list_cannot_be_asked_by_fields_of_others(client, theirs, stranger, field):
    assert client.get(changelist("enrolment"), {field: "S"}).status_code == 404


def test_a_filter_by_anothers_cohort_is_empty(client, theirs, stranger):
    page = client.get(changelist("enrolment"), {"cohort__id__exact": theirs.pk, "shown": "all"})
    assert list(page.context["cl"].result_list) == []


def test_a_strangers_actions_leave_rows_of_others_alone(client, theirs, stranger):
    invitation = theirs.invitations.get()
    client.post(changelist("invitation"), {"action": "take_off_list", "_selected_action": invitation.pk})
    client.post(changelist("enrolment"), {"action": "accept", "_selected_action": theirs.enrolments.get().pk})
    client.post(
        changelist("invitation"),
        {"action": "delete_selected", "_selected_action": invitation.pk, "post": "yes"},
    )
    assert theirs.invitations.filter(pk=invitation.pk).exists()


def test_the_start_page_tells_a_stranger_nothing_of_others(client, theirs, stranger):
    page = client.get(reverse("admin:index")).content.decode()
    assert "Secret" not in page and "Own" in page


@pytest.mark.parametrize(
    ("model", "field"), [("programmerole", "person"), ("enrolment", "person"), ("invitation", "person")]
)
def test_autocompletes_answer_a_stranger_with_nobody(client, theirs, stranger, model, field):
    answer = client.get(
        reverse("admin:autocomplete"),
        {"term": "e", "app_label": "programmes", "model_name": model, "field_name": field},
    )
    assert answer.status_code == 403


def test_autocompletes_of_programmes_name_a_strangers_own_alone(client, theirs, stranger):
    answer = client.get(
        reverse("admin:autocomplete"),
        {"term": "e", "app_label": "programmes", "model_name": "cohort", "field_name": "programme"},
    )
    assert "Secret" not in answer.content.decode()


def test_related_pop_ups_of_others_stay_shut(client, theirs, stranger):
    answer = client.get(change(theirs.programme) + "?_popup=1&_to_field=id", follow=True)
    assert "Secret" not in answer.content.decode()
    answer = client.get(changelist("programme") + "?_to_field=uuid&_popup=1", follow=True)
    assert "Secret" not in answer.content.decode()
