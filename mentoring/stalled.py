"""Mentorships that have come to a stand: for whom it may concern, and what to do about it.

Goals, agreements and meetings do not know each other; this floor knows them all. Staff see dates, and which
reminders went out; never what was said.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, TypeAlias, TypedDict

from django.db import transaction
from django.db.models import DateTimeField, Exists, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Greatest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from agreements.models import Signature
from domain.errors import DomainError
from goals.models import CheckIn
from matching.models import Mentorship
from matching.models.mentorship import MentorshipQuerySet
from meetings.models import Meeting
from mentoring.unsigned import met_twice
from notices.kinds import KINDS
from notices.models import Notice
from notices.outbox import post
from participants.models import Person
from programmes.models import Cohort

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

UNSIGNED = timedelta(days=14)
UNPLANNED = timedelta(days=21)
QUIET = timedelta(weeks=6)
SILENT = timedelta(days=90)
NUDGE_AGAIN = timedelta(days=5)
GOING = (Mentorship.State.CONFIRMED, Mentorship.State.ACTIVE)
TRIED = (
    *("mentorship-nudge", "mentorship-silent", "mentorship-end-offered"),
    *("agreement-to-sign", "agreement-reminder", "meeting-to-confirm"),
    *("first-meeting-to-plan", "next-meeting-to-plan"),
)


class Signs(TypedDict):
    last_met: datetime | None
    """When their last meeting ended that was not cancelled, or will end."""
    last_sign: datetime
    """Of life; in the future where a meeting is planned."""


class Standing(Signs):
    has_met_twice: bool
    """Without an agreement that all signed."""


Going: TypeAlias = "WithAnnotations[Mentorship, Signs]"
StandingStill: TypeAlias = "WithAnnotations[Mentorship, Standing]"


@dataclass
class Stalled:
    mentorship: Mentorship
    reason: str
    suggestion: str
    since: date
    tried: list[tuple[str, datetime]] = field(default_factory=list)
    """What reminders are called that went to its members, and when the last of each did; latest first."""
    may_nudge: bool = True

    @property
    def names(self) -> str:
        return ", ".join(member.person.name for member in self.mentorship.members.all())


def going() -> "MentorshipQuerySet[Going, Going]":
    """Those under way in a running cohort, annotated with their `Signs`."""

    def latest(rows: QuerySet, name: str, path: str) -> Subquery:
        found = rows.filter(**{path: OuterRef("pk")}).order_by().values(path)
        return Subquery(found.annotate(latest=Max(name)).values("latest"), output_field=DateTimeField())

    last = Meeting.objects.uncancelled().filter(mentorship=OuterRef("pk")).order_by("-starts_at", "-pk")
    last_met = Subquery(last.values("ends_at")[:1])  # one step in an index, however often they met
    return Mentorship.objects.filter(state__in=GOING, cohort__state=Cohort.State.RUNNING).annotate(
        last_met=last_met,
        # PostgreSQL's GREATEST passes over what is NULL.
        last_sign=Greatest(
            "confirmed_at",
            "activated_at",
            last_met,
            latest(CheckIn.objects.all(), "reported_at", "goal__mentorship"),
            latest(Signature.objects.all(), "signed_at", "member__mentorship"),
        ),
    )


def stalled(
    of: "MentorshipQuerySet[Going, Going]", at: datetime
) -> "MentorshipQuerySet[StandingStill, StandingStill]":
    """Annotated with `Standing`."""
    return of.annotate(has_met_twice=Exists(met_twice().filter(pk=OuterRef("pk")))).filter(
        Q(last_sign__lte=at - SILENT)
        | Q(has_met_twice=True)
        | Q(state=Mentorship.State.CONFIRMED, confirmed_at__lte=at - UNSIGNED)
        | Q(last_met=None, confirmed_at__lte=at - UNPLANNED)
        | Q(last_met__lte=at - QUIET)
    )


def managed_by(person: Person, at: datetime) -> "MentorshipQuerySet[StandingStill, StandingStill]":
    """Those stalled that `person` looks after. The cohorts are asked for before, or PostgreSQL may look for
    the signs of a mentorship once for each cohort there is. One query."""
    cohorts = Cohort.objects.managed_by(person).filter(state=Cohort.State.RUNNING)
    return stalled(going().filter(cohort__in=list(cohorts.values_list("pk", flat=True))), at)


def of_staff(person: Person, at: datetime) -> list[Stalled]:
    """What stands still in the programmes `person` looks after, the longest first. Constant queries."""
    found = list(managed_by(person, at).with_members().order_by("last_sign", "pk"))
    notices = tried(found)
    return [explained(mentorship, notices, at) for mentorship in found]


def tried(mentorships: Iterable[Mentorship]) -> dict[int, list[Notice]]:
    """By recipient, the reminders that went to the members."""
    people = {member.person.pk for mentorship in mentorships for member in mentorship.members.all()}
    by_person = defaultdict(list)
    for notice in Notice.objects.got().filter(recipient__in=people, kind__in=TRIED).order_by("created_at"):
        by_person[notice.recipient_id].append(notice)
    return by_person


def explained(mentorship: "StandingStill", notices: dict[int, list[Notice]], at: datetime) -> Stalled:
    reason, suggestion, since = why(mentorship, at)
    last: dict[str, datetime] = {}
    for member in mentorship.members.all():
        for notice in notices[member.person.pk]:
            if notice.created_at >= begun(mentorship):
                when = notice.sent_at or notice.created_at
                last[notice.kind] = max(when, last.get(notice.kind, when))
    steps = sorted(last.items(), key=lambda step: step[1], reverse=True)
    nudged = last.get("mentorship-nudge")
    return Stalled(
        mentorship=mentorship,
        reason=reason,
        suggestion=suggestion,
        since=timezone.localtime(since).date(),
        tried=[(str(KINDS[kind].title), when) for kind, when in steps if kind in KINDS],
        may_nudge=nudged is None or nudged <= at - NUDGE_AGAIN,
    )


def begun(mentorship: Mentorship) -> datetime:
    return mentorship.confirmed_at or mentorship.created_at


def why(mentorship: "StandingStill", at: datetime) -> tuple[str, str, datetime]:
    """In a sentence each what stands still and what to do next, and since when."""
    if mentorship.last_sign <= at - SILENT:
        return (
            _("There has been no sign of life for three months."),
            _("Call one of them. If it has run its course, a friendly end frees both for somebody else."),
            mentorship.last_sign,
        )
    if mentorship.last_met is None and begun(mentorship) <= at - UNPLANNED:
        return (
            _("They have not planned a first meeting."),
            _("Ask the senior side to propose a date. The first word is easier for them."),
            begun(mentorship),
        )
    if mentorship.state == Mentorship.State.CONFIRMED:
        return (
            _("They have met twice, and their agreement is not signed by all.")
            if mentorship.has_met_twice
            else _("Their agreement is not signed by all."),
            _("Ask whether a ground rule is in the way. They can adapt most of them together."),
            begun(mentorship),
        )
    return (
        _("They have not met for six weeks, and have planned nothing."),
        _("Ask whether the rhythm still suits them. A pause is a good answer, too."),
        mentorship.last_met or begun(mentorship),
    )


# --- A word from the coordinator -----------------------------------------------------


@transaction.atomic
def nudge(*, mentorship: Mentorship, by: Person, at: datetime | None = None) -> None:
    """A friendly word to all members, at most once in five days, whoever presses the button."""
    at = at or timezone.now()
    locked = Mentorship.objects.select_for_update().get(pk=mentorship.pk)
    if locked.state not in GOING:
        raise DomainError(_("This mentorship is no longer under way."))
    lately = Notice.objects.filter(
        kind="mentorship-nudge",
        key__startswith=f"mentorship-nudge:{locked.pk}:",
        created_at__gt=at - NUDGE_AGAIN,
    )
    if lately.exists():
        raise DomainError(_("They got a friendly word within the last five days. Give it a little time."))
    mentorship = Mentorship.objects.with_members().get(pk=locked.pk)
    for member in mentorship.members.all():
        post(
            "mentorship-nudge",
            to=member.person,
            key=f"mentorship-nudge:{mentorship.pk}:{member.pk}:{at:%Y-%m-%dT%H:%M}",
            context={
                "mentorship": mentorship,
                "others": mentorship.names_of_others(member.person),
                "coordinator": by.name,
            },
            url=reverse("mentorship", args=[mentorship.uuid]),
            at=at,
        )
