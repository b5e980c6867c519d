from meetings.models.feed import CalendarFeed
from meetings.models.log import MeetingLog, NextStep, PrivateNote, Resource
from meetings.models.meeting import Confirmation, Meeting, MeetingChange, MeetingQuerySet

__all__ = [
    "CalendarFeed",
    "Confirmation",
    "Meeting",
    "MeetingChange",
    "MeetingLog",
    "MeetingQuerySet",
    "NextStep",
    "PrivateNote",
    "Resource",
]
