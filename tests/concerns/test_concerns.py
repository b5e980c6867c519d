from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import uuid4

import pytest
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.core.management import call_command
from django.db import connection

from concerns import actions, waiting
from concerns.models import Concern, ConcernMessage
from concerns.queries import confidants_for, weeks_waited
from domain.errors import DomainError
from notices.models import Notice
from tests import factories

pytestmark = pytest.mark.django_db

AT = datetime(2026, 9, 15, 10, 0, tzinfo=UTC)
SECRET = "He shouted at me in front of the others."


def scene(**fields):
    """A mentorship and Nadia, the confidant of its programme, who stands in nobody's line."""
    made = factories.mentorship(
        factories.person("Aylin Kaya"), factories.person("Dr. Martin Vogel"), **fields
    )
    nadia = factories.person("Nadia Okafor")
    factories.programme_role(made.cohort.programme, nadia, "confidant")
    aylin, martin = (factories.member(made, role).person for role in ("mentor", "mentee"))
    return made, aylin, martin, nadia


def raised(mentorship, by, **fields):
    fields.setdefault("text", SECRET)
    fields.setdefault("topic", "pressure")
    fields.setdefault("at", AT)
    return actions.raise_concern(mentorship=mentorship, by=by, **fields)


def confidant_of(mentorship, name, **fields):
    made = factories.person(name, **fields)
    factories.programme_role(mentorship.cohort.programme, made, "confidant")
    return made


# --- Who may read it -----------------------------------------------------------------


def test_nobody_reads_a_concern_but_who_raised_it_and_the_confidants_outside_every_line():
    mentorship, aylin, martin, nadia = scene()
    above = confidant_of(mentorship, "Above Aylin")
    aylin.manager = factories.person(manager=above)
    aylin.save()
    below = confidant_of(mentorship, "Below Martin", manager=factories.person(manager=martin))
    foreign = factories.person("Confidant elsewhere")
    factories.programme_role(factories.programme(), foreign, "confidant")
    coordinator = factories.person("Coordinator")
    factories.programme_role(mentorship.cohort.programme, coordinator, "coordinator")
    member = martin
    factories.programme_role(mentorship.cohort.programme, member, "confidant")
    left = confidant_of(mentorship, "Left the company", is_active=False)

    concern = raised(mentorship, aylin)

    readers = [nadia, above, below, foreign, coordinator, member, factories.hr_admin(), factories.person()]
    reads = {one.name: Concern.objects.visible_to(one).filter(pk=concern.pk).exists() for one in readers}
    assert [name for name, yes in reads.items() if yes] == ["Nadia Okafor"]
    assert list(Concern.objects.visible_to(aylin)) == [concern]
    assert confidants_for(mentorship) == [nadia]
    assert list(Notice.objects.values_list("recipient", flat=True)) == [nadia.pk]
    assert left not in confidants_for(mentorship)


@pytest.mark.parametrize("act", ["concerns.care", "concerns.write"])
def test_the_table_refuses_hr_and_confidants_in_the_line(act):
    mentorship, aylin, martin, nadia = scene()
    in_line = confidant_of(mentorship, "Below Martin", manager=martin)
    concern = raised(mentorship, aylin)
    allowed = [one.has_perm(act, concern) for one in (nadia, in_line, factories.hr_admin(), martin)]
    assert allowed == [True, False, False, False]
    assert aylin.has_perm(act, concern) is (act == "concerns.write")


def test_a_change_of_manager_closes_a_concern_to_the_confidant_at_once():
    mentorship, aylin, _, nadia = scene()
    concern = raised(mentorship, aylin)
    aylin.manager = nadia
    aylin.save()
    assert not Concern.objects.visible_to(nadia).filter(pk=concern.pk).exists()


def test_a_concern_is_not_written_where_nobody_may_read_it():
    mentorship, aylin, martin, nadia = scene()
    martin.manager = nadia
    martin.save()
    with pytest.raises(DomainError, match="speak to HR directly"):
        raised(mentorship, aylin)
    assert Concern.objects.count() == 0


# --- What the notices say ------------------------------------------------------------


def test_notices_say_nothing_of_the_text_nor_of_anybody():
    mentorship, aylin, martin, nadia = scene()
    concern = raised(mentorship, aylin, urgency="now", contact="0171 2345")
    actions.take(concern=concern, by=nadia, at=AT)
    actions.reply(concern=concern, by=nadia, text="I am here for you.", at=AT)
    actions.reply(concern=concern, by=aylin, text="Thank you, tomorrow?", at=AT)
    notices = list(Notice.objects.order_by("pk"))
    assert [(one.kind, one.recipient) for one in notices] == [
        ("concern-raised", nadia),
        ("concern-answered", aylin),
        ("concern-answered", nadia),
    ]
    assert {one.url for one in notices} == {f"/concerns/{concern.uuid}/"}
    assert {one.created_at for one in notices} == {AT}
    said = " ".join(one.subject + one.text + one.label for one in notices)
    names = [part for one in (aylin, martin, nadia) for part in one.name.split()]
    for word in [
        *names,
        mentorship.cohort.programme.name,
        SECRET,
        "0171",
        "here for you",
        "tomorrow",
        "ressure",
    ]:
        assert word not in said
    assert "asks for an answer today" in notices[0].text


