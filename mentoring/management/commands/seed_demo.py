from datetime import datetime
from random import Random
from typing import Any

from django.core.management import BaseCommand
from django.db import transaction
from django.utils import timezone

from mentoring.demo import words
from mentoring.demo.company import DOMAIN, PASSWORD, found
from mentoring.demo.story import Story
from participants.models import Person


class Command(BaseCommand):
    help = "Found the demo company, once, and say whom one can sign in as."

    def handle(self, *args: Any, **options: Any) -> None:
        if not Person.objects.filter(email__endswith=f"@{DOMAIN}").exists():
            seed(now=timezone.now())
        width = max(len(role) for role, _name in words.SIGN_INS)
        self.stdout.write(f"Sign in with the password {PASSWORD} as")
        emails = dict(Person.objects.filter(email__endswith=f"@{DOMAIN}").values_list("name", "email"))
        for role, name in words.SIGN_INS:
            self.stdout.write(f"  {role:<{width}}  {emails[name]}")


@transaction.atomic
def seed(*, now: datetime, random_seed: int = 1) -> None:
    company = found(Random(random_seed), now.date())
    for _role, name in words.SIGN_INS:
        person = company.named(name)
        person.set_password(PASSWORD)
        person.save(update_fields=["password"])
    Story(company, now).tell()
