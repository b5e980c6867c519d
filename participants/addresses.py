"""The one way to another address for somebody who is known.

Whatever changes `Person.email` ends their sign-ins, codes and reset links and tells both addresses: triggers
of the database do that (participants 0007, accounts 0001). This verb adds the sentences for people.
"""

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from domain.errors import DomainError
from participants.models import Erased, Person


@transaction.atomic
def change_address(*, person: Person, to: str) -> bool:
    """False where it is theirs already. Raises DomainError where it is nobody's to give."""
    to = to.strip().lower()
    person = Person.objects.select_for_update(of=["self"]).get(pk=person.pk)
    if person.email == to:
        return False
    try:
        validate_email(to)
    except ValidationError:
        raise DomainError(_("“%s” is no e-mail address.") % to) from None
    if person.erased_at or Erased.objects.of(email=to).exists():
        raise DomainError(
            _("Somebody with this address or number was erased. If they are back, let them return first.")
        )
    try:
        with transaction.atomic():
            Person.objects.filter(pk=person.pk).update(email=to)
    except IntegrityError:
        raise DomainError(_("Somebody has this address already.")) from None
    return True
