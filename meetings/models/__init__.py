from meetings.models.log import MeetingLog, NextStep, PrivateNote, Resource
from meetings.models.meeting import Confirmation, Meeting, MeetingChange

__all__ = [
    "Confirmation",
    "Meeting",
    "MeetingChange",
    "MeetingLog",
    "NextStep",
    "PrivateNote",
    "Resource",
]
