from meetings.models.log import MeetingLog, NextStep, PrivateNote, Resource
from meetings.models.meeting import Confirmation, Meeting, MeetingChange, MeetingQuerySet

__all__ = [
    "Confirmation",
    "Meeting",
    "MeetingChange",
    "MeetingLog",
    "MeetingQuerySet",
    "NextStep",
    "PrivateNote",
    "Resource",
]
