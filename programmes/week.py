"""The week as a grid of hours to tick, in the person's own time zone."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.template.loader import render_to_string
from django.utils.dates import WEEKDAYS
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

FIRST_HOUR, LAST_HOUR = 7, 19
WORKDAYS = range(5)
# Hours that many tick together, on every day from Monday to Friday.
BLOCKS = {
    "mornings": (_("Mornings, 9 to 12"), range(9, 12)),
    "middays": (_("Over midday, 12 to 14"), range(12, 14)),
    "afternoons": (_("Afternoons, 14 to 17"), range(14, 17)),
}


def quick_hours(choice: str, chosen: set[int]) -> set[int]:
    """The hours after a button was pressed: it adds what it stands for, or takes it away where all of it was
    chosen already. `choice` is "day-0" to "day-6", a name in BLOCKS, or "none"; anything else changes
    nothing."""
    if choice == "none":
        return set()
    meant = hours_meant(choice)
    return chosen - meant if meant <= chosen else chosen | meant


def hours_meant(choice: str) -> set[int]:
    kind, _dash, day = choice.partition("-")
    if kind == "day" and day in set("0123456"):
        return {int(day) * 24 + hour for hour in range(FIRST_HOUR, LAST_HOUR)}
    if choice in BLOCKS:
        return {day * 24 + hour for day in WORKDAYS for hour in BLOCKS[choice][1]}
    return set()


@dataclass(frozen=True)
class Hour:
    value: int
    label: str
    checked: bool


@dataclass(frozen=True)
class Day:
    name: Any
    choice: str
    hours: list[Hour]


class WeekWidget(forms.SelectMultiple):
    """A group of checkboxes for each day: columns where there is room, day by day on a phone."""

    template_name = "programmes/_week.html"
    use_fieldset = True

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        # Django's own renderer of widgets does not look into the project's templates.
        return render_to_string(self.template_name, self.get_context(name, value, attrs))

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        chosen = {str(hour) for hour in value or []}
        days = [
            Day(
                WEEKDAYS[day],
                f"day-{day}",
                [
                    Hour(day * 24 + hour, f"{hour}–{hour + 1}", str(day * 24 + hour) in chosen)
                    for hour in range(FIRST_HOUR, LAST_HOUR)
                ],
            )
            for day in range(7)
        ]
        weekend = days[5:]
        return {
            "widget": {"name": name},
            "blocks": [
                (block, label, " ".join(map(str, sorted(hours_meant(block)))))
                for block, (label, _hours) in BLOCKS.items()
            ],
            "workdays": days[:5],
            "weekend": weekend,
            "meets_at_weekends": any(hour.checked for day in weekend for hour in day.hours),
        }


class WeeklyHoursField(forms.TypedMultipleChoiceField):
    widget = WeekWidget

    def __init__(self, **kwargs: Any) -> None:
        hours: Iterable[int] = (day * 24 + hour for day in range(7) for hour in range(FIRST_HOUR, LAST_HOUR))
        super().__init__(
            coerce=int,
            choices=[(hour, hour) for hour in hours],
            error_messages={"required": _("Tick at least one hour in which you could meet.")},
            **kwargs,
        )
