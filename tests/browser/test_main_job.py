"""The main job from the HR file to the manager's dashboard, by the people whose job it is, in a browser."""

import csv
import re
import time
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db.models import F
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

import meetings.actions
import programmes.actions
from insights.models import Release
from matching.models import Mentorship
from meetings.models import Meeting
from notices.models import Notice
from participants.models import Expertise, Interest, Person, Profile, Topic
from programmes.models import Cohort, Programme, ProgrammeRole, Role

pytestmark = pytest.mark.browser

PASSWORD = "tide-and-lighthouse-7"
GRADES = "Specialist,Team Lead,Head,Director"
COLUMNS = [
    "Post Unique Reference", "Name", "E-mail", "Grade (or equivalent)", "Job Title", "Organisation", "Unit",
    "Reports to Senior Post", "Professional/Occupational Group",
]  # fmt: skip


def hr_file(path: Path) -> Path:
    """A director; six heads in one unit, six specialists in another, each with a lead between."""
    rows = [
        [
            "D1",
            "Ingrid Solberg",
            "ingrid@example.org",
            "Director",
            "Director",
            "North",
            "Board",
            "",
            "Policy",
        ],
        ["L1", "Lena Lang", "lena@example.org", "Team Lead", "Lead", "North", "Data", "D1", "Technology"],
        ["C1", "Nadia Okafor", "nadia@example.org", "Team Lead", "Ombudsperson", "North", "Legal", "", "Law"],
        ["R1", "Helene Brandt", "helene@example.org", "Team Lead", "HR", "North", "People", "", "People"],
    ]
    heads = ["Dr. Martin Vogel", *(f"Head {n}" for n in range(2, 15))]
    juniors = ["Aylin Kaya", *(f"Junior {n}" for n in range(2, 15))]
    for number, name in enumerate(heads):
        rows.append([f"H{number}", name, address(name), "Head", "Head", "North", "Supply", "D1", "Logistics"])
    for number, name in enumerate(juniors):
        rows.append(
            [f"J{number}", name, address(name), "Specialist", "Analyst", "North", "Data", "L1", "Technology"]
        )
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([COLUMNS, *rows])
    return path


def address(name: str) -> str:
    return re.sub(r"\W+", "", name.rsplit(".", maxsplit=1)[-1].lower()) + "@example.org"


@pytest.fixture
def company(transactional_db, tmp_path) -> None:
    call_command("import_people", str(hr_file(tmp_path / "people.csv")), grades=GRADES, verbosity=0)
    Person.objects.filter(email="helene@example.org").update(is_hr_admin=True)
    Person.objects.update(time_zone="Europe/Berlin", language="en")
    Topic.objects.create(name_en="AI in daily work", name_de="KI im Arbeitsalltag")
    Topic.objects.create(name_en="Data literacy", name_de="Umgang mit Daten")
    for person in Person.objects.all():
        person.set_password(PASSWORD)
        person.save(update_fields=["password"])


@pytest.fixture
def sign_in(chromium: Browser, running_product: str):
    contexts, complaints = [], []

    def sign_in(email: str, width: int = 1200) -> Page:
        context = chromium.new_context(base_url=running_product, viewport={"width": width, "height": 900})
        contexts.append(context)
        context.set_default_timeout(10_000)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto("/account/login/")
        page.locator("input[name=login]").fill(email)
        page.locator("input[name=password]").fill(PASSWORD)
        page.locator("input[name=password]").press("Enter")
        expect(page.locator("h1")).to_contain_text(re.compile("Hello|Good"))
        return page

    yield sign_in
    for context in contexts:
        context.close()
    assert complaints == []


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def follow(page: Page, name: str) -> None:
    page.get_by_role("link", name=name).first.click()


