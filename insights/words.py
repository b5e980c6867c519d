"""How published figures are read: spans, means, and what they say in a sentence."""

from collections.abc import Collection, Mapping
from math import floor
from typing import TYPE_CHECKING

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

import goals.summary
from insights.counting import Dimension, Health, Outcome, Step
from insights.disclosure import AtLeast, Mean
from insights.report import Measured, Report
from programmes.models import Objective, Role
from pulses.models import Wave

if TYPE_CHECKING:
    from insights.pages import View

GOOD_DELIVERY = 80
LOW_DELIVERY = 60
LOW_SAFETY = 3.0
LOW_RESPONSE = 50


def count_text(count: AtLeast) -> str:
    return f"{number(count.number, 0)}+" if count.is_shown else _("Not shown")


def mean_text(mean: Mean | None, *, decimals: int = 1, unit: str = "") -> str:
    if mean is None:
        return _("Not shown")
    value = number(mean.value, decimals) + unit
    match mean.bound:
        case "low":
            return _("%(value)s or less") % {"value": value}
        case "high":
            return _("%(value)s or more") % {"value": value}
    return value


def short_mean(mean: Mean) -> str:
    return {"low": "≤ ", "high": "≥ "}.get(mean.bound, "") + number(mean.value)


def percent_text(mean: Mean | None) -> str:
    return mean_text(mean, decimals=0, unit=" %")


def number(value: float, decimals: int = 1) -> str:
    return number_format(value, decimals)


def measure_text(objective: Objective, value: float | None) -> str:
    if value is None:
        return _("not known")
    if is_percent(objective):
        return number(value, 0) + " %"
    return number(value, 1)


def is_percent(objective: Objective) -> bool:
    return objective.measure in (Objective.Measure.GOALS, Objective.Measure.MEETINGS)


def measure_words(objective: Objective) -> str:
    """How an objective is measured, in a line under it."""
    match objective.measure:
        case Objective.Measure.PULSE:
            text = _("Pulse: %(dimension)s, mean from 1 to 5") % {
                "dimension": objective.get_dimension_display()
            }
        case Objective.Measure.QUESTION:
            text = _("“%(question)s”, mean from 1 to 5") % {"question": objective.question}
        case Objective.Measure.GOALS:
            text = _("Goals attained of those attained or open")
        case _:
            text = _("Meetings held of those planned to date")
    if objective.due_on:
        by = date_format(objective.due_on, pgettext("date format: January 2027", "F Y"))
        text += " · " + _("by %(month)s") % {"month": by}
    return text


def standing(measured: Measured) -> tuple[str, str]:
    """The words for where an objective stands, and their tone."""
    if measured.today is None:
        return _("Too early to tell"), ""
    if measured.is_reached:
        return _("Reached"), "success"
    if measured.start is None:
        return _("Not reached yet"), "info"
    if measured.has_moved:
        return _("On the way"), "info"
    return _("No progress yet"), "warning"


def attainment_text(mean: Mean) -> str:
    return goals.summary.in_words(mean.value)


def what_works(report: Report, objectives: Collection[Measured]) -> list[str]:
    found = []
    reached = sum(one.is_reached for one in objectives)
    if reached:
        found.append(
            _("Objectives reached: %(reached)s of %(number)s.")
            % {"reached": reached, "number": len(objectives)}
        )
    moved = sum(one.has_moved and not one.is_reached for one in objectives)
    if moved:
        found.append(
            ngettext(
                "%(number)s objective has moved towards its target.",
                "%(number)s objectives have moved towards their targets.",
                moved,
            )
            % {"number": moved}
        )
    if report.delivery and report.delivery.value >= GOOD_DELIVERY:
        found.append(
            _("About %(percent)s of the meetings planned to date were held.")
            % {"percent": percent_text(report.delivery)}
        )
    on_track = report.health.get(Health.ON_TRACK)
    if on_track and on_track.is_shown:
        found.append(
            _("%(number)s mentorships or more are on track.") % {"number": number(on_track.number, 0)}
        )
    return found


