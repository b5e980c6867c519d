from typing import Any

from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import HttpRequest

from domain.errors import DomainError
from meetings.models import Meeting
from participants.models import Person


def require(request: HttpRequest, permission: str, obj: object) -> None:
    if not request.user.has_perm(permission, obj):
        raise PermissionDenied


def act(form: Form, action: Any, **arguments: Any) -> Any:
    """What the action made, or None with its refusal put beside the field it belongs to."""
    try:
        return action(**arguments)
    except DomainError as error:
        form.add_error(error.field if error.field in form.fields else None, error.message)
        return None


def said(sentence: str, meeting: Meeting, person: Person) -> str:
    return sentence % meeting.mentorship.names_of_others(person)
