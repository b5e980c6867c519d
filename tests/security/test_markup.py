"""What people write is words, wherever it comes out: no element, attribute, header, formula or line of a
calendar is made of it. It is written into every column there is; then everybody walks everywhere.
"""

import logging
import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from urllib.parse import urlencode

import pytest
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.core import mail
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import models, transaction
from django.http import HttpResponseBase
from django.test import Client, RequestFactory, override_settings
from django.test.client import ClientHandler
from django.urls import Resolver404, resolve
from django.utils import timezone
from pypdf import PdfReader

import accounts.mail
import agreements.reminders
import concerns.reminders
import feedback.reminders
import goals.reminders
import matching.reminders
import meetings.reminders
import mentoring.reminders
import programmes.reminders
import pulses.reminders
from accounts.models import AccountMail
from matching.models import Step
from meetings.models import Resource
from mentoring import unsigned
from mentoring.settings import BASE_DIR
from notices.mail import message
from notices.models import Notice
from notices.outbox import post_all
from participants import imports
from participants.importing.mapping import ColumnChoice
from participants.models import PeopleImport, Person
from programmes.models import Wording
from tests.security import addresses, hostile
from tests.security.company import Company
from tests.security.expected import TABLE
from tests.security.page_forms import forms_on
from tests.security.roles import (
    ANONYMOUS,
    CONFIDANT,
    DEACTIVATED,
    HR,
    MENTOR,
    NOBODY,
    OTHER_CONFIDANT,
    OTHER_COORDINATOR,
    ROLES,
    STRANGER,
)

ROOMS = {app.name for app in apps.get_app_configs() if Path(app.path).parent == BASE_DIR}
DOUBLES = {STRANGER, OTHER_CONFIDANT, OTHER_COORDINATOR, DEACTIVATED}
pytestmark = pytest.mark.django_db
ACTION = re.compile(r'<select name="action".*?</select>', re.DOTALL)
LIST = re.compile(r"admin/\w+/\w+/")
OPTION = re.compile(r'<option value="(\w+)"')


@pytest.fixture(scope="module")
def company(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[Company]:
    folder = tmp_path_factory.mktemp("media")
    with django_db_blocker.unblock(), override_settings(MEDIA_ROOT=folder), transaction.atomic():
        made = Company()
        Resource.objects.create(
            mentorship=made.things["pair"], member=made.mine, title="A link", link="https://example.org"
        )
        Wording.objects.filter(pk=made.things["wording"].pk).update(kind="mentorship-nudge")
        Step.objects.create(run=made.things["run"], kind="lock", people="Aylin · Martin")
        made.things["import"] = hostile_file(made)
        mentor = made.people[MENTOR]
        UserSession.objects.create(user=mentor, ip="192.0.2.7", session_key="elsewhere", user_agent="Firefox")
        AccountMail.objects.create(kind="password_set", email=mentor.email, person=mentor, until=made.at)
        made.written = hostile.fill()
        fresh = Person.objects.in_bulk([person.pk for person in made.people.values()])
        people = {role: fresh[person.pk] for role, person in made.people.items()}
        made.visitors = {role: Visitor(people.get(role)) for role in ROLES}
        yield made
        transaction.set_rollback(True)


def hostile_file(company: Company) -> PeopleImport:
    """An HR file with words in its columns, its cells and its name, of which rows are refused."""
    words = hostile.TEXT.format(pk=0).replace("\r\n", " ")
    rows = [
        ("Name", "Email", words.replace("@", "")),
        (words, "not an address", words),
        (words, "a@example.org", words),
    ]
    text = "\n".join(";".join(f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in row) for row in rows)
    made = imports.upload(file=ContentFile(text.encode(), name="people.csv"), by=company.people[HR])
    imports.work(made)
    made.refresh_from_db()
    imports.choose(
        people_import=made, choice=ColumnChoice(made.choice["columns"], made.choice["dates"]), language="en",
        time_zone="UTC", is_full=False,
    )  # fmt: skip
    imports.work(made)
    made.refresh_from_db()
    assert made.state == "previewed", made.error
    return made


class Visitor(RequestFactory):
    """Somebody's browser, without what Django's test client notes of each template. What a visit changes is
    undone."""

    def __init__(self, person: models.Model | None) -> None:
        client = Client()
        if person:
            client.force_login(person)
        super().__init__(headers={"Cookie": client.cookies.output(header="", sep=";").split(";")[0].strip()})
        self.handler = ClientHandler(enforce_csrf_checks=False)
        self.seen: set[int] = set()

    def request(self, **request: object) -> HttpResponseBase:
        return self.handler(self._base_environ(**request))

    def ask(self, address: str, body: dict | None = None) -> tuple[set[str], str]:
        """What is wrong with the answer, the page it leads to and the mails it sends; and the page."""
        last = Notice.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        mail.outbox = []
        with transaction.atomic():
            answer = self.get(address) if body is None else self.post(address, body)
            problems, page = problems_in(answer, self.seen)
            if body is not None and answer.headers.get("Location", "").startswith("/"):
                problems |= problems_in(self.get(answer.headers["Location"]), self.seen)[0]
            for notice in Notice.objects.filter(pk__gt=last):
                problems |= problems_in_mail(message(notice))
            for sent in mail.outbox:
                problems |= problems_in_mail(sent)
            transaction.set_rollback(True)
        return problems, page


def problems_in(answer: HttpResponseBase, seen: set[int]) -> tuple[set[str], str]:
    if answer.status_code >= 500:
        return {f"answers {answer.status_code}"}, ""
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if hash(content) in seen:
        return set(), ""
    seen.add(hash(content))
    match answer.headers.get("Content-Type", "").partition(";")[0]:
        case "text/html":
            page = content.decode()
            return hostile.in_html(page), page
        case "text/csv":
            return hostile.in_csv(content.decode()), ""
        case "text/calendar":
            return hostile.in_calendar(content.decode()), ""
        case "application/pdf":
            text = "".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)
            return set() if "#panic" in text else {"is not in the PDF as it was written"}, ""
        case kind if kind.endswith("spreadsheetml.sheet"):
            return hostile.in_xlsx(content), ""
    return set(), ""


