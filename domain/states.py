from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from domain.errors import DomainError


class StateMachine(models.Model):
    """A model whose `state` changes only through `move_to`.

    The subclass declares `state` and, beside its choices, `TRANSITIONS`: from each state the states
    that may follow. A state absent from the table is final.
    """

    TRANSITIONS: ClassVar[dict[str, tuple[str, ...]]]
    state: Any
    get_state_display: Any

    class Meta:
        abstract = True

    def move_to(self, to: str, **fields: Any) -> bool:
        """Claim the step with a conditional update, so that of two people at once only one takes it.

        Returns True if this call took the step, False if it had been taken already (a double click is
        harmless). Raises DomainError when the step is not allowed from where the row really stands.
        """
        sources = [state for state, targets in self.TRANSITIONS.items() if to in targets]
        row = type(self)._base_manager.filter(models.Q(state__in=sources), pk=self.pk)
        taken = row.update(**{"state": to, **fields})
        if not taken:
            self.refresh_from_db(fields=["state"])
            if self.state == to:
                return False
            raise DomainError(
                _("This is no longer possible: it is “%(state)s” now.") % {"state": self.get_state_display()}
            )
        self.state = to
        for name, value in fields.items():
            setattr(self, name, value)
        return True
