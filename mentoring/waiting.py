"""What waits for a person, gathered from all rooms."""

from datetime import datetime

import agreements.waiting
import concerns.waiting
import endings.waiting
import feedback.waiting
import goals.waiting
import matching.waiting
import meetings.waiting
import programmes.waiting
import pulses.waiting
from domain.waiting import Waiting
from matching.models import Mentorship
from participants.models import Person

ROOMS = (
    matching.waiting,
    meetings.waiting,
    agreements.waiting,
    concerns.waiting,
    goals.waiting,
    endings.waiting,
    feedback.waiting,
    programmes.waiting,
    pulses.waiting,
)
OF_A_MENTORSHIP = (
    meetings.waiting,
    agreements.waiting,
    goals.waiting,
    endings.waiting,
    feedback.waiting,
)


def waiting_for(person: Person, at: datetime) -> list[Waiting]:
    """The most urgent first; of equals, in the order of the rooms."""
    return gathered(ROOMS, person, at)


def of_mentorship(person: Person, mentorship: Mentorship, at: datetime) -> list[Waiting]:
    """What is next in one mentorship."""
    return [thing for thing in gathered(OF_A_MENTORSHIP, person, at) if thing.about == mentorship.pk]


def gathered(rooms: tuple, person: Person, at: datetime) -> list[Waiting]:
    return sorted(
        (thing for room in rooms for thing in room.waiting_for(person, at)), key=lambda thing: thing.urgency
    )