def test_main_job_from_the_hr_file_to_the_managers_dashboard(company, sign_in, smtp):
    hr = sign_in("helene@example.org")
    cohort = set_up_a_programme(hr)
    aylin = sign_in("aylinkaya@example.org", width=360)
    martin = sign_in("martinvogel@example.org")
    enrol(aylin, smtp, "aylinkaya@example.org", teaches=True)
    enrol(martin, smtp, "martinvogel@example.org", teaches=False)
    others_enrol(cohort)
    match_and_confirm(hr, cohort)
    mentorship = Mentorship.objects.of(Person.objects.get(email="aylinkaya@example.org")).get()
    sign_and_set_a_goal(aylin, martin, mentorship)
    meeting = plan_the_kick_off(martin, mentorship)
    the_day_before_comes(meeting)
    reminder = reminder_to(smtp, "aylinkaya@example.org")
    assert "https://meet.example.com/kick-off" in reminder.get_body(("plain",)).get_content()
    time_passes(cohort, meeting)
    others_meet(cohort)
    log_the_meeting(aylin, martin, meeting)
    check_in(aylin, martin, smtp)
    see_the_dashboard(sign_in("ingrid@example.org"), cohort)


# --- Its parts -----------------------------------------------------------------------------


def set_up_a_programme(hr: Page) -> Cohort:
    hr.goto("/admin/")
    hr.goto("/admin/programmes/programme/from-preset/")
    hr.get_by_label("Reverse mentoring").check()
    hr.get_by_label("Name in English").fill("Reverse Mentoring")
    hr.get_by_label("Name in German").fill("Reverse Mentoring")
    press(hr, "Create the programme")
    hr.wait_for_url("**/change/")
    programme = Programme.objects.get()
    assert programme.objectives.count() >= 3 and programme.ground_rules.count() >= 8
    for email, role in (("nadia", ProgrammeRole.Kind.CONFIDANT), ("ingrid", ProgrammeRole.Kind.SPONSOR)):
        person = Person.objects.get(email=f"{email}@example.org")
        ProgrammeRole.objects.create(programme=programme, person=person, role=role)
    today = timezone.localdate()
    hr.goto(f"/admin/programmes/cohort/add/?programme={programme.pk}")
    hr.locator("select[name=programme]").select_option(str(programme.pk))
    hr.locator("input[name=name]").fill("Autumn")
    for field, days in (
        ("enrolment_opens_on", 0),
        ("enrolment_closes_on", 7),
        ("starts_on", 7),
        ("ends_on", 190),
    ):
        hr.locator(f"input[name={field}]").fill((today + timedelta(days=days)).isoformat())
    hr.locator("button[name=_save]").click()
    cohort = Cohort.objects.get()
    hr.goto(f"/admin/programmes/cohort/{cohort.pk}/open-enrolment/")
    press(hr, "Open enrolment")
    for role, emails in (("mentor", "aylinkaya@example.org"), ("mentee", "martinvogel@example.org")):
        hr.goto(f"/admin/programmes/cohort/{cohort.pk}/invite/")
        hr.locator(f"input[name=role][value={role}]").check()
        hr.locator("input[name=whom][value=list]").check()
        hr.locator("textarea[name=addresses]").fill(emails)
        press(hr, "Invite")
        expect(hr.get_by_text("1 person was told")).to_be_visible(timeout=20_000)
    assert cohort.invitations.count() == 2
    return cohort


def enrol(page: Page, smtp, email: str, *, teaches: bool) -> None:
    mail = smtp.wait_for(to=email)
    assert "Reverse Mentoring" in mail["Subject"]
    page.goto("/programmes/")
    page.locator("a.row-action").first.click()
    page.locator("a[href*=enrol]").first.click()
    page.locator(f"input[name=role][value={'mentor' if teaches else 'mentee'}]").check()
    press(page, "Next")
    row = "can" if teaches else "want"
    page.locator(f"select[name={row}-0-subject]").select_option(label="AI in daily work")
    press(page, "Next")
    page.get_by_role("button", name="Mornings").click()
    page.locator("select[name=speak-0-subject]").select_option("en")
    press(page, "Next")
    page.locator("textarea[name=hopes]").fill("To see our company with other eyes.")
    press(page, "Next")
    press(page, "Send my enrolment")
    page.wait_for_url(re.compile(r"/programmes/[0-9a-f-]+/$"))
    page.goto("/")
    expect(page.get_by_text("Enrol", exact=True)).to_have_count(0)


