from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("Signing in")

    def ready(self) -> None:
        from accounts import sessions

        user_logged_in.connect(sessions.begin)
