from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MentoringConfig(AppConfig):
    name = "mentoring"
    verbose_name = _("Mentoring")

    def ready(self) -> None:
        # Tasks enqueued by a web process or a command find their broker through the app this import makes.
        from mentoring import celery  # noqa: F401
