from typing import Any

from django.core.management.base import BaseCommand

from notices.table import DOCUMENT, document


class Command(BaseCommand):
    help = "Write the table of docs/reminders.md anew from notices/kinds.py."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        DOCUMENT.write_text(document())
