"""What a person says of themselves, in one step."""

from collections.abc import Iterable, Mapping

from django.core.exceptions import ValidationError
from django.db import transaction

from domain.errors import DomainError
from participants.models import Delegation, Expertise, Interest, Person, PersonLanguage, Profile
from participants.models.delegation import refuse_confidants


@transaction.atomic
def describe(
    *,
    person: Person,
    headline: str | None = None,
    about: str | None = None,
    hidden: Iterable[str] | None = None,
    expertise: Iterable[Mapping[str, int]] | None = None,
    interests: Iterable[Mapping[str, int]] | None = None,
    languages: Iterable[Mapping[str, object]] | None = None,
    delegates: Iterable[Person] | None = None,
) -> Profile:
    """Replaces what is given and leaves alone what is None. The rows carry the fields of their models.

    Raises DomainError where a new delegate is a confidant of a programme in which `person` takes part.
    """
    profile, _created = Profile.objects.select_for_update().get_or_create(person=person)
    words = {"headline": headline, "about": about, "hidden": None if hidden is None else sorted(hidden)}
    said = {name: value for name, value in words.items() if value is not None}
    if said:
        for name, value in said.items():
            setattr(profile, name, value)
        profile.save(update_fields=[*said, "updated_at"])
    if expertise is not None:
        profile.expertise.all().delete()
        Expertise.objects.bulk_create(Expertise(profile=profile, **row) for row in expertise)
    if interests is not None:
        profile.interests.all().delete()
        Interest.objects.bulk_create(Interest(profile=profile, **row) for row in interests)
    if languages is not None:
        person.languages.all().delete()
        PersonLanguage.objects.bulk_create(PersonLanguage(person=person, **row) for row in languages)
    if delegates is not None:
        chosen = {delegate.pk for delegate in delegates} - {person.pk}
        known = set(person.delegations.values_list("delegate", flat=True))
        try:
            refuse_confidants(person, chosen - known)
        except ValidationError as error:
            raise DomainError(error.messages[0], field="delegates") from error
        person.delegations.exclude(delegate__in=chosen).delete()
        Delegation.objects.bulk_create(
            [Delegation(person=person, delegate_id=pk) for pk in chosen], ignore_conflicts=True
        )
    return profile
