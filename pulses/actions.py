from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, timedelta

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from domain.errors import DomainError
from matching.models import Mentorship
from notices.outbox import Message, post_all
from programmes.models import Cohort, Enrolment
from pulses.models import Answer, InvitationToAnswer, Response, Wave
from pulses.questions import questions_for

OPEN_FOR = timedelta(days=14)
MATCHED = (*Mentorship.LIVE, Mentorship.State.COMPLETED)


@transaction.atomic
def open_wave(*, cohort: Cohort, kind: str, number: int = 1, at: datetime | None = None) -> Wave:
    """Ask every accepted, matched person of the cohort. Run again while the wave is open, it asks only those
    who have been matched since."""
    at = at or timezone.now()
    today = cohort.today(at)
    wave, _created = Wave.objects.get_or_create(
        cohort=cohort,
        kind=kind,
        number=number,
        defaults={"opens_on": today, "closes_on": today + OPEN_FOR},
    )
    if not is_open(wave, at):
        return wave
    matched = Enrolment.objects.accepted().filter(cohort=cohort, memberships__mentorship__state__in=MATCHED)
    invite(wave, matched.distinct(), wave.closes_on, at)
    return wave


@transaction.atomic
def ask_after_meeting(
    *, cohort: Cohort, number: int, mentorships: Collection[int], at: datetime | None = None
) -> Wave | None:
    """The tiny pulse after every second meeting: the `number`-th, for the members of these mentorships.

    Mentorships come to it at different times, so each is asked for two weeks of its own, and the wave stays
    open as long as any is. While a larger pulse of the cohort is open, which asks the same and more, nobody
    is asked, and None returned.
    """
    at = at or timezone.now()
    today = cohort.today(at)
    larger = Wave.objects.filter(cohort=cohort, opens_on__lte=today, closes_on__gte=today)
    if larger.exclude(kind=Wave.Kind.SHORT).exists():
        return None
    closes_on = today + OPEN_FOR
    wave, _created = Wave.objects.get_or_create(
        cohort=cohort,
        kind=Wave.Kind.SHORT,
        number=number,
        defaults={"opens_on": today, "closes_on": closes_on},
    )
    members = Enrolment.objects.accepted().filter(
        cohort=cohort,
        memberships__mentorship__in=mentorships,
        memberships__mentorship__state__in=(Mentorship.State.CONFIRMED, Mentorship.State.ACTIVE),
    )
    new = members.exclude(pulse_invitations__wave=wave).distinct()
    if new:
        Wave.objects.filter(pk=wave.pk, closes_on__lt=closes_on).update(closes_on=closes_on)
        wave.refresh_from_db()
        invite(wave, new, closes_on, at)
    return wave


def invite(wave: Wave, enrolments: Iterable[Enrolment], closes_on: date, at: datetime) -> None:
    InvitationToAnswer.objects.bulk_create(
        [InvitationToAnswer(wave=wave, enrolment=one, closes_on=closes_on) for one in enrolments],
        ignore_conflicts=True,
    )
    tell_the_invited(wave, at)


def is_open(asked: Wave | InvitationToAnswer, at: datetime | None = None) -> bool:
    """Of a wave: whether anybody may answer. Of an invitation: whether this person may."""
    wave = asked if isinstance(asked, Wave) else asked.wave
    return wave.opens_on <= wave.cohort.today(at) <= min(wave.closes_on, asked.closes_on)


def tell_the_invited(wave: Wave, at: datetime) -> None:
    invited = wave.invitations.filter(is_answered=False).select_related("wave", "enrolment__person")
    post_all((message(one) for one in invited), at=at)


def message(invitation: InvitationToAnswer) -> Message:
    return Message(
        "pulse-open",
        to=invitation.enrolment.person,
        key=f"pulse-open:{invitation.pk}",
        context={"wave": invitation.wave, "closes_on": invitation.closes_on},
        url=reverse("pulses:answer", args=[invitation.uuid]),
    )


@transaction.atomic
def answer(*, invitation: InvitationToAnswer, answers: Mapping[str, int], at: datetime | None = None) -> bool:
    """Store the answers without the person, once. Returns False if the person had answered before.

    The mark that they answered and the answers commit together or not at all, and share nothing that could be
    joined: no key, no time, no order.
    """
    wave = invitation.wave
    if not is_open(invitation, at):
        raise DomainError(_("These questions have closed. Thank you for wanting to answer."))
    role = invitation.enrolment.role
    asked = {question.key for question in questions_for(wave, role)}
    given = {key: value for key, value in answers.items() if value is not None}
    if not given:
        raise DomainError(_("Answer at least one question, or leave the page: that is fine too."))
    if not given.keys() <= asked or not all(1 <= value <= 5 for value in given.values()):
        raise DomainError(_("These are not answers to the questions on this page."))
    if not InvitationToAnswer.objects.filter(pk=invitation.pk, is_answered=False).update(is_answered=True):
        return False
    response = Response.objects.create(wave=wave, role=role)
    Answer.objects.bulk_create(
        Answer(response=response, question=key, value=value) for key, value in given.items()
    )
    return True
