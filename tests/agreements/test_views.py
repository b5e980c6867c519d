import pytest
from django.urls import reverse

from agreements.actions import ClauseEdit, adapt, agreement_for, sign
from agreements.models import Clause, Signature, Version
from agreements.tasks import sweep
from agreements.waiting import waiting_for
from matching.models import Mentorship
from notices.models import Notice
from participants.models import Delegation
from programmes.models import GroundRule, Role
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def aylin():
    return factories.person("Aylin Kaya")


@pytest.fixture
def martin():
    return factories.person("Dr. Martin Vogel")


@pytest.fixture
def mentorship(aylin, martin):
    return factories.mentorship(mentor=aylin, mentee=martin, state=Mentorship.State.CONFIRMED)


def address(name: str, mentorship: Mentorship) -> str:
    return reverse(f"agreements:{name}", args=[mentorship.uuid])


@pytest.mark.parametrize("kind", ["stranger", "hr", "delegate"])
def test_agreement_does_not_exist_for_others(client, mentorship, martin, kind):
    reader = factories.hr_admin() if kind == "hr" else factories.person()
    if kind == "delegate":
        Delegation.objects.create(person=martin, delegate=reader)
    agreement_for(mentorship)
    client.force_login(reader)
    assert client.get(address("detail", mentorship)).status_code == 404
    assert client.get(address("adapt", mentorship)).status_code == 404
    assert client.get(address("print", mentorship)).status_code == 404
    assert client.post(address("sign", mentorship), {"version": 1}).status_code == 404
    assert Signature.objects.count() == 0


@pytest.mark.parametrize("count", [1, 3])
def test_detail_costs_the_same_whatever_is_in_it(client, aylin, mentorship, count, django_assert_num_queries):
    agreement, member = agreement_for(mentorship), factories.member(mentorship, Role.MENTOR)
    for number in range(count):
        sign(agreement=agreement, member=member, version_number=number + 1)
        adapt(agreement=agreement, member=member, clauses=[ClauseEdit(kind="taboo", text=f"No {number}.")])
    client.force_login(aylin)
    with django_assert_num_queries(16):
        page = client.get(address("detail", mentorship))
    # Each earlier version can be read, and each later one says what it changed.
    assert page.content.decode().count('<a href="?version=') == 2 * count


def test_detail_says_to_who_signed_before_what_is_new_since(client, aylin, mentorship):
    agreement = agreement_for(mentorship)
    mentor, mentee = factories.member(mentorship, Role.MENTOR), factories.member(mentorship, Role.MENTEE)
    sign(agreement=agreement, member=mentor, version_number=1)
    adapt(agreement=agreement, member=mentee, clauses=[ClauseEdit(position=1, text="Nothing about health.")])
    client.force_login(aylin)
    page = client.get(address("detail", mentorship)).content.decode()
    assert ("You signed version 1; it was changed since." in page, 'href="?against=1"' in page) == (
        True,
        True,
    )
    since = client.get(address("detail", mentorship) + "?against=1")
    assert [m.change for _label, clauses in since.context["groups"] for m in clauses] == ["reworded", ""]
    for nonsense in ("?against=9", "?against=x", "?version=1&against=2"):
        assert client.get(address("detail", mentorship) + nonsense).context["against"] is None


def test_page_to_print_holds_what_counts_and_who_signed(client, aylin, mentorship):
    agreement, mentor = agreement_for(mentorship), factories.member(mentorship, Role.MENTOR)
    adapt(
        agreement=agreement,
        member=mentor,
        clauses=[ClauseEdit(position=1, text="Nothing private.", struck=True)],
    )
    sign(agreement=agreement, member=mentor, version_number=2, at=NOW)
    client.force_login(aylin)
    page = client.get(address("print", mentorship)).content.decode()
    assert ("It stays between us." in page, "Nothing private." in page) == (True, False)
    assert ("signed on 15 September 2026" in page, "not signed yet" in page) == (True, True)
    assert "Nothing private." in client.get(address("print", mentorship) + "?version=1").content.decode()


def test_detail_shows_changes_against_the_programme_and_earlier_versions(client, aylin, mentorship):
    member = factories.member(mentorship, Role.MENTOR)
    adapt(
        agreement=agreement_for(mentorship),
        member=member,
        clauses=[ClauseEdit(position=1, text="Nothing about health.")],
    )
    client.force_login(aylin)
    page = client.get(address("detail", mentorship)).content.decode()
    [taboo, _confidentiality] = client.get(address("detail", mentorship)).context["groups"]
    assert [(piece.kind, piece.text) for piece in taboo[1][0].pieces] == [
        ("same", "Nothing "),
        ("del", "private"),
        ("ins", "about health"),
        ("same", "."),
    ]
    assert ("<del>" in page, "<ins>" in page, "reworded" in page) == (True, True, True)
    earlier = client.get(address("detail", mentorship) + "?version=1").content.decode()
    assert "Nothing about health." not in earlier
    assert "It was replaced since" in earlier
    assert address("sign", mentorship) not in earlier
    assert client.get(address("detail", mentorship) + "?version=nonsense").status_code == 200


