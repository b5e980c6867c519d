from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from matching.models import Mentorship
from meetings.models import Meeting

Status = Meeting.Status
SHOWN = {
    Status.HELD: "held",
    Status.DUE: "due",
    Status.DISPUTED: "due",
    Status.PLANNED: "planned",
    Status.MISSED: "missed",
}


@dataclass(frozen=True)
class Bars:
    """What `components/_meeting_bars.html` draws, and the same in words."""

    bars: list[str]
    label: str


def bars(mentorship: Mentorship, at: datetime) -> Bars:
    """One bar per meeting in the order of their dates, then one for each still to plan while it lives.

    Costs no query where `meetings__confirmations` and the cohort are loaded with the mentorship.
    """
    meetings = mentorship.meetings.all()
    if "meetings" not in getattr(mentorship, "_prefetched_objects_cache", {}):
        meetings = meetings.prefetch_related("confirmations")
    drawn = [SHOWN[status] for meeting in meetings if (status := meeting.status(at)) in SHOWN]
    count = Counter(drawn)
    left = max(0, mentorship.cohort.meetings_planned - len(drawn) + count["missed"])
    if not mentorship.is_live:
        left = 0
    return Bars(drawn + ["open"] * left, label(Counter({**count, "open": left})))


def label(count: Counter[str]) -> str:
    words = {
        "held": _("%(n)s held"),
        "due": _("%(n)s to confirm"),
        "planned": _("%(n)s planned"),
        "open": _("%(n)s to plan"),
        "missed": _("%(n)s did not take place"),
    }
    return ", ".join(text % {"n": count[bar]} for bar, text in words.items() if count[bar])
