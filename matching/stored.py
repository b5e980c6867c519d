"""What a run went by, as one file of arrays: its people, and the prices that prove it. No Django, no pickle.

Kept with the run, so that any decision can be explained, and the run be proved again, a year later.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from matching.people import People, Ragged
from matching.solution import Objective, Prices, Proof, Solution, Status

_SIDES = ("mentors", "mentees")
_PRICES = ("served", "floor", "worth")


@dataclass(frozen=True, slots=True, eq=False)
class Inputs:
    mentors: People
    mentees: People
    forbidden: NDArray[np.int64]
    proof: Proof

    def solution(self, pairs: NDArray[np.int64], scores: NDArray[np.int16]) -> Solution:
        """The given pairs beside the prices of the run: what `explain.alternatives` reads."""
        nothing = Objective(*[0] * len(Objective._fields))
        none_fixed = np.zeros(len(pairs), np.bool_)
        return Solution(pairs, scores, none_fixed, Status.OPTIMAL, nothing, nothing, self.proof)


def pack(mentors: People, mentees: People, forbidden: NDArray[np.int64], proof: Proof | None) -> bytes:
    """An uncompressed part per column in one compressed archive (numpy's npz). Groups have no prices."""
    columns: dict[str, NDArray[np.generic]] = {"forbidden": forbidden}
    if proof:
        columns["base"] = np.array(proof.base)
    for side, people in zip(_SIDES, (mentors, mentees), strict=True):
        for field in fields(People):
            column = getattr(people, field.name)
            if isinstance(column, Ragged):
                columns[f"{side}.{field.name}.values"] = column.values
                columns[f"{side}.{field.name}.starts"] = column.starts
            else:
                columns[f"{side}.{field.name}"] = column
    for name in _PRICES:
        prices: Prices | None = getattr(proof, name, None)
        if prices is not None:
            columns[f"{name}.threshold"] = np.array(prices.threshold)
            columns[f"{name}.mentors"], columns[f"{name}.mentees"] = prices.mentors, prices.mentees
    file = io.BytesIO()
    np.savez_compressed(file, **columns)  # type: ignore[arg-type]
    return file.getvalue()


def unpack(packed: bytes) -> Inputs:
    """The inverse of `pack`. Raises ValueError for anything that is not such a file."""
    with np.load(io.BytesIO(packed), allow_pickle=False) as file:
        columns = {name: file[name] for name in file.files}

    def side(name: str) -> People:
        found: dict[str, NDArray[np.generic] | Ragged] = {}
        for field in fields(People):
            key = f"{name}.{field.name}"
            if key in columns:
                found[field.name] = columns[key]
            elif f"{key}.values" in columns:  # what was not known yet when it was kept is left out
                found[field.name] = Ragged(columns[f"{key}.values"], columns[f"{key}.starts"])
        return People(**found)  # type: ignore[arg-type]

    def prices(name: str) -> Prices | None:
        if f"{name}.threshold" not in columns:
            return None
        return Prices(
            int(columns[f"{name}.threshold"]), columns[f"{name}.mentors"], columns[f"{name}.mentees"]
        )

    served, worth = prices("served"), prices("worth")
    if served is None or worth is None:
        raise ValueError("The prices are missing.")
    proof = Proof(served, prices("floor"), worth, int(columns["base"]))
    return Inputs(side("mentors"), side("mentees"), columns["forbidden"], proof)