def others_enrol(cohort: Cohort) -> None:
    """Thirteen more on each side, by the same verbs, so that there is a group the dashboard shows, however
    the coin falls."""
    cohort.refresh_from_db()
    topic, hr = Topic.objects.get(name_en="Data literacy"), Person.objects.get(is_hr_admin=True)
    for person in Person.objects.filter(name__regex=r"^(Junior|Head) \d"):
        is_junior = person.name.startswith("Junior")
        profile, _created = Profile.objects.get_or_create(person=person)
        model = Expertise if is_junior else Interest
        model.objects.create(profile=profile, topic=topic)
        person.languages.create(code="en", level=3)
        role = Role.MENTOR if is_junior else Role.MENTEE
        programmes.actions.invite(cohort=cohort, people=[person], role=role, by=hr)
        programmes.actions.enrol(
            cohort=cohort,
            person=person,
            role=role,
            weekly_hours=[day * 24 + 10 for day in range(5)],
        )


def match_and_confirm(hr: Page, cohort: Cohort) -> None:
    hr.goto(f"/admin/programmes/cohort/{cohort.pk}/begin-matching/")
    press(hr, "Begin matching")
    hr.goto("/admin/matching/matchrun/")
    press(hr, "Run matching")
    expect(hr.get_by_role("heading", name="Proposals")).to_be_visible(timeout=20_000)
    expect(hr.get_by_text("AI in daily work").first).to_be_visible()
    hr.locator("a[href*=confirm]").first.click()
    press(hr, "Confirm all")
    hr.wait_for_load_state()
    assert Mentorship.objects.filter(state="confirmed").count() == 14
    hr.goto(f"/admin/programmes/cohort/{cohort.pk}/start/")
    press(hr, "Start")


def sign_and_set_a_goal(aylin: Page, martin: Page, mentorship: Mentorship) -> None:
    partners = {aylin: "aylinkaya@example.org", martin: "martinvogel@example.org"}
    for page in partners:
        page.goto(f"/mentorships/{mentorship.uuid}/")
        expect(page.locator("main")).to_contain_text("Your mentorship with")
        page.goto(f"/agreements/{mentorship.uuid}/")
        press(page, "Sign version 1")
    mentorship.refresh_from_db()
    assert mentorship.state == Mentorship.State.ACTIVE
    aylin.goto(f"/goals/new/{mentorship.uuid}/")
    aylin.locator("input[name=title]").fill("Use AI for the board papers")
    for box in aylin.locator("main textarea, main input[name*=level][type=text]").all():
        if box.is_visible():
            box.fill(f"level {box.get_attribute('name')}")
    aylin.locator("main form button").last.click()
    aylin.wait_for_load_state()
    assert mentorship.goals.get().title == "Use AI for the board papers"


def plan_the_kick_off(martin: Page, mentorship: Mentorship) -> Meeting:
    for enrolment in mentorship.cohort.enrolments.all():
        programmes.actions.complete_briefing(enrolment=enrolment)
    day = timezone.localtime(timezone.now(), mentorship.cohort.zone).date() + timedelta(days=3)
    martin.goto(f"/meetings/plan/{mentorship.uuid}/")
    martin.locator("input[name=day]").fill(day.isoformat())
    martin.locator("input[name=clock]").fill("10:00")
    martin.locator("input[name=link]").fill("https://meet.example.com/kick-off")
    expect(martin.locator("textarea[name=agenda]")).to_have_value(re.compile("round rules"))
    press(martin, "Plan the meeting")
    martin.wait_for_load_state()
    return mentorship.meetings.get()


def the_day_before_comes(meeting: Meeting) -> None:
    """Two days, for this test: the meeting and its planning move back, and what is to be told next morning is
    due now."""
    for field in ("starts_at", "ends_at", "planned_at"):
        setattr(meeting, field, getattr(meeting, field) - timedelta(days=2))
    meeting.save()
    reminders = Notice.objects.filter(kind="meeting-reminder")
    limit = time.monotonic() + 30
    while reminders.count() < 2:
        assert time.monotonic() < limit, "beat's sweep reminded nobody"
        time.sleep(0.1)
    Notice.objects.filter(sent_at=None).update(due_at=timezone.now())


