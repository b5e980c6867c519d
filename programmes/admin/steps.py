"""The steps of a cohort as HR sees them: what is asked, what is missing, and what comes of it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.db.models import Count, Q
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from domain import dates
from participants.models import Person
from programmes import actions
from programmes.models import Cohort, Enrolment, Role

State = Cohort.State


@dataclass(frozen=True)
class Step:
    """One step of a cohort as it stands on its page: from where, what is asked, and what comes of it."""

    source: str
    act: Callable[..., bool]
    question: str | Promise
    button: str | Promise
    done: str | Promise
    consequences: Callable[[Cohort], list[str]]


def of_opening(cohort: Cohort) -> list[str]:
    told = cohort.invitations.untold().filter(person__is_active=True).count()
    rules = [Q(pk__in=rule.people().values("pk")) for rule in cohort.programme.eligibility.all()]
    admitted = Person.objects.filter(reduce(or_, rules)).count() if rules else 0
    return [
        ngettext(
            "%d person is on the list of invitations and will be told now.",
            "%d people are on the list of invitations and will be told now.",
            told,
        )
        % told
        if told
        else gettext("Nobody is on the list of invitations yet, so nobody is told."),
        ngettext(
            "By the rules %d person can enrol, also without an invitation.",
            "By the rules %d people can enrol, also without an invitation.",
            admitted,
        )
        % admitted,
        gettext("They can enrol until %(day)s.") % {"day": dates.day(cohort.last_day_to_enrol)},
    ]


def of_matching(cohort: Cohort) -> list[str]:
    states = Enrolment.State
    counts = cohort.enrolments.aggregate(
        mentors=Count("pk", filter=Q(state=states.ACCEPTED, role=Role.MENTOR)),
        mentees=Count("pk", filter=Q(state=states.ACCEPTED, role=Role.MENTEE)),
        undecided=Count("pk", filter=Q(state=states.APPLIED)),
        waiting=Count("pk", filter=Q(state=states.WAITLISTED)),
    )
    return [
        gettext("Accepted: %(mentors)d as mentor, %(mentees)d as mentee.") % counts,
        gettext("Not decided on: %(undecided)d. On the waiting list: %(waiting)d. They are not matched.")
        % counts,
        gettext("Enrolment ends. Nobody is told of this step."),
    ]


def of_starting(cohort: Cohort) -> list[str]:
    if cohort.is_informal:
        return [
            gettext("Everybody who takes part finds the others in the directory, and can ask them."),
            gettext("Enrolment stays open until %(day)s.") % {"day": dates.day(cohort.ends_on)},
            gettext("Nobody is told of this step."),
        ]
    return [
        gettext("From now on the rhythm counts: %(meetings)d meetings until %(day)s.")
        % {"meetings": cohort.meetings_planned, "day": dates.day(cohort.ends_on)},
        gettext("Nobody is told of this step; people hear of their mentorship when you confirm it."),
    ]


def of_closing(cohort: Cohort) -> list[str]:
    return [
        gettext("What people wrote stays with them; its figures stay in the insights."),
        gettext("This cannot be undone. Nobody is told of this step."),
    ]


STEPS = {
    "open_enrolment": Step(
        State.DRAFT,
        actions.open_enrolment,
        _("Open enrolment?"),
        _("Open enrolment"),
        _("Enrolment is open."),
        of_opening,
    ),
    "begin_matching": Step(
        State.ENROLLING,
        actions.begin_matching,
        _("End enrolment and begin matching?"),
        _("Begin matching"),
        _("Enrolment is over; the cohort can be matched."),
        of_matching,
    ),
    "start": Step(
        State.MATCHING, actions.start, _("Start the cohort?"), _("Start"), _("The cohort runs."), of_starting
    ),
    "close": Step(
        State.RUNNING,
        actions.close,
        _("Close the cohort?"),
        _("Close"),
        _("The cohort is closed."),
        of_closing,
    ),
}


def comes_next(name: str, step: Step, cohort: Cohort) -> bool:
    """An informal cohort is not matched: it starts when enrolment has begun."""
    if cohort.is_informal and name in ("begin_matching", "start"):
        return name == "start" and cohort.state == State.ENROLLING
    return cohort.state == step.source
