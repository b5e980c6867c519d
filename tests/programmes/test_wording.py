import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from notices import outbox
from notices.outbox import Message
from programmes.models import ProgrammeRole, Wording
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def mentorship():
    return factories.mentorship(
        mentor=factories.person("Aylin Kaya"), mentee=factories.person("Martin Vogel")
    )


def reworded(of, **fields) -> Wording:
    made = Wording(programme=of.cohort.programme, kind="mentorship-nudge", **fields)
    made.full_clean()
    made.save()
    return made


def posted(mentorship, to, key="one"):
    context = {
        "mentorship": mentorship,
        "others": mentorship.names_of_others(to),
        "coordinator": "Cora",
    }
    return outbox.post("mentorship-nudge", to=to, key=key, context=context, at=NOW)


def test_own_words_take_the_place_of_the_products_and_are_never_a_template(mentorship):
    aylin = mentorship.members.get(role="mentor").person
    reworded(
        mentorship, subject_en="{name}, a word", text_en="Are {others} well? {{% now %}} <b>{{name}}</b>"
    )
    notice = posted(mentorship, aylin)
    assert notice.subject == "Aylin, a word"
    assert notice.text == "Are Martin well? {% now %} <b>{name}</b>"
    assert notice.label == "See your mentorship"


def test_what_is_empty_stays_the_products_in_each_language_by_itself(mentorship):
    aylin = mentorship.members.get(role="mentor").person
    reworded(mentorship, subject_de="Ein Wort an {name}")
    assert posted(mentorship, aylin).subject == "How are you and Martin getting on?"
    aylin.language = "de"
    notice = posted(mentorship, aylin, "two")
    assert notice.subject == "Ein Wort an Aylin"
    assert notice.text.startswith("Cora betreut")


def test_own_words_are_for_their_programme_only(mentorship):
    reworded(mentorship, subject_en="Ours")
    other = factories.mentorship()
    assert posted(other, other.members.first().person).subject != "Ours"


def test_own_words_that_do_not_fit_the_notice_fall_back_to_the_products(mentorship):
    Wording.objects.create(
        programme=mentorship.cohort.programme, kind="mentorship-nudge", subject_en="{day} {salary}"
    )
    assert posted(mentorship, mentorship.members.first().person).subject.startswith("How are you and")


def test_own_words_cost_one_query_for_a_batch(mentorship, django_assert_max_num_queries):
    reworded(mentorship, subject_en="{name}, {programme}")
    people = [factories.person() for _ in range(5)]
    context = {"mentorship": mentorship, "others": "Ben", "coordinator": "Cora"}

    def post_all(run: str) -> None:
        outbox.post_all([Message("mentorship-nudge", to, f"{run}:{to.pk}", context) for to in people], at=NOW)

    with django_assert_max_num_queries(8):
        post_all("first")


@pytest.mark.parametrize("field", ["subject_en", "text_en", "subject_de", "text_de"])
def test_broken_placeholder_is_refused_beside_its_field_when_saved(mentorship, field):
    with pytest.raises(ValidationError) as refused:
        reworded(mentorship, **{field: "Hello {name"})
    assert list(refused.value.message_dict) == [field]


def test_coordinator_rewords_their_programme_with_a_preview_and_nobody_elses(client, mentorship):
    coordinator, other = factories.person(), factories.programme()
    programme = mentorship.cohort.programme
    factories.programme_role(programme, coordinator, ProgrammeRole.Kind.COORDINATOR)
    client.force_login(coordinator)
    add = reverse("admin:programmes_wording_add")
    data = {
        "kind": "mentorship-nudge",
        "subject_en": "{name}, a word",
        "text_en": "",
        "subject_de": "",
        "text_de": "",
    }
    assert "errors" in client.post(add, {**data, "programme": other.pk}).context
    page = client.post(add, {**data, "programme": programme.pk, "subject_en": "{salary}"})
    assert "{salary} is not known here" in page.content.decode()
    assert Wording.objects.count() == 0
    client.post(add, {**data, "programme": programme.pk})
    one = Wording.objects.get()
    page = client.get(reverse("admin:programmes_wording_change", args=[one.pk])).content.decode()
    assert "Aylin, a word" in page
    foreign = Wording.objects.create(programme=other, kind="mentorship-nudge")
    assert client.get(reverse("admin:programmes_wording_change", args=[foreign.pk])).status_code == 302


def test_stranger_has_no_way_in(client, mentorship):
    one = reworded(mentorship, subject_en="x")
    client.force_login(factories.person())
    for url in [
        reverse("admin:programmes_wording_changelist"),
        reverse("admin:programmes_wording_add"),
        reverse("admin:programmes_wording_change", args=[one.pk]),
    ]:
        assert client.get(url).status_code in (302, 403, 404)
    client.post(reverse("admin:programmes_wording_change", args=[one.pk]), {"subject_en": "y"})
    assert Wording.objects.get().subject_en == "x"
