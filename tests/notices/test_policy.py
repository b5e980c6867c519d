"""How much mail a person gets, and when: one at once and one digest a day, in working hours."""

from collections import Counter
from datetime import timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest

from notices import delivery, digest, outbox, still
from notices.models import ImmediateMail, Notice, NoticePreference, RefusedAddress
from tests import factories
from tests.factories import NOW
from tests.threads import at_once

pytestmark = pytest.mark.django_db

BERLIN = ZoneInfo("Europe/Berlin")
TUESDAY = NOW.astimezone(BERLIN).replace(hour=10)  # 10:00 there
MORNING = (TUESDAY + timedelta(days=1)).replace(hour=7)


@pytest.fixture
def aylin():
    return factories.person("Aylin Kaya", email="aylin@example.org", time_zone="Europe/Berlin")


def post(to, key, kind="test-act", at=TUESDAY, **fields):
    context = {"what": key}
    return outbox.post(kind, to=to, key=f"{key}:{to.pk}", context=context, url=f"/{key}/", at=at, **fields)


def sweep(at) -> int:
    return delivery.sweep(clock=lambda: at)


def text_of(mail) -> str:
    return mail.get_body(("plain",)).get_content().replace("\r\n", "\n")


def test_second_mail_of_a_day_waits_for_the_digest_of_the_next_morning(mailbox, aylin):
    for key in ("Anna", "Ben", "Cem"):
        post(aylin, key)
    assert (sweep(TUESDAY), sweep(TUESDAY + timedelta(hours=9)), sweep(MORNING)) == (1, 0, 1)
    assert mailbox.subjects() == [
        "Anna happened",
        "Ben happened, and 1 more",
    ]
    assert "Cem happened" in text_of(mailbox.mails[1])
    assert Notice.objects.undelivered().count() == 0


def test_limit_is_each_persons_and_each_day_of_theirs(mailbox, aylin):
    other = factories.person("Ben", time_zone="America/Los_Angeles")
    evening = TUESDAY.replace(hour=19)  # 10:00 in Los Angeles
    for person in (aylin, other):
        post(person, "one", at=evening)
    assert sweep(evening) == 2
    late = evening + timedelta(hours=8)  # Wednesday 3:00 in Berlin, Tuesday 18:00 over there
    for person in (aylin, other):
        post(person, "two", at=late)
    assert sweep(late) == 0
    assert sweep(MORNING) == 1  # hers goes at once, on a new day; theirs waits for their own morning
    assert mailbox.mails[-1]["To"].addresses[0].addr_spec == "aylin@example.org"
    assert sweep(MORNING + timedelta(hours=9)) == 1


def test_reminders_are_collected_with_their_links_and_go_once(mailbox, aylin):
    post(aylin, "pulse", "test-reminder")
    notice = post(aylin, "feedback", "test-reminder")
    assert sweep(TUESDAY) == 0
    sweeps = [sweep(MORNING + timedelta(minutes=minutes)) for minutes in (0, 2, 4)]
    assert (sweeps, len(mailbox.mails)) == ([1, 0, 0], 1)
    assert f"Answer: https://mentoring.example.org/notices/{notice.uuid}/" in text_of(mailbox.mails[0])
    made = Notice.objects.get(kind="digest")
    assert mailbox.mails[0]["Message-ID"] == made.message_id
    assert mailbox.mails[0]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert set(Notice.objects.values_list("sent_at", flat=True)) == {MORNING}


def test_digest_of_one_is_that_one(mailbox, aylin):
    post(aylin, "pulse", "test-reminder")
    sweep(MORNING)
    assert mailbox.subjects() == ["pulse waits"]


def test_digest_leaves_out_what_was_read_done_overtaken_or_unsubscribed_meanwhile(mailbox, aylin):
    read, done, unwanted, *_open = (
        post(aylin, key, "test-reminder") for key in ("read", "done", "unwanted", "open", "also")
    )
    past = post(aylin, "past", "test-reminder", until=MORNING)
    Notice.objects.filter(pk=read.pk).update(read_at=TUESDAY)
    Notice.objects.filter(pk=unwanted.pk).update(by_email=False)
    still.still_due("test-reminder")(lambda notices: [n.pk for n in notices if n.pk != done.pk])
    assert sweep(MORNING) == 1
    assert mailbox.subjects()[0].endswith("and 1 more")
    done.refresh_from_db()
    past.refresh_from_db()
    assert (done.read_at, done.sent_at, past.read_at, past.sent_at) == (MORNING, None, None, None)


def test_check_that_breaks_holds_up_no_mail(mailbox, aylin):
    post(aylin, "pulse", "test-reminder")
    post(aylin, "act")
    still.still_due("test-reminder")(lambda notices: 1 / 0)
    assert sweep(MORNING) == 2


def test_digest_with_nothing_left_is_not_sent(mailbox, aylin):
    post(aylin, "done", "test-reminder")
    still.still_due("test-reminder")(lambda notices: [])
    assert (sweep(MORNING), mailbox.mails, Notice.objects.undelivered().count()) == (0, [], 0)


def test_digest_of_a_day_without_a_server_is_taken_in_by_the_next(mailbox, aylin, settings):
    post(aylin, "first", "test-reminder")
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    assert sweep(MORNING) == 0
    settings.EMAIL_PORT = port
    post(aylin, "second", "test-reminder", at=MORNING + timedelta(hours=3))
    assert sweep(MORNING + timedelta(days=1)) == 1
    assert mailbox.subjects() == ["first waits, and 1 more"]
    assert sweep(MORNING + timedelta(days=1, hours=1)) == 0


