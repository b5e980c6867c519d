"""Rows of a file about people who were erased: not taken, and passed over in reporting lines."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from domain import dates
from participants.importing.planning import Entry
from participants.models import Erased
from participants.models.erasure import fingerprints


class ErasedRows:
    """Whom the file names although they were erased, and to whom they report."""

    def __init__(self) -> None:
        self.days = dict(Erased.objects.values_list("fingerprint", "erased_on"))
        self.managers: dict[str, str] = {}

    def refuses(self, *, email: str, number: str, name: str, manager: str) -> str:
        """Why the row is not taken; empty where it is about nobody who was erased."""
        if not self.days:
            return ""
        day = next((self.days[m] for m in fingerprints(email=email, number=number) if m in self.days), None)
        if day is None:
            return ""
        self.managers |= {key.casefold(): manager for key in (name, number, email) if key}
        return _(
            "This person was erased on %(day)s. If they are back, let them return under “Erasing people”"
            " first."
        ) % {"day": dates.full_day(day)}

    def pass_over(self, entries: Iterable[Entry]) -> None:
        """Whoever reports to somebody who was erased reports to whom they reported to. A name that somebody
        else in the file has, too, is theirs."""
        if not self.managers:
            return
        entries = list(entries)
        for entry in entries:
            for taken in (entry.email, entry.number, entry.name):
                self.managers.pop(taken.casefold(), None)
        for entry in entries:
            seen: set[str] = set()
            while entry.manager and (key := entry.manager.casefold()) in self.managers:
                entry.manager = "" if key in seen else self.managers[key]
                seen.add(key)
