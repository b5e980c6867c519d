from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from participants.models.person import Person


class Delegation(models.Model):
    """`delegate` plans and moves the meetings of `person`, and reads nothing else."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="delegations", verbose_name=_("person"))
    delegate = models.ForeignKey(
        Person, models.CASCADE, related_name="arranges_for", verbose_name=_("delegate")
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("delegation")
        verbose_name_plural = _("delegations")
        constraints = [
            models.UniqueConstraint(fields=["person", "delegate"], name="delegation_once"),
            models.CheckConstraint(
                condition=~models.Q(person=models.F("delegate")),
                name="delegation_to_another",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.delegate} → {self.person}"

    def clean(self) -> None:
        if self.person_id and self.delegate_id:
            refuse_confidants(self.person, [self.delegate_id])


def refuse_confidants(person: Person, delegates: Iterable[int]) -> None:
    """Raises ValidationError: nobody listens to the people around `person` and works for them as well.

    Where both come together all the same, because `person` enrols later, the delegation takes nothing from
    the confidant; whoever confides there sees it beside the name.
    """
    if confidant := Person.objects.confidants_of(person).filter(pk__in=delegates).first():
        raise ValidationError(
            gettext(
                "%(name)s is a confidant of a programme in which %(person)s takes part, and cannot arrange"
                " meetings for them. Choose somebody else."
            )
            % {"name": confidant.name, "person": person.name}
        )
