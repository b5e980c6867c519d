from typing import Any
from uuid import UUID

from django.forms import BaseForm
from django.shortcuts import get_object_or_404

from domain.errors import DomainError
from domain.forms import refuse
from domain.requests import SignedInRequest
from matching.models import Member
from meetings.models import Meeting, MeetingQuerySet
from participants.models import Person


def act(form: BaseForm, action: Any, **arguments: Any) -> Any:
    """What the action made, or None with its refusal put beside the field it belongs to."""
    try:
        return action(**arguments)
    except DomainError as error:
        refuse(form, error)
        return None


def said(sentence: str, meeting: Meeting, person: Person) -> str:
    return sentence % meeting.mentorship.names_of_others(person)


def own_meeting(request: SignedInRequest, uuid: UUID) -> tuple[Meeting, Member]:
    """A meeting of a mentorship the person is a member of; to their delegates it does not exist here."""
    meeting = get_object_or_404(Meeting.objects.of(request.user).with_people(), uuid=uuid)
    return meeting, meeting.mentorship.membership_of(request.user)


def meeting_sent(meetings: MeetingQuerySet, value: str | None) -> Meeting | None:
    """The one among them whose UUID was sent along, if any was."""
    try:
        uuid = UUID(value or "")
    except ValueError:
        return None
    return meetings.filter(uuid=uuid).first()