def test_a_message_before_anybody_cares_reaches_every_confidant_who_may_read_it():
    mentorship, aylin, _, nadia = scene()
    second = confidant_of(mentorship, "Paul Meier")
    concern = raised(mentorship, aylin)
    actions.reply(concern=concern, by=aylin, text="One more thing.", at=AT)
    answered = Notice.objects.filter(kind="concern-answered")
    assert set(answered.values_list("recipient", flat=True)) == {nadia.pk, second.pk}


def test_a_message_in_care_reaches_whoever_cares():
    mentorship, aylin, _, nadia = scene()
    confidant_of(mentorship, "Paul Meier")
    concern = raised(mentorship, aylin)
    actions.take(concern=concern, by=nadia, at=AT)
    actions.reply(concern=concern, by=aylin, text="One more thing.", at=AT)
    assert [one.recipient for one in Notice.objects.filter(kind="concern-answered")] == [nadia]


# --- Its course ----------------------------------------------------------------------


def test_raise_keeps_what_was_said_and_a_contact_only_where_it_may_be_used():
    mentorship, aylin, *_ = scene()
    one = raised(mentorship, aylin, text=f" {SECRET} ", may_contact=True, contact="0171 2345")
    other = raised(mentorship, aylin, may_contact=False, contact="0171 2345")
    one.refresh_from_db()
    other.refresh_from_db()
    assert (one.text, one.contact, one.raised_at, one.state) == (SECRET, "0171 2345", AT, "open")
    assert (one.programme, one.mentorship) == (mentorship.cohort.programme, mentorship)
    assert other.contact is None


def test_take_is_one_confidants_and_harmless_twice():
    mentorship, aylin, _, nadia = scene()
    second = confidant_of(mentorship, "Paul Meier")
    concern = raised(mentorship, aylin)
    assert actions.take(concern=concern, by=nadia, at=AT) is True
    assert actions.take(concern=concern, by=nadia, at=AT + timedelta(hours=1)) is False
    with pytest.raises(DomainError, match="Another confidant"):
        actions.take(concern=Concern.objects.get(), by=second)
    concern.refresh_from_db()
    assert (concern.confidant, concern.taken_at, concern.state) == (nadia, AT, "in_care")


def test_settle_ends_the_exchange_for_confidants():
    mentorship, aylin, _, nadia = scene()
    concern = raised(mentorship, aylin)
    assert actions.settle(concern=concern, by=nadia, at=AT) is True
    assert actions.settle(concern=concern, by=aylin) is False
    for act in (actions.take, partial(actions.reply, text="But")):
        with pytest.raises(DomainError, match="Only whoever raised it can open it again"):
            act(concern=concern, by=nadia)
    concern.refresh_from_db()
    assert (concern.settled_at, concern.waits_since, concern.messages.count()) == (AT, None, 0)


@pytest.mark.parametrize(("who", "told"), [("reader", 1), ("author", 0)])
def test_its_author_is_told_each_time_a_reader_settles_it_and_by_whom(who, told):
    mentorship, aylin, _, nadia = scene()
    raised(mentorship, aylin)
    by = nadia if who == "reader" else aylin
    for number, at in enumerate((AT, AT + timedelta(days=1)), start=1):
        for _twice in range(2):
            actions.settle(concern=Concern.objects.get(), by=by, at=at)
        notices = Notice.objects.filter(kind="concern-settled")
        assert [notice.recipient for notice in notices] == [aylin] * told * number
        assert all("Nadia Okafor" in one.text and SECRET not in one.subject + one.text for one in notices)
        actions.reply(concern=Concern.objects.get(), by=aylin, text="It goes on.", at=at)


@pytest.mark.parametrize("was_taken", [True, False])
def test_its_author_answers_a_settled_one_and_opens_it_again_for_the_same_readers(was_taken):
    mentorship, aylin, _, nadia = scene()
    confidant_of(mentorship, "Paul Meier")
    concern = raised(mentorship, aylin)
    if was_taken:
        actions.take(concern=concern, by=nadia, at=AT)
    actions.settle(concern=concern, by=aylin, at=AT)
    confidant_of(mentorship, "Named since")
    later = AT + timedelta(weeks=5)
    actions.reply(concern=concern, by=aylin, text="It happened again.", at=later)
    concern.refresh_from_db()
    state, carer = ("in_care", nadia) if was_taken else ("open", None)
    assert (concern.state, concern.confidant, concern.settled_at) == (state, carer, None)
    assert concern.waits_since == later
    told = Notice.objects.filter(kind="concern-answered").values_list("recipient__name", flat=True)
    assert set(told) == ({"Nadia Okafor"} if was_taken else {"Nadia Okafor", "Paul Meier"})
    assert [one.title for one in waiting.waiting_for(nadia, later)] == [
        "Somebody has written to you again" if was_taken else "Somebody has confided in you"
    ]
    assert weeks_waited([concern.programme], later + timedelta(weeks=1)) == {concern.programme_id: 1}
    actions.settle(concern=concern, by=nadia, at=later)
    assert weeks_waited([concern.programme], later + timedelta(weeks=1)) == {}