def problems_in_mail(sent: mail.EmailMessage) -> set[str]:
    written = sent.message()  # raises BadHeaderError for a header with a line end
    problems = {"made the header Bcc"} if "Bcc" in written else set()
    for part in written.walk():
        if part.get_content_type() in ("text/html", "text/calendar"):
            text = part.get_payload(decode=True).decode()
            check = hostile.in_html if part.get_content_subtype() == "html" else hostile.in_calendar
            problems |= check(text)
    return problems


def bodies(page: str) -> Iterator[tuple[str, str, dict]]:
    """Each form of a page as each of its buttons and actions sends it: where to, which, and with what."""
    actions = [value for select in ACTION.findall(page) for value in OPTION.findall(select)]
    for form in forms_on(page):
        for body in form.bodies():
            for action in actions if "action" in form.data or "_selected_action" in form.data else [""]:
                chosen = {"action": action} if action else {}
                yield form.action, "&".join(sorted({*body, *chosen.values()})), body | chosen


def test_every_column_is_written_into(company):
    assert {label for label, rows in company.written.items() if not rows} == set()
    assert {f"{model._meta.label}.{field.name}" for model, field in hostile.columns()} >= hostile.MACHINE


def test_words_are_words_on_every_page_and_in_every_file(company, caplog):
    """Also after every form was sent as it stands, and every action was begun on all rows of a list."""
    caplog.set_level(logging.CRITICAL, "django.request")
    problems, forms = defaultdict(set), {}
    for route, address in everywhere(company):
        for role in who_looks(route):
            found, page = company.visitors[role].ask(address)
            for problem in found:
                problems[problem].add(f"{role} GET {route}")
            for where, name, body in bodies(page):
                forms.setdefault((route_of(where or address), name), (role, where or address, body))
    for (route, name), (role, address, body) in forms.items():
        cache.clear()  # what is limited is tested elsewhere
        for problem in company.visitors[role].ask(address, body)[0]:
            problems[problem].add(f"{role} POST {route} {name}")
    assert dict(problems) == {}
    assert len(forms) > 150


def everywhere(company: Company) -> Iterator[tuple[str, str]]:
    """Each address; figures in both kinds of file, lists also with markup in what is searched for."""
    for route in dict.fromkeys(addresses.routes()):
        if not TABLE.get(route, (NOBODY, NOBODY))[0]:
            continue
        address = addresses.address(route, company)
        yield route, address
        if address.endswith(".xlsx"):
            yield route, address.replace(".xlsx", ".csv")
        if LIST.fullmatch(route):
            yield route, f"{address}?{urlencode({'q': hostile.SHORT})}"


