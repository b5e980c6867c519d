"""A company in which every room of the product has something to reach, and every role has somebody in it.

What people write in confidence is a marker each; `may_read` says which roles may come across it.
"""

from datetime import datetime, timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.db.models import Model
from django.utils import timezone

import agreements.actions
import concerns.actions
import feedback.actions
import goals.actions
import matching.actions
import meetings.actions
import programmes.actions
import pulses.actions
from endings.models import Farewell, LookBack
from feedback.models import TopicOffer
from goals.models import CheckIn, Goal
from insights import release
from matching.models import MatchingPolicy, Member, Mentorship
from matching.policies import policy_for
from meetings import mail_link
from meetings.models import CalendarFeed, MeetingLog, NextStep, PrivateNote
from participants.models import Delegation, Person, Profession
from programmes.models import (
    Avoidance,
    BriefingStep,
    Cohort,
    Enrolment,
    Programme,
    Role,
    TimeRequest,
)
from pulses.models import InvitationToAnswer, OwnQuestion
from tests import factories
from tests.security.company_staff import OfStaff
from tests.security.roles import (
    CONFIDANT,
    COORDINATOR,
    DEACTIVATED,
    DELEGATE,
    FORMER,
    HEAD,
    HR,
    LATER_CONFIDANT,
    MANAGER,
    MEMBERS,
    MENTEE,
    MENTOR,
    OTHER_CONFIDANT,
    OTHER_COORDINATOR,
    OURS,
    PARTICIPANT,
    ROLES,
    SPONSOR,
    STRANGER,
)

DAY = timedelta(days=1)
OTHER_PAIRS = 24  # as many as it takes until figures about a unit are shown


