"""Erasing a person: what they wrote and what is known of them goes, at once and for good.

What stays is named in docs/operators.md and, table by table, in `declared.HELD`.
See docs/decisions/erasure.md.
"""

from datetime import datetime
from functools import partial
from uuid import uuid4

from django.contrib.admin.models import DELETION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext as _

from concerns.models import Concern
from domain.errors import DomainError
from goals.models import GoalChange
from matching.models import Member, Mentorship, Request
from matching.requests import close_misfits
from meetings.models import Resource
from mentoring.personal import traces
from mentoring.personal.declared import HELD
from mentoring.personal.held import Blank, Delete, model_of
from mentoring.personal.hindrances import hindrances
from mentoring.retention import said_in, words_in
from notices.models import RefusedAddress
from participants.models import Erased, Person, Unit
from participants.models.person import FORMER, NOWHERE
from programmes.actions import withdraw
from programmes.models import Enrolment

Waiting = (Enrolment.State.DRAFT, Enrolment.State.APPLIED, Enrolment.State.WAITLISTED)


@transaction.atomic
def erase(*, person: Person, by: Person, at: datetime | None = None) -> bool:
    """All of it or nothing; twice is once. Raises DomainError while something stands in the way."""
    at = at or timezone.now()
    hold_reporting_lines()
    person = Person.objects.select_for_update(of=["self"]).get(pk=person.pk)
    if person.erased_at:
        return False
    if not by.has_perm("participants.erase_person", person):
        raise DomainError(_("Only HR admins can do this."))
    if found := hindrances(person, by):
        raise DomainError(found[0].text)
    shared = HELD["meetings.Resource"].erased(Resource, person).exclude(file="")
    files = [resource.file for resource in shared]
    leave_what_is_undecided(person, by, at)
    traces.take_out(person, by)
    forget_concerns(person)
    forget_proposed_words(person)
    Request.objects.filter(asked__person=person).update(breakdown={})
    Request.objects.filter(asker__person=person).delete()
    RefusedAddress.objects.filter(email__iexact=person.email).delete()
    for label, held in HELD.items():
        rows = held.erased(model_of(label), person) if held.mine or held.found else None
        if rows is not None and isinstance(held.fate, Delete):
            rows.delete()
        elif rows is not None and isinstance(held.fate, Blank):
            rows.update(**held.fate.words)
    Erased.objects.remember(email=person.email, number=person.external_id, on=timezone.localdate(at))
    empty(person, at)
    forget_what_is_nobodys(person)
    for file in files:
        transaction.on_commit(partial(file.delete, save=False), robust=True)
    note(person, by, at)
    return True


def hold_reporting_lines() -> None:
    """As an HR file that is taken does, so that one of the two waits for the other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('participants_lines'))")


def leave_what_is_undecided(person: Person, by: Person, at: datetime) -> None:
    """Others wait for the place, or for an answer."""
    asked = Request.objects.filter(Q(asker__person=person) | Q(asked__person=person))
    close_misfits(asked, at)
    waiting = Enrolment.objects.filter(person=person, state__in=Waiting).select_related("cohort__programme")
    for enrolment in waiting:
        withdraw(enrolment=enrolment, by=by, at=at)


def forget_concerns(person: Person) -> None:
    """The words go. What waits goes on waiting until one of its readers puts it aside: if a wait that staff
    see ended with an erasure, it would tell them whose it was."""
    Concern.objects.filter(raised_by=person).update(text="", contact=None)


def forget_proposed_words(person: Person) -> None:
    """Of a shared goal stays what all agreed to; of one's own goal nothing."""
    GoalChange.objects.filter(goal__owner__enrolment__person=person).delete()
    proposed = GoalChange.objects.filter(proposed_by__enrolment__person=person)
    proposed.exclude(state=GoalChange.State.AGREED).delete()
    proposed.update(reason="")


def empty(person: Person, at: datetime) -> None:
    """Their reports answer to whom they answered to, until the next HR file says otherwise."""
    Person.objects.filter(manager=person).update(manager=person.manager_id)
    Unit.objects.filter(head=person).update(head=None)
    nobody = Person(
        email=f"{uuid4().hex}{NOWHERE}", name=FORMER, given_name=FORMER, is_active=False, erased_at=at
    )
    nobody.set_unusable_password()
    kept = {"id", "line", "created_at"}
    Person.objects.filter(pk=person.pk).update(
        **{
            field.attname: getattr(nobody, field.attname)
            for field in Person._meta.concrete_fields
            if field.name not in kept
        }
    )


def alone(person: Person) -> QuerySet[Mentorship]:
    """Mentorships of theirs in which by now everybody was erased: there is no other to whom it belongs."""
    others = Member.of_all_time.filter(mentorship=OuterRef("pk"), enrolment__person__erased_at=None)
    theirs = Member.of_all_time.filter(enrolment__person=person).values("mentorship")
    return Mentorship.objects.filter(~Exists(others), pk__in=theirs)


def forget_what_is_nobodys(person: Person) -> None:
    mentorships = alone(person)
    for rows in said_in(mentorships):
        rows.delete()
    for rows, blank in words_in(mentorships):
        rows.update(**blank)


def note(person: Person, by: Person, at: datetime) -> None:
    """Who did it and when, without whom."""
    with translation.override(by.language):
        name = gettext(FORMER)
    LogEntry.objects.create(
        user=by,
        content_type=ContentType.objects.get_for_model(Person),
        object_id=str(person.pk),
        object_repr=name,
        action_flag=DELETION,
        change_message=gettext_noop("Erased, with everything they wrote."),
        action_time=at,
    )
