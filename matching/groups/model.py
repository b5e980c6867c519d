"""The groups of some people as a constraint model, solved goal by goal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from math import floor

from ortools.sat.python import cp_model

from matching.groups.case import EVERYTHING, Case, Group

Literal = cp_model.IntVar


@dataclass(frozen=True, slots=True)
class Outcome:
    groups: list[Group]
    bounds: tuple[int, int, int, int]  # placed, floor, total, minus the largest number of mentees
    proven: bool


class Model:
    """`slots` are the themes of the groups there may be at most; `rows` who may be in them.

    Deterministic: one worker, a fixed seed, and limits in units of work instead of seconds.
    """

    def __init__(self, case: Case, rows: tuple[Sequence[int], Sequence[int]], slots: Sequence[int]) -> None:
        self.case, self.slots, self.rows = case, sorted(slots), (sorted(rows[0]), sorted(rows[1]))
        self.model = cp_model.CpModel()
        self.used = [self.model.new_bool_var("") for _ in self.slots]
        self.x: list[dict[tuple[int, int], Literal]] = [{}, {}]  # side → (row, slot) → in it
        self.z: list[dict[tuple[int, int], Literal]] = [{} for _ in self.slots]
        self.count: list[dict[int, Literal]] = []
        for slot, theme in enumerate(self.slots):
            self._slot(slot, theme)
        self._together()
        self._whole()

    def _slot(self, slot: int, theme: int) -> None:
        case, model, used = self.case, self.model, self.used[slot]
        inside: list[tuple[int, int, Literal]] = []
        for side in (0, 1):
            fitting = set(case.fits[theme][side].tolist())
            for row in self.rows[side]:
                if row in fitting:
                    self.x[side][row, slot] = model.new_bool_var("")
                    inside.append((side, row, self.x[side][row, slot]))
        mentors = {row: x for side, row, x in inside if side == 0}
        mentees = {row: x for side, row, x in inside if side == 1}
        model.add(sum(mentors.values()) == case.sizes.mentors * used)
        sizes = range(case.sizes.least, case.sizes.most + 1)
        count = {size: model.new_bool_var("") for size in sizes}
        self.count.append(count)
        model.add(sum(count.values()) == used)
        model.add(sum(mentees.values()) == sum(size * one for size, one in count.items()))
        for masks, least in (
            (case.hours, case.rules.common_hours),
            (case.languages, 1),
            (case.ways, 1),
        ):
            self._in_common(inside, masks, least, used)
        for own, side in ((mentors, 0), (mentees, 1)):
            rows = list(own)
            for at, one in enumerate(rows):
                for two in rows[at + 1 :]:
                    if not case.among[side][one, two]:
                        model.add_bool_or(~own[one], ~own[two])
        scores = case.scores[theme]
        for mentor, here in mentors.items():
            for mentee, there in mentees.items():
                if not case.across[mentor, mentee]:
                    model.add_bool_or(~here, ~there)
                elif scores[mentor, mentee] or self._can_meet_twice(mentor, mentee):
                    both = self.z[slot][mentor, mentee] = model.new_bool_var("")
                    model.add_implication(both, here)
                    model.add_implication(both, there)
                    if self._can_meet_twice(mentor, mentee):
                        model.add(here + there <= 1 + both)

    def _together(self) -> None:
        """Who are kept together are in the same groups; where one of them cannot be, none is."""
        for kept in self.case.together:
            for slot in range(len(self.slots)):
                inside = [self.x[side].get((row, slot)) for side, row in sorted(kept)]
                for one in inside[1:] if all(x is not None for x in inside) else ():
                    self.model.add(inside[0] == one)
                if any(x is None for x in inside):
                    for one in inside:
                        if one is not None:
                            self.model.add(one == 0)

    def _can_meet_twice(self, mentor: int, mentee: int) -> bool:
        return bool(self.case.room[0][mentor] > 1 and self.case.room[1][mentee] > 1)

    def _in_common(
        self,
        inside: list[tuple[int, int, Literal]],
        masks: tuple[list[int], list[int]],
        least: int,
        used: Literal,
    ) -> None:
        """At least so many bits that all of the group have; bits that the same people have count together."""
        if not least or all(masks[side][row] == EVERYTHING for side, row, _ in inside):
            return
        width = max((masks[side][row].bit_length() for side, row, _ in inside), default=0)
        alike: dict[tuple[int, ...], int] = defaultdict(int)
        for bit in range(width):
            lacking = tuple(at for at, (side, row, _) in enumerate(inside) if not masks[side][row] >> bit & 1)
            if len(inside) - len(lacking) >= self.case.sizes.mentors + self.case.sizes.least:
                alike[lacking] += 1
        chosen = []
        for lacking, bits in alike.items():
            common = self.model.new_bool_var("")
            chosen.append(min(bits, least) * common)
            for at in lacking:
                self.model.add_bool_or(~common, ~inside[at][2])
        self.model.add(sum(chosen) >= least * used)

    def _whole(self) -> None:
        case, model = self.case, self.model
        self.placed: list[Literal] = []
        for side in (0, 1):
            of: dict[int, list[Literal]] = defaultdict(list)
            for (row, _slot), x in self.x[side].items():
                of[row].append(x)
            for row, places in of.items():
                here = model.new_bool_var("")
                model.add(sum(places) >= here)
                model.add(sum(places) <= int(case.room[side][row]))
                self.placed.append(here)
        together: dict[tuple[int, int], list[Literal]] = defaultdict(list)
        for of_slot in self.z:
            for pair, both in of_slot.items():
                if self._can_meet_twice(*pair):
                    together[pair].append(both)
        for twice in together.values():
            model.add_at_most_one(twice)
        self.floor = model.new_int_var(0, 1000, "")
        self.totals = []
        for slot in range(len(self.slots)):
            total = sum(
                int(case.scores[self.slots[slot]][pair]) * both for pair, both in self.z[slot].items()
            )
            self.totals.append(total)
            for size, one in self.count[slot].items():
                model.add(case.sizes.mentors * size * self.floor <= total).only_enforce_if(one)
        self.some = model.new_bool_var("")
        model.add(sum(self.used) >= self.some)
        model.add(self.floor <= 1000 * self.some)  # without a group there is no worst one
        self.largest = model.new_int_var(0, case.sizes.most, "")
        for count in self.count:
            model.add(self.largest >= sum(size * one for size, one in count.items()))
        alone = (case.room[0] <= 1).all()
        for slot in range(1, len(self.slots)):
            if self.slots[slot] == self.slots[slot - 1]:
                model.add_implication(self.used[slot], self.used[slot - 1])
        if alone:  # groups of one theme stand in the order of their first mentor
            for theme in set(self.slots):
                of_theme = [slot for slot, other in enumerate(self.slots) if other == theme]
                able = [row for row in self.rows[0] if (row, of_theme[0]) in self.x[0]]
                for place, row in enumerate(able):
                    for slot in of_theme[place + 1 :]:
                        model.add(self.x[0][row, slot] == 0)

    def hint(self, groups: Sequence[Group]) -> None:
        model = self.model
        model.clear_hints()
        waiting = sorted(groups)
        taken: dict[int, Group] = {}
        for slot, theme in enumerate(self.slots):
            group = next((g for g in waiting if g.theme == theme), None)
            if group:
                waiting.remove(group)
                taken[slot] = group
            model.add_hint(self.used[slot], group is not None)
            for size, one in self.count[slot].items():
                model.add_hint(one, group is not None and len(group.mentees) == size)
            for pair, both in self.z[slot].items():
                model.add_hint(
                    both, group is not None and pair[0] in group.mentors and pair[1] in group.mentees
                )
        for side in (0, 1):
            for (row, slot), x in self.x[side].items():
                group = taken.get(slot)
                model.add_hint(x, group is not None and row in (group.mentors, group.mentees)[side])

    def solve(self, start: Sequence[Group], effort: float) -> Outcome:
        """Goal by goal, each held while the next is sought, until one cannot be proved; `effort` is in
        CP-SAT's deterministic seconds. The bound of a goal not reached is the most there could be."""
        groups, bounds = list(start), list(_MOST)
        goals = [sum(self.placed), self.floor, sum(self.totals), -self.largest]
        for number, goal in enumerate(goals):
            self.hint(groups)
            self.model.maximize(goal)
            solver = _solver(effort / 2 if number < len(goals) - 1 else effort)
            status = solver.solve(self.model)
            if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
                return Outcome(groups, _four(bounds), proven=False)
            groups = self.read(solver)
            bounds[number] = floor(solver.best_objective_bound + 1e-6)
            if status != cp_model.OPTIMAL:
                return Outcome(groups, _four(bounds), proven=False)
            effort = max(effort - solver.response_proto.deterministic_time, 0.1)
            self.model.add(goal >= round(solver.objective_value))
        return Outcome(groups, _four(bounds), proven=True)

    def is_feasible(self, effort: float) -> bool:
        """Whether anything was found in so much work."""
        solver = _solver(effort)
        return solver.solve(self.model) in (cp_model.OPTIMAL, cp_model.FEASIBLE)

    def read(self, solver: cp_model.CpSolver) -> list[Group]:
        found = []
        for slot, theme in enumerate(self.slots):
            rows = [
                [row for (row, at), x in self.x[side].items() if at == slot and solver.boolean_value(x)]
                for side in (0, 1)
            ]
            if rows[0]:
                found.append(self.case.group(theme, *rows))
        return found


def _solver(effort: float) -> cp_model.CpSolver:
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 1
    solver.parameters.max_deterministic_time = effort
    return solver


_MOST = (10**9, 1000, 10**12, 0)


def _four(values: list[int]) -> tuple[int, int, int, int]:
    one, two, three, four = values
    return one, two, three, four