def test_sign_page_signs_once_and_refuses_what_was_not_read(client, aylin, martin, mentorship):
    agreement = agreement_for(mentorship)
    client.force_login(aylin)
    for _ in range(2):
        response = client.post(address("sign", mentorship), {"version": 1}, follow=True)
        assert response.status_code == 200
    assert Signature.objects.count() == 1
    adapt(
        agreement=agreement,
        member=factories.member(mentorship, Role.MENTOR),
        clauses=[ClauseEdit(kind="taboo", text="Politics.")],
    )
    client.force_login(martin)
    response = client.post(address("sign", mentorship), {"version": 1}, follow=True)
    assert "read the newest version before you sign" in response.content.decode()
    assert Signature.objects.count() == 1
    client.post(address("sign", mentorship), {})
    assert Signature.objects.count() == 1


def form_data(client, mentorship: Mentorship) -> dict:
    form = client.get(address("adapt", mentorship)).context["form"]
    return {name: form[name].value() for name in form.fields if form[name].value() not in (None, False)}


def test_adapt_page_saves_a_version(client, aylin, mentorship):
    client.force_login(aylin)
    data = form_data(client, mentorship)
    data |= {
        "strike_1": "on",
        "more_2": "For good.",
        "new_kind_0": "logistics",
        "new_text_0": "Coffee first.",
    }
    response = client.post(address("adapt", mentorship), data)
    assert response.status_code == 302
    assert [(c.kind, c.words("en"), c.is_struck) for c in Version.objects.get(number=2).clauses.all()] == [
        ("taboo", "Nothing private.", True),
        ("confidentiality", "It stays between us.\nFor good.", False),
        ("logistics", "Coffee first.", False),
    ]


def test_adapt_page_without_a_change_saves_nothing(client, aylin, mentorship):
    client.force_login(aylin)
    response = client.post(address("adapt", mentorship), form_data(client, mentorship), follow=True)
    assert "Nothing was changed" in response.content.decode()
    assert Version.objects.count() == 1


def test_adapt_page_after_somebody_else_keeps_what_was_typed_and_undoes_nothing(
    client, aylin, martin, mentorship
):
    client.force_login(aylin)
    typed = form_data(client, mentorship) | {"new_kind_0": "taboo", "new_text_0": "Religion."}
    adapt(
        agreement=agreement_for(mentorship),
        member=factories.member(mentorship, Role.MENTEE),
        clauses=[ClauseEdit(position=1, text="Nothing about health.")],
        version_number=1,
    )
    conflict = client.post(address("adapt", mentorship), typed)
    assert conflict.status_code == 409
    form = conflict.context["form"]
    assert (form["version"].value(), form["text_1"].value()) == (2, "Nothing about health.")
    assert form["new_text_0"].value() == "Religion."
    again = {n: form[n].value() for n in form.fields if form[n].value() not in (None, False)}
    assert client.post(address("adapt", mentorship), again).status_code == 302
    assert [c.words("en") for c in Clause.objects.filter(version__number=3)] == [
        "Nothing about health.",
        "It stays between us.",
        "Religion.",
    ]


def test_adapt_page_of_an_ended_mentorship_is_refused_but_it_stays_readable(client, aylin, mentorship):
    agreement_for(mentorship)
    Mentorship.objects.update(state=Mentorship.State.ENDED)
    client.force_login(aylin)
    assert client.get(address("adapt", mentorship)).status_code == 403
    page = client.get(address("detail", mentorship))
    assert page.status_code == 200
    assert address("sign", mentorship) not in page.content.decode()


def test_sweep_makes_agreements_and_tells_each_member_once(mentorship):
    factories.mentorship(state=Mentorship.State.OFFERED)
    ended = factories.mentorship(state=Mentorship.State.ENDED)
    for _ in range(2):
        sweep()
    assert Version.objects.count() == 1
    assert not hasattr(Mentorship.objects.get(pk=ended.pk), "agreement")
    assert sorted((n.kind, n.recipient.first_name, n.url) for n in Notice.objects.all()) == [
        ("agreement-to-sign", name, address("detail", mentorship)) for name in ("Aylin", "Martin")
    ]


def test_sweep_tells_of_a_new_version_whom_it_concerns(mentorship):
    sweep()
    agreement, member = agreement_for(mentorship), factories.member(mentorship, Role.MENTOR)
    sign(agreement=agreement, member=member, version_number=1)
    adapt(agreement=agreement, member=member, clauses=[ClauseEdit(kind="taboo", text="Politics.")])
    sweep()
    assert sorted(n.recipient.first_name for n in Notice.objects.all()) == ["Aylin", "Martin", "Martin"]


def test_waiting_until_the_person_has_signed(aylin, martin, mentorship, django_assert_num_queries):
    agreement = agreement_for(mentorship)
    assert [thing.title for thing in waiting_for(aylin, NOW)] == ["Read and sign your agreement with Martin"]
    sign(agreement=agreement, member=factories.member(mentorship, Role.MENTOR), version_number=1)
    assert waiting_for(aylin, NOW) == []
    assert len(waiting_for(martin, NOW)) == 1
    assert waiting_for(factories.person(), NOW) == []
    for _ in range(2):
        factories.mentorship(mentor=aylin, state=Mentorship.State.CONFIRMED)
    with django_assert_num_queries(2):
        assert len(waiting_for(aylin, NOW)) == 2


def test_agreement_without_ground_rules_can_be_written_and_signed(client, aylin, mentorship):
    GroundRule.objects.all().delete()
    client.force_login(aylin)
    assert "No ground rules yet" in client.get(address("detail", mentorship)).content.decode()
    client.post(
        address("adapt", mentorship), {"version": 1, "new_kind_0": "taboo", "new_text_0": "Politics."}
    )
    assert Version.objects.get(number=2).clauses.get().text == "Politics."
