"""What has to happen before somebody can be erased, and the steps that lead there."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from domain.errors import DomainError
from matching.actions import answer_offer, end, part_from_leaver
from matching.models import MatchRun, Mentorship
from matching.people_of import CURRENT
from participants.models import ErasureRequest, PeopleImport, Person
from programmes.actions import record


@dataclass(frozen=True)
class Hindrance:
    """Why not yet. `step` names the button that helps: "inactive", "end", or none."""

    text: str
    step: str = ""


def hindrances(person: Person, by: Person) -> list[Hindrance]:
    """The first one has to go first. Empty: they can be erased."""
    found = []
    if person == by:
        found.append(Hindrance(_("Nobody erases themselves. Ask another HR admin.")))
    elif person.is_hr_admin and not others_run_it(person):
        found.append(Hindrance(last_one()))
    if person.is_active:
        found.append(
            Hindrance(
                _(
                    "They are still active: they can sign in, and the HR file names them. Have them left out"
                    " of the file first, then set them inactive."
                ),
                "" if found else "inactive",
            )
        )
    together = current(person).count()
    if together:
        found.append(
            Hindrance(
                _(
                    "They are in a mentorship that is offered or goes on. It has to end first, so that the"
                    " others are told kindly and can be matched again."
                ),
                "" if found else "end",
            )
        )
    if PeopleImport.objects.filter(state__in=PeopleImport.WORKING).exists():
        found.append(
            Hindrance(_("An HR file is being read or taken at the moment. Come back in a few minutes."))
        )
    runs = MatchRun.objects.filter(cohort__enrolments__person=person, state__in=MatchRun.WORKING)
    if runs.exists():
        found.append(Hindrance(_("A matching with them is under way. Come back in a few minutes.")))
    return found


def current(person: Person) -> QuerySet[Mentorship]:
    return Mentorship.objects.of(person).filter(state__in=CURRENT).order_by("pk")


def others_run_it(person: Person) -> bool:
    """Whether an HR admin remains without them."""
    return Person.objects.active().filter(is_hr_admin=True).exclude(pk=person.pk).exists()


def last_one() -> str:
    return _("They are the last HR admin. Make somebody else one first, or nobody could run the product.")


@transaction.atomic
def set_inactive(*, person: Person, by: Person, at: datetime | None = None) -> bool:
    """They can no longer sign in. False where that is so already."""
    if person == by:
        raise DomainError(_("Nobody erases themselves. Ask another HR admin."))
    # One after the other, so that two HR admins cannot set each other inactive.
    list(Person.objects.select_for_update().filter(is_hr_admin=True).order_by("pk"))
    if person.is_hr_admin and not others_run_it(person):
        raise DomainError(last_one())
    changed = Person.objects.active().filter(pk=person.pk).update(is_active=False)
    if changed:
        record(person, by, gettext_noop("Set inactive, to be erased."), at)
    return bool(changed)


@transaction.atomic
def end_kindly(*, person: Person, at: datetime | None = None) -> int:
    """End what they are in, and tell the others: of somebody who asked to be erased that it ended, of
    somebody who left that they left. Returns how many."""
    at = at or timezone.now()
    asked = ErasureRequest.objects.filter(person=person).exists()
    ended = 0
    for mentorship in current(person):
        if not asked:
            part_from_leaver(mentorship=mentorship, person=person, at=at)
        elif mentorship.state == Mentorship.State.OFFERED:
            answer_offer(mentorship=mentorship, person=person, accept=False, at=at)
        else:
            end(mentorship=mentorship, person=person, at=at)
        ended += 1
    return ended
