"""The main pages of everybody, as they are at their hardest: German on a dark phone, and English on paper.

Each page has one heading that names it, fits its screen, and gives axe nothing to find. German names here are
long ones, because it is those that do not fit.
"""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

import agreements.actions
import goals.actions
import matching.actions
import meetings.actions
import programmes.actions
from concerns.actions import raise_concern
from concerns.models import Concern
from matching.models import Mentorship
from participants.models import Delegation, Person
from programmes.models import Cohort, Enrolment, Programme, ProgrammeRole, Role
from tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

DAY = timedelta(days=1)
LONG = "Digitalisierungsbegleitprogramm für Führungskräfte"


@pytest.fixture
def company() -> SimpleNamespace:
    """A mentorship under way, one cohort to enrol in, one that is matched, and somebody for each role."""
    cache.clear()
    at, today = timezone.now(), timezone.localdate()
    title = {"job_title": "Sachbearbeitung Rechtsschutzversicherungsangelegenheiten"}
    hr, coordinator = factories.hr_admin(name="Helene Brandt"), factories.person("Tomás Ferreira")
    mentor, mentee = factories.person("Aylin Kaya", **title), factories.person("Dr. Martin Vogel", **title)
    delegate, confidant = factories.person("Petra Lindner"), factories.person("Nadia Okafor")
    newcomer, waiting = factories.person("Mira Wolf"), factories.person("Leon Stein")
    programme = programmes.actions.create_from_preset(preset="reverse", by=hr, name="Beside", name_de=LONG)
    programme.eligibility.update(lowest_grade=None, highest_grade=None)
    for person, role in (
        (coordinator, ProgrammeRole.Kind.COORDINATOR),
        (confidant, ProgrammeRole.Kind.CONFIDANT),
    ):
        factories.programme_role(programme, person, role)

    running = cohort(programme, today - 20 * DAY, Cohort.State.RUNNING)
    pair = factories.mentorship(mentor, mentee, in_cohort=running, confirmed_at=at - 20 * DAY)
    Delegation.objects.create(person=mentee, delegate=delegate)
    Enrolment.objects.filter(cohort=running).update(briefing_waived=True)
    agreements.actions.agreement_for(mentorship=pair, at=at - 10 * DAY)
    me = factories.member(pair, Role.MENTOR)
    goal = goals.actions.set_goal(
        mentorship=pair,
        member=me,
        title="Use AI for the Vorstandsvorlagenvorbereitung",
        levels={-1: "not yet", 0: "some of them", 2: "all of them"},
        baseline=-1,
    )
    meeting = meetings.actions.plan(mentorship=pair, by=mentor, starts_at=at + 3 * DAY, minutes=60)
    raise_concern(mentorship=pair, by=mentor, topic=Concern.Topic.RELATIONSHIP, text="A word, please.")

    open_one = cohort(programme, today + 30 * DAY, Cohort.State.ENROLLING)
    factories.invitation(open_one, newcomer, Role.MENTEE)
    factories.enrolment(open_one, waiting, Role.MENTOR)

    matched = cohort(programme, today + 10 * DAY, Cohort.State.MATCHING)
    for number in range(3):
        for role, rank in ((Role.MENTOR, 1), (Role.MENTEE, 5)):
            place = {"grade": factories.grade(rank), "unit": factories.unit(f"Unit {rank}")}
            factories.enrolment(matched, factories.person(f"{role.title()} {number}", **title, **place), role)
    run = matching.actions.request_run(cohort=matched, by=hr)
    matching.actions.execute_run(run=run)
    return SimpleNamespace(**locals())


def cohort(of: Programme, starts_on, state: str) -> Cohort:
    return factories.cohort(
        state,
        programme=of,
        name=f"{starts_on:%d %B %Y}",
        enrolment_opens_on=starts_on - 60 * DAY,
        enrolment_closes_on=starts_on - 10 * DAY,
        starts_on=starts_on,
        ends_on=starts_on + 180 * DAY,
    )


def pages(company: SimpleNamespace) -> list[tuple[Person | None, list[str]]]:
    pair: Mentorship = company.pair

    def about(*names: str) -> list[str]:
        return [reverse(name, args=[pair.uuid]) for name in names]

    def admin(name: str, *args: object) -> str:
        return reverse(f"admin:{name}", args=args)

    meeting, goal, programme = company.meeting.uuid, company.goal.uuid, company.programme.pk
    return [
        (None, ["/account/login/", "/nothing-here/"]),
        (
            company.mentor,
            [
                *("/", "/meetings/", "/goals/", "/programmes/", "/profile/", "/notices/"),
                *about("mentorship", "meetings:plan", "agreements:detail", "feedback:give", "concerns:raise"),
                *about("endings:close", "matching:end", "feedback:exchange"),
                *(reverse("meetings:detail", args=[meeting]), reverse("goals:detail", args=[goal])),
            ],
        ),
        (company.mentee, ["/", *about("goals:set"), reverse("goals:check_in", args=[goal])]),
        (company.delegate, ["/meetings/", reverse("meetings:move", args=[meeting])]),
        (company.confidant, ["/concerns/"]),
        (company.newcomer, ["/", company.open_one.get_absolute_url()]),
        (company.waiting, ["/", "/meetings/"]),
        (
            company.hr,
            [
                *("/admin/", "/stalled/", admin("programmes_programme_changelist")),
                admin("programmes_programme_change", programme),
                admin("programmes_cohort_change", company.open_one.pk),
                admin("programmes_enrolment_changelist"),
                admin("matching_mentorship_changelist"),
                admin("matching_block_changelist"),  # empty
                admin("matching_matchrun_change", company.run.pk),
                admin("participants_person_change", company.mentor.pk),
                admin("pulses_ownquestion_add"),
            ],
        ),
        (company.coordinator, [admin("matching_matchrun_changelist"), admin("programmes_cohort_changelist")]),
    ]


@pytest.mark.parametrize(("width", "dark", "language"), [(360, True, "de"), (1200, False, "en")])
def test_main_pages_of_everybody_fit_and_have_no_findings(open_page, company, width, dark, language):
    Person.objects.update(language=language)
    found = []
    for person, paths in pages(company):
        page = open_page(
            paths[0], person=person, width=width, dark=dark, locale=language, reduced_motion="reduce"
        )
        for path in paths:
            if not page.url.endswith(path):
                page.goto(path)
            page.wait_for_function("!document.documentElement.hasAttribute('x-cloak')")
            too_wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            if too_wide > 0:
                found.append(f"{path} is {too_wide} pixels too wide")
            if page.locator("h1, [role=heading][aria-level='1']").count() != 1:
                found.append(f"{path} has not one heading")
            if page.locator("html").get_attribute("lang") != language:
                found.append(f"{path} is in another language")
            results = Axe().run(page, options={"resultTypes": ["violations"]})
            found += [
                f"{path} {violation['id']}: {[node['target'] for node in violation['nodes']]}"
                for violation in results.response["violations"]
            ]
    assert "\n".join(found) == ""
