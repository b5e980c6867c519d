from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

from domain import dates
from domain.waiting import Action, Urgency, Waiting
from matching.models import Member, Mentorship, Request
from participants.models import Person
from programmes.models import Cohort, Enrolment, Programme, Role

FIRST_CONTACT = timedelta(hours=48)
# By then the agreement and the first meeting have taken over.
GREETING_ENDS = timedelta(days=14)


def waiting_for(person: Person, at: datetime) -> list[Waiting]:
    """Requests and offers to answer, the first word to somebody new, and whom to look for."""
    mentorships = (
        Mentorship.objects.visible_to(person)
        .filter(state__in=[Mentorship.State.OFFERED, Mentorship.State.CONFIRMED])
        .with_members()
        .order_by("offered_at", "confirmed_at", "pk")
    )
    found = []
    for mentorship in mentorships:
        member = mentorship.membership_of(person)
        if mentorship.state == Mentorship.State.OFFERED:
            if not member.accepted_at:
                found.append(_offer(mentorship, member))
        elif mentorship.confirmed_at and mentorship.confirmed_at > at - GREETING_ENDS:
            found.append(_greeting(mentorship, member, mentorship.confirmed_at + FIRST_CONTACT, at))
    return [*requests_to_answer(person, at), *found, *directories(person, at), *wishes(person)]


def wishes(person: Person) -> list[Waiting]:
    """Cohorts that show people who would suit them, as long as they have said nothing of it."""
    found = (
        Enrolment.objects.accepted()
        .filter(
            person=person,
            wishes=None,
            cohort__state__in=[Cohort.State.ENROLLING, Cohort.State.MATCHING],
            cohort__programme__matching_policy__suggestions=True,
        )
        .select_related("cohort__programme")
    )
    return [
        Waiting(
            title=_("Whom would you like to be matched with?"),
            text=_("“%(programme)s” shows you a few who would suit you. A wish is welcome and never needed.")
            % {"programme": enrolment.cohort.programme},
            urgency=Urgency.LATER,
            actions=[
                Action(
                    _("See who could suit you"),
                    reverse("directory:suggestions", args=[enrolment.cohort.uuid]),
                )
            ],
        )
        for enrolment in found
    ]


def requests_to_answer(person: Person, at: datetime) -> list[Waiting]:
    found = Request.objects.open(at).filter(asked__person=person).with_people().order_by("asked_at")
    return [
        Waiting(
            title=(
                _("%(name)s would like to mentor you")
                if request.asker.role == Role.MENTOR
                else _("%(name)s would like you as a mentor")
            )
            % {"name": request.asker.person.name},
            text=_("Please answer by %(day)s. You may decline without giving a reason.")
            % {"day": dates.day(request.lapses_at)},
            urgency=Urgency.NOW,
            actions=[
                Action(_("Read the request"), reverse("directory:request", args=[request.uuid]), primary=True)
            ],
        )
        for request in found
    ]


def directories(person: Person, at: datetime) -> list[Waiting]:
    """Informal cohorts in which the person is together with nobody and waits for nobody."""
    found = (
        Enrolment.objects.accepted()
        .filter(
            person=person,
            cohort__state=Cohort.State.RUNNING,
            cohort__programme__form=Programme.Form.INFORMAL,
        )
        .exclude(memberships__mentorship__state__in=Mentorship.LIVE)
        .exclude(pk__in=Request.objects.open(at).filter(asker__person=person).values("asker"))
        .select_related("cohort__programme")
    )
    return [
        Waiting(
            title=_("Find somebody in “%(programme)s”") % {"programme": enrolment.cohort.programme},
            text=_("The directory shows who fits you and why. A short message is enough to begin."),
            urgency=Urgency.SOON,
            actions=[
                Action(
                    _("Open the directory"),
                    reverse("directory:list", args=[enrolment.cohort.uuid]),
                    primary=True,
                )
            ],
        )
        for enrolment in found
    ]


def _offer(mentorship: Mentorship, member: Member) -> Waiting:
    names = mentorship.names_of_others(member.person)
    title = _("Would you like to mentor %(names)s?")
    if member.role != "mentor":
        title = _("Would you like to be mentored by %(names)s?")
    if mentorship.cohort.is_of_groups:
        title = _("Would you like to join the group on “%(topic)s”?") % {"topic": mentorship.topic}
    else:
        title %= {"names": names}
    return Waiting(
        title=title,
        text=_("Please answer by %(day)s. You may decline without giving a reason.")
        % {"day": dates.day(mentorship.answer_by)},
        urgency=Urgency.NOW,
        actions=[Action(_("See the offer"), reverse("matching:offer", args=[mentorship.uuid]), primary=True)],
    )


def _greeting(mentorship: Mentorship, member: Member, until: datetime, at: datetime) -> Waiting:
    """The senior writes first, within 48 hours (`until`); the junior need not wait."""
    if mentorship.cohort.is_of_groups:
        return _group_greeting(mentorship, member)
    names = {"names": mentorship.names_of_others(member.person)}

    title = (
        _("You mentor %(names)s: say hello")
        if member.role == "mentor"
        else _("%(names)s mentors you: say hello")
    )
    if member.makes_first_contact:
        urgency = Urgency.NOW
        text = _("A first word is yours to send: it is easier for %(names)s when you begin.") % names
        if at <= until:
            text += " " + _("By %(day)s, %(time)s would be good.") % {
                "day": dates.day(until),
                "time": dates.clock(until),
            }
    elif at <= until:
        urgency = Urgency.LATER
        text = _("%(names)s writes to you within 48 hours. You need not wait.") % names
    else:
        urgency = Urgency.SOON
        text = _("If you have not heard from %(names)s yet, a short hello from you is welcome.") % names
    write = write_to(mentorship, member)
    return Waiting(
        title=title % names,
        text=text,
        urgency=urgency,
        actions=[
            Action(_("Write to %(names)s") % names, write, primary=member.makes_first_contact),
            Action(_("See your mentorship"), reverse("mentorship", args=[mentorship.uuid])),
        ],
    )


def _group_greeting(mentorship: Mentorship, member: Member) -> Waiting:
    """In a group nobody in particular is expected to begin."""
    return Waiting(
        title=_("Your group on “%(topic)s”: say hello") % {"topic": mentorship.topic},
        text=_("A first word to everybody makes the first meeting easier. It need not be long."),
        urgency=Urgency.SOON,
        actions=[
            Action(_("Write to the group"), write_to(mentorship, member), primary=True),
            Action(_("See your group"), reverse("mentorship", args=[mentorship.uuid])),
        ],
    )


def write_to(mentorship: Mentorship, member: Member) -> str:
    return "mailto:" + ",".join(other.person.email for other in mentorship.others(member.person))
