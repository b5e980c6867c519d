import json
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from domain.errors import DomainError
from participants.importing import Remark, read
from participants.loading import Outcome, load
from participants.time_zones import time_zone_names


class Command(BaseCommand):
    help = (
        "Take people, units, grades, professions, sites and reporting lines from a CSV file of the HR system."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "file",
            type=Path,
            help="CSV with commas, semicolons or tabs; names of columns in English or German",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would happen, and change nothing"
        )
        parser.add_argument("--json", action="store_true", help="answer for a machine")
        parser.add_argument("--grades", metavar="LOWEST,…,HIGHEST", help="put the grades in this order")
        parser.add_argument(
            "--language", choices=["en", "de"], default="en", help="for people who are new (default: en)"
        )
        parser.add_argument(
            "--time-zone", default="UTC", help="for people and sites that are new (default: UTC)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["time_zone"] not in time_zone_names():
            raise CommandError(_("“%s” is no time zone. An example: Europe/Berlin.") % options["time_zone"])
        grades = [name.strip() for name in (options["grades"] or "").split(",") if name.strip()]
        try:
            outcome = load(
                read(options["file"].read_bytes()),
                language=options["language"],
                time_zone=options["time_zone"],
                grades=grades,
                dry_run=options["dry_run"],
            )
        except OSError as error:
            raise CommandError(_("The file cannot be read: %s.") % error.strerror) from error
        except DomainError as error:
            raise CommandError(error.message) from error
        if options["json"]:
            self.stdout.write(json.dumps(asdict(outcome), ensure_ascii=False))
        else:
            self.tell(outcome, dry_run=options["dry_run"])

    def tell(self, outcome: Outcome, *, dry_run: bool) -> None:
        if dry_run:
            self.stdout.write(_("Nothing was changed. The import would do this:"))
        self.stdout.write(
            _("People: %(created)d new, %(changed)d changed, %(unchanged)d as before.") % vars(outcome)
        )
        self.stdout.write(
            _("New: %(unit)d units, %(grade)d grades, %(profession)d professions, %(site)d sites.")
            % outcome.made
        )
        self.listed(
            outcome.remarks, ngettext("%d row with a remark:", "%d rows with a remark:", len(outcome.remarks))
        )
        self.listed(
            outcome.rejected, ngettext("%d row not taken:", "%d rows not taken:", len(outcome.rejected))
        )

    def listed(self, remarks: list[Remark], heading: str) -> None:
        if remarks:
            self.stdout.write(heading % len(remarks))
        for remark in remarks:
            line = _("  line %(line)d, %(who)s: %(text)s") % vars(remark)
            self.stdout.write(line)
