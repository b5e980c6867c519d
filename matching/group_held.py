"""What staff decided about the people of a cohort of groups, as the solver and a confirmation go by it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from matching.models import GroupDecision
from matching.people import People
from participants.models import Person
from programmes.models import Cohort

Kind = GroupDecision.Kind


@dataclass(frozen=True, slots=True)
class Held:
    """`together` are pairs of enrolments, `out` enrolments; `people` who they are."""

    count: int
    together: tuple[tuple[int, int], ...]
    out: frozenset[int]
    blocks: frozenset[int]
    people: Mapping[int, Person]

    @property
    def keys(self) -> NDArray[np.int64]:
        """`together` as pairs of people."""
        pairs = [(self.people[one].pk, self.people[two].pk) for one, two in self.together]
        return np.array(pairs, np.int64).reshape(-1, 2)

    def with_companions(self, enrolments: Collection[int]) -> set[int]:
        return {*enrolments, *(pk for pair in self.together if set(pair) & {*enrolments} for pk in pair)}

    def without_those_left_out(self, people: People, ids: list[int]) -> People:
        room = np.where([pk in self.out for pk in ids], 0, people.capacity)
        return people.but(capacity=room.astype(people.capacity.dtype))

    def against(self, members: Collection[int], free: Collection[int]) -> str:
        """What a group of these members goes against, if anything; `free` are all who have room."""
        for pk in members:
            if pk in self.out:
                return _("%(who)s is to be left out this round.") % {"who": self.people[pk]}
        for pair in self.together:
            missing = set(pair) - {*members}
            if len(missing) == 1 and missing <= {*free} - self.out:
                return _("%(one)s and %(other)s are to be in one group.") % {
                    "one": self.people[pair[0]],
                    "other": self.people[pair[1]],
                }
        return ""


def held_in(cohort: Cohort) -> Held:
    decisions = list(GroupDecision.objects.standing().filter(cohort=cohort).with_people())
    people = {of.pk: of.person for d in decisions for of in (d.enrolment, *d.others.all())}
    return Held(
        count=len(decisions),
        together=tuple(
            (decision.enrolment_id, other.pk)
            for decision in decisions
            if decision.kind in (Kind.TOGETHER, Kind.PIN, Kind.MOVE)
            for other in decision.others.all()
        ),
        out=frozenset(decision.enrolment_id for decision in decisions if decision.kind == Kind.OUT),
        blocks=frozenset(decision.block_id for decision in decisions if decision.block_id),
        people=people,
    )
