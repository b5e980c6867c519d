"""The verbs of an informal cohort: one person asks another, who accepts or declines without a reason."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

import numpy as np
from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from domain.errors import DomainError
from matching import reasons
from matching.models import Mentorship, Request
from matching.notify import notify
from matching.people_of import Snapshot, people_of
from matching.rules import BY_NAME
from notices.outbox import Message, post
from participants.models import Person
from programmes.models import Cohort, Enrolment, Role

MOST_RECEIVED = 3  # open at a time, so that nobody is asked by more than a few
MOST_MADE = 3  # and nobody asks more than a few

State = Request.State


@transaction.atomic
def ask(*, asker: Enrolment, asked: Enrolment, message: str, at: datetime | None = None) -> Request:
    """Ask once; a second click finds the first. Raises DomainError with a sentence that hides whose wish or
    which private reason stands against it."""
    at = at or timezone.now()
    asker, asked = _locked(asker, asked)
    name = {"name": asked.person.first_name}
    message = message.strip()
    if not message:
        raise DomainError(_("Write a few words to %(name)s first.") % name, field="message")
    if len(message) > 1000:
        raise DomainError(_("Please keep it to 1000 characters."), field="message")
    if not open_to(asker) or asker.cohort_id != asked.cohort_id or asker.role == asked.role:
        raise DomainError(_("This is not possible at the moment."))
    between = Request.objects.filter(
        Q(asker=asker, asked=asked) | Q(asker=asked, asked=asker), state=State.OPEN
    ).with_people()
    for earlier in between:
        if not earlier.is_open(at):
            _lapse(earlier, at)
        elif earlier.asker_id == asker.pk:
            return earlier
        else:
            raise DomainError(
                _("%(name)s has asked you already: you find the request on your home page.") % name
            )
    if Request.objects.filter(asker=asker, asked=asked, state=State.DECLINED).exists():
        raise DomainError(_("You asked %(name)s before. In this cohort somebody else may fit better.") % name)
    if Request.objects.open(at).filter(asker=asker).count() >= MOST_MADE:
        raise DomainError(
            _("You wait for %(count)s answers already. Ask again when one has arrived, or withdraw one.")
            % {"count": MOST_MADE}
        )
    if is_busy(asked, at):
        raise DomainError(
            _("Several people have asked %(name)s at the moment. Please try again in a few days.") % name
        )
    mentor, mentee = (asker, asked) if asker.role == Role.MENTOR else (asked, asker)
    snapshot = known_of(asker.cohort, [asker.pk, asked.pk])
    if not (snapshot.mentor_ids and snapshot.mentee_ids):
        raise DomainError(_("This is not possible at the moment."))
    [bits] = snapshot.broken([(mentor.pk, mentee.pk)])
    own = snapshot.mentors if asker.role == Role.MENTOR else snapshot.mentees
    if bits & BY_NAME["capacity"].bit and not own.capacity[0]:
        raise DomainError(full_sentence())
    if bits:
        raise DomainError(_("This is not possible at the moment."))
    [breakdown] = reasons.breakdowns(snapshot, np.array([(0, 0)]))
    request = Request.objects.create(
        asker=asker, asked=asked, message=message, breakdown=breakdown, asked_at=at
    )
    tell(request, "request-received", asked.person, at)
    return request


@transaction.atomic
def accept(*, request: Request, at: datetime | None = None) -> Mentorship:
    """A confirmed mentorship. Capacity and rules are read anew under a lock on both, so that of two answers
    at once only one takes the last place; requests that no longer fit are closed. Twice is once."""
    at = at or timezone.now()
    request = _fresh(request)
    if request.state == State.ACCEPTED and request.mentorship:
        return request.mentorship
    _demand_open(request, at)
    if not fitting([request]):
        raise DomainError(
            _("This can no longer come about: one of you has no room left, or no longer takes part.")
        )
    topics = reasons.topics_in([request.breakdown])
    mentorship = Mentorship.objects.begin(
        cohort=request.asked.cohort,
        state=Mentorship.State.CONFIRMED,
        members=[(Role.MENTOR, request.mentor_id), (Role.MENTEE, request.mentee_id)],
        topic=reasons.best_topic(request.breakdown, topics),
        at=at,
    )
    request.move_to(State.ACCEPTED, settled_at=at, mentorship=mentorship)
    notify("mentorship-confirmed", [mentorship.pk], at=at)
    both = [request.asker_id, request.asked_id]
    close_misfits(Request.objects.filter(Q(asker__in=both) | Q(asked__in=both)), at)
    return mentorship


@transaction.atomic
def decline(*, request: Request, at: datetime | None = None) -> Request:
    at = at or timezone.now()
    request = _fresh(request)
    if request.state == State.DECLINED:
        return request
    _demand_open(request, at)
    if request.move_to(State.DECLINED, settled_at=at):
        tell(request, "request-settled", request.asker.person, at)
    return request


@transaction.atomic
def withdraw(*, request: Request, at: datetime | None = None) -> Request:
    """Its asker thinks again; whoever was asked need not answer and is not bothered."""
    at = at or timezone.now()
    request = _fresh(request)
    if request.state != State.WITHDRAWN:
        _demand_open(request, at)
        request.move_to(State.WITHDRAWN, settled_at=at)
    return request


# --- What the sweep does ------------------------------------------------------------------


def put_away_lapsed(at: datetime) -> int:
    """Requests nobody answered in ten days; their askers are told once."""
    with transaction.atomic():
        return sum(
            _lapse(request, at)
            for request in Request.objects.lapsed(at).with_people().select_for_update(of=["self"])
        )


def close_misfits(requests: QuerySet[Request], at: datetime) -> int:
    """Close open requests that can no longer be accepted: somebody is full, has left, or a rule came
    between. Both are told that, and neither why."""
    with transaction.atomic():
        locked = list(requests.filter(state=State.OPEN).select_for_update().values_list("pk", flat=True))
        found = Request.objects.filter(pk__in=locked).with_people() if locked else []
        by_cohort = sorted(found, key=lambda r: (r.asked.cohort_id, r.pk))
        closed = 0
        for _cohort, group in groupby(by_cohort, key=lambda r: r.asked.cohort_id):
            of_cohort = list(group)
            try:
                fits = fitting(of_cohort)
            except DomainError:
                continue  # staff have to mend something first
            closed += sum(_close(request, at) for request in of_cohort if request.pk not in fits)
        return closed


def fitting(requests: list[Request]) -> set[int]:
    """Primary keys of those that could be accepted now; all are of one cohort. A constant number of
    queries."""
    cohort = requests[0].asked.cohort
    if cohort.state != Cohort.State.RUNNING:
        return set()
    snapshot = known_of(cohort, {pk for r in requests for pk in (r.asker_id, r.asked_id)})
    here = {*snapshot.mentor_ids, *snapshot.mentee_ids}
    possible = [r for r in requests if {r.asker_id, r.asked_id} <= here]
    bits = snapshot.broken([(r.mentor_id, r.mentee_id) for r in possible])
    return {r.pk for r, broken in zip(possible, bits, strict=True) if not broken}


def _lapse(request: Request, at: datetime) -> bool:
    return _settle(request, State.LAPSED, at, [request.asker.person])


def _close(request: Request, at: datetime) -> bool:
    return _settle(request, State.CLOSED, at, [request.asker.person, request.asked.person])


def _settle(request: Request, state: str, at: datetime, told: list[Person]) -> bool:
    if not request.move_to(state, settled_at=at):
        return False
    for person in told:
        tell(request, "request-settled", person, at)
    return True


# --- Asked by screens and verbs alike -----------------------------------------------------


def open_to(enrolment: Enrolment) -> bool:
    """Whether this person finds others, and is found, in the directory of their cohort."""
    cohort = enrolment.cohort
    return (
        cohort.is_informal
        and cohort.state == Cohort.State.RUNNING
        and enrolment.state == Enrolment.State.ACCEPTED
        and enrolment.person.is_active
    )


def known_of(cohort: Cohort, only: Collection[int] | QuerySet[Enrolment]) -> Snapshot:
    """`people_of` for screens of people: what staff have to mend first is not told by name."""
    try:
        return people_of(cohort, only=only)
    except DomainError as error:
        raise DomainError(
            _("The directory is not ready yet: something has to be set right first. Please come back later.")
        ) from error


def is_busy(asked: Enrolment, at: datetime) -> bool:
    return Request.objects.open(at).filter(asked=asked).count() >= MOST_RECEIVED


def full_sentence() -> str:
    return _("You are in as many mentorships as you said you have time for. You can change that number.")


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a request stands, in a word and a tone, and what that means to the one who reads it."""

    word: str
    tone: str
    text: str


