from typing import Any

from django.core.management.base import BaseCommand

from concerns.models import Concern, ConcernMessage


class Command(BaseCommand):
    help = (
        "Encrypts every concern anew with the first of CONCERN_KEYS. Put the new key first, restart, "
        "run this, then take the old key away."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        concerns = messages = 0
        for concern in Concern.objects.only("text", "contact").iterator():
            Concern.objects.filter(pk=concern.pk).update(text=concern.text, contact=concern.contact)
            concerns += 1
        for message in ConcernMessage.objects.only("text").iterator():
            ConcernMessage.objects.filter(pk=message.pk).update(text=message.text)
            messages += 1
        self.stdout.write(f"{concerns} concerns and {messages} messages are encrypted with the newest key.")
