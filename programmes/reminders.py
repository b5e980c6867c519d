"""What is due to be said, and to whom: querysets over windows, never over a date."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from django.urls import reverse

from notices.models import Notice
from notices.outbox import Message, again, post_all
from notices.still import still_due
from programmes.actions.line_managers import request_context
from programmes.models import Enrolment, Invitation, Role, TimeRequest

LEFT = timedelta(days=3)
LAST_DAYS = 1
BRIEFING_AGAIN = timedelta(days=7)


def about(notice: Notice) -> int:
    """The id of the row a notice is about: the second part of its key."""
    return int(notice.key.split(":")[1])


def those_about(notices: list[Notice], open_ids: Iterable[int]) -> list[int]:
    found = set(open_ids)
    return [notice.pk for notice in notices if about(notice) in found]


# --- An invitation without an answer -----------------------------------------------------


def remind_invited(at: datetime) -> int:
    """One reminder to each person whose invitation has gone without an answer for a week."""
    due = Invitation.objects.due_for_reminder(at).select_related("cohort__programme", "person")
    return post_all(
        (
            Message(
                "invitation-reminder",
                to=invitation.person,
                key=f"invitation-reminder:{invitation.pk}",
                context={"cohort": invitation.cohort, "role": Role(invitation.role)},
                url=invitation.cohort.get_absolute_url(),
            )
            for invitation in due.iterator(500)
            if invitation.cohort.is_open(at)
        ),
        at=at,
    )


@still_due("invitation", "invitation-reminder")
def open_invitations(notices: list[Notice]) -> list[int]:
    asked = Invitation.objects.open().filter(pk__in=[about(notice) for notice in notices])
    return those_about(notices, asked.values_list("pk", flat=True))


# --- An enrolment that was begun and not sent --------------------------------------------


def remind_unfinished(at: datetime) -> int:
    """At most two: when a draft has been left for three days, and on the last two days to enrol."""
    due = Enrolment.objects.left_unfinished(at).select_related("cohort__programme", "person")
    return post_all(unfinished(due.iterator(500), at), at=at)


def unfinished(drafts: Iterable[Enrolment], at: datetime) -> Iterator[Message]:
    for draft in drafts:
        cohort = draft.cohort
        if not cohort.is_open(at):
            continue
        closing = (cohort.last_day_to_enrol - cohort.today(at)).days <= LAST_DAYS
        if not closing and draft.saved_at > at - LEFT:
            continue
        yield Message(
            "enrolment-unfinished",
            to=draft.person,
            key=f"enrolment-unfinished:{draft.pk}:{'closing' if closing else 'left'}",
            context={"cohort": cohort, "role": Role(draft.role), "closing": closing},
            url=reverse("programmes:enrol", args=[cohort.uuid]),
        )


@still_due("enrolment-unfinished")
def open_drafts(notices: list[Notice]) -> list[int]:
    drafts = Enrolment.objects.drafts().filter(
        pk__in=[about(notice) for notice in notices], cohort__state="enrolling"
    )
    return those_about(notices, drafts.values_list("pk", flat=True))


# --- The line manager's answer -----------------------------------------------------------


def remind_line_managers(at: datetime) -> int:
    """One reminder to each line manager who has not answered for five days."""
    due = TimeRequest.objects.due_for_reminder(at).select_related(
        "enrolment__person", "enrolment__cohort__programme", "manager"
    )
    return post_all(
        (
            Message(
                "line-manager-reminder",
                to=request.manager,
                key=f"line-manager-reminder:{request.pk}",
                context=request_context(request),
                url=request.get_absolute_url(),
            )
            for request in due.iterator(500)
        ),
        at=at,
    )


@still_due("line-manager-asked", "line-manager-reminder")
def open_requests(notices: list[Notice]) -> list[int]:
    asked = TimeRequest.objects.open().filter(pk__in=[about(notice) for notice in notices])
    return those_about(notices, asked.values_list("pk", flat=True))


# --- A briefing before the first meeting -------------------------------------------------


def remind_unbriefed(at: datetime) -> int:
    """Three days after it is certain who they are with, and a week later once more whoever got that."""
    return post_all(unbriefed(at), at=at) + post_all(again(unbriefed(at), at=at, after=BRIEFING_AGAIN), at=at)


def unbriefed(at: datetime) -> Iterator[Message]:
    due = Enrolment.objects.briefing_awaited(at).select_related("cohort__programme", "person")
    for enrolment in due.iterator(500):
        yield Message(
            "briefing-open",
            to=enrolment.person,
            key=f"briefing-open:{enrolment.pk}",
            context={"cohort": enrolment.cohort, "role": Role(enrolment.role)},
            url=reverse("programmes:briefing", args=[enrolment.uuid]),
        )


@still_due("briefing-open")
def open_briefings(notices: list[Notice]) -> list[int]:
    unbriefed = Enrolment.objects.unbriefed().filter(pk__in=[about(notice) for notice in notices])
    return those_about(notices, unbriefed.values_list("pk", flat=True))
