"""Where a person wants which kind of notice."""

from typing import Any

from django.db import transaction

from notices.kinds import KINDS
from notices.models import Notice, NoticePreference


@transaction.atomic
def choose(person: Any, kind: str, *, by_email: bool, in_inbox: bool) -> None:
    """It applies to what waits for its mail, too."""
    NoticePreference.objects.update_or_create(
        person=person, kind=kind, defaults={"by_email": by_email, "in_inbox": in_inbox}
    )
    if not by_email:
        Notice.objects.undelivered().filter(recipient=person, kind=kind, claimed_by=None).update(
            by_email=False
        )


def optional_kinds(notice: Notice) -> list[str]:
    """What one click in this mail turns off: the kind, or those in the digest, that may be turned off."""
    kinds = notice.collected.values_list("kind", flat=True) if notice.is_digest else [notice.kind]
    return sorted({kind for kind in kinds if kind in KINDS and KINDS[kind].optional})


@transaction.atomic
def set_email(person: Any, kinds: list[str], wanted: bool) -> None:
    inbox = dict(person.notice_preferences.filter(kind__in=kinds).values_list("kind", "in_inbox"))
    for kind in kinds:
        # Who turns the mail off has not said that they want to miss it.
        choose(person, kind, by_email=wanted, in_inbox=True if not wanted else inbox.get(kind, True))