def reminder_to(smtp, email: str) -> EmailMessage:
    """What beat's sweep found due and the worker has delivered."""
    limit = time.monotonic() + 30
    while time.monotonic() < limit:
        for mail in list(smtp.messages):
            text = mail.get_body(preferencelist=["plain"]).get_content()
            if email in str(mail["To"]) and "you meet" in text + str(mail["Subject"]):
                return mail
        time.sleep(0.1)
    raise AssertionError(f"No reminder; there was {[str(mail['Subject']) for mail in smtp.messages]}.")


def time_passes(cohort: Cohort, meeting: Meeting) -> None:
    """Seven weeks and a day, for this test: all dates of the cohort and the meeting move back."""
    span = timedelta(weeks=7, days=1)
    dates = ("enrolment_opens_on", "enrolment_closes_on", "starts_on", "ends_on")
    Cohort.objects.filter(pk=cohort.pk).update(**{field: F(field) - span for field in dates})
    Meeting.objects.filter(pk=meeting.pk).update(
        starts_at=meeting.starts_at - timedelta(days=3), ends_at=meeting.ends_at - timedelta(days=3)
    )
    for goal in Mentorship.objects.get(pk=meeting.mentorship_id).goals.all():
        goal.set_at -= span
        goal.save(update_fields=["set_at"])
    cohort.refresh_from_db()


def others_meet(cohort: Cohort) -> None:
    then = timezone.now() - timedelta(days=5)
    for mentorship in Mentorship.objects.with_members().filter(state="confirmed"):
        person, member = mentorship.people()[0], mentorship.members.all()[0]
        meeting = meetings.actions.plan(
            mentorship=mentorship, by=person, starts_at=then, minutes=30, at=then - timedelta(days=1)
        )
        meetings.actions.answer(meeting=meeting, member=member, answer="yes", at=then + timedelta(hours=1))


def log_the_meeting(aylin: Page, martin: Page, meeting: Meeting) -> None:
    for page, words in ((aylin, "Prompts for the weekly report."), (martin, "I drafted a page myself.")):
        page.goto("/")
        expect(page.locator(".next-step")).to_contain_text(re.compile("Did you and|What came out|meet"))
        page.goto(f"/meetings/{meeting.uuid}/log/")
        page.locator("textarea[name=topics]").fill(words)
        press(page, "Done")
        page.wait_for_url(f"**/meetings/{meeting.uuid}/")
    assert meeting.logs.count() == 2
    assert Meeting.objects.held().filter(pk=meeting.pk).exists()
    aylin.goto(f"/meetings/{meeting.uuid}/")
    expect(aylin.locator("main")).to_contain_text("I drafted a page myself.")


def check_in(aylin: Page, martin: Page, smtp) -> None:
    for page in (aylin, martin):
        page.goto("/goals/")
        page.locator("a[href*=check-in]").first.click()
        page.locator("input[name=level][value='0']").check()
        page.locator("[name=comment]").fill("It is becoming a habit.")
        press(page, "Check in")
        page.wait_for_load_state()
    martin.goto("/goals/")
    expect(martin.locator("main")).to_contain_text("Use AI for the board papers")


def see_the_dashboard(ingrid: Page, cohort: Cohort) -> None:
    """After an hour has passed, in which the worker counts anew."""
    Release.objects.update(checked_at=None)
    limit = time.monotonic() + 30
    while Release.objects.filter(checked_at=None).exists():
        assert time.monotonic() < limit, "no worker has counted"
        time.sleep(0.1)
    ingrid.goto("/insights/")
    ingrid.locator("a.card-link-whole").first.click()
    expect(ingrid.get_by_role("heading", name="Against the goals set at the start")).to_be_visible()
    row = ingrid.locator("section", has=ingrid.get_by_role("heading", name="Meetings", exact=True))
    expect(row).to_contain_text(re.compile(r"Held\s*(?!Not shown)\S*\d"))
    expect(ingrid.locator("main")).not_to_contain_text("Aylin")
