"""Topics offered and taken up, in both directions."""

from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from domain.errors import DomainError
from feedback import exchange
from feedback.models import TopicOffer
from notices.models import Notice
from participants.models import Expertise, Topic
from tests import factories
from tests.feedback.test_feedback import AT, FRAME, pair, signed_in
from tests.threads import at_once

pytestmark = pytest.mark.django_db


def offer(member, title="How our budget comes about", **fields):
    return exchange.offer(mentorship=member.mentorship, member=member, title=title, at=AT, **fields)


def url_of(mentorship):
    return reverse("feedback:exchange", args=[mentorship.uuid])


def test_each_side_offers_and_the_other_takes_up():
    mentorship, aylin, martin = pair()
    mine, theirs = offer(aylin, "Prompts that work"), offer(martin)
    assert exchange.take_up(topic=theirs, member=aylin, at=AT)
    assert exchange.take_up(topic=mine, member=martin, at=AT)
    told = set(Notice.objects.values_list("kind", "recipient__name"))
    assert told == {
        (kind, name)
        for kind in ("topic-offered", "topic-taken-up")
        for name in ("Aylin Kaya", "Dr. Martin Vogel")
    }
    page = signed_in(aylin.person).get(reverse("mentorship", args=[mentorship.uuid])).content.decode()
    assert "You took up “How our budget comes about”" in page
    assert "Martin took up “Prompts that work”" in page


def test_the_page_offers_takes_up_and_withdraws():
    mentorship, aylin, martin = pair()
    client = signed_in(aylin.person)
    sent = {"request_key": uuid4(), "title": "Prompts that work", "note": "Half an hour."}
    for _ in range(2):
        assert client.post(url_of(mentorship), sent).url == url_of(mentorship)
    topic = TopicOffer.objects.get()
    other = signed_in(martin.person)
    assert "I would like that" in other.get(url_of(mentorship)).content.decode()
    other.post(reverse("feedback:topic", args=[topic.uuid]), {"answer": "take"})
    topic.refresh_from_db()
    assert (topic.state, topic.taken_up_by) == ("taken_up", martin)
    client.post(reverse("feedback:topic", args=[topic.uuid]), {"answer": "withdraw"})
    topic.refresh_from_db()
    assert topic.state == "taken_up"  # what is taken up stands


def test_nobody_takes_up_their_own_topic_or_withdraws_the_others():
    _, aylin, martin = pair()
    topic = offer(aylin)
    for act in (
        lambda: exchange.take_up(topic=topic, member=aylin),
        lambda: exchange.withdraw(topic=topic, member=martin),
        lambda: exchange.take_up(topic=topic, member=pair()[1]),
    ):
        with pytest.raises(DomainError):
            act()
    for fields in ({"state": "taken_up"}, {"taken_up_by": martin, "taken_up_at": AT}):
        with pytest.raises(IntegrityError), transaction.atomic():
            TopicOffer.objects.filter(pk=topic.pk).update(**fields)
    with pytest.raises(IntegrityError), transaction.atomic():
        TopicOffer.objects.filter(pk=topic.pk).update(state="taken_up", taken_up_by=aylin, taken_up_at=AT)


@pytest.mark.django_db(transaction=True)
def test_in_a_group_of_two_who_take_up_at_once_one_does():
    mentorship, aylin, martin = pair()
    mentorship = factories.join(mentorship, factories.person("Ines Roth"))
    ines = mentorship.members.get(enrolment__person__name="Ines Roth")
    topic = offer(aylin)
    said = at_once(
        lambda: exchange.take_up(topic=TopicOffer.objects.get(pk=topic.pk), member=martin, at=AT),
        lambda: exchange.take_up(topic=TopicOffer.objects.get(pk=topic.pk), member=ines, at=AT),
    )
    assert sorted(said) == [False, True]
    assert Notice.objects.filter(kind="topic-taken-up").count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_topic_offered_twice_at_once_is_one():
    _, aylin, _ = pair()
    key = uuid4()
    made = at_once(*[lambda: offer(aylin, request_key=key).pk] * 2)
    assert made[0] == made[1]
    assert offer(aylin, "how our BUDGET comes about").pk == made[0]


def test_an_eleventh_open_topic_is_refused_and_so_is_any_after_the_end():
    mentorship, aylin, _ = pair()
    for number in range(exchange.OPEN_AT_ONCE):
        offer(aylin, f"Topic {number}")
    with pytest.raises(DomainError, match="Ten topics"):
        offer(aylin, "One more")
    mentorship.move_to("ended")
    with pytest.raises(DomainError, match="over"):
        offer(aylin, "Later")
    page = signed_in(aylin.person)
    assert page.get(url_of(mentorship)).status_code == 200
    assert page.post(url_of(mentorship), {"title": "x"}).status_code == 403


def test_the_page_names_what_ones_profile_offers_and_is_not_here_yet():
    mentorship, aylin, _ = pair()
    profile = factories.profile(aylin.person)
    for name in ("Data literacy", "AI in daily work"):
        topic = Topic.objects.create(name_en=name, name_de=name)
        Expertise.objects.create(profile=profile, topic=topic, level=2, years=1)
    offer(aylin, "data literacy")
    assert signed_in(aylin.person).get(url_of(mentorship)).context["suggestions"] == ["AI in daily work"]


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_stranger_a_delegate_hr_and_a_coordinator_find_nothing(method):
    mentorship, aylin, martin = pair()
    topic = offer(aylin)
    delegate, coordinator = factories.person(), factories.person()
    martin.person.delegations.create(delegate=delegate)
    factories.programme_role(mentorship.cohort.programme, coordinator, "coordinator")
    for one in (factories.person(), delegate, factories.hr_admin(), coordinator):
        client = signed_in(one)
        assert getattr(client, method)(url_of(mentorship)).status_code == 404
        assert client.post(reverse("feedback:topic", args=[topic.uuid])).status_code == 404
    topic.refresh_from_db()
    assert topic.state == "offered"


@pytest.mark.parametrize("topics", [1, 3])
def test_the_page_takes_the_same_queries_however_many_topics(django_assert_num_queries, topics):
    mentorship, aylin, martin = pair()
    for number in range(topics):
        offer(aylin, f"Mine {number}")
        exchange.take_up(topic=offer(martin, f"Theirs {number}"), member=aylin, at=AT)
    client = signed_in(aylin.person)
    # Mentorship, members, topics; may one offer (member, mentorship); what the profile offers.
    with django_assert_num_queries(FRAME + 6):
        page = client.get(url_of(mentorship))
    assert [len(side.offered + side.taken_up) for side in page.context["sides"]] == [topics, topics]
