from dataclasses import dataclass, field
from enum import IntEnum


class Urgency(IntEnum):
    """What comes first on the home page; the lower the number, the earlier."""

    NOW = 1  # somebody waits for this person today: an offer, “did you meet?”
    SOON = 2  # the next step of the course: sign, plan, set a goal, check in
    LATER = 3  # helps, but holds nobody up: a pulse, the briefing before a date is set


@dataclass(frozen=True, slots=True)
class Action:
    label: str
    url: str
    primary: bool = False
    method: str = "get"
    sends: tuple[tuple[str, str], ...] = ()
    """What a “post” sends along, as (name, value)."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing that waits for one person, as a question or an invitation with its answer as a button.

    Each app says what it has in `<app>/waiting.py: waiting_for(person, at)`; the home page gathers them.
    """

    title: str
    text: str
    urgency: Urgency
    actions: list[Action] = field(default_factory=list)
    kicker: str = ""
    about: int | None = None
    """The id of the mentorship it is about, where it is about one."""

    @property
    def asks(self) -> bool:
        """Whether the person has something to do, or is only told how it stands."""
        return any(action.primary for action in self.actions)
