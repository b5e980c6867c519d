"""Staff cannot tell from any of their pages that somebody confided, avoided, noted or answered something.

Every page of staff is read before and after, and says the same.
"""

import logging
import re
from difflib import unified_diff

import pytest
from django.urls import reverse

import concerns.actions
import pulses.actions
from endings.models import Farewell
from meetings.models import MeetingLog, PrivateNote
from participants.models import Person
from programmes.models import Avoidance, BriefingStep, Enrolment, Wish
from pulses.questions import FEELING_SAFE
from tests.security import addresses
from tests.security.company import Company
from tests.security.expected import TABLE
from tests.security.roles import CONFIDANT, HEAD, HR, MENTEE, MENTOR, SPONSOR
from tests.security.walk import Walker, readable

pytestmark = pytest.mark.django_db

# Different each time: tokens, the date of a file, the cohort that is made up for a preview.
FRESH = re.compile(
    rb'"(?:csrfmiddlewaretoken|request_key)" value="[^"]*"|"X-CSRFToken": "[^"]*"'
    rb"|<dcterms.*?</dcterms:\w+>"
    rb"|/programmes/[0-9a-f-]{36}/enrol/"
)
STAFF = (HR, SPONSOR, HEAD)
OF_PEOPLE = ("erase_person", "admin:participants_person_change", "admin:participants_person_history")
PAGES_OF_STAFF = ("admin/", "insights/", "stalled/", "refused/", "profile/people/")


def everything_said(company: Company, walkers: dict[str, Walker]) -> dict[str, str]:
    asked = [
        (role, addresses.address(route, company))
        for route, (readers, _) in TABLE.items()
        for role in STAFF
        if role in readers and route.startswith(PAGES_OF_STAFF)
    ]
    asked += [
        (HR, reverse(name, args=[company.people[of].pk])) for name in OF_PEOPLE for of in (MENTOR, CONFIDANT)
    ]
    answers = {f"{role} {address}": walkers[role].ask("GET", address) for role, address in asked}
    return {
        name: FRESH.sub(b"", readable(answer.content)).decode(errors="replace")
        for name, answer in answers.items()
    }


def never_tried(company: Company) -> tuple[Enrolment, Person]:
    """Two who are not proposed to each other, nor would come together by the swap that HR looks at: of those
    one attempt tells that something private is in the way, and docs/matching.md says so."""
    matched = {one.mentor: one.mentee for one in company.things["run"].proposals.all()}
    mentor, mentee = company.things["a mentor"], company.things["a mentee"]
    [other_mentor] = [one for one, with_whom in matched.items() if with_whom == mentee]
    tried = {mentor: {mentee, matched[mentor]}, other_mentor: {mentee, matched[mentor]}}
    return next((other_mentor, one.person) for one in matched.values() if one not in tried[other_mentor])


def speak(company: Company) -> None:
    """What is nobody's business but theirs."""
    at, mentor, mentee = company.at, company.people[MENTOR], company.people[MENTEE]
    mine, theirs = company.mine, company.theirs
    concern = concerns.actions.raise_concern(
        mentorship=company.pair_, by=mentor, topic="other", text="x", at=at
    )
    concerns.actions.reply(concern=concern, by=company.people[CONFIDANT], text="y", at=at)
    apart = never_tried(company)
    for enrolment, other in (apart, (mine.enrolment, mentee), (theirs.enrolment, mentor)):
        Avoidance.objects.create(enrolment=enrolment, person=other)
    Wish.objects.create(enrolment=apart[0], person=company.things["a mentee"].person, rank=1)
    PrivateNote.objects.create(meeting=company.past, member=theirs, text="x")
    MeetingLog.objects.filter(meeting=company.past, member=mine).update(challenges="Something else")
    pulses.actions.answer(invitation=company.things["pulse"], answers=dict.fromkeys(FEELING_SAFE, 1), at=at)
    Farewell.objects.create(member=theirs, thanks="x", stays_in_touch=False)
    page = company.things["briefing page"]
    BriefingStep.objects.create(enrolment=theirs.enrolment, page=page, thoughts="x", done_at=at)


def test_staff_cannot_tell_from_their_pages_what_was_said_in_confidence(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    logging.disable(logging.CRITICAL)
    company = Company()
    walkers = {role: Walker(company.people[role]) for role in STAFF}
    before = everything_said(company, walkers)
    assert len(before) > 100
    speak(company)
    after = everything_said(company, walkers)
    logging.disable(logging.NOTSET)
    changed = [
        "\n".join([page, *unified_diff(text.splitlines(), after[page].splitlines(), n=0, lineterm="")])
        for page, text in before.items()
        if after[page] != text
    ]
    assert not changed, "\n".join(changed)