def standing(request: Request, person: Person, at: datetime) -> Standing:
    mine = request.asker.person_id == person.pk
    name = {"name": request.other(person).person.first_name}
    words = {
        State.ACCEPTED: (_("accepted"), "success", _("You are together now.")),
        State.DECLINED: (
            _("did not come about"),
            "",
            _("It did not come about this time. That says nothing about you, and others may fit as well."),
        ),
        State.WITHDRAWN: (
            _("withdrawn"),
            "",
            _("You withdrew it.") if mine else _("%(name)s has withdrawn it.") % name,
        ),
        State.LAPSED: (_("no answer"), "", _("There was no answer within ten days.")),
        State.CLOSED: (
            _("closed"),
            "",
            _("It can no longer come about. That says nothing about either of you."),
        ),
    }
    if request.is_open(at):
        if mine:
            return Standing(_("waits for an answer"), "info", _("%(name)s has not answered yet.") % name)
        return Standing(_("waits for you"), "waiting", _("%(name)s waits for your answer.") % name)
    if request.state == State.DECLINED and not mine:
        return Standing(
            _("declined"), "", _("You declined. %(name)s was told kindly, without a reason.") % name
        )
    return Standing(*words.get(State(request.state), words[State.LAPSED]))


def tell(request: Request, kind: str, to: Person, at: datetime) -> None:
    post(**vars(message(request, kind, to)), at=at)


