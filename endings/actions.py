"""The verbs of an ending: round it off, say goodbye, be matched again, and look back."""

from datetime import datetime

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

import matching.actions
from domain.errors import DomainError
from endings.models import Again, Farewell, LookBack
from matching.models import Member, Mentorship
from meetings.models import Meeting, MeetingQuerySet
from notices.outbox import post
from programmes.models import Cohort

State = Mentorship.State
MATCHED = (Cohort.State.MATCHING, Cohort.State.RUNNING)
"""Cohorts in which somebody can still be brought together with somebody."""


@transaction.atomic
def say_farewell(
    *, member: Member, thanks: str, stays_in_touch: bool | None, at: datetime | None = None
) -> Farewell:
    """Once per member, to be changed as often as they like. The first thanks are told to the others."""
    at = at or timezone.now()
    member = Member.objects.select_for_update(of=["self"]).select_related("mentorship").get(pk=member.pk)
    if member.mentorship.state not in (State.ACTIVE, State.COMPLETED):
        raise DomainError(_("A farewell belongs to the end of a mentorship that has begun."))
    farewell, _made = Farewell.objects.update_or_create(
        member=member,
        defaults={"thanks": thanks.strip(), "stays_in_touch": stays_in_touch, "written_at": at},
    )
    if farewell.thanks:
        mentorship = Mentorship.objects.with_members().get(pk=member.mentorship_id)
        for other in mentorship.members.all():
            if other.pk != member.pk:
                post(
                    "farewell-written",
                    to=other.person,
                    key=f"farewell-written:{member.pk}:{other.pk}",
                    context={"name": member.person.first_name},
                    url=reverse("endings:close", args=[mentorship.uuid]),
                    at=at,
                )
    return farewell


@transaction.atomic
def complete(*, mentorship: Mentorship, member: Member, at: datetime | None = None) -> Mentorship:
    """A member says that its course is run. Twice is once; one in which nobody met is ended instead."""
    at = at or timezone.now()
    if member.mentorship_id != mentorship.pk:
        raise DomainError(_("Only its members can do that."))
    if mentorship.state != State.COMPLETED and not held(mentorship).exists():
        raise DomainError(
            _("Nobody has said yet that you met. Confirm your meetings first, or end the mentorship.")
        )
    return matching.actions.complete(mentorship=mentorship, at=at)


def held(mentorship: Mentorship) -> MeetingQuerySet:
    return Meeting.objects.held().filter(mentorship=mentorship)


@transaction.atomic
def ask_rematch(*, member: Member, at: datetime | None = None) -> None:
    """Whoever is without a mentorship keeps their place, and says so to the coordinators, once."""
    at = at or timezone.now()
    enrolment = member.enrolment
    if enrolment.cohort.state not in MATCHED:
        raise DomainError(_("This cohort is over. Your coordinator can tell you about the next one."))
    if enrolment.state != enrolment.State.ACCEPTED:
        raise DomainError(_("You have left this cohort. Its coordinator can tell you how to come back."))
    if Member.objects.current().filter(enrolment=enrolment).exists():
        raise DomainError(_("You are in a mentorship in this cohort."))
    for person in enrolment.cohort.programme.looked_after_by():
        post(
            "rematch-asked",
            to=person,
            key=f"rematch-asked:{member.pk}:{person.pk}",
            context={"name": enrolment.person.name, "cohort": enrolment.cohort},
            url=reverse("admin:matching_matchrun_again", args=[enrolment.cohort_id]),
            at=at,
        )


@transaction.atomic
def look_back(*, asked: LookBack, answer: str) -> bool:
    """Store the answer apart from whoever gave it. A second one is not taken."""
    if answer not in Again.Answer.values:
        raise DomainError(_("Choose one of the answers."), field="answer")
    if not LookBack.objects.filter(pk=asked.pk, is_answered=False).update(is_answered=True):
        return False
    Again.objects.create(cohort=asked.enrolment.cohort, role=asked.enrolment.role, answer=answer)
    return True
