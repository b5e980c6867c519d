from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps
from django.utils.translation import gettext_lazy as _


class MentoringConfig(AppConfig):
    name = "mentoring"
    verbose_name = _("Mentoring")

    def ready(self) -> None:
        # Tasks enqueued by a web process or a command find their broker through the app this import makes.
        from mentoring import celery  # noqa: F401


class AdminSiteConfig(admin_apps.AdminConfig):
    default = False  # the folder's own is the one above
    default_site = "mentoring.admin_site.Site"
