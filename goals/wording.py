"""How a goal is worded, as one value that can be kept, compared and put in force."""

from dataclasses import dataclass
from typing import Any, Self

from goals.models import Goal, GoalLevel, Level


@dataclass(frozen=True)
class Wording:
    title: str
    weight: int
    objective: int | None
    """The primary key of the programme's objective it serves."""
    levels: dict[int, str]
    """By level, from -2 to 2; a level nobody described is missing."""

    @classmethod
    def of(cls, goal: Goal) -> Self:
        levels = {one.level: one.description for one in goal.levels.all()}
        return cls(goal.title, goal.weight, goal.objective_id, levels)

    @classmethod
    def read(cls, stored: dict[str, Any]) -> Self:
        levels = {int(level): text for level, text in stored["levels"].items()}
        return cls(stored["title"], stored["weight"], stored["objective"], levels)

    def stored(self) -> dict[str, Any]:
        """For a JSON field, whose keys are text."""
        return {
            "title": self.title,
            "weight": self.weight,
            "objective": self.objective,
            "levels": {str(level): self.levels[level] for level in sorted(self.levels)},
        }

    def put_in_force(self, goal: Goal) -> None:
        Goal.objects.filter(pk=goal.pk).update(title=self.title, weight=self.weight, objective=self.objective)
        GoalLevel.objects.bulk_create(
            [GoalLevel(goal=goal, level=level, description=text) for level, text in self.levels.items()],
            update_conflicts=True,
            unique_fields=["goal", "level"],
            update_fields=["description"],
        )


def undescribed(goal: Goal) -> list[Level]:
    """The levels that have no words yet, best first."""
    described = {one.level for one in goal.levels.all()}
    return [level for level in sorted(Level, reverse=True) if level not in described]
