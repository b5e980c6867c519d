"""The units, grades and sites of a company: which a view can be narrowed to, and which take part."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from django.utils.translation import gettext_lazy as _

from insights import charts, queries
from insights.charts import Reach
from insights.counting import Step
from insights.disclosure import AtLeast
from insights.queries import Part, Tree
from insights.report import Report, came_to, veil_of
from insights.view import View
from programmes.models import Cohort

LABELS = {"unit": _("Units"), "grade": _("Grades"), "site": _("Sites")}


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the values a view can be narrowed to."""

    key: int
    label: str
    depth: int = 0
    """How far down the tree of units."""

    @property
    def indent(self) -> str:
        return "\u2003" * self.depth


@dataclass(frozen=True, slots=True)
class Parts:
    tree: Tree
    names: dict[str, dict[int, str]]
    """Of grades and sites."""
    threshold: int

    def names_of(self, by: str) -> dict[int, str]:
        return self.tree.names if by == "unit" else self.names[by]

    def choices(self, cohorts: Sequence[Cohort], part: Part, view: View) -> dict[str, list[Choice]]:
        """Those large enough, and what is chosen already. Of units those at the top, those on the way down to
        the one chosen with what lies beside them, and those right below it."""
        chosen = {"unit": view.unit, "grade": view.grade, "site": view.site}
        found = {}
        for by, names in ((by, self.names_of(by)) for by in queries.PARTS):
            offered = self.on_the_way(view.unit) if by == "unit" else [(pk, 0) for pk in names]
            shown = self.taking_part(cohorts, part, by, [pk for pk, _depth in offered])
            found[by] = [
                Choice(pk, names[pk], depth)
                for pk, depth in offered
                if shown[pk].is_shown or pk == chosen[by]
            ]
        return found

    def on_the_way(self, unit: int | None) -> list[tuple[int, int]]:
        """With how far down each is."""
        path = self.tree.path(unit) if unit else []
        found = []

        def descend(units: list[int], depth: int) -> None:
            for pk in units:
                found.append((pk, depth))
                if pk in path:
                    descend(self.tree.below(pk), depth + 1)

        descend(self.tree.below(None), 0)
        return found

    def taking_part(
        self, cohorts: Sequence[Cohort], part: Part, by: str, candidates: Iterable[int]
    ) -> dict[int, AtLeast]:
        """How many of the people accepted in a view each of the candidates has: the same as in its own
        view."""
        candidates = list(candidates)
        steps = {
            step: self.folded(by, numbers, candidates)
            for step, numbers in queries.taking_part([one.pk for one in cohorts], part, by).items()
        }
        return {
            pk: came_to(
                veil_of(cohorts, self.narrowed(part, by, pk), self.threshold),
                {step: folded[pk] for step, folded in steps.items()},
                Step.ACCEPTED,
            )
            for pk in candidates
        }

    def folded(self, by: str, numbers: dict[int | None, int], candidates: Iterable[int]) -> dict[int, int]:
        """Of units with all below them."""
        folded = self.tree.folded(numbers) if by == "unit" else numbers
        return {pk: folded.get(pk, 0) for pk in candidates}

    def narrowed(self, part: Part, by: str, pk: int) -> Part:
        match by:
            case "grade":
                return replace(part, grade=pk)
            case "site":
                return replace(part, site=pk)
        return replace(part, units=self.tree.all_in(pk))

    def reach(self, report: Report, view: View) -> list[Reach]:
        """Of what is chosen, or of its parts."""
        units = self.tree.below(view.unit) or ([view.unit] if view.unit else [])
        candidates = {
            "unit": units,
            "grade": [view.grade] if view.grade else list(self.names["grade"]),
            "site": [view.site] if view.site else list(self.names["site"]),
        }
        return [
            charts.reach(
                by,
                LABELS[by],
                self.names_of(by),
                self.folded(by, queries.company(report.part.units, by), candidates[by]),
                self.taking_part(report.cohorts, report.part, by, candidates[by]),
                report.step(Step.ACCEPTED),
                report,
                {pk: f"?{view.query(**{by: pk})}" for pk in candidates[by] if pk != getattr(view, by)},
            )
            for by in queries.PARTS
        ]
