"""Two people who wrote into everything there is: one of them the mark, the other another word."""

from datetime import UTC, date, datetime, timedelta

from allauth.usersessions.models import UserSession
from django.contrib.admin.models import LogEntry
from django.core.files.base import ContentFile

from accounts.models import AccountMail
from agreements.models import Agreement, Clause, Signature, Version
from concerns.models import Concern, ConcernMessage
from endings.models import Farewell, LookBack
from feedback.models import Feedback, TopicOffer
from goals.models import CheckIn, Goal, GoalChange, GoalLevel
from matching.models import Block, Departure, MatchRun, Proposal, Request, Step
from meetings.models import (
    CalendarFeed,
    Confirmation,
    Meeting,
    MeetingChange,
    MeetingLog,
    NextStep,
    PrivateNote,
    Resource,
)
from notices.models import Notice, NoticePreference, RefusedAddress
from participants.models import (
    Delegation,
    ErasureRequest,
    Expertise,
    ImportRow,
    PeopleImport,
    Profile,
    Topic,
)
from programmes.models import (
    Avoidance,
    BriefingStep,
    Enrolment,
    ProgrammeRole,
    TimeRequest,
    Wish,
)
from tests import factories

THEN = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)
MARK, OTHERS = "zebra-secret", "giraffe-word"
NAME, GIVEN, EMAIL, NUMBER = "Aylin Käya", "Aylin", "aylin.kaeya@example.org", "4711-ak"


