from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

from participants.models import Person
from programmes.actions.history import record
from programmes.models import BriefingPage, BriefingStep, Enrolment


@transaction.atomic
def finish_page(
    *, enrolment: Enrolment, page: BriefingPage, thoughts: str = "", at: datetime | None = None
) -> bool:
    """One page worked through, with what they thought of it, which is theirs alone. The last of them ends
    the briefing. Returns whether the briefing is done now."""
    at = at or timezone.now()
    BriefingStep.objects.update_or_create(
        enrolment=enrolment,
        page=page,
        defaults={"thoughts": thoughts.strip()},
        create_defaults={"thoughts": thoughts.strip(), "done_at": at},
    )
    pages = enrolment.cohort.programme.briefing_pages.filter(role=enrolment.role)
    if not pages.exclude(pk__in=enrolment.briefing_steps.values("page")).exists():
        complete_briefing(enrolment=enrolment, at=at)
    return enrolment.briefed_at is not None


def complete_briefing(*, enrolment: Enrolment, at: datetime | None = None) -> bool:
    """Done is done: its first time stays, also when pages are added later."""
    at = at or timezone.now()
    done = Enrolment.objects.filter(pk=enrolment.pk, briefed_at=None).update(briefed_at=at)
    if done:
        enrolment.briefed_at = at
    return bool(done)


@transaction.atomic
def waive_briefing(*, enrolment: Enrolment, by: Person, at: datetime | None = None) -> bool:
    """Let somebody meet without their briefing, who knows it all already; the history says who did."""
    if not Enrolment.objects.unbriefed().filter(pk=enrolment.pk).update(briefing_waived=True):
        return False
    enrolment.briefing_waived = True
    record(enrolment, by, gettext_noop("Briefing waived."), at)
    return True
