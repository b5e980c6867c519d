"""People who became inactive while they take part: nothing of theirs ends by itself, so the coordinators are
told."""

from datetime import datetime

from django.urls import reverse

from notices.outbox import Message, post_all
from participants.models import Person
from programmes.models import Cohort, Enrolment

OVER = (Cohort.State.CLOSED, Cohort.State.ARCHIVED)


def tell_of_leavers(at: datetime) -> int:
    """Once per person and programme, each coordinator of it; HR admins where it has none."""
    return post_all(messages(), at=at)


def messages() -> list[Message]:
    left = (
        Enrolment.objects.filter(
            person__is_active=False,
            state__in=[Enrolment.State.APPLIED, Enrolment.State.WAITLISTED, Enrolment.State.ACCEPTED],
        )
        .exclude(cohort__state__in=OVER)
        .select_related("person", "cohort__programme")
        .order_by("pk")
    )
    found = []
    hr_admins: list[Person] | None = None
    told: dict[int, list[Person]] = {}
    for enrolment in left:
        programme = enrolment.cohort.programme
        if programme.pk not in told:
            told[programme.pk] = list(
                Person.objects.active().filter(
                    programme_roles__programme=programme, programme_roles__role="coordinator"
                )
            )
            if not told[programme.pk]:
                if hr_admins is None:
                    hr_admins = list(Person.objects.active().filter(is_hr_admin=True))
                told[programme.pk] = hr_admins
        found += [
            Message(
                "person-left",
                to=person,
                key=f"person-left:{enrolment.pk}:{person.pk}",
                context={"left": enrolment.person, "cohort": enrolment.cohort},
                url=reverse("admin:programmes_cohort_change", args=[enrolment.cohort_id]),
            )
            for person in told[programme.pk]
        ]
    return found