def write_everything(made, aylin, martin, hr):
    mine, theirs = (made.members.get(enrolment__person=someone) for someone in (aylin, martin))
    cohort, programme = made.cohort, made.cohort.programme
    for member, word in ((mine, MARK), (theirs, OTHERS)):
        meeting = Meeting.objects.create(
            mentorship=made, starts_at=THEN, ends_at=THEN + timedelta(hours=1), agenda=word, place=word,
            planned_by=member.person,
        )  # fmt: skip
        MeetingChange.objects.create(
            meeting=meeting, kind="planned", at=THEN, by=member.person, starts_at=THEN
        )
        Confirmation.objects.create(meeting=meeting, member=member, answer="yes")
        MeetingLog.objects.create(meeting=meeting, member=member, topics=word, successes=word)
        NextStep.objects.create(meeting=meeting, member=member, text=word)
        PrivateNote.objects.create(meeting=meeting, member=member, text=word)
        shared = Resource(mentorship=made, member=member, title=word, file_name=f"{word}.txt")
        shared.file.save("x.txt", ContentFile(word.encode()))
        goal = Goal.objects.create(mentorship=made, title=word, baseline=-1, owner=member, set_by=member)
        GoalLevel.objects.create(goal=goal, level=0, description=word)
        CheckIn.objects.create(goal=goal, member=member, due_on=date(2026, 11, 1), level=1, comment=word)
        GoalChange.objects.create(
            goal=goal, proposed_by=member, before={"title": word}, after={"title": word}
        )
        TopicOffer.objects.create(mentorship=made, member=member, title=word)
        Farewell.objects.create(member=member, thanks=word)
        Enrolment.objects.filter(pk=member.enrolment_id).update(hopes=word)
        LookBack.objects.create(enrolment=member.enrolment, asked_on=THEN)
    together = Goal.objects.create(mentorship=made, title="Shared", baseline=-1, set_by=mine)
    GoalChange.objects.create(
        goal=together, proposed_by=mine, before={"title": "Old"}, after={"title": "Shared"}, state="agreed",
        reason=MARK,
    )  # fmt: skip
    GoalChange.objects.create(goal=together, proposed_by=mine, before={}, after={"title": MARK})
    agreement = Agreement.objects.create(mentorship=made)
    version = Version.objects.create(agreement=agreement, number=1, created_by=mine)
    Clause.objects.create(version=version, kind="taboo", text="Signed by both", position=1)
    for member in (mine, theirs):
        Signature.objects.create(version=version, member=member)
    Feedback.objects.create(mentorship=made, author=mine, recipient=theirs, helped=MARK, to_try=MARK)
    Feedback.objects.create(mentorship=made, author=theirs, recipient=mine, helped=OTHERS, to_try="")
    concern = Concern.objects.create(
        programme=programme, mentorship=made, raised_by=aylin, topic="other", text=MARK, contact=MARK
    )
    ConcernMessage.objects.create(concern=concern, author=aylin, text=MARK)
    ConcernMessage.objects.create(concern=concern, author=hr, text=MARK)
    page = factories.briefing_page(programme)
    BriefingStep.objects.create(enrolment=mine.enrolment, page=page, thoughts=MARK, done_at=THEN)
    for one, other in ((mine, martin), (theirs, aylin)):
        Wish.objects.create(enrolment=one.enrolment, person=other, rank=1)
        Avoidance.objects.create(enrolment=one.enrolment, person=other)
    TimeRequest.objects.create(enrolment=mine.enrolment, manager=hr, capacity=1)
    Request.objects.create(asker=mine.enrolment, asked=theirs.enrolment, message=MARK, state="accepted")
    Request.objects.create(
        asker=theirs.enrolment, asked=mine.enrolment, message=OTHERS, breakdown={"x": MARK}, state="accepted"
    )
    Block.objects.create(programme=programme, first=aylin, second=martin, reason=MARK, created_by=hr)
    Departure.objects.create(programme=programme, person=aylin, noticed_at=THEN)
    run = MatchRun.objects.create(
        cohort=cohort,
        state="finished",
        inputs=MARK.encode(),
        outcome={
            "left_out": [{"enrolment": mine.enrolment_id, "why": MARK}, {"enrolment": 0, "why": OTHERS}]
        },
    )
    Proposal.objects.create(
        run=run, mentor=mine.enrolment, mentee=theirs.enrolment, score=900, breakdown={"x": MARK}
    )
    Step.objects.create(run=run, kind="lock", people=f"{NAME} · Martin Vogel")
    # What they say of themselves, and how they sign in.
    profile = Profile.objects.create(person=aylin, about=MARK, headline=MARK)
    topic = Topic.objects.create(name_en="Cloud", name_de="Wolke")
    Expertise.objects.create(profile=profile, topic=topic)
    Delegation.objects.create(person=aylin, delegate=hr)
    Delegation.objects.create(person=martin, delegate=aylin)
    ProgrammeRole.objects.create(programme=programme, person=aylin, role="sponsor")
    UserSession.objects.create(user=aylin, ip="192.0.2.7", session_key=f"{MARK}-key"[:40], user_agent=MARK)
    AccountMail.objects.create(kind="password_set", email=EMAIL, person=aylin, until=THEN)
    CalendarFeed.objects.create(person=aylin)
    NoticePreference.objects.create(person=aylin, kind="look-back")
    RefusedAddress.objects.create(email=EMAIL, words=f"<{EMAIL}>: no such user")
    ErasureRequest.objects.create(person=aylin)
    # Where others are told of them.
    notice(aylin, "own", subject=MARK)
    notice(martin, "given name", subject=f"{GIVEN} has signed")
    notice(hr, "full name", text=f"{NAME} is in a mentorship with Martin.")
    notice(hr, "of somebody else", text="Aylina and Martin", subject=OTHERS)
    notice(martin, "calendar", calendar=f"BEGIN:VCALENDAR\r\nATTENDEE;CN=Ayl\r\n in Käya:mailto:{EMAIL}\r\n")
    log(hr, aylin, NAME, "[]")
    log(hr, made, f"{NAME} · Martin Vogel", '[{"added": {"object": "Aylin K\\u00e4ya"}}]')
    log(aylin, programme, "Programme", "Did it")
    taken = PeopleImport.objects.create(
        file_name="people.csv",
        state="done",
        figures={
            "remarks": [{"line": 3, "who": EMAIL, "text": MARK}, {"line": 4, "who": "x", "text": OTHERS}]
        },
    )
    taken.file.save("x.csv", ContentFile(f"{EMAIL};{NAME}".encode()))
    ImportRow.objects.create(people_import=taken, fate="refused", who=EMAIL, name=NAME, reason=MARK)


def notice(to, key, **fields):
    fields = {"subject": "s", "text": "t", "sent_at": THEN, **fields}
    return Notice.objects.create(recipient=to, kind="look-back", key=key, language="de", **fields)


def log(by, obj, name, message):
    LogEntry.objects.log_actions(by.pk, [obj], 2, change_message=message, single_object=True)
    LogEntry.objects.filter(pk=LogEntry.objects.latest("pk").pk).update(
        object_repr=name, change_message=message
    )
