"""One's own profile, and other people's pages."""

import pytest
from django.urls import reverse

from participants.models import Delegation, Topic
from tests import factories

pytestmark = pytest.mark.django_db
PROFILE = reverse("participants:profile")


def form_set(prefix, *rows):
    data = {f"{prefix}-TOTAL_FORMS": str(len(rows)), f"{prefix}-INITIAL_FORMS": "0"}
    for number, row in enumerate(rows):
        data |= {f"{prefix}-{number}-{name}": str(value) for name, value in row.items()}
    return data


def filled(**fields):
    return {
        "given_name": "Aylin",
        "headline": "Builds small tools",
        "about": "I build small tools.",
        "shown": ["unit", "time_zone", "languages"],
        "language": "de",
        "time_zone": "Europe/Berlin",
        "delegates": "",
        **form_set("can"),
        **form_set("want"),
        **form_set("speak", {"subject": "tr", "level": 4}),
        **fields,
    }


@pytest.fixture
def person(client):
    someone = factories.person("Aylin Demir")
    client.force_login(someone)
    return someone


def test_profile_is_saved_and_shown_again(client, person):
    topic = Topic.objects.create(name_en="AI", name_de="KI")
    delegate = factories.person()
    answer = client.post(
        PROFILE,
        filled(
            delegates=delegate.email,
            **form_set(
                "can", {"subject": topic.pk, "level": 4, "years": 6}, {"subject": "", "level": 2, "years": ""}
            ),
        ),
    )
    assert answer.status_code == 302, (
        answer.context["form"].errors,
        answer.context["form"].rows.expertise.errors,
    )
    person.refresh_from_db()
    assert (person.language, person.time_zone, person.profile.about) == (
        "de",
        "Europe/Berlin",
        "I build small tools.",
    )
    assert list(person.languages.values_list("code", "level")) == [("tr", 4)]
    assert list(person.profile.expertise.values_list("topic", "level", "years")) == [(topic.pk, 4, 6)]
    assert [(d.person, d.delegate) for d in Delegation.objects.all()] == [(person, delegate)]
    form = client.get(PROFILE).context["form"]
    assert (form["about"].value(), form["delegates"].value()) == ("I build small tools.", delegate.email)
    client.post(PROFILE, filled())
    assert (Delegation.objects.count(), person.profile.expertise.count()) == (0, 0)


def test_others_see_what_the_person_sees_as_their_preview_and_nothing_kept_back(client, person):
    person.unit, person.site = factories.unit("Harbour"), factories.site("Hamburg")
    person.save()
    partner = factories.person()
    factories.mentorship(mentor=person, mentee=partner)
    client.post(PROFILE, filled())
    assert client.get(PROFILE).context["form"]["shown"].value() == ["unit", "time_zone", "languages"]
    url = reverse("participants:person", args=[person.pk])
    pages = []
    for viewer in (person, partner, factories.hr_admin()):
        viewer.language = "en"
        viewer.save()
        client.force_login(viewer)
        answer = client.get(url)
        pages.append(answer.context["seen"])
        page = answer.content.decode()
        assert "Builds small tools" in page
        assert "Harbour" in page
        assert "Hamburg" not in page
    assert pages[0] == pages[1] == pages[2]


def test_profile_with_errors_keeps_what_was_typed_and_stores_nothing(client, person):
    page = client.post(PROFILE, filled(delegates=person.email, time_zone="Mars/Base", about="Typed."))
    assert list(page.context["form"].errors) == ["time_zone", "delegates"]
    assert "Typed." in page.content.decode()
    person.refresh_from_db()
    assert (person.language, Delegation.objects.count()) == ("en", 0)


def test_profile_keeps_a_topic_that_is_no_longer_offered(client, person):
    topic = Topic.objects.create(name_en="Fax", is_active=False)
    profile = factories.profile(person)
    profile.expertise.create(topic=topic, level=4, years=30)
    client.post(PROFILE, filled(**form_set("can", {"subject": topic.pk, "level": 4, "years": 30})))
    assert [item.topic for item in profile.expertise.all()] == [topic]


@pytest.mark.parametrize("rows", [1, 3])
def test_profile_costs_the_same_with_one_row_and_with_three(client, person, rows, django_assert_num_queries):
    profile = factories.profile(person)
    for number in range(rows):
        topic = Topic.objects.create(name_en=f"Topic {number}")
        profile.expertise.create(topic=topic)
        profile.interests.create(topic=topic)
        Delegation.objects.create(person=person, delegate=factories.person())
    client.get(PROFILE)
    with django_assert_num_queries(13):
        client.get(PROFILE)


@pytest.mark.parametrize("rows", [1, 3])
def test_person_costs_the_same_with_one_row_and_with_three(client, person, rows, django_assert_num_queries):
    profile = factories.profile(person)
    for number in range(rows):
        topic = Topic.objects.create(name_en=f"Topic {number}")
        profile.expertise.create(topic=topic)
        profile.interests.create(topic=topic)
    url = reverse("participants:person", args=[person.pk])
    client.get(url)
    with django_assert_num_queries(12):
        client.get(url)


def test_person_is_seen_by_themselves_their_partner_and_hr_but_by_no_delegate_or_stranger(client, person):
    partner, delegate = factories.person(), factories.person()
    Delegation.objects.create(person=person, delegate=delegate)
    factories.mentorship(mentor=person, mentee=partner)
    answers = []
    for viewer in (person, partner, factories.hr_admin(), delegate, factories.person()):
        client.force_login(viewer)
        answers.append(client.get(reverse("participants:person", args=[person.pk])).status_code)
    assert answers == [200, 200, 200, 404, 404]


@pytest.mark.parametrize("accepted_at", [factories.NOW, None], ids=["left", "only asked"])
def test_profile_closes_both_ways_for_who_is_no_longer_in_a_group(client, accepted_at):
    stays, gone = factories.person(), factories.person()
    group = factories.join(factories.mentorship(offered_at=factories.NOW, mentor=stays), gone)
    seen = [(stays, gone), (gone, stays), (gone, gone)]
    answers = []
    for left_at in (None, factories.NOW):
        group.members.filter(enrolment__person=gone).update(left_at=left_at, accepted_at=accepted_at)
        for viewer, person in seen:
            client.force_login(viewer)
            answers.append(client.get(reverse("participants:person", args=[person.pk])).status_code)
    assert answers == [200, 200, 200, 404, 404, 200]


def test_profile_and_people_ask_to_sign_in(client):
    for url in (PROFILE, reverse("participants:person", args=[factories.person().pk])):
        assert client.get(url).url.startswith(reverse("account_login"))
