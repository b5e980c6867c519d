"""When feedback can be read, and when it is asked for."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import lazy

from feedback.actions import message
from feedback.models import SHOWN_AFTER, Feedback
from matching.models import Member, Mentorship
from notices.models import Notice
from notices.outbox import Message
from notices.still import still_due
from programmes.models import Cohort

LOOKED_BACK = timedelta(days=28)
"""How long a worker may be down without anybody missing a notice."""
FROM = time(7)
ASKED_FOR = timedelta(days=21)
BEFORE_THE_END = timedelta(days=14)
AGAIN_AFTER = timedelta(days=7)
"""Whoever was asked and has not written is asked a second time, and then no more."""
LATELY = timedelta(days=14)
"""Words written so shortly before the window count: nobody is asked for what they have just given."""


def messages(at: datetime) -> Iterator[Message]:
    """What a week has opened, of those whose other side has not written meanwhile."""
    shown = Feedback.objects.filter(
        written_at__lte=at - SHOWN_AFTER, written_at__gt=at - SHOWN_AFTER - LOOKED_BACK
    )
    people = shown.select_related("mentorship", "author__enrolment__person", "recipient__enrolment__person")
    return map(message, people)


def windows(cohort: Cohort) -> list[tuple[str, date, date]]:
    """At the middle and at the end: name, first day, and the day from which it is asked no more."""
    middle = cohort.starts_on + (cohort.ends_on - cohort.starts_on) / 2
    closing = cohort.ends_on - BEFORE_THE_END
    return [
        ("middle", middle, min(middle + ASKED_FOR, closing)),
        ("end", closing, closing + ASKED_FOR),
    ]


def window(cohort: Cohort, at: datetime, zone: ZoneInfo) -> tuple[str, datetime] | None:
    """The one that `at` lies in where the person is, from 7:00 on, and when it began; None between them."""
    for name, first, until in windows(cohort):
        begins, ends = (datetime.combine(day, FROM, zone) for day in (first, until))
        if begins <= at < ends:
            return name, begins
    return None


def asked(at: datetime, members: Iterable[int] | None = None) -> Iterator[tuple[Member, str]]:
    """Who is to be asked now, and at which time of the course: whoever has written to nobody of late.

    In a group a word to one of the others is enough; to whom is theirs to choose. Nobody is asked about
    people they have not met: somebody must have said that a meeting took place.
    """
    # A day more on each side, because the day is another one elsewhere.
    day = timedelta(days=1)
    begun = Cohort.objects.filter(state__in=[Cohort.State.RUNNING, Cohort.State.CLOSED])
    if members is not None:
        begun = begun.filter(pk__in=Mentorship.objects.filter(members__in=members).values("cohort"))
    cohorts = {
        one.pk: one
        for one in begun
        if any(first - day <= at.date() <= until + day for _name, first, until in windows(one))
    }
    states = [Mentorship.State.CONFIRMED, Mentorship.State.ACTIVE, Mentorship.State.COMPLETED]
    found = Member.objects.filter(mentorship__cohort__in=cohorts, mentorship__state__in=states)
    met = Mentorship.objects.filter(
        pk=OuterRef("mentorship"), meetings__confirmations__answer="yes", meetings__cancelled_at=None
    )
    found = found.filter(Exists(met))
    if members is not None:
        found = found.filter(pk__in=members)
    given = Feedback.objects.filter(author=OuterRef("pk"), written_at__lte=at)
    found = found.select_related("enrolment__person", "mentorship").order_by("mentorship", "pk")
    for member in found.annotate(last=Subquery(given.order_by("-written_at").values("written_at")[:1])):
        now = window(cohorts[member.mentorship.cohort_id], at, member.person.zone)
        if now and (member.last is None or member.last < now[1] - LATELY):
            yield member, now[0]


def to_ask(at: datetime) -> Iterator[Message]:
    found = list(asked(at))
    mentorships = Mentorship.objects.with_members().in_bulk({member.mentorship_id for member, _name in found})
    for member, name in found:
        mentorship = mentorships[member.mentorship_id]
        yield Message(
            "feedback-asked",
            to=member.person,
            key=f"feedback-asked:{member.pk}:{name}",
            # Lazy, so that the “and” between two names is said in the recipient's language.
            context={
                "names": lazy(mentorship.names_of_others, str)(member.person),
                "is_end": name == "end",
                "mentorship": mentorship,
            },
            url=reverse("feedback:give", args=[mentorship.uuid]),
        )


@still_due("feedback-asked")
def still_asked(notices: list[Notice]) -> Iterable[int]:
    """The key names the member and the time of the course."""
    about = {one.pk: one.key.split(":")[1:3] for one in notices}
    members = [int(member) for member, _name in about.values()]
    open_ones = {(str(member.pk), name) for member, name in asked(timezone.now(), members)}
    return [pk for pk, (member, name) in about.items() if (member, name) in open_ones]
