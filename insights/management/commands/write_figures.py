from typing import Any

from django.core.management.base import BaseCommand

from insights.meanings import DOCUMENT, document


class Command(BaseCommand):
    help = "Write docs/figures.md anew from insights/meanings.py."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        DOCUMENT.write_text(document())
