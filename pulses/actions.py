from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from domain.errors import DomainError
from matching.models import Mentorship
from notices.models import Notice
from notices.outbox import post
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
    InvitationToAnswer.objects.bulk_create(
        [InvitationToAnswer(wave=wave, enrolment=one) for one in matched.distinct()], ignore_conflicts=True
    )
    tell_the_invited(wave, at)
    return wave


def is_open(wave: Wave, at: datetime | None = None) -> bool:
    return wave.opens_on <= wave.cohort.today(at) <= wave.closes_on


def tell_the_invited(wave: Wave, at: datetime) -> None:
    invited = {
        f"pulse-open:{invitation.pk}": invitation
        for invitation in wave.invitations.filter(is_answered=False).select_related("enrolment__person")
    }
    told = set(Notice.objects.filter(key__in=invited).values_list("key", flat=True))
    for key in invited.keys() - told:
        invitation = invited[key]
        post(
            "pulse-open",
            to=invitation.enrolment.person,
            key=key,
            context={"wave": wave},
            url=reverse("pulses:answer", args=[invitation.uuid]),
            at=at,
        )


@transaction.atomic
def answer(*, invitation: InvitationToAnswer, answers: Mapping[str, int], at: datetime | None = None) -> bool:
    """Store the answers without the person, once. Returns False if the person had answered before.

    The mark that they answered and the answers commit together or not at all, and share nothing that could be
    joined: no key, no time, no order.
    """
    wave = invitation.wave
    if not is_open(wave, at):
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
