"""The times a mentorship could meet, as the person who plans reads them."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from functools import cached_property

from django.utils import timezone
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from domain import dates
from matching.models import Member, Mentorship
from meetings.models import Meeting
from meetings.slots import Busy, Slot, Week, is_free, rhythm, suggest, unsuited
from participants.models import Person

SOON = timedelta(days=3)
NOTICE = timedelta(hours=12)
MORNING = time(10)


@dataclass(frozen=True)
class Offer:
    """A time to choose: `value` is what the form sends, `day` and `hours` are the planner's, `theirs` the
    hours of the others."""

    value: str
    day: str
    hours: str
    theirs: str
    remark: str

    @property
    def note(self) -> str:
        return " · ".join(part for part in (self.hours, self.theirs, self.remark) if part)


class Planner:
    """What one person needs to see to plan one mentorship; reads the calendars once.

    The members must be loaded with their people and enrolments. `but` is a meeting that is being moved.
    """

    def __init__(
        self, mentorship: Mentorship, by: Person, at: datetime, *, minutes: int, but: Meeting | None = None
    ) -> None:
        self.mentorship, self.by, self.at, self.minutes, self.but = mentorship, by, at, minutes, but
        self.members = list(mentorship.members.all())
        self.weeks = [
            Week(frozenset(member.enrolment.weekly_hours), member.person.zone) for member in self.members
        ]

    @cached_property
    def busy(self) -> Busy:
        """When any of the members has a meeting, in whichever mentorship."""
        people = [member.person for member in self.members]
        theirs = Member.of_all_time.filter(enrolment__person__in=people).values("mentorship")
        return set(
            Meeting.objects.filter(mentorship__in=theirs)
            .upcoming(self.at)
            .exclude(pk__in=[self.but.pk] if self.but else [])
            .values_list("starts_at", "ends_at")
        )

    @cached_property
    def around(self) -> datetime:
        """Near which day the next meeting belongs: soon for the first, else the cohort's rhythm on."""
        day = (self.at + SOON).astimezone(self.by.zone).date()
        soon = datetime.combine(day, MORNING, tzinfo=self.by.zone)
        if self.but:
            return max(self.but.starts_at, self.at + NOTICE)
        last = self.mentorship.meetings.uncancelled().last()
        if not last:
            return soon
        return max(soon, last.starts_at + timedelta(weeks=self.mentorship.cohort.weeks_between))

    def offers(self, count: int = 6) -> list[Offer]:
        found = suggest(
            self.weeks,
            minutes=self.minutes,
            around=self.around,
            earliest=self.at + NOTICE,
            zone=self.by.zone,
            busy=self.busy,
            count=count,
        )
        return [self.offer(slot) for slot in found]

    def rhythm(self, first: datetime, *, count: int, weeks_between: int) -> list[Slot]:
        return rhythm(
            self.weeks,
            first=first,
            count=count,
            weeks_between=weeks_between,
            minutes=self.minutes,
            zone=self.by.zone,
            busy=self.busy,
            until=end_of(self.mentorship),
        )

    def offer(self, slot: Slot) -> Offer:
        start, end = slot.starts_at, slot.starts_at + timedelta(minutes=self.minutes)
        with timezone.override(self.by.zone):
            day = dates.day(start)
            hours = _("%(start)s to %(end)s") % {"start": dates.clock(start), "end": dates.clock(end)}
        names = [self.members[number].person.first_name for number in slot.unsuited]
        return Offer(
            value=start.astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ"),
            day=day,
            hours=hours,
            theirs=self.theirs(start),
            remark=_("outside the hours of %(names)s") % {"names": get_text_list(names, _("and"))}
            if names
            else "",
        )

    def seen(self, start: datetime | None) -> Offer | None:
        """What is to say of a time somebody chose."""
        if start is None:
            return None
        offer = self.offer(Slot(start, unsuited(self.weeks, start, self.minutes)))
        if not is_free(start, self.minutes, self.busy):
            return replace(offer, remark=_("one of you has a meeting then"))
        return offer

    def theirs(self, start: datetime) -> str:
        """The hour of those whose clocks show another one: “Martin: 09:00”, with the day where it differs."""
        mine = start.astimezone(self.by.zone)
        said = []
        for member in self.members:
            local = start.astimezone(member.person.zone)
            if local.replace(tzinfo=None) == mine.replace(tzinfo=None):
                continue
            with timezone.override(member.person.zone):
                clock = dates.clock(start)
                hour = clock if local.date() == mine.date() else f"{dates.weekday(start)} {clock}"
            said.append(_("%(name)s: %(hour)s") % {"name": member.person.first_name, "hour": hour})
        return ", ".join(said)


def end_of(mentorship: Mentorship) -> datetime:
    """The moment the cohort's last day is over."""
    cohort = mentorship.cohort
    return datetime.combine(cohort.ends_on + timedelta(days=1), time(), tzinfo=cohort.zone)


def still_to_plan(mentorship: Mentorship, at: datetime) -> int:
    """How many meetings of the course are neither held nor planned; one more can always be."""
    open_or_held = Counter(
        meeting.status(at) for meeting in mentorship.meetings.prefetch_related("confirmations")
    )
    gone = (Meeting.Status.MISSED, Meeting.Status.CANCELLED)
    count = sum(number for status, number in open_or_held.items() if status not in gone)
    return max(1, mentorship.cohort.meetings_planned - count)
