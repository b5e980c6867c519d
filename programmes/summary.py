"""What somebody told in an enrolment, in words: to look over before it is sent."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from participants.forms import language_choices
from participants.models import Profile
from programmes.models import Enrolment, Role


@dataclass(frozen=True)
class Told:
    label: str
    text: str
    step: str


def summary(enrolment: Enrolment) -> list[Told]:
    profile = (
        Profile.objects.filter(person=enrolment.person)
        .prefetch_related("expertise__topic", "interests__topic")
        .first()
    )
    can = [row.topic.name for row in profile.expertise.all()] if profile else []
    want = [row.topic.name for row in profile.interests.all()] if profile else []
    spoken = list(enrolment.person.languages.all())
    names = dict(language_choices([row.code for row in spoken]))
    wishes, avoided = enrolment.wishes.count(), enrolment.avoidances.count()
    nothing = _("nothing yet")
    return [
        Told(_("I take part as"), str(Role(enrolment.role).label), "part"),
        Told(_("Mentorships at a time"), str(enrolment.capacity), "part"),
        Told(_("What I can share"), ", ".join(can) or nothing, "topics"),
        Told(_("What I would like to learn"), ", ".join(want) or nothing, "topics"),
        Told(_("Languages"), ", ".join(str(names[row.code]) for row in spoken) or nothing, "time"),
        Told(_("How I would meet"), ways(enrolment), "time"),
        Told(_("When I could usually meet"), week_in_words(enrolment.weekly_hours) or nothing, "time"),
        Told(_("What I hope for"), enrolment.hopes or nothing, "people"),
        Told(
            _("People"),
            # Only how many: whoever looks over a shoulder reads no name here.
            ngettext("%d wish", "%d wishes", wishes) % wishes
            + ", "
            + ngettext("%d person rather not", "%d people rather not", avoided) % avoided,
            "people",
        ),
    ]


def ways(enrolment: Enrolment) -> str:
    if enrolment.meets_remotely and enrolment.meets_on_site:
        return _("By video or on site")
    return _("By video") if enrolment.meets_remotely else _("On site")


def week_in_words(hours: Iterable[int]) -> str:
    """Hours of the week as spans: “Mon 9–12, 14–16; Tue 9–17”."""
    days: dict[int, list[list[int]]] = {}
    for hour in sorted(hours):
        spans = days.setdefault(hour // 24, [])
        if spans and spans[-1][1] == hour % 24:
            spans[-1][1] += 1
        else:
            spans.append([hour % 24, hour % 24 + 1])
    return "; ".join(
        f"{WEEKDAYS_ABBR[day]} " + ", ".join(f"{start}–{end}" for start, end in spans)
        for day, spans in days.items()
    )


def missing(enrolment: Enrolment) -> list[Told]:
    """What has to be told before it can be sent, and on which step."""
    gaps = []
    if not enrolment.weekly_hours:
        gaps.append(Told("", _("Tick at least one hour in which you could meet."), "time"))
    if not enrolment.person.languages.exists():
        gaps.append(Told("", _("Name at least one language in which you could hold a conversation."), "time"))
    return gaps
