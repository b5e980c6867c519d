"""Own words for a notice: which kinds may be reworded, with which placeholders, and how they are filled in.

Words of staff are never a template: `{name}` is the whole language, each kind has a list of the names it
knows, and what is filled in is never read again. Who keeps the words registers a source; this floor knows
no programmes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from string import Formatter
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from domain import dates


@dataclass(frozen=True)
class Placeholder:
    meaning: str | Promise
    example: str | Promise
    value: Callable[[dict[str, Any], Any], Any]
    """From the notice's context and its recipient, in the recipient's language and time zone."""


def others(context: dict[str, Any], _to: Any) -> str:
    found = context.get("names") or context.get("partner") or context["others"]
    return str(found() if callable(found) else found)


def programme(context: dict[str, Any], _to: Any) -> str:
    for value in context.values():
        found = value
        for step in ("meeting", "mentorship", "enrolment", "cohort", "programme"):
            found = getattr(found, step, found)
        name = getattr(found, "name", "")
        if name and hasattr(found, "cohorts"):
            return str(name)
    raise LookupError("no programme in the context")


PLACEHOLDERS = {
    "name": Placeholder(
        gettext_lazy("the first name of whoever reads it"),
        "Aylin",
        lambda context, to: to.first_name,
    ),
    "others": Placeholder(gettext_lazy("whom they are with"), "Martin", others),
    "programme": Placeholder(gettext_lazy("the programme"), gettext_lazy("Reverse mentoring"), programme),
    "role": Placeholder(
        gettext_lazy("their role"), gettext_lazy("mentor"), lambda context, to: context["role"].label
    ),
    "closes": Placeholder(
        gettext_lazy("the last day on which one can enrol"),
        gettext_lazy("Friday 31 July"),
        lambda context, to: dates.day(context["cohort"].enrolment_closes_on),
    ),
    "day": Placeholder(
        gettext_lazy("the day of the meeting"),
        gettext_lazy("Tuesday 17 November"),
        lambda context, to: dates.day(context["meeting"].starts_at),
    ),
    "time": Placeholder(
        gettext_lazy("when it begins"), "14:00", lambda context, to: dates.clock(context["meeting"].starts_at)
    ),
}


@dataclass(frozen=True)
class Rewordable:
    names: tuple[str, ...]
    needs: tuple[str, ...] = ()
    """What the text may not leave out, because the notice would be of no use without it."""


INVITATION = Rewordable(("name", "programme", "role", "closes"))
TOGETHER = Rewordable(("name", "others", "programme"))
MEETING = Rewordable(("name", "others", "programme", "day", "time"), needs=("day",))
# Kinds with one message each. Where a notice says yes or no, or ended or paused, the product's words stay.
REWORDABLE: dict[str, Rewordable] = {
    "invitation": INVITATION,
    "invitation-reminder": INVITATION,
    "enrolment-unfinished": Rewordable(("name", "programme", "role")),
    "briefing-open": Rewordable(("name", "programme", "role")),
    "mentorship-offered": TOGETHER,
    "mentorship-confirmed": TOGETHER,
    "mentorship-nudge": TOGETHER,
    "mentorship-silent": TOGETHER,
    "mentorship-end-offered": TOGETHER,
    "agreement-to-sign": TOGETHER,
    "agreement-reminder": TOGETHER,
    "first-meeting-to-plan": TOGETHER,
    "next-meeting-to-plan": TOGETHER,
    "meeting-reminder": Rewordable(MEETING.names, needs=("day", "time")),
    "meeting-to-confirm": MEETING,
    "log-missing": MEETING,
}


def check(kind: str, words: str) -> None:
    """Raise ValidationError with a sentence for a placeholder that is broken or that this kind lacks."""
    for name in names_in(words):
        if name not in REWORDABLE[kind].names:
            raise ValidationError(
                _("{%(name)s} is not known here. You can use %(known)s.")
                % {"name": name, "known": known(kind)},
                code="unknown",
            )


def check_needs(kind: str, subject: str, text: str) -> None:
    missing = [name for name in REWORDABLE[kind].needs if name not in names_in(subject + text)]
    if missing:
        raise ValidationError(
            _("This notice is of no use without %(missing)s: put it into the subject or the text.")
            % {"missing": ", ".join(f"{{{name}}}" for name in missing)},
            code="missing",
        )


def known(kind: str) -> str:
    return ", ".join(f"{{{name}}}" for name in REWORDABLE[kind].names)


def names_in(words: str) -> list[str]:
    """The placeholders, in order. Raises ValidationError where a brace has no partner, or holds anything
    but a name."""
    try:
        parts = list(Formatter().parse(words))
    except ValueError:
        raise ValidationError(
            _("A curly bracket has no partner. Write {name} for a placeholder, and {{ or }} for a bracket."),
            code="broken",
        ) from None
    for _literal, name, form, conversion in parts:
        if name is not None and (form or conversion or not name.isidentifier()):
            raise ValidationError(
                _("Between curly brackets stands a name alone, such as {name}."), code="broken"
            )
    return [name for _literal, name, _form, _conversion in parts if name is not None]


def fill(words: str, values: dict[str, str]) -> str:
    return "".join(
        literal + (values[name] if name is not None else "")
        for literal, name, _form, _conversion in Formatter().parse(words)
    )


def values_for(context: dict[str, Any], to: Any, words: str) -> dict[str, str]:
    """Only what the words ask for: some of it costs a query."""
    return {name: str(PLACEHOLDERS[name].value(context, to)) for name in names_in(words)}


def examples(language: str) -> dict[str, str]:
    with translation.override(language):
        return {name: str(one.example) for name, one in PLACEHOLDERS.items()}


# --- Where the words come from -------------------------------------------------------

Find = Callable[[str, dict[str, Any], str], tuple[str, str]]
"""(kind, context, language) → subject and text; what is empty stays the product's."""
Source = Callable[[set[str]], Find]
SOURCES: list[Source] = []


def source(load: Source) -> Source:
    """Register who keeps words. `load` is called once for a batch, with the kinds that are in it."""
    SOURCES.append(load)
    return load


def finders(kinds: set[str]) -> list[Find]:
    wanted = kinds & set(REWORDABLE)
    return [load(wanted) for load in SOURCES] if wanted else []