def who_looks(route: str) -> list[str]:
    """Everybody who may, but for those who see the same as another, or less of it; at the pages about one's
    own account a few of them."""
    may, _ = TABLE.get(route, (NOBODY, NOBODY))
    roles = (ANONYMOUS, MENTOR, CONFIDANT, HR) if route.startswith("account/") else ROLES
    return [role for role in roles if role in may and role not in DOUBLES]


def route_of(address: str) -> str:
    try:
        return resolve(address.partition("?")[0]).route
    except Resolver404:
        return ""


@pytest.mark.parametrize("link", ["javascript:q7()", "data:text/html,q7", "vbscript:q7", "//\x00q7", "q7"])
def test_links_that_people_give_lead_to_the_web(link):
    fields = [field for _model, field in hostile.columns() if isinstance(field, models.URLField)]
    assert len(fields) == 2
    for field in fields:
        with pytest.raises(ValidationError):
            field.run_validators(link)


def test_no_template_of_ours_marks_words_as_safe():
    """HTML is made with `format_html`; what a mail says as text is escaped where it becomes HTML."""
    pages = {path: path.read_text() for path in (BASE_DIR / "templates").rglob("*.html")}
    assert len(pages) > 150
    assert [path.name for path, text in pages.items() if re.search(r"\|\s*safe\b|autoescape off", text)] == []
    code = [path for path in BASE_DIR.glob("*/**/*.py") if path.relative_to(BASE_DIR).parts[0] in ROOMS]
    assert [path.name for path in code if re.search(r"mark_safe|SafeString\(", path.read_text())] == []


def test_words_are_words_in_every_mail(company, caplog):
    for days in (0, 1, 2, 4, 5, 8, 12, 20, 35, 60, 95):
        remind(company.at + timedelta(days=days))
    notices = list(Notice.objects.select_related("recipient").order_by("pk"))
    problems = {one.kind: found for one in notices if (found := problems_in_mail(message(one)))}
    for person in {one.recipient for one in notices}:
        theirs = [one for one in notices if one.recipient == person]
        if found := problems_in_mail(message(theirs[0], theirs)):
            problems[f"digest of {person}"] = found
    assert problems == {}
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []
    assert len({one.kind for one in notices}) > 15


def remind(at: datetime) -> None:
    """What the sweeps of every room say by then."""
    for due in (
        agreements.reminders.post_due, matching.reminders.remind_asked, matching.reminders.remind_offered,
        meetings.reminders.post_due, mentoring.reminders.post_due, unsigned.post_due,
        programmes.reminders.remind_invited, programmes.reminders.remind_line_managers,
        programmes.reminders.remind_unbriefed, programmes.reminders.remind_unfinished,
    ):  # fmt: skip
        due(at)
    for messages in (
        concerns.reminders.unread, concerns.reminders.nudges, feedback.reminders.messages,
        feedback.reminders.to_ask, goals.reminders.messages, pulses.reminders.messages,
    ):  # fmt: skip
        post_all(messages(at), at=at)


@pytest.mark.parametrize("kind", AccountMail.Kind.values)
def test_words_are_words_in_mails_about_an_account(company, kind):
    facts = {"nonce": "n", "timestamp": timezone.now().isoformat(), "is_new": True}
    person = Person.objects.get(pk=company.people[MENTOR].pk)
    written = AccountMail(kind=kind, email=person.email, person=person, facts=facts)
    assert problems_in_mail(accounts.mail.message(written, person)) == set()


@pytest.mark.parametrize(
    ("page", "problems"),
    [
        ("<p>&lt;q7x&gt; {{ q7 }}</p><a title=\"&quot; q7y=1\" href='/q7'>q7</a>", set()),
        ("<p><q7x></p>", {"made the element q7x"}),
        ('<p title="" q7y=1>', {"made an attribute of p"}),
        ('<p x-init="q7()">', {"stands in x-init of p"}),
        ("<a href=' java\nscript:q7()'>", {"href of a leads to  java\nscript:q7()"}),
        ("<script>'<q7x>'</script>", {"stands in script"}),
        ("<!-- q7 -->", {"stands in a comment"}),
    ],
)
def test_reader_finds_what_a_browser_would_make_of_it(page, problems):
    assert hostile.in_html(page) == problems
