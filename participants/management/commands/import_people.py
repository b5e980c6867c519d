import json
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.files import File
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from domain.errors import DomainError
from participants import imports
from participants.grades import order_grades
from participants.importing import mapping
from participants.importing.comparing import Comparison
from participants.importing.planning import Remark
from participants.models import PeopleImport
from participants.time_zones import time_zone_names


class Command(BaseCommand):
    help = "Take people, units, grades, professions, sites and reporting lines from a file of the HR system."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "file", type=Path, help="CSV or Excel (.xlsx); names of columns in English or German"
        )
        parser.add_argument(
            "--mapping",
            type=Path,
            metavar="FILE",
            help='JSON: {"column": "field", "column to leave out": null}; the others are guessed',
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would happen, and change nothing"
        )
        parser.add_argument("--json", action="store_true", help="answer for a machine")
        parser.add_argument("--grades", metavar="LOWEST,…,HIGHEST", help="put the grades in this order")
        parser.add_argument(
            "--full", action="store_true", help="the file lists everybody: say who is not in it"
        )
        parser.add_argument(
            "--deactivate", action="store_true", help="deactivate who is not in it (implies --full)"
        )
        parser.add_argument(
            "--language", choices=["en", "de"], default="en", help="for people who are new (default: en)"
        )
        parser.add_argument(
            "--time-zone", default="UTC", help="for people and sites that are new (default: UTC)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["time_zone"] not in time_zone_names():
            raise CommandError(_("“%s” is no time zone. An example: Europe/Berlin.") % options["time_zone"])
        made: PeopleImport | None = None
        try:
            with options["file"].open("rb") as file:
                made = imports.keep(file=File(file), is_full=options["full"] or options["deactivate"])
            self.open(made, options)
            found = self.taken(made, options)
        except OSError as error:
            raise CommandError(_("The file cannot be read: %s.") % error.strerror) from error
        except json.JSONDecodeError as error:
            raise CommandError(_("The mapping is no JSON: %s.") % error) from error
        except DomainError as error:
            raise CommandError(error.message) from error
        finally:
            self.clear(made, options["dry_run"])
        if options["json"]:
            self.stdout.write(json.dumps(as_told(found), ensure_ascii=False))
        else:
            self.tell(found, options)

    def open(self, made: PeopleImport, options: dict[str, Any]) -> None:
        imports.open_file(made)
        if options["mapping"]:
            told = json.loads(options["mapping"].read_text(encoding="utf-8"))
            made.choice = mapping.from_json(told, made.headers).as_json()
        made.language, made.time_zone = options["language"], options["time_zone"]
        made.deactivate = options["deactivate"]

    @transaction.atomic
    def taken(self, made: PeopleImport, options: dict[str, Any]) -> Comparison:
        found = imports.take_at_once(made)
        grades = [name.strip() for name in (options["grades"] or "").split(",") if name.strip()]
        if grades:
            order_grades(grades)
        if options["dry_run"]:
            transaction.set_rollback(True)
        return found

    def clear(self, made: PeopleImport | None, dry_run: bool) -> None:
        """The file itself stays with who called; a dry run leaves nothing at all."""
        if made is None:
            return
        if made.file:
            made.file.delete(save=False)
        if dry_run or not PeopleImport.objects.filter(pk=made.pk, state=PeopleImport.State.DONE).exists():
            PeopleImport.objects.filter(pk=made.pk).delete()
        else:
            made.forget()

    def tell(self, found: Comparison, options: dict[str, Any]) -> None:
        if options["dry_run"]:
            self.stdout.write(_("Nothing was changed. The import would do this:"))
        figures = asdict(found.figures)
        self.stdout.write(_("People: %(new)d new, %(changed)d changed, %(unchanged)d as before.") % figures)
        self.stdout.write(
            _("New: %(unit)d units, %(grade)d grades, %(profession)d professions, %(site)d sites.")
            % found.figures.made
        )
        if found.settings.is_full:
            text = (
                _("Not in the file: %(leaving)d people, deactivated.")
                if options["deactivate"]
                else _(
                    "Not in the file: %(leaving)d people, left as they are. --deactivate deactivates them."
                )
            )
            self.stdout.write(text % figures)
        self.listed(
            found.remarks, ngettext("%d row with a remark:", "%d rows with a remark:", len(found.remarks))
        )
        self.listed(found.rejected, ngettext("%d row not taken:", "%d rows not taken:", len(found.rejected)))

    def listed(self, remarks: list[Remark], heading: str) -> None:
        if remarks:
            self.stdout.write(heading % len(remarks))
        for remark in remarks:
            values = {"line": remark.line, "who": remark.who, "text": remark.text}
            self.stdout.write(_("  line %(line)d, %(who)s: %(text)s") % values)


def as_told(found: Comparison) -> dict[str, Any]:
    return {
        **asdict(found.figures),
        "rejected": [asdict(remark) for remark in found.rejected],
        "remarks": [asdict(remark) for remark in found.remarks],
    }