def what_needs_a_look(report: Report, objectives: Collection[Measured], weeks_waited: int) -> list[str]:
    found = []
    if weeks_waited:
        found.append(
            ngettext(
                "A concern has waited for an answer for %(number)s week.",
                "A concern has waited for an answer for %(number)s weeks.",
                weeks_waited,
            )
            % {"number": weeks_waited}
        )
    if report.delivery and report.delivery.value < LOW_DELIVERY:
        found.append(
            _("Only about %(percent)s of the meetings planned to date were held.")
            % {"percent": percent_text(report.delivery)}
        )
    if report.sticks_at:
        found.append(
            _("Most get stuck before “%(step)s”: about %(percent)s of the step before have taken it.")
            % {
                "step": Step(report.sticks_at).label,
                "percent": f"{report.of_the_step_before(report.sticks_at)} %",
            }
        )
    sentences = {
        Health.QUIET: _(
            "%(number)s mentorships or more have gone quiet: no meeting in six weeks, and none planned."
        ),
        Health.STALLED: _("%(number)s mentorships or more never got going."),
        Health.ENDED: _("%(number)s mentorships or more ended early."),
    }
    states = report.health
    for health, sentence in sentences.items():
        if states[health].is_shown:
            found.append(sentence % {"number": number(states[health].number, 0)})
    due = report.tally(Outcome.DUE)
    if due.is_shown:
        sentence = _("%(number)s meetings or more wait for somebody to say whether they took place.")
        found.append(sentence % {"number": number(due.number, 0)})
    for role in report.roles:
        safety = report.pulse(Wave.Kind.END, Dimension.SAFETY, [role]) or report.pulse(
            Wave.Kind.MIDDLE, Dimension.SAFETY, [role]
        )
        if safety and safety.value < LOW_SAFETY:
            found.append(
                _("Feeling safe: %(role)s answered %(value)s of 5 on average.")
                % {"role": role_text(role), "value": mean_text(safety)}
            )
    rates = [
        rate
        for kind in (Wave.Kind.START, Wave.Kind.MIDDLE, Wave.Kind.END)
        for role in report.roles
        if (rate := report.response_rate(kind, role)) is not None
    ]
    if rates and min(rates) < LOW_RESPONSE:
        found.append(_("Fewer than half of those asked answered one of the pulses."))
    still = [one for one in objectives if one.today and one.start is not None and not one.has_moved]
    still = [one for one in still if not one.is_reached]
    if still:
        found.append(
            ngettext(
                "%(number)s objective has made no progress since the start.",
                "%(number)s objectives have made no progress since the start.",
                len(still),
            )
            % {"number": len(still)}
        )
    return found


def role_text(role: str) -> str:
    return _("mentors") if role == Role.MENTOR else _("mentees")


def role_title(role: str) -> str:
    return _("Mentors") if role == Role.MENTOR else _("Mentees")


def rate_text(rate: int | None) -> str:
    return _("Not shown") if rate is None else _("about %(percent)s") % {"percent": f"{rate} %"}


def step_text(rate: int | None) -> str:
    return "" if rate is None else _("about %(percent)s of the step before") % {"percent": f"{rate} %"}


def share_text(part: int, whole: int, threshold: int) -> str:
    """Of the company's make-up, in whole percent."""
    if part < threshold or not whole:
        return _("Not shown")
    percent = floor(100 * part / whole + 0.5)
    return f"{percent} %" if percent else _("under %(percent)s") % {"percent": "1 %"}


def planned_text(fewest: int, most: int) -> str:
    return str(most) if fewest == most else f"{fewest}–{most}"


def days_text(mean: Mean | None) -> str:
    if mean is None:
        return _("Not shown")
    days = int(mean.value)
    if mean.bound:
        return ngettext("%(number)s day or less", "%(number)s days or less", days) % {"number": days}
    return ngettext("%(number)s day", "%(number)s days", days) % {"number": days}


def attainment_of(role: str) -> str:
    return _("Attainment, as mentors see it") if role == Role.MENTOR else _("Attainment, as mentees see it")


def view_text(view: "View", units: Mapping[int, str], names: Mapping[str, Mapping[int, str]]) -> str:
    """What a reader chose, in a line: for the head of a printed page and of a file."""
    chosen = [view.cohort.name] if view.cohort else []
    if view.period:
        chosen.append(view.period.label)
    if view.role:
        chosen.append(role_title(view.role))
    if view.unit:
        chosen.append(units[view.unit])
    for by, pk in (("grade", view.grade), ("site", view.site)):
        if pk:
            chosen.append(names[by][pk])
    return ", ".join(chosen) or _("All cohorts, mentors and mentees")
