"""When a mentorship comes to its planned end, and what rounds it off."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

import matching.actions
from domain import dates
from endings.actions import held
from endings.models import Farewell, LookBack
from feedback.models import Feedback
from goals.models import Goal
from matching.models import Member, Mentorship
from matching.models.mentorship import MentorshipQuerySet
from meetings.models import Meeting
from notices.models import Notice
from notices.outbox import Message, post_all
from notices.still import still_due
from programmes.models import Cohort
from pulses.models import InvitationToAnswer, Wave

BEFORE_THE_END = timedelta(weeks=4)
AFTER_THE_END = timedelta(weeks=2)
LOOK_BACK_AFTER = timedelta(weeks=4)
LOOKED_BACK_FOR = timedelta(weeks=26)
State = Mentorship.State


def closing(at: datetime) -> MentorshipQuerySet:
    """Active ones in the last weeks of their cohort; to the day in any time zone."""
    day = at.date()
    return Mentorship.objects.filter(
        state=State.ACTIVE,
        cohort__state__in=[Cohort.State.RUNNING, Cohort.State.CLOSED],
        cohort__ends_on__lte=day + BEFORE_THE_END + timedelta(days=1),
        cohort__ends_on__gte=day - AFTER_THE_END - timedelta(days=1),
    )


# --- What rounds it off --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Step:
    title: str
    text: str
    is_done: bool
    is_planned: bool = field(default=False, kw_only=True)
    url: str = ""
    label: str = ""


def steps(mentorship: Mentorship, member: Member, at: datetime) -> list[Step]:
    """The last meeting, the goals, the short question round, feedback and thanks, as one member sees them."""
    return [
        last_meeting(mentorship, at),
        goals(mentorship, member),
        *question_round(member),
        feedback(mentorship, member),
        farewell(member),
    ]


def last_meeting(mentorship: Mentorship, at: datetime) -> Step:
    coming = Meeting.objects.filter(mentorship=mentorship).upcoming(at).first()
    plan = reverse("meetings:plan", args=[mentorship.uuid])
    if coming:
        return Step(
            _("A last meeting"),
            _("You meet on %(day)s.") % {"day": dates.day(coming.starts_at)},
            False,
            reverse("meetings:detail", args=[coming.uuid]),
            _("See its agenda"),
            is_planned=True,
        )
    text = _("What did we learn, what remains, and how do we stay in touch? Its agenda is ready.")
    lately = held(mentorship).filter(ends_at__gte=at - BEFORE_THE_END).exists()
    return Step(_("A last meeting"), text, lately, plan, _("Plan it"))


def goals(mentorship: Mentorship, member: Member) -> Step:
    still_open = list(Goal.objects.filter(mentorship=mentorship).open())
    lately = mentorship.cohort.ends_on - BEFORE_THE_END
    reported = {
        goal.pk
        for goal in still_open
        if goal.check_ins.filter(member=member, reported_at__date__gte=lately).exists()
    }
    open_ones = [goal for goal in still_open if goal.pk not in reported]
    if not open_ones:
        return Step(_("Where your goals stand"), _("You have said where each of them stands."), True)
    return Step(
        _("Where your goals stand"),
        _("One last look at each, from you: it closes the line that began at the start."),
        False,
        reverse("goals:detail", args=[open_ones[0].uuid]),
        _("Check in"),
    )


def question_round(member: Member) -> Iterator[Step]:
    asked = (
        InvitationToAnswer.objects.filter(enrolment=member.enrolment_id, wave__kind=Wave.Kind.END)
        .order_by("-pk")
        .first()
    )
    if asked:
        yield Step(
            _("The last question round"),
            _("Under a minute. Nobody sees your answers."),
            asked.is_answered,
            "" if asked.is_answered else reverse("pulses:answer", args=[asked.uuid]),
            _("Answer"),
        )


def feedback(mentorship: Mentorship, member: Member) -> Step:
    given = Feedback.objects.filter(mentorship=mentorship, author=member).exists()
    return Step(
        _("Feedback"),
        _("What helped, and what to try: theirs to keep, and nobody else reads it."),
        given,
        reverse("feedback:give", args=[mentorship.uuid]),
        _("Read or write it") if given else _("Write it"),
    )


def farewell(member: Member) -> Step:
    said = Farewell.objects.filter(member=member).exclude(thanks="").exists()
    return Step(_("A thank-you"), _("A few words are enough. Below is room for them."), said)


# --- By itself -----------------------------------------------------------------------------


def post_due(at: datetime) -> int:
    """In the last four weeks, once to each member: how to round it off."""
    return post_all((message for each in closing(at).with_members() for message in messages(each, at)), at=at)


def messages(mentorship: Mentorship, at: datetime) -> Iterator[Message]:
    today, ends = mentorship.cohort.today(at), mentorship.cohort.ends_on
    if not ends - BEFORE_THE_END <= today <= ends + AFTER_THE_END:
        return
    for member in mentorship.members.all():
        yield Message(
            "closing-due",
            to=member.person,
            key=f"closing-due:{member.pk}",
            context={"names": mentorship.names_of_others(member.person), "day": ends},
            url=reverse("endings:close", args=[mentorship.uuid]),
        )


@still_due("closing-due")
def still_going(notices: list[Notice]) -> Iterable[int]:
    member_of = {notice.pk: int(notice.key.split(":")[1]) for notice in notices}
    active = set(
        Member.objects.filter(pk__in=member_of.values(), mentorship__state=State.ACTIVE).values_list(
            "pk", flat=True
        )
    )
    return [notice for notice, member in member_of.items() if member in active]


def close_with_cohort(at: datetime) -> int:
    """Two weeks after the end of a closed cohort what still lives is completed, or ended where nobody met."""
    left = Mentorship.objects.live().filter(
        cohort__state=Cohort.State.CLOSED, cohort__ends_on__lt=at.date() - AFTER_THE_END
    )
    for mentorship in left:
        if mentorship.state == State.ACTIVE and held(mentorship).exists():
            matching.actions.complete(mentorship=mentorship, at=at)
        else:
            matching.actions.run_out(mentorship=mentorship, at=at)
    return len(left)


def ask_to_look_back(at: datetime) -> int:
    """Four weeks after somebody's last mentorship of a cohort was over, once: would you do it again?"""
    over = (
        Member.of_all_time.filter(
            mentorship__state__in=[State.COMPLETED, State.ENDED],
            mentorship__confirmed_at__isnull=False,
            mentorship__closed_at__lte=at - LOOK_BACK_AFTER,
            mentorship__closed_at__gt=at - LOOK_BACK_AFTER - LOOKED_BACK_FOR,
            enrolment__person__is_active=True,
            enrolment__look_back=None,
        )
        .exclude(enrolment__in=Member.objects.current().values("enrolment"))
        .values_list("enrolment", flat=True)
    )
    LookBack.objects.bulk_create(
        [LookBack(enrolment_id=pk, asked_on=at.date()) for pk in set(over)], ignore_conflicts=True
    )
    asked = LookBack.objects.filter(
        is_answered=False, asked_on__gt=at.date() - LOOKED_BACK_FOR
    ).select_related("enrolment__person", "enrolment__cohort__programme")
    return post_all(
        (
            Message(
                "look-back",
                to=one.enrolment.person,
                key=f"look-back:{one.enrolment_id}",
                context={"programme": one.enrolment.cohort.programme},
                url=reverse("endings:look_back", args=[one.uuid]),
            )
            for one in asked.iterator(500)
        ),
        at=at,
    )


@still_due("look-back")
def still_unanswered(notices: list[Notice]) -> Iterable[int]:
    enrolment_of = {notice.pk: int(notice.key.split(":")[1]) for notice in notices}
    unanswered = set(
        LookBack.objects.filter(enrolment__in=enrolment_of.values(), is_answered=False).values_list(
            "enrolment", flat=True
        )
    )
    return [notice for notice, enrolment in enrolment_of.items() if enrolment in unanswered]