@pytest.mark.django_db(transaction=True)
def test_what_is_sent_twice_at_once_is_stored_once():
    mentorship, aylin, _, nadia = scene()
    key, message_key = uuid4(), uuid4()

    def at_once(act):
        def run(_):
            try:
                return act().pk
            finally:
                connection.close()

        with ThreadPoolExecutor(2) as pool:
            return len(set(pool.map(run, range(2))))

    assert at_once(lambda: raised(mentorship, aylin, request_key=key)) == 1
    concern = Concern.objects.get()
    assert at_once(lambda: actions.reply(concern=concern, by=nadia, text="x", request_key=message_key)) == 1
    assert (ConcernMessage.objects.count(), Notice.objects.count()) == (1, 2)


@pytest.mark.django_db(transaction=True)
def test_take_by_two_at_once_is_one_confidants():
    mentorship, aylin, _, nadia = scene()
    second = confidant_of(mentorship, "Paul Meier")
    raised(mentorship, aylin)

    def take(who):
        try:
            return actions.take(concern=Concern.objects.get(), by=who)
        except DomainError:
            return None
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert set(pool.map(take, [nadia, second])) == {True, None}


# --- What HR learns, and what waits --------------------------------------------------


def test_staff_learn_for_how_many_whole_weeks_one_waits_and_no_more():
    mentorship, aylin, _, nadia = scene()
    programme = mentorship.cohort.programme
    raised(mentorship, aylin, at=AT - timedelta(days=6))
    assert weeks_waited([programme], AT) == {}
    raised(mentorship, aylin, at=AT - timedelta(days=20))
    taken = raised(mentorship, aylin, at=AT - timedelta(days=40))
    actions.take(concern=taken, by=nadia)
    assert weeks_waited([programme], AT) == {programme.pk: 2}
    elsewhere, other, *_ = scene()
    raised(elsewhere, other, at=AT - timedelta(days=7))
    raised(elsewhere, other, at=AT - timedelta(weeks=60))
    both = [programme, elsewhere.cohort.programme]
    assert weeks_waited(both, AT) == {programme.pk: 2, elsewhere.cohort.programme_id: 1}


def test_a_concern_waits_for_its_confidants_without_names():
    mentorship, aylin, martin, nadia = scene()
    concern = raised(mentorship, aylin)
    (one,) = waiting.waiting_for(nadia, AT)
    assert (one.title, one.text) == ("Somebody has confided in you", "Soon, please.")
    assert one.actions[0].url == f"/concerns/{concern.uuid}/"
    others = (aylin, martin, factories.hr_admin(), factories.person())
    assert [waiting.waiting_for(person, AT) for person in others] == [[], [], [], []]
    actions.take(concern=concern, by=nadia)
    assert waiting.waiting_for(nadia, AT) == []


@pytest.mark.parametrize("rows", [1, 3])
def test_waiting_takes_one_query_however_many_concerns(django_assert_num_queries, rows):
    mentorship, aylin, _, nadia = scene()
    for _ in range(rows):
        raised(mentorship, aylin)
    with django_assert_num_queries(1):
        assert len(waiting.waiting_for(nadia, AT)) == rows


# --- Encrypted at rest ---------------------------------------------------------------


def stored():
    """Every ciphertext there is, as it lies in the database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT text FROM concerns_concern UNION ALL SELECT text FROM concerns_concernmessage")
        rows = [bytes(row[0]) for row in cursor.fetchall()]
        cursor.execute("SELECT contact FROM concerns_concern WHERE contact IS NOT NULL")
        return rows + [bytes(row[0]) for row in cursor.fetchall()]


def written():
    mentorship, aylin, _, nadia = scene()
    concern = raised(mentorship, aylin, contact="0171 2345")
    actions.reply(concern=concern, by=nadia, text="I am here for you.")
    return concern


PLAIN = {SECRET, "0171 2345", "I am here for you."}


def test_what_was_written_does_not_lie_in_the_database_as_text():
    written()
    assert len(stored()) == 3
    for lying in stored():
        assert not any(text.encode() in lying for text in PLAIN)


def test_without_the_key_it_cannot_be_read(settings):
    concern = written()
    settings.CONCERN_KEYS = [Fernet.generate_key().decode()]
    with pytest.raises(InvalidToken):
        Concern.objects.get(pk=concern.pk)


def test_rotation_encrypts_everything_with_the_newest_key_and_the_old_one_may_go(settings, capsys):
    concern = written()
    new = Fernet.generate_key().decode()
    settings.CONCERN_KEYS = [new, *settings.CONCERN_KEYS]
    call_command("rotate_concern_key")
    assert capsys.readouterr().out == "1 concerns and 1 messages are encrypted with the newest key.\n"
    settings.CONCERN_KEYS = [new]
    assert {MultiFernet([Fernet(new)]).decrypt(lying).decode() for lying in stored()} == PLAIN
    assert Concern.objects.get(pk=concern.pk).text == SECRET
    call_command("rotate_concern_key")
    assert len(stored()) == 3
