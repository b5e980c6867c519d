from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class NoticesConfig(AppConfig):
    name = "notices"
    verbose_name = _("Notices")

    def ready(self) -> None:
        """Rooms register in `reminders.py` what tells whether a notice is still due, in `wording.py` whose
        words replace the product's."""
        autodiscover_modules("reminders", "wording")