class Company(OfStaff):
    """`people` by role; `things` by the name under which `addresses` looks for an example."""

    def __init__(self) -> None:
        self.at: datetime = timezone.now()
        self.people: dict[str, Person] = {}
        self.things: dict[str, Model | str] = {}
        self.may_read: dict[str, frozenset[str]] = {}
        self.who()
        self.programme_and_cohorts()
        self.mentorship()
        self.planned_and_written()
        self.other_states()
        self.to_enrol()
        self.directory()
        self.runs()
        self.runs_of_others()
        self.of_staff()
        for programme in Programme.objects.all():
            policy_for(programme)
        release.refresh(self.at)

    def private(self, name: str, *readers: str | frozenset[str]) -> str:
        """A text nobody else writes, which only `readers` may come across."""
        marker = f"zq-{name}-zq"
        roles = [{one} if isinstance(one, str) else one for one in readers]
        self.may_read[marker] = frozenset().union(*roles)
        return marker

    def who(self) -> None:
        mentors, mentees = factories.unit("Sales"), factories.unit("Board")
        juniors, seniors = factories.grade(2), factories.grade(6)
        site, profession = factories.site("Berlin"), Profession.objects.create(name="Sales")
        where = {"site": site, "profession": profession}
        for role in ROLES[1:]:
            place = {"unit": mentees, "grade": seniors} if role in (MENTEE, FORMER) else {}
            self.people[role] = factories.person(f"{role.title()} Somebody", **where, **place)
        Person.objects.filter(pk=self.people[MENTOR].pk).update(unit=mentors, grade=juniors)
        Person.objects.filter(pk=self.people[MENTOR].pk).update(manager=self.people[MANAGER])
        Person.objects.filter(pk__in=[self.people[HR].pk, self.people[DEACTIVATED].pk]).update(
            is_hr_admin=True
        )
        mentors.head = self.people[HEAD]
        mentors.save()
        for person in self.people.values():
            person.refresh_from_db()
        self.things |= {"unit": mentors, "grade": juniors, "site": site, "profession": profession}
        self.things["delegation"] = Delegation.objects.create(
            person=self.people[MENTEE], delegate=self.people[DELEGATE]
        )

    def programme_and_cohorts(self) -> None:
        self.programme = programmes.actions.create_from_preset(
            preset="reverse", by=self.people[HR], name="Beside", name_de="Nebenan"
        )
        self.programme.eligibility.update(lowest_grade=None, highest_grade=None)
        other = factories.programme()
        for role in (COORDINATOR, CONFIDANT, SPONSOR):
            factories.programme_role(self.programme, self.people[role], role)
        factories.programme_role(self.programme, self.people[DEACTIVATED], "coordinator")
        factories.programme_role(other, self.people[OTHER_COORDINATOR], "coordinator")
        factories.programme_role(other, self.people[OTHER_CONFIDANT], "confidant")
        self.running = self.cohort(Cohort.State.RUNNING, -80)
        self.things |= {"programme": self.programme, "running": self.running}

    def cohort(self, state: str, starts_in: int, **fields: Any) -> Cohort:
        start = (self.at + starts_in * DAY).date()
        fields.setdefault("programme", self.programme)
        return factories.cohort(
            state,
            enrolment_opens_on=start - 60 * DAY,
            enrolment_closes_on=start - 10 * DAY,
            starts_on=start,
            ends_on=start + 180 * DAY,
            **fields,
        )

    def pair(self, cohort: Cohort, state: str = Mentorship.State.ACTIVE, **fields: Any) -> Mentorship:
        fields.setdefault("confirmed_at", self.at - 70 * DAY)
        people = self.people[MENTOR], self.people[MENTEE]
        return factories.mentorship(*people, in_cohort=cohort, state=state, **fields)

    def mentorship(self) -> None:
        """The one that all roles are seen from, and those around it."""
        signed = {"activated_at": self.at - 65 * DAY}
        self.pair_ = self.pair(self.running, **signed)
        factories.join(self.pair_, self.people[FORMER], self.people[DEACTIVATED])
        gone = Member.objects.filter(mentorship=self.pair_)
        gone.filter(enrolment__person=self.people[FORMER]).update(left_at=self.at - 60 * DAY)
        gone.filter(enrolment__person=self.people[DEACTIVATED]).update(left_at=self.at - 60 * DAY)
        self.pair_ = Mentorship.objects.with_members().get(pk=self.pair_.pk)
        self.mine, self.theirs = (factories.member(self.pair_, role) for role in (Role.MENTOR, Role.MENTEE))
        for number in range(OTHER_PAIRS):
            mentee = self.people[PARTICIPANT] if number == 0 else None
            mentor = factories.person(unit=self.things["unit"], grade=self.things["grade"])
            factories.mentorship(
                mentor, mentee, in_cohort=self.running, confirmed_at=self.at - 70 * DAY, **signed
            )
        Enrolment.objects.filter(cohort=self.running).update(briefing_waived=True)
        self.mine.enrolment.refresh_from_db()
        Enrolment.objects.filter(pk=self.mine.enrolment_id).update(hopes=self.private("hopes", MENTOR, OURS))
        self.things |= {"pair": self.pair_, "enrolment": self.mine.enrolment}

    def planned_and_written(self) -> None:
        at, mine, theirs = self.at, self.mine, self.theirs
        agreement = agreements.actions.agreement_for(mentorship=self.pair_, at=at - 60 * DAY)
        agreements.actions.adapt(
            agreement=agreement,
            member=mine,
            clauses=[agreements.actions.ClauseEdit(self.private("clause", MEMBERS), kind="taboo")],
            at=at - 59 * DAY,
        )
        plan = {"mentorship": self.pair_, "by": mine.person, "minutes": 60, "at": at - 30 * DAY}
        self.past = meetings.actions.plan(
            **plan, starts_at=at - 3 * DAY, agenda=self.private("agenda", MEMBERS), place="Canteen"
        )
        coming = meetings.actions.plan(
            **plan, starts_at=at + 5 * DAY, agenda=self.private("coming-agenda", MEMBERS)
        )
        for member, log in ((mine, "log-of-mentor"), (theirs, "log-of-mentee")):
            words = {name: self.private(f"{log}-{name}", MEMBERS) for name in ("topics", "challenges")}
            MeetingLog.objects.create(meeting=self.past, member=member, created_at=at - 2 * DAY, **words)
        step = NextStep.objects.create(
            meeting=self.past, member=mine, text=self.private("step", MEMBERS), created_at=at - 2 * DAY
        )
        PrivateNote.objects.create(meeting=self.past, member=mine, text=self.private("private-note", MENTOR))
        unfinished = meetings.actions.plan(**plan, starts_at=at - timedelta(hours=20))
        MeetingLog.objects.create(
            meeting=unfinished, member=theirs, is_draft=True, topics=self.private("draft-of-a-log", MENTEE)
        )
        NextStep.objects.create(
            meeting=unfinished, member=theirs, is_draft=True, text=self.private("draft-of-a-step", MENTEE)
        )
        file = ContentFile(self.private("file", MEMBERS).encode(), name="plan.txt")
        resource = meetings.actions.share(
            mentorship=self.pair_, member=mine, title=self.private("resource", MEMBERS), file=file, at=at
        )
        feed = CalendarFeed.objects.renew(person=mine.person)
        self.things |= {
            "agreement": agreement,
            "past meeting": self.past,
            "coming meeting": coming,
            "meeting being written about": unfinished,
            "step": step,
            "resource": resource,
            "calendar token": feed.token,
            "mail token": mail_link.token(self.past, theirs),
        }
        self.goals(at)
        self.voices(at)

    def goals(self, at: datetime) -> None:
        levels = {-1: "not yet", 0: self.private("level", MEMBERS), 2: "all"}
        goal = goals.actions.set_goal(
            mentorship=self.pair_, member=self.mine, title=self.private("goal", MEMBERS), levels=levels,
            at=at - 50 * DAY,
        )  # fmt: skip
        plain = {-1: "not yet", 0: "some", 2: "all"}
        bare = goals.actions.set_goal(
            mentorship=self.pair_, member=self.mine, title="Bare", levels=plain, at=at
        )
        CheckIn.objects.create(
            goal=goal, member=self.mine, due_on=at.date() - 20 * DAY, level=0,
            comment=self.private("comment", MEMBERS), obstacle=self.private("obstacle", MEMBERS),
        )  # fmt: skip
        closed = Goal.objects.create(
            mentorship=self.pair_, title="Done", baseline=-1, state="attained", closed_at=at, set_by=self.mine
        )
        change = goals.actions.propose_change(
            goal=goal, member=self.theirs, title="Better", weight=2, levels=levels,
            reason=self.private("reason-of-a-change", MEMBERS), at=at,
        )  # fmt: skip
        self.things |= {"goal": goal, "bare goal": bare, "closed goal": closed, "goal change": change}

    def voices(self, at: datetime) -> None:
        """What members say to each other, to the programme and to the confidant."""
        mine, theirs = self.mine, self.theirs
        given = feedback.actions.give(
            mentorship=self.pair_, author=mine, recipient=theirs, at=at - 10 * DAY,
            helped=self.private("feedback", MEMBERS), to_try=self.private("to-try", MEMBERS),
        )  # fmt: skip
        topic = TopicOffer.objects.create(
            mentorship=self.pair_, member=mine, title=self.private("topic", MEMBERS),
            note=self.private("note-on-a-topic", MEMBERS),
        )  # fmt: skip
        told = CONFIDANT, MENTOR
        concern = concerns.actions.raise_concern(
            mentorship=self.pair_, by=mine.person, topic="pressure", text=self.private("concern", *told),
            contact=self.private("contact", *told), at=at - 8 * DAY,
        )  # fmt: skip
        factories.programme_role(self.programme, self.people[LATER_CONFIDANT], "confidant")
        concerns.actions.reply(
            concern=concern, by=mine.person, text=self.private("more-on-a-concern", *told), at=at
        )
        wave = pulses.actions.open_wave(cohort=self.running, kind="start", at=at)
        asked = InvitationToAnswer.objects.get(wave=wave, enrolment=mine.enrolment)
        page = factories.briefing_page(self.programme, Role.MENTOR)
        BriefingStep.objects.create(
            enrolment=mine.enrolment, page=page, thoughts=self.private("thoughts", MENTOR), done_at=at
        )
        self.things |= {
            "feedback": given, "topic offer": topic, "concern": concern, "pulse": asked,
            "briefing page": page,
            "own question": OwnQuestion.objects.create(programme=self.programme, text="?", position=1),
        }  # fmt: skip

    def other_states(self) -> None:
        """The same two in mentorships that are offered, resting, and over."""
        at = self.at
        offered = self.pair(
            self.cohort(Cohort.State.MATCHING, 10), Mentorship.State.OFFERED, offered_at=at, confirmed_at=None
        )
        paused = self.pair(self.cohort(Cohort.State.RUNNING, -60), activated_at=at - 50 * DAY)
        feedback.actions.give(
            mentorship=paused, author=factories.member(paused, Role.MENTOR), at=at - 2 * DAY,
            recipient=factories.member(paused, Role.MENTEE), helped=self.private("fresh-feedback", MENTOR),
        )  # fmt: skip
        rested = matching.actions.pause(mentorship=paused, person=self.people[MENTOR], at=at - DAY)
        over = self.pair(
            self.cohort(Cohort.State.CLOSED, -300), Mentorship.State.COMPLETED,
            activated_at=at - 280 * DAY, confirmed_at=at - 290 * DAY, closed_at=at - 60 * DAY,
        )  # fmt: skip
        mentor = factories.member(over, Role.MENTOR)
        Farewell.objects.create(member=mentor, thanks=self.private("thanks", MEMBERS), stays_in_touch=True)
        asked = LookBack.objects.create(enrolment=mentor.enrolment, asked_on=at.date())
        ended = self.pair(
            self.cohort(Cohort.State.RUNNING, -50), Mentorship.State.ENDED,
            activated_at=at - 40 * DAY, closed_at=at - DAY,
        )  # fmt: skip
        MatchingPolicy.objects.filter(pk=policy_for(self.programme).pk).update(suggestions=True)
        self.things |= {
            "offered": offered, "with suggestions": offered.cohort, "paused": rested,
            "completed": over, "ended": ended, "look back": asked
        }  # fmt: skip

    def to_enrol(self) -> None:
        at, mentor, mentee = self.at, self.people[MENTOR], self.people[MENTEE]
        cohort = self.cohort(Cohort.State.ENROLLING, 30)
        draft = programmes.actions.begin(cohort=cohort, person=mentor, role=Role.MENTOR)
        Enrolment.objects.filter(pk=draft.pk).update(hopes=self.private("hopes-not-sent", MENTOR))
        Avoidance.objects.create(enrolment=draft, person=self.people[STRANGER])
        invitation = factories.invitation(cohort, mentee, created_at=at, told_at=at)
        link = programmes.actions.make_link(
            cohort=cohort, role=Role.MENTEE, expires_on=cohort.enrolment_closes_on, by=self.people[HR]
        )
        applied = self.cohort(
            Cohort.State.ENROLLING, 40, programme=factories.programme(asks_line_manager=True)
        )
        asks = factories.enrolment(applied, mentor, Role.MENTOR, state=Enrolment.State.APPLIED)
        time = TimeRequest.objects.create(enrolment=asks, manager=self.people[MANAGER])
        self.things |= {
            "enrolling": cohort, "draft": draft, "invitation": invitation, "link": link,
            "link token": link.token, "time request": time,
        }  # fmt: skip
