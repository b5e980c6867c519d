"""What `post` carries beside its text: a calendar part, a page for the mail, a nudge before, a meeting."""

from datetime import timedelta
from types import SimpleNamespace

import pytest

from notices import mail, outbox, still
from notices.kinds import Pace
from notices.models import Notice
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db

INVITE = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n"


def posted(key="one", to=None, **fields):
    to = to or factories.person("Aylin Kaya")
    meeting = SimpleNamespace(starts_at=NOW, ends_at=NOW, place="", link="")
    context = {"others": "Martin", "actor": "Martin", "meeting": meeting}
    return outbox.post(
        "meeting-planned", to=to, key=key, context=context, url="/meetings/1/", at=NOW, **fields
    )


def test_calendar_is_an_alternative_and_a_file_with_its_method():
    notice = posted(calendar=INVITE)
    parts = {}
    for part in mail.message(notice).message().walk():
        if part.get_content_type() == "text/calendar":
            parts[part.get_content_disposition()] = part
    assert {part.get_param("method") for part in parts.values()} == {"REQUEST"}
    assert parts["attachment"].get_filename() == "invite.ics"
    assert parts[None].get_payload(decode=True).decode().split() == INVITE.split()
    assert notice.pace == Pace.UNCOUNTED


def test_mail_leads_to_its_own_page_and_the_inbox_to_the_product():
    notice = posted(mail_url="/meetings/answer/signed/")
    body = mail.message(notice).body
    assert "http://localhost:8000/meetings/answer/signed/" in body
    assert notice.url == "/meetings/1/"


def test_meeting_in_the_context_is_remembered():
    assert posted().meeting_at == NOW


def test_second_nudge_only_for_somebody_who_got_the_first():
    to = factories.person()
    posted("first", to)
    assert posted("second", to, after="first") is None
    Notice.objects.filter(key="first").update(sent_at=NOW + timedelta(minutes=1))
    assert posted("second", to, after="first").key == "second"
    assert posted("third", to, after="never posted") is None


def test_settled_asks_the_room_once_and_knows_nothing_of_other_kinds(monkeypatch):
    asked = []
    monkeypatch.setattr(still, "CHECKS", {})
    notices = [posted("one"), posted("two")]
    assert still.settled(notices) == set()

    @still.still_due("meeting-planned")
    def check(found):
        asked.append(len(found))
        return [notice.pk for notice in found if notice.key == "two"]

    assert (still.settled(notices), asked) == ({notices[0].pk}, [2])
