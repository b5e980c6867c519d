import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, call_command
from django.test.utils import override_settings

NOT_SOURCES = {"benchmarks", "bin", "docs", "locale", "media", "requirements", "staticfiles", "tests", "var"}
SHOWN = 40


class Command(BaseCommand):
    help = "Fail unless every text has a German translation that is neither fuzzy nor left over."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        import polib

        if not shutil.which("xgettext"):
            raise CommandError(
                "GNU gettext is needed to find the texts; on Debian and Ubuntu: apt install gettext"
            )
        # Collected in a copy of the tree made of links, so that looking changes nothing.
        before = Path.cwd()
        with tempfile.TemporaryDirectory() as name:
            copy = Path(name).resolve()
            for entry in settings.BASE_DIR.iterdir():
                if entry.name not in NOT_SOURCES and not entry.name.startswith("."):
                    (copy / entry.name).symlink_to(entry)
            shutil.copytree(settings.BASE_DIR / "locale", copy / "locale")
            os.chdir(copy)
            try:
                with override_settings(LOCALE_PATHS=[copy / "locale"]):
                    call_command("makemessages", locale=["de"], symlinks=True, verbosity=0)
            finally:
                os.chdir(before)
            found = polib.pofile(str(copy / "locale" / "de" / "LC_MESSAGES" / "django.po"))
        if found.metadata_is_fuzzy:
            raise CommandError("The header of the German texts is marked fuzzy, and so none would be read.")
        problems = {
            "missing": found.untranslated_entries(),
            "fuzzy": found.fuzzy_entries(),
            "no longer in the source": found.obsolete_entries(),
        }
        for problem, entries in problems.items():
            for entry in entries[:SHOWN]:
                where = ", ".join(path for path, _ in entry.occurrences[:2])
                self.stdout.write(f"{problem}: {entry.msgid!r} {where}".rstrip())
            if len(entries) > SHOWN:
                self.stdout.write(f"{problem}: and {len(entries) - SHOWN} more")
        counts = ", ".join(f"{len(entries)} {problem}" for problem, entries in problems.items() if entries)
        if counts:
            raise CommandError(f"German is not complete: {counts}.")
        self.stdout.write(f"German is complete: {len(found)} texts.")
