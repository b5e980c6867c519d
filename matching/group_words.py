"""Why a group, and why somebody is in none, in words; the counterpart of `matching.reasons` for groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from babel import Locale
from django.utils.text import get_text_list
from django.utils.translation import get_language, gettext, ngettext

from matching.group_held import Held
from matching.models import ProposedGroup
from matching.reasons import KEPT_AWAY, knows
from matching.rules import ALL, NEVER, Rules, values
from programmes.models import Role

if TYPE_CHECKING:
    from matching.group_bench import Plan


def for_staff(group: ProposedGroup) -> list[str]:
    """Sentences about the group, most telling first. Needs the seats prefetched."""
    facts = group.breakdown.get("facts", {})
    by_enrolment = {row["enrolment"]: row for row in facts.get("mentors", [])}
    mentors = [
        f"{seat.enrolment.person.first_name}: {knows(by_enrolment[seat.enrolment_id])}"
        for seat in group.seats.all()
        if seat.role == Role.MENTOR and seat.enrolment_id in by_enrolment
    ]
    sentences = []
    if mentors:
        sentences.append(
            gettext("On “%(theme)s”: %(mentors)s.") % {"theme": group.theme, "mentors": "; ".join(mentors)}
        )
    above_all = sum(row["priority"] == 3 for row in facts.get("mentees", []))
    if above_all:
        sentences.append(
            ngettext(
                "%(count)s of the mentees wants to learn this above all.",
                "%(count)s of the mentees want to learn this above all.",
                above_all,
            )
            % {"count": above_all}
        )
    return sentences + _common(facts, staff=True)


def for_member(group: ProposedGroup) -> list[str]:
    """The same said to one of the group, without what one knows or wants more than another."""
    return [
        gettext("You all chose “%(theme)s”.") % {"theme": group.theme},
        *_common(group.breakdown.get("facts", {}), staff=False),
    ]


def _common(facts: Mapping[str, Any], *, staff: bool) -> list[str]:
    sentences = []
    if hours := facts.get("hours"):
        text = ngettext(
            "All have %(count)s hour of the week in common.",
            "All have %(count)s hours of the week in common.",
            hours,
        )
        if not staff:
            text = ngettext(
                "You all have time in %(count)s hour of the week.",
                "You all have time in %(count)s hours of the week.",
                hours,
            )
        sentences.append(text % {"count": hours})
    if languages := facts.get("languages"):
        names = Locale.parse(get_language() or "en", sep="-").languages
        spoken = get_text_list([names.get(code, code) for code in languages], gettext("or"))
        text = (
            gettext("All can work in %(languages)s.")
            if staff
            else gettext("You can all work in %(languages)s.")
        )
        sentences.append(text % {"languages": spoken})
    if facts.get("video") and facts.get("site"):
        sentences.append(gettext("Meeting by video and on site would both suit."))
    elif facts.get("video"):
        sentences.append(gettext("Meeting by video suits everybody."))
    elif facts.get("site"):
        sentences.append(gettext("Meeting on site suits everybody."))
    if facts.get("units", 0) > 1:
        text = (
            gettext("They come from %(count)s units.") if staff else gettext("You come from %(count)s units.")
        )
        sentences.append(text % {"count": facts["units"]})
    return sentences


def fault_sentence(faults: Sequence[str], rules: Rules) -> str:
    """Why a group is no longer possible; a private reason is never named."""
    own = {
        "size": gettext("Somebody has left, so it no longer has the right size."),
        "theme": gettext("Somebody no longer offers its theme, or no longer wants to learn it."),
        "hours": gettext("All together have fewer than %(common_hours)s hours a week in common.")
        % values(rules),
        "language": gettext("There is no language that all of them can work in."),
        "way": gettext("There is no way to meet that suits all of them."),
    }
    for name in faults:
        if name in own:
            return own[name]
    for rule in ALL:
        if rule.name in faults and rule.audience == "anybody" and rule.name not in NEVER:
            return gettext("Between two of them: %(sentence)s") % {
                "sentence": gettext(rule.sentence) % values(rules)
            }
    return gettext("Two of them cannot be in one group.")


def why_left(entry: Mapping[str, Any]) -> list[str]:
    """Sentences about one person in no group, for staff; `entry` is kept in `MatchRun.outcome`."""
    if entry["cause"] == "moved":
        return [gettext("Somebody took their place by hand.")]
    counts = {"needed": entry["needed"], "possible": entry["possible"]}
    if entry["cause"] == "theme":
        return [gettext("Too few people for a group share a theme with them.")]
    if entry["cause"] == "together":
        return [
            gettext(
                "Two by two it would do, but there is no group in which all can meet and every rule holds."
            )
        ]
    if entry["cause"] == "best":
        return [gettext("A group with them is possible, but not in the result that is best for all.")]
    first = (
        gettext("A group needs %(needed)s mentors. On their themes the rules leave %(possible)s.")
        if entry["role"] == Role.MENTEE
        else gettext("A group needs %(needed)s mentees. On their themes the rules leave %(possible)s.")
    )
    told = [row for row in entry["reasons"] if row["rule"] in KEPT_AWAY][:2]
    return [
        first % counts,
        *(KEPT_AWAY[row["rule"]](row["removed"]) % {"count": row["removed"]} for row in told),
    ]


def why_held(held: Held, enrolment: int) -> list[str]:
    """With whom they are to be in one group: where that cannot be, they are in none."""
    names = [
        str(held.people[pk]) for pair in held.together if enrolment in pair for pk in pair if pk != enrolment
    ]
    if not names:
        return []
    with_whom = get_text_list(names, gettext("and"))
    return [gettext("They are to be in one group with %(names)s, or in none.") % {"names": with_whom}]


def cost(outcome: Mapping[str, Any]) -> list[str]:
    """What the decisions of people cost against the best there would be without them."""
    count = outcome.get("decisions", 0)
    if not count:
        return []
    best, have = outcome["undecided"], outcome["worth"]
    gap = _gap(best["placed"] - have["placed"], best["floor"] - have["floor"], best["total"] - have["total"])
    if not gap:
        return [
            ngettext(
                "%(count)s decision of yours went into it, and costs nothing.",
                "%(count)s decisions of yours went into it, and cost nothing.",
                count,
            )
            % {"count": count}
        ]
    return [
        ngettext(
            "%(count)s decision of yours went into it. Against the best without it:",
            "%(count)s decisions of yours went into it. Against the best without them:",
            count,
        )
        % {"count": count},
        *gap,
    ]


def _gap(placed: int, floor: int, total: int) -> list[str]:
    found = []
    if placed:
        text = (
            ngettext(
                "%(count)s person fewer is in a group.", "%(count)s people fewer are in a group.", placed
            )
            if placed > 0
            else ngettext(
                "%(count)s person more is in a group.", "%(count)s people more are in a group.", -placed
            )
        )
        found.append(text % {"count": abs(placed)})
    if floor:
        text = (
            gettext("The weakest group is %(points)s points weaker.")
            if floor > 0
            else gettext("The weakest group is %(points)s points stronger.")
        )
        found.append(text % {"points": abs(floor)})
    if total:
        text = (
            gettext("All pairs of a mentor and a mentee together lose %(points)s points.")
            if total > 0
            else gettext("All pairs of a mentor and a mentee together gain %(points)s points.")
        )
        found.append(text % {"points": abs(total)})
    return found


def consequences(plan: Plan) -> list[str]:
    """What a move would mean, before it is made."""
    found = [
        gettext("The group on “%(theme)s”: %(before)s of 1000 points before, %(after)s then.")
        % {"theme": group.theme, "before": group.score, "after": after.score}
        for group, after in plan.changed
    ]
    if plan.displaced:
        found.append(gettext("%(who)s is in no group then.") % {"who": plan.displaced.person})
    return found + _gap(*(before - after for before, after in (plan.placed, plan.floor, plan.total)))


def summary(outcome: Mapping[str, Any]) -> list[str]:
    """What came out, and how good anything could be at most."""
    worth, bound = outcome["worth"], outcome["bound"]
    people = outcome["mentors"] + outcome["mentees"]
    sentences = [
        ngettext(
            "%(count)s group, with %(placed)s of %(people)s people in it.",
            "%(count)s groups, with %(placed)s of %(people)s people in them.",
            outcome["groups"],
        )
        % {"count": outcome["groups"], "placed": worth["placed"], "people": people}
    ]
    if outcome["proven"]:
        sentences.append(gettext("Within your rules nothing better is possible: this is proved."))
        return sentences
    if worth["placed"] == bound["placed"]:
        sentences.append(gettext("More people cannot be placed: this is proved."))
        sentences.append(
            gettext("The worst group has %(floor)s of 1000 points; more than %(bound)s are not possible.")
            % {"floor": worth["floor"], "bound": bound["floor"]}
        )
    else:
        sentences.append(
            gettext(
                "At most %(bound)s could be placed; whether that many can, was not found out in the time."
            )
            % {"bound": bound["placed"]}
        )
    return sentences
