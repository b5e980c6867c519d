"""Two runs of one cohort side by side: who changed partners, and what the later one gained."""

from dataclasses import dataclass

from matching.models import MatchRun
from participants.models import Person
from programmes.models import Role


@dataclass(frozen=True, slots=True)
class Change:
    mentee: Person
    before: list[Person]
    after: list[Person]
    points: int | None
    """What the mentee's proposals gained; None where there was none on one side."""


@dataclass(frozen=True, slots=True)
class Comparison:
    changes: list[Change]
    same: int
    served: tuple[int, int]
    worst: tuple[int | None, int | None]
    total: tuple[int, int]


def compare(before: MatchRun, after: MatchRun) -> Comparison:
    """The largest loss first, so that what a change costs somebody is read before what it gains."""
    one, two = _by_mentee(before), _by_mentee(after)
    changes, same = [], 0
    for enrolment in one.keys() | two.keys():
        here, there = one.get(enrolment, []), two.get(enrolment, [])
        mentors = [{p.mentor_id for p in side} for side in (here, there)]
        if mentors[0] == mentors[1]:
            same += 1
            continue
        points = sum(p.score for p in there) - sum(p.score for p in here) if here and there else None
        changes.append(
            Change(
                (here or there)[0].mentee.person,
                [p.mentor.person for p in here],
                [p.mentor.person for p in there],
                points,
            )
        )
    changes.sort(key=lambda c: (bool(c.after), c.points if c.points is not None else 0, c.mentee.name))
    scores = [[p.score for side in of.values() for p in side] for of in (one, two)]
    return Comparison(
        changes,
        same,
        (len(one), len(two)),
        (min(scores[0], default=None), min(scores[1], default=None)),
        (sum(scores[0]), sum(scores[1])),
    )


def _by_mentee(run: MatchRun) -> dict[int, list]:
    found: dict[int, list] = {}
    for proposal in run.proposals.kept().select_related(f"{Role.MENTOR}__person", f"{Role.MENTEE}__person"):
        found.setdefault(proposal.mentee_id, []).append(proposal)
    return found
