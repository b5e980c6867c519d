import subprocess
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, call_command


class Command(BaseCommand):
    help = "Compile the translations and collect the static files, where they changed."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        self.compile_translations()
        self.collect_static_files()

    def compile_translations(self) -> None:
        """With Babel, which pip brings; Django's own command wants GNU gettext on the machine."""
        sources = [*settings.BASE_DIR.glob("locale/*/LC_MESSAGES/django.po")]
        if all(is_newer(po.with_suffix(".mo"), po) for po in sources):
            return
        self.stdout.write("Compiling the translations")
        babel = [sys.executable, "-m", "babel.messages.frontend", "--quiet", "compile"]
        subprocess.run([*babel, "-D", "django", "-d", "locale"], cwd=settings.BASE_DIR, check=True)  # noqa: S603

    def collect_static_files(self) -> None:
        manifest = settings.STATIC_ROOT / "staticfiles.json"
        # Those of the libraries change with the list of packages, ours one by one (deletion: the folder).
        sources = [*(settings.BASE_DIR / "requirements").iterdir()]
        for folder in settings.STATICFILES_DIRS:
            sources += [folder, *folder.rglob("*")]
        if all(is_newer(manifest, path) for path in sources):
            return
        self.stdout.write("Collecting the static files")
        call_command("collectstatic", interactive=False, verbosity=0)


def is_newer(product: Path, source: Path) -> bool:
    return product.exists() and product.stat().st_mtime >= source.stat().st_mtime
