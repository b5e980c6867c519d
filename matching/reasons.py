"""Why two people suit each other, and why somebody was left without, in words.

A proposal keeps facts, not sentences: they are read in the language of whoever reads them. Staff read of two
people by name; a member reads “you”. Wishes and avoidances count in the run and are named to nobody.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.utils.text import get_text_list
from django.utils.translation import gettext, ngettext, pgettext
from django.utils.translation import gettext_lazy as _

from matching import rules, scoring
from matching.people_of import Snapshot
from matching.rules import common_hours
from participants.models import Person, Profile, Topic
from participants.presenting import detail

CRITERIA = {
    "topics": _("Topics"),
    "hours": _("Common hours"),
    "perspective": _("Another perspective"),
    "language": _("Common language"),
    "experience": _("Mentoring experience"),
    "waiting": _("Left without last time"),
}

WEAK = 300
# From how many points on, how it reads, and the tone of its badge.
BANDS = (
    (600, _("Suits very well"), "success"),
    (450, _("Suits well"), "primary"),
    (WEAK, _("Suits in part"), "info"),
    (0, _("Has little in common"), "warning"),
)

Facts = dict[str, Any]


def band(score: int) -> tuple[str, str]:
    """A score of 0 to 1000 as words and a tone."""
    return next((str(words), tone) for least, words, tone in BANDS if score >= least)


def breakdowns(snapshot: Snapshot, pairs: np.ndarray) -> list[Facts]:
    """For each pair the points per criterion, and the facts they come from, ready for JSON."""
    points = scoring.criteria(snapshot.mentors, snapshot.mentees, pairs)
    return [
        {
            "points": {name: int(points[name][place]) for name in scoring.CRITERIA},
            "facts": _facts(snapshot, int(mentor), int(mentee)),
        }
        for place, (mentor, mentee) in enumerate(pairs)
    ]


def _facts(snapshot: Snapshot, mentor: int, mentee: int) -> Facts:
    a, b = snapshot.mentors, snapshot.mentees
    shared = np.flatnonzero((a.expertise[mentor] > 0) & (b.interest[mentee] > 0))
    topics = [
        {
            "topic": snapshot.topics[place],
            "level": int(a.expertise[mentor, place]),
            "years": int(a.practice[mentor, place]),
            "priority": int(b.interest[mentee, place]),
        }
        for place in shared
    ]
    topics.sort(key=lambda t: (-t["priority"] * (15 * t["level"] + 4 * min(t["years"], 10)), t["topic"]))
    level = np.minimum(a.languages[mentor], b.languages[mentee])
    best = int(level.argmax()) if level.size else -1
    return {
        "topics": topics,
        "hours": int(common_hours(a, b, np.array([mentor]), np.array([mentee]))[0]),
        "language": snapshot.languages[best] if best >= 0 and level[best] else "",
        "others": [
            name
            for name in ("unit", "profession", "site")
            if getattr(a, name)[mentor] != getattr(b, name)[mentee]
            and min(getattr(a, name)[mentor], getattr(b, name)[mentee]) >= 0
        ],
        "years": abs(int(a.years[mentor]) - int(b.years[mentee])),
        "waited": bool(a.waited[mentor] or b.waited[mentee]),
    }


def topics_in(breakdowns: Iterable[Facts]) -> dict[int, Topic]:
    """The topics that these breakdowns speak of, in one query."""
    return Topic.objects.in_bulk({row["topic"] for b in breakdowns for row in _of(b)["topics"]})


def best_topic(breakdown: Facts, topics: Mapping[int, Topic]) -> str:
    """What the two will most likely talk about, empty where nothing is shared."""
    names = [topics[row["topic"]].name for row in _of(breakdown)["topics"] if row["topic"] in topics]
    return names[0] if names else ""


def _of(breakdown: Facts) -> Facts:
    return {"topics": [], "others": [], **breakdown.get("facts", {})}


def _told(facts: Facts, topics: Mapping[int, Topic]) -> list[Facts]:
    """The first three topics they share."""
    return [row for row in facts["topics"] if row["topic"] in topics][:3]


def for_staff(breakdown: Facts, mentor: Person, mentee: Person, topics: Mapping[int, Topic]) -> list[str]:
    """Sentences about two people, most telling first."""
    facts = _of(breakdown)
    sentences = [
        gettext("%(mentor)s on “%(topic)s”: %(knows)s. %(mentee)s: %(wants)s.")
        % {
            "mentor": mentor.first_name,
            "mentee": mentee.first_name,
            "topic": topics[row["topic"]].name,
            "knows": knows(row),
            "wants": wants(row["priority"]),
        }
        for row in _told(facts, topics)
    ]
    if not sentences:
        sentences.append(
            gettext("%(mentee)s asked for no topic that %(mentor)s offers.")
            % {"mentor": mentor.first_name, "mentee": mentee.first_name}
        )
    return sentences + _shared(facts, staff=True)


def for_member(breakdown: Facts, role: str, other: Person, topics: Mapping[int, Topic]) -> list[str]:
    """The same said to one of the two, of themselves and the other."""
    facts = _of(breakdown)
    text = (
        gettext("You offer “%(topic)s”, and %(name)s wants to learn it.")
        if role == "mentor"
        else gettext("You want to learn “%(topic)s”, and %(name)s offers it.")
    )
    sentences = [
        text % {"topic": topics[row["topic"]].name, "name": other.first_name} for row in _told(facts, topics)
    ]
    return sentences + _shared(facts, staff=False)


def knows(row: Facts) -> str:
    words = {
        1: gettext("knows the basics"),
        2: gettext("uses it regularly"),
        3: gettext("others come to ask"),
        4: gettext("could teach a class"),
    }[row["level"]]
    years = ngettext("%(count)s year", "%(count)s years", row["years"]) % {"count": row["years"]}
    return f"{words} ({years})" if row["years"] else words


def wants(priority: int) -> str:
    return {
        1: gettext("it would be nice to learn"),
        2: gettext("wants to learn it"),
        3: gettext("wants to learn this above all"),
    }[priority]


def _shared(facts: Facts, *, staff: bool) -> list[str]:
    """What holds for both alike."""
    sentences = []
    if facts["others"]:
        names = {
            "unit": pgettext("different …", "units"),
            "profession": pgettext("different …", "professions"),
            "site": pgettext("different …", "sites"),
        }
        others = get_text_list([names[name] for name in facts["others"]], gettext("and"))
        text = gettext("They come from different %(what)s.")
        if not staff:
            text = gettext("You come from different %(what)s.")
        sentences.append(text % {"what": others})
    if facts.get("hours"):
        text = ngettext(
            "Both have time in %(count)s hour of the week.",
            "Both have time in %(count)s hours of the week.",
            facts["hours"],
        )
        if not staff:
            text = ngettext(
                "You both have time in %(count)s hour of the week.",
                "You both have time in %(count)s hours of the week.",
                facts["hours"],
            )
        sentences.append(text % {"count": facts["hours"]})
    if staff and facts.get("waited"):
        sentences.append(gettext("One of them was left without in an earlier cohort."))
    return sentences


@dataclass(frozen=True, slots=True)
class SharedProfile:
    """What a person says of themselves, as the other members of a mentorship read it."""

    name: str
    detail: str
    headline: str
    about: str
    offers: list[str]
    wants: list[str]


def shared_profile(person: Person) -> SharedProfile:
    """Three queries, whatever the profile holds."""
    profile = Profile.objects.filter(person=person).first()
    return SharedProfile(
        name=person.name,
        detail=detail(person),
        headline=profile.headline if profile else "",
        about=profile.about if profile else "",
        offers=[row.topic.name for row in profile.expertise.select_related("topic")] if profile else [],
        wants=[row.topic.name for row in profile.interests.select_related("topic")] if profile else [],
    )


@dataclass(frozen=True, slots=True)
class Bar:
    label: str
    points: int
    words: str


def bars(breakdown: Facts) -> list[Bar]:
    """Points per criterion, 0 to 100, without those that are told to nobody."""
    points = breakdown.get("points", {})
    return [
        Bar(str(label), points[name], gettext("%(points)s of 100") % {"points": points[name]})
        for name, label in CRITERIA.items()
        if name in points
    ]


def rule_sentence(bits: int, of: rules.Rules) -> str:
    """Why the rules do not allow two people to be together, for staff; a private reason is never named."""
    return gettext(rules.sentence(bits)) % rules.values(of)


# How many of the possible partners each rule kept away; `nobody` rules are not among them.
KEPT_AWAY = {
    "line": lambda n: ngettext(
        "%(count)s is in the same reporting line.", "%(count)s are in the same reporting line.", n
    ),
    "reports": lambda n: ngettext(
        "%(count)s stands under a direct report.", "%(count)s stand under a direct report.", n
    ),
    "grade": lambda n: ngettext(
        "%(count)s is not far enough apart in seniority.",
        "%(count)s are not far enough apart in seniority.",
        n,
    ),
    "unit": lambda n: ngettext("%(count)s works in the same unit.", "%(count)s work in the same unit.", n),
    "profession": lambda n: ngettext(
        "%(count)s has the same profession.", "%(count)s have the same profession.", n
    ),
    "language": lambda n: ngettext(
        "%(count)s shares no language to work in.", "%(count)s share no language to work in.", n
    ),
    "way": lambda n: ngettext(
        "%(count)s would only meet in another way, by video or on site.",
        "%(count)s would only meet in another way, by video or on site.",
        n,
    ),
    "site": lambda n: ngettext(
        "%(count)s can only meet on site, at another site.",
        "%(count)s can only meet on site, at another site.",
        n,
    ),
    "hours": lambda n: ngettext(
        "%(count)s has too few hours in common.", "%(count)s have too few hours in common.", n
    ),
    "capacity": lambda n: ngettext("%(count)s has no room left.", "%(count)s have no room left.", n),
    "earlier": lambda n: ngettext(
        "%(count)s has been a partner before.", "%(count)s have been partners before.", n
    ),
    "blocked": lambda n: ngettext(
        "%(count)s was ruled out by a coordinator.", "%(count)s were ruled out by a coordinator.", n
    ),
}


def why_nobody(entry: Mapping[str, Any], names: Mapping[int, str] | None = None) -> list[str]:
    """Sentences about one person left without, for staff; `entry` is kept in `MatchRun.outcome`, `names` are
    those of the enrolments it speaks of."""
    candidates, possible = entry["candidates"], entry["possible"]
    if not candidates:
        return [gettext("Nobody is enrolled in the other role.")]
    rivals = entry.get("rivals") or {"people": 0}
    if possible and rivals["people"]:
        return [_competes(possible, rivals, names or {})]
    if possible:
        return [
            ngettext(
                "The rules leave %(count)s person, but not in the result that is best for all.",
                "The rules leave %(count)s people, but not in the result that is best for all.",
                possible,
            )
            % {"count": possible}
        ]
    first = ngettext(
        "The rules leave nobody of %(count)s person.",
        "The rules leave nobody of %(count)s people.",
        candidates,
    )
    told = [row for row in entry["reasons"] if row["rule"] in KEPT_AWAY][:3]
    return [
        first % {"count": candidates},
        *(_kept_away(row) for row in told),
    ]


def _kept_away(row: Mapping[str, Any]) -> str:
    sentence = KEPT_AWAY[row["rule"]](row["removed"]) % {"count": row["removed"]}
    if not row["alone"]:
        return sentence
    only = ngettext(
        "For %(count)s it is the only reason.", "For %(count)s it is the only reason.", row["alone"]
    )
    return f"{sentence} {only % {'count': row['alone']}}"


def _competes(possible: int, rivals: Mapping[str, Any], names: Mapping[int, str]) -> str:
    """Who has those the rules leave; named are the nearest."""
    named = [names[pk] for pk in rivals["named"] if pk in names]
    if more := rivals["people"] - len(named):
        named.append(ngettext("%(count)s more", "%(count)s more", more) % {"count": more})
    text = ngettext(
        "The rules leave %(count)s person, who is proposed to somebody else: %(names)s.",
        "The rules leave %(count)s people, who are proposed to others: %(names)s.",
        possible,
    )
    return text % {"count": possible, "names": get_text_list(named, gettext("and"))}