def test_day_without_a_worker_loses_nothing_and_mails_nobody_in_the_evening(mailbox, aylin):
    post(aylin, "one")
    post(aylin, "two", "test-reminder")
    evening = MORNING.replace(hour=21)
    assert (sweep(evening), sweep(MORNING + timedelta(days=1))) == (0, 2)
    assert sorted(mailbox.subjects()) == ["one happened", "two waits"]


def test_nothing_at_a_weekend_but_what_concerns_a_meeting_then(mailbox, aylin):
    saturday = TUESDAY + timedelta(days=4)
    meeting = SimpleNamespace(starts_at=saturday.replace(hour=16), ends_at=saturday, place="", link="")
    post(aylin, "agreement", at=saturday)
    outbox.post(
        "meeting-moved",
        to=aylin,
        key="moved",
        context={"meeting": meeting, "actor": "Ben", "others": "Ben"},
        at=saturday,
    )
    assert (sweep(saturday), sweep(saturday + timedelta(days=2, hours=-3))) == (1, 1)
    assert mailbox.subjects()[0].startswith("Ben changed your meeting")


def test_meeting_of_that_day_and_calendar_count_towards_no_limit(mailbox, aylin):
    post(aylin, "first")
    meeting = SimpleNamespace(starts_at=TUESDAY.replace(hour=16), ends_at=TUESDAY, place="", link="")
    context = {"meeting": meeting, "actor": "Ben", "others": "Ben"}
    outbox.post("meeting-cancelled", to=aylin, key="today", context=context, at=TUESDAY)
    for number in range(3):
        post(aylin, f"calendar {number}", calendar="METHOD:REQUEST\r\n")
    assert sweep(TUESDAY) == 5
    assert ImmediateMail.objects.count() == 1


def test_two_sweeps_at_once_make_one_digest_and_one_mail_at_once(mailbox, transactional_db, aylin):
    for number in range(6):
        post(aylin, f"reminder {number}", "test-reminder")
    assert sum(at_once(*[lambda: sweep(MORNING)] * 3)) == 1
    later = MORNING + timedelta(hours=2)
    for number in range(6):
        post(aylin, f"act {number}", at=later)
    assert sum(at_once(*[lambda: sweep(later)] * 3)) == 1
    assert len(mailbox.mails) == 2


def test_clock_set_back_an_hour_doubles_and_loses_nothing(mailbox, aylin):
    post(aylin, "one")
    assert sweep(TUESDAY) == 1
    back = TUESDAY - timedelta(hours=1)
    assert post(aylin, "one", at=back) is None
    post(aylin, "two", "test-reminder", at=back)
    assert [sweep(back + timedelta(minutes=10 * step)) for step in range(12)] == [0] * 12
    assert (sweep(MORNING), sweep(MORNING - timedelta(hours=1)), sweep(MORNING)) == (1, 0, 0)
    assert len(mailbox.mails) == 2


def test_refused_address_is_not_tried_again_and_a_corrected_one_is(mailbox, aylin):
    aylin.email = "gone@example.org"
    aylin.save()
    NoticePreference.objects.create(person=aylin, kind="test-act", in_inbox=False)
    refused = post(aylin, "one")
    sweep(TUESDAY)
    refused.refresh_from_db()
    assert (refused.failed_at, refused.in_inbox) == (TUESDAY, True)
    assert list(RefusedAddress.objects.values_list("email", flat=True)) == ["gone@example.org"]
    connections = mailbox.connections
    post(aylin, "two", at=MORNING)
    post(aylin, "three", "test-reminder", at=TUESDAY)
    assert sweep(MORNING) == 0
    assert (mailbox.connections - connections, Notice.objects.undelivered().count()) == (0, 0)
    aylin.email = "aylin@example.org"
    aylin.save()
    post(aylin, "four", at=MORNING + timedelta(days=1))
    assert sweep(MORNING + timedelta(days=1)) == 1


def test_week_of_many_notices_keeps_every_limit_and_loses_none(mailbox):
    """Twelve days, three time zones, posts at all hours, sweeps with gaps: counted from what arrived."""
    people = [
        factories.person(f"P {zone}", email=f"p{number}@example.org", time_zone=zone)
        for number, zone in enumerate(["Europe/Berlin", "America/Los_Angeles", "Asia/Tokyo"])
    ]
    posted, arrived = 0, []
    start = TUESDAY.replace(hour=0)
    for hour in range(0, 24 * 12, 3):
        at = start + timedelta(hours=hour)
        if hour < 24 * 9:
            for person in people:
                for kind in ("test-act", "test-reminder"):
                    posted += post(person, f"{kind}-{hour}", kind, at=at) is not None
        if hour % 24 not in (9, 12):  # no worker for some hours of each day
            before = len(mailbox.mails)
            sweep(at)
            arrived += [(mail, at) for mail in mailbox.mails[before:]]
    digests = set(Notice.objects.filter(kind="digest").values_list("uuid", flat=True))
    zones = {person.email: person.zone for person in people}
    per_day = Counter()
    for mail, at in arrived:
        to = mail["To"].addresses[0].addr_spec
        local = at.astimezone(zones[to])
        assert local.isoweekday() <= 5
        assert 7 <= local.hour < 20
        is_digest = mail["Message-ID"][1:37] in {str(uuid) for uuid in digests}
        per_day[to, local.date(), is_digest] += 1
    assert set(per_day.values()) == {1}
    assert Notice.objects.exclude(kind="digest").exclude(sent_at=None).count() == posted
    assert digest.collect(start + timedelta(days=30)) == 0
