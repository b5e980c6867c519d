"""Asking to be erased, and the answer."""

from datetime import datetime, timedelta

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from domain.errors import DomainError
from notices.outbox import post
from participants.models import Erased, ErasureRequest, Person
from programmes.actions import record

ANSWER_WITHIN = timedelta(days=30)


def answer_by(asked_at: datetime) -> datetime:
    """Without undue delay, and within a month (GDPR, Article 12)."""
    return asked_at + ANSWER_WITHIN


@transaction.atomic
def ask(*, person: Person, at: datetime | None = None) -> bool:
    """Tells every HR admin, once. Nothing else changes: they take part as before until HR has answered."""
    at = at or timezone.now()
    asked, created = ErasureRequest.objects.get_or_create(person=person, defaults={"asked_at": at})
    if created:
        for admin in Person.objects.active().filter(is_hr_admin=True).exclude(pk=person.pk).order_by("pk"):
            post(
                "erasure-asked",
                to=admin,
                key=f"erasure-asked:{asked.pk}:{admin.pk}",
                context={"name": person.name},
                url=reverse("erase_person", args=[person.pk]),
                at=at,
            )
    return created


@transaction.atomic
def take_back(*, person: Person) -> bool:
    return bool(ErasureRequest.objects.filter(person=person).delete()[0])


@transaction.atomic
def decline(*, asked: ErasureRequest, by: Person, reason: str, at: datetime | None = None) -> bool:
    """The person reads the reason; twice is once."""
    if not reason.strip():
        raise DomainError(_("Say why."), field="reason")
    person, number = asked.person, asked.pk
    if not ErasureRequest.objects.filter(pk=number).delete()[0]:
        return False
    post(
        "erasure-declined",
        to=person,
        key=f"erasure-declined:{number}",
        context={"reason": reason.strip(), "name": by.name},
        url=reverse("own_data"),
        at=at,
    )
    record(person, by, gettext_noop("Answered the request to be erased, without erasing."), at)
    return True


@transaction.atomic
def let_return(*, by: Person, email: str = "", number: str = "", at: datetime | None = None) -> bool:
    """Forget that somebody with this address or number was erased. The line in the history names nobody."""
    forgotten, _each = Erased.objects.of(email=email, number=number).delete()
    if forgotten:
        LogEntry.objects.create(
            user=by,
            content_type=ContentType.objects.get_for_model(Erased),
            object_repr="",
            action_flag=CHANGE,
            change_message=gettext_noop("Let somebody who was erased come back."),
            action_time=at or timezone.now(),
        )
    return bool(forgotten)