def message(request: Request, kind: str, to: Person) -> Message:
    return Message(
        kind,
        to=to,
        key=f"{kind}:{request.pk}:{to.pk}",
        context={
            "request": request,
            "other": request.other(to).person,
            "is_asker": request.asker.person_id == to.pk,
            "asker_mentors": request.asker.role == Role.MENTOR,
            "programme": request.asked.cohort.programme,
        },
        url=reverse("directory:request", args=[request.uuid]),
        until=None if kind == "request-settled" else request.lapses_at,
    )


def _locked(*enrolments: Enrolment) -> list[Enrolment]:
    """Both, locked in the order of their keys, so that two who ask each other do not wait for ever."""
    found = {
        e.pk: e
        for e in Enrolment.objects.select_for_update(of=["self"])
        .select_related("person__site", "cohort__programme")
        .filter(pk__in=[e.pk for e in enrolments])
        .order_by("pk")
    }
    return [found[e.pk] for e in enrolments]


def _fresh(request: Request) -> Request:
    """The request as it stands now, with both people locked."""
    _locked(request.asker, request.asked)
    return Request.objects.with_people().select_for_update(of=["self"]).get(pk=request.pk)


def _demand_open(request: Request, at: datetime) -> None:
    if not request.is_open(at):
        raise DomainError(_("This request is no longer open."))
    if not (open_to(request.asker) and open_to(request.asked)):
        raise DomainError(_("This request is no longer open: one of you no longer takes part."))
