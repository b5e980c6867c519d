"""A certificate of the meetings that really took place, as an accessible PDF (PDF/UA-1), set with Typst."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path

import typst
from django.db.models import F, Max, Min, Sum
from django.utils import timezone, translation
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from domain import dates
from domain.errors import DomainError
from endings.actions import held
from matching.models import Member, Mentorship

TEMPLATE = Path(__file__).with_name("certificate.typ")


@dataclass(frozen=True, slots=True)
class Facts:
    meetings: int
    hours: float
    first: date
    last: date


def facts(member: Member) -> Facts:
    """What is certified. Raises DomainError before the end, and where nobody met."""
    if member.mentorship.state not in (Mentorship.State.COMPLETED, Mentorship.State.ENDED):
        raise DomainError(_("The certificate is there when the mentorship is over."))
    found = held(member.mentorship).aggregate(
        first=Min("starts_at"), last=Max("starts_at"), time=Sum(F("ends_at") - F("starts_at"))
    )
    count = held(member.mentorship).count()
    if not count:
        raise DomainError(_("The certificate is for meetings that took place, and none was confirmed."))
    zone = member.person.zone
    return Facts(
        count,
        found["time"] / timedelta(hours=1),
        found["first"].astimezone(zone).date(),
        found["last"].astimezone(zone).date(),
    )


def certificate(member: Member, at: datetime | None = None) -> bytes:
    """The PDF in the member's language. Names the member and nobody else, and nothing of what was said."""
    certified = facts(member)
    cohort = member.mentorship.cohort
    with translation.override(member.person.language), timezone.override(member.person.zone):
        meetings = ngettext("%(count)d meeting", "%(count)d meetings", certified.meetings) % {
            "count": certified.meetings
        }
        hours = ngettext("%(count)s hour", "%(count)s hours", round(certified.hours)) % {
            "count": number_format(f"{certified.hours:.4g}")
        }
        words = {
            "lang": member.person.language,
            "title": _("Certificate of mentoring"),
            "name": member.person.name,
            "intro": _("has taken part in the programme"),
            "programme": str(cohort.programme),
            "cohort": cohort.name,
            "role": _("as %(role)s") % {"role": member.get_role_display()},
            "body": _("%(meetings)s, together %(hours)s, between %(first)s and %(last)s.")
            % {
                "meetings": meetings,
                "hours": hours,
                "first": dates.full_day(certified.first),
                "last": dates.full_day(certified.last),
            },
            "note": _("Only meetings that somebody who was there confirmed are counted."),
            "issued": dates.full_day((at or timezone.now()).astimezone(member.person.zone)),
        }
    return typst.compile(
        template(), format="pdf", sys_inputs=words, pdf_standards=["ua-1"], ignore_system_fonts=True
    )


@lru_cache
def template() -> bytes:
    return TEMPLATE.read_bytes()
