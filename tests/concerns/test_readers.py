"""A concern has the readers it had when it was raised: nobody makes themselves one, nobody silences one."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from concerns import actions, reminders
from concerns.models import Concern, Reader
from concerns.queries import confidants_for, weeks_waited, without_confidant
from domain.errors import DomainError
from mentoring.attention import attention
from mentoring.personal import erasing
from notices.models import Notice
from notices.outbox import post_all
from participants.models import Delegation, Person
from programmes.models import ProgrammeRole
from tests import factories
from tests.concerns.test_concerns import AT, SECRET, confidant_of, raised, scene

pytestmark = pytest.mark.django_db

LATER = AT + timedelta(days=1)


def readers(concern):
    return [person.name for person in Concern.objects.get(pk=concern.pk).readers_now()]


def sees(person, concern):
    """Through the list, the page and the permission table alike."""
    person = Person.objects.get(pk=person.pk)
    client = Client()
    client.force_login(person)
    page = client.get(reverse("concerns:detail", args=[concern.uuid]))
    inbox = client.get(reverse("concerns:inbox")).content.decode()
    answers = {
        page.status_code == 200 and SECRET in page.content.decode(),
        str(concern.uuid) in inbox,
        Concern.objects.visible_to(person).filter(pk=concern.pk).exists(),
        person.has_perm("concerns.write", concern),
    }
    assert len(answers) == 1, answers
    return answers.pop()


# --- Nobody makes themselves a reader --------------------------------------------------


@pytest.mark.parametrize("who", ["stranger", "hr admin", "coordinator", "boss", "member"])
def test_a_confidant_named_afterwards_reads_only_what_is_raised_afterwards(who):
    mentorship, aylin, martin, _nadia = scene()
    concern = raised(mentorship, aylin)
    attacker = {
        "stranger": factories.person("Attacker"),
        "hr admin": factories.hr_admin(),
        "coordinator": factories.person("Attacker"),
        "boss": factories.person("Attacker"),
        "member": martin,
    }[who]
    if who == "boss":
        Person.objects.filter(pk=aylin.pk).update(manager=attacker)
    role = "coordinator" if who == "coordinator" else "confidant"
    factories.programme_role(mentorship.cohort.programme, attacker, role)
    if who == "coordinator":
        attacker.programme_roles.update(role="confidant")
    later = raised(mentorship, aylin, at=LATER)
    assert sees(attacker, concern) is False
    # Whoever coordinated and does so no longer listens like anybody else, to what comes from then on.
    assert sees(attacker, later) is (who in ("stranger", "coordinator"))
    if who == "boss":
        Person.objects.filter(pk=aylin.pk).update(manager=None)
        assert sees(attacker, concern) is False


def test_hr_admins_and_coordinators_of_the_programme_are_no_confidants_and_others_are():
    mentorship, aylin, _, nadia = scene()
    hr = factories.hr_admin()
    factories.programme_role(mentorship.cohort.programme, hr, "confidant")
    elsewhere = confidant_of(mentorship, "Runs another programme")
    factories.programme_role(factories.programme(), elsewhere, "coordinator")
    assert confidants_for(mentorship) == [nadia, elsewhere]
    concern = raised(mentorship, aylin)
    assert readers(concern) == ["Nadia Okafor", "Runs another programme"]
    assert not Notice.objects.filter(recipient=hr).exists()
    for act in (actions.take, actions.settle):
        if act is actions.take:
            with pytest.raises(DomainError, match="Only those who read it"):
                act(concern=concern, by=hr)
    with pytest.raises(DomainError, match="Only those who read it"):
        actions.reply(concern=concern, by=hr, text="x")


@pytest.mark.parametrize("becomes", ["hr admin", "coordinator", "boss", "report", "member", "inactive"])
def test_a_reader_who_becomes_part_of_it_stops_reading_at_once(becomes):
    mentorship, aylin, martin, nadia = scene()
    concern = raised(mentorship, aylin)
    assert sees(nadia, concern) is True
    match becomes:
        case "hr admin":
            Person.objects.filter(pk=nadia.pk).update(is_hr_admin=True)
        case "coordinator":
            nadia.programme_roles.update(role="coordinator")
        case "boss":
            martin.manager = factories.person(manager=nadia)
            martin.save()
        case "report":
            nadia.manager = factories.person(manager=martin)
            nadia.save()
        case "member":
            factories.join(mentorship, nadia)
        case "inactive":
            Person.objects.filter(pk=nadia.pk).update(is_active=False)
            assert readers(concern) == []
            return
    assert sees(nadia, concern) is False
    assert confidants_for(mentorship) == []


def test_a_manager_removed_before_does_not_open_an_older_concern():
    mentorship, aylin, _martin, _nadia = scene()
    boss = confidant_of(mentorship, "Boss")
    aylin.manager = boss
    aylin.save()
    concern = raised(mentorship, aylin)
    aylin.manager = None
    aylin.save()
    assert confidants_for(mentorship) != [] and boss in confidants_for(mentorship)
    assert sees(boss, concern) is False


# --- Nobody silences a confidant -------------------------------------------------------


def test_taking_the_role_away_takes_no_concern_away_and_giving_it_to_another_gives_none():
    mentorship, aylin, _martin, nadia = scene()
    concern = raised(mentorship, aylin)
    nadia.programme_roles.all().delete()
    other = confidant_of(mentorship, "Other")
    assert (sees(nadia, concern), sees(other, concern)) == (True, False)
    actions.reply(concern=concern, by=nadia, text="I am still here.", at=LATER)
    factories.programme_role(mentorship.cohort.programme, nadia, "confidant")
    assert readers(concern) == ["Nadia Okafor"]


def test_naming_a_confidant_as_delegate_takes_nothing_from_them():
    mentorship, aylin, martin, nadia = scene()
    concern = raised(mentorship, aylin)
    Delegation.objects.create(person=martin, delegate=nadia)
    assert sees(nadia, concern) is True
    assert confidants_for(mentorship) == [nadia]
    client = Client()
    client.force_login(aylin)
    page = client.get(reverse("concerns:raise", args=[mentorship.uuid])).content.decode()
    assert "Also arranges meetings for Martin." in page and "<textarea" in page
    assert sees(nadia, raised(mentorship, aylin, at=LATER)) is True


# --- Handing over ----------------------------------------------------------------------


def test_a_reader_hands_it_over_and_the_author_is_told_by_name():
    mentorship, aylin, martin, nadia = scene()
    concern = raised(mentorship, aylin)
    actions.take(concern=concern, by=nadia, at=AT)
    paul = confidant_of(mentorship, "Paul Meier")
    for other in (martin, factories.hr_admin(), paul, factories.person()):
        with pytest.raises(DomainError, match="Only whoever raised it"):
            actions.hand_over(concern=concern, by=other, to=paul, at=LATER)
    assert sees(paul, concern) is False
    assert actions.hand_over(concern=concern, by=nadia, to=paul, at=LATER) is True
    assert actions.hand_over(concern=concern, by=nadia, to=paul, at=LATER) is False
    assert (sees(paul, concern), sees(nadia, concern)) == (True, True)
    concern.refresh_from_db()
    assert (concern.state, concern.confidant, concern.waits_since) == ("open", None, LATER)
    told = Notice.objects.filter(kind="concern-readers")
    assert [one.recipient for one in told] == [aylin]
    assert "Nadia Okafor has handed over to Paul Meier" in told[0].text
    assert [one.recipient for one in Notice.objects.filter(kind="concern-handed-over")] == [paul]
    client = Client()
    client.force_login(aylin)
    page = " ".join(client.get(reverse("concerns:detail", args=[concern.uuid])).content.decode().split())
    assert "Paul Meier" in page and "(handed over by Nadia Okafor, " in page


@pytest.mark.parametrize("to", ["hr admin", "boss", "no confidant", "coordinator", "left"])
def test_nobody_is_handed_a_concern_who_could_not_be_its_confidant(to):
    mentorship, aylin, _, nadia = scene()
    concern = raised(mentorship, aylin)
    other = confidant_of(mentorship, "Other", is_active=to != "left", is_hr_admin=to == "hr admin")
    if to == "boss":
        aylin.manager = other
        aylin.save()
    if to == "no confidant":
        other.programme_roles.all().delete()
    if to == "coordinator":
        other.programme_roles.update(role="coordinator")
    for by in (aylin, nadia):
        with pytest.raises(DomainError, match="cannot listen here"):
            actions.hand_over(concern=concern, by=by, to=other, at=LATER)
    assert readers(concern) == ["Nadia Okafor"]


def signed_in(person):
    client = Client()
    client.force_login(person)
    return client


def test_the_page_of_handing_over_offers_confidants_alone_and_is_closed_to_others():
    mentorship, aylin, martin, nadia = scene()
    concern = raised(mentorship, aylin)
    paul = confidant_of(mentorship, "Paul Meier")
    url = reverse("concerns:hand_over", args=[concern.uuid])
    concern_url = reverse("concerns:detail", args=[concern.uuid])
    for one in (martin, paul, factories.person(), factories.hr_admin()):
        assert [
            signed_in(one).get(url).status_code,
            signed_in(one).post(url, {"to": paul.pk}).status_code,
        ] == [
            404,
            404,
        ]
    page = signed_in(nadia).get(url)
    assert [str(label) for _value, label in page.context["form"].fields["to"].choices] == ["Paul Meier"]
    assert signed_in(nadia).post(url, {"to": martin.pk}).status_code == 200
    assert readers(concern) == ["Nadia Okafor"]
    assert signed_in(aylin).post(url, {"to": paul.pk}).status_code == 302
    assert readers(concern) == ["Nadia Okafor", "Paul Meier"]
    assert Reader.objects.get(person=paul).handed_over_by == aylin
    assert "(handed over by you, " in signed_in(aylin).get(concern_url).content.decode()
    assert "(handed over by Aylin Kaya, " in signed_in(nadia).get(concern_url).content.decode()
    assert signed_in(nadia).get(url).url == concern_url
    assert not Notice.objects.filter(kind="concern-readers").exists()


def test_only_its_author_hands_over_what_is_settled():
    mentorship, aylin, _, nadia = scene()
    concern = raised(mentorship, aylin)
    paul = confidant_of(mentorship, "Paul Meier")
    actions.settle(concern=concern, by=nadia, at=AT)
    with pytest.raises(DomainError):
        actions.hand_over(concern=concern, by=nadia, to=paul, at=LATER)
    assert actions.hand_over(concern=concern, by=aylin, to=paul, at=LATER) is True


# --- When the last reader is gone ------------------------------------------------------


def test_its_author_is_told_once_that_nobody_reads_it_and_hands_it_over():
    mentorship, aylin, _, nadia = scene()
    concern = raised(mentorship, aylin)
    actions.take(concern=concern, by=nadia, at=AT)
    actions.settle(concern=raised(mentorship, aylin), by=aylin, at=AT)
    assert post_all(reminders.unread(LATER), at=LATER) == 0
    Person.objects.filter(pk=nadia.pk).update(is_active=False)
    inbox = signed_in(aylin).get(reverse("concerns:inbox")).content.decode()
    assert "Nobody can read it at the moment." in inbox and "in care" not in inbox
    paul = confidant_of(mentorship, "Paul Meier")
    for name, one in [("concerns:detail", concern), ("concerns:raise", mentorship)]:
        page = signed_in(aylin).get(reverse(name, args=[one.uuid])).content.decode()
        assert "Pressure or fear" in page and "in care" not in page
    assert [post_all(reminders.unread(LATER), at=LATER) for _ in range(2)] == [1, 0]
    told = Notice.objects.get(kind="concern-readers")
    assert (told.recipient, told.subject) == (aylin, "Nobody can read your message at the moment")
    page = signed_in(aylin).get(told.url).content.decode()
    assert reverse("concerns:hand_over", args=[concern.uuid]) in page and "<textarea" not in page
    with pytest.raises(DomainError, match="Nobody can read this at the moment"):
        actions.reply(concern=concern, by=aylin, text="Hello?", at=LATER)
    actions.hand_over(concern=concern, by=aylin, to=paul, at=LATER)
    assert (sees(paul, concern), concern.state, concern.waits_since) == (True, "open", LATER)
    Person.objects.filter(pk=paul.pk).update(is_active=False)
    assert post_all(reminders.unread(LATER), at=LATER) == 1


@pytest.mark.parametrize("becomes", ["boss", "report"])
def test_the_line_of_its_author_counts_where_the_mentorship_is_gone(becomes):
    mentorship, aylin, _, nadia = scene()
    concern = raised(mentorship, aylin)
    Concern.objects.filter(pk=concern.pk).update(mentorship=None)
    assert sees(nadia, concern) is True
    above, below = (nadia, aylin) if becomes == "boss" else (aylin, nadia)
    below.manager = above
    below.save()
    assert sees(nadia, concern) is False


def test_a_reader_adds_nothing_to_what_is_settled():
    mentorship, aylin, _, nadia = scene()
    concern = raised(mentorship, aylin)
    actions.take(concern=concern, by=nadia, at=AT)
    actions.settle(concern=concern, by=aylin, at=AT)
    page = signed_in(nadia).post(
        reverse("concerns:detail", args=[concern.uuid]), {"request_key": uuid4(), "text": "One more thing"}
    )
    concern.refresh_from_db()
    assert (page.status_code, concern.messages.count(), concern.state) == (200, 0, "settled")


def test_another_reader_takes_over_from_one_who_left():
    mentorship, aylin, _, nadia = scene()
    paul = confidant_of(mentorship, "Paul Meier")
    concern = raised(mentorship, aylin)
    actions.take(concern=concern, by=nadia, at=AT)
    Person.objects.filter(pk=nadia.pk).update(is_active=False)
    assert "Will you take this into your care?" in (
        signed_in(paul).get(reverse("concerns:detail", args=[concern.uuid])).content.decode()
    )
    actions.take(concern=concern, by=paul, at=LATER)
    concern.refresh_from_db()
    assert (concern.state, concern.confidant) == ("in_care", paul)


# --- Before anything is written --------------------------------------------------------


def test_where_nobody_could_read_it_the_page_says_so_first_and_offers_hrs_contact():
    mentorship, aylin, martin, nadia = scene()
    martin.manager = nadia
    martin.save()
    programme = mentorship.cohort.programme
    url = reverse("concerns:raise", args=[mentorship.uuid])
    assert "Speak to HR directly" in signed_in(aylin).get(url).content.decode()
    programme.external_contact_en, programme.external_contact_de = "Ombuds office\n0800 1234", "Ombudsstelle"
    programme.save()
    page = signed_in(aylin).get(url).content.decode()
    assert "Ombuds office<br>0800 1234" in page
    assert ("<textarea" in page, "Speak to HR directly" in page) == (False, False)
    Person.objects.filter(pk=aylin.pk).update(language="de")
    with translation.override("en"):  # the pages are asked in German
        assert "Ombudsstelle" in signed_in(aylin).get(url).content.decode()
        card = signed_in(aylin).get(reverse("mentorship", args=[mentorship.uuid])).context["confidant"]
        sent = {"request_key": uuid4(), "topic": "time", "text": "x"}
        assert signed_in(aylin).post(url, sent).status_code == 200
    assert card["text"].endswith("Ombudsstelle") and card["url"] == url
    assert Concern.objects.count() == 0


def test_hr_is_told_from_membership_alone_that_a_programme_needs_another_confidant():
    mentorship, aylin, martin, nadia = scene()
    programme, hr = mentorship.cohort.programme, factories.hr_admin()
    fine, *_ = scene()
    wanted = f"{programme} needs another confidant"
    both = [programme, fine.cohort.programme]
    assert without_confidant(both) == {}
    martin.manager = nadia
    martin.save()
    assert without_confidant(both) == {programme.pk: 1}
    assert [item.title for item in attention(hr, AT)].count(wanted) == 1
    second = confidant_of(mentorship, "Second")
    assert without_confidant(both) == {}
    raised(mentorship, aylin)
    Person.objects.filter(pk=second.pk).update(is_active=False)
    assert without_confidant(both) == {programme.pk: 1}
    stranger = factories.person()
    factories.programme_role(factories.programme(), stranger, "coordinator")
    assert wanted not in [item.title for item in attention(stranger, AT)]


@pytest.mark.parametrize("rows", [1, 3])
def test_what_staff_are_told_takes_the_same_queries_however_many(django_assert_num_queries, rows):
    programmes = []
    for _ in range(rows):
        mentorship, aylin, martin, nadia = scene()
        raised(mentorship, aylin)
        martin.manager = nadia
        martin.save()
        programmes.append(mentorship.cohort.programme)
    with django_assert_num_queries(2):
        assert len(without_confidant(programmes)) == rows
        assert len(weeks_waited(programmes, AT + timedelta(days=7))) == rows


# --- What staff change tells staff nothing ---------------------------------------------


def staff_acts(mentorship, aylin, martin, nadia, hr):
    """What HR or a coordinator can do to people, each of which could be tried on one after the other."""
    boss = factories.person("Boss")
    return {
        "address": lambda: Person.objects.filter(pk=aylin.pk).update(email="new@example.com"),
        "manager": lambda: Person.objects.filter(pk=aylin.pk).update(manager=boss),
        "confidant as manager": lambda: Person.objects.filter(pk=aylin.pk).update(manager=nadia),
        "delegation": lambda: Delegation.objects.create(person=martin, delegate=nadia),
        "hr admin": lambda: Person.objects.filter(pk=nadia.pk).update(is_hr_admin=True),
        "author inactive": lambda: Person.objects.filter(pk=aylin.pk).update(is_active=False),
        "confidant inactive": lambda: Person.objects.filter(pk=nadia.pk).update(is_active=False),
        "role gone": lambda: ProgrammeRole.objects.all().delete(),
        "role changed": lambda: nadia.programme_roles.update(role="coordinator"),
        "another confidant": lambda: confidant_of(mentorship, "Accomplice"),
        "author erased": lambda: erase(mentorship, aylin, hr),
        "mentorship over": lambda: mentorship.move_to("ended"),
    }


def erase(mentorship, person, hr):
    mentorship.move_to("ended")
    Person.objects.filter(pk=person.pk).update(is_active=False)
    assert erasing.erase(person=person, by=hr, at=LATER)


ACTS = [
    *("address", "manager", "confidant as manager", "delegation", "hr admin", "author inactive"),
    *("confidant inactive", "role gone", "role changed", "another confidant", "author erased"),
    "mentorship over",
]


@pytest.mark.parametrize("act", ACTS)
def test_no_act_of_staff_changes_what_staff_see_of_concerns(act):
    mentorship, aylin, martin, nadia = scene()
    hr = factories.hr_admin()
    concern = raised(mentorship, aylin)
    seen_at = AT + timedelta(weeks=3)

    def seen():
        client = signed_in(hr)
        page = reverse("insights:programme", args=[mentorship.cohort.programme.uuid])
        return (
            weeks_waited([mentorship.cohort.programme], seen_at),
            [(item.title, item.text) for item in attention(hr, seen_at) if "oncern" in item.title],
            client.get(page).context["page"].weeks_waited,
        )

    before = seen()
    assert before[1] == [
        (
            "A concern has waited for 3 weeks",
            "Only its readers know what it says. Ask your confidants whether they need help.",
        )
    ]
    acts = staff_acts(mentorship, aylin, martin, nadia, hr)
    assert set(acts) == set(ACTS)
    acts[act]()
    assert seen() == before
    assert [person.name for person in Person.objects.all() if sees_it(person, concern)] in (
        ["Nadia Okafor"],
        [],
    )


def sees_it(person, concern):
    return person.is_active and Concern.objects.readable_by(person).filter(pk=concern.pk).exists()


def test_what_an_erased_author_left_is_settled_by_a_reader():
    mentorship, aylin, _, nadia = scene()
    concern = raised(mentorship, aylin)
    erase(mentorship, aylin, factories.hr_admin())
    url = reverse("concerns:detail", args=[concern.uuid])
    page = signed_in(nadia).get(url).content.decode()
    assert "erased at their own wish" in page and "<textarea" not in page and SECRET not in page
    with pytest.raises(DomainError, match="Nobody is left to answer"):
        actions.reply(concern=concern, by=nadia, text="Hello?")
    assert list(reminders.nudges(AT + timedelta(days=20))) == []
    signed_in(nadia).post(reverse("concerns:settle", args=[concern.uuid]))
    concern.refresh_from_db()
    assert (concern.state, concern.waits_since) == ("settled", None)
    assert not Notice.objects.filter(kind="concern-settled").exists()


def test_deleting_a_programme_lists_no_concern():
    mentorship, aylin, *_ = scene()
    raised(mentorship, aylin)
    url = reverse("admin:programmes_programme_delete", args=[mentorship.cohort.programme_id])
    page = signed_in(factories.hr_admin()).get(url).content.decode()
    assert "permission to delete the following types of objects" in page
    assert not any(word in page.lower() for word in ("pressure", "concern:", "concerns:"))
