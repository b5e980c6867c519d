"""How days and hours are written, in the active language and time zone.

Django's own formats for English are American; these say “Tuesday 17 November” and “14:00”.
"""

from datetime import date, datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import pgettext


def day(value: date | datetime) -> str:
    return date_format(local(value), pgettext("date format: Tuesday 17 November", "l j F"))


def full_day(value: date | datetime) -> str:
    return date_format(local(value), pgettext("date format: 17 November 2026", "j F Y"))


def weekday(value: date | datetime) -> str:
    return date_format(local(value), "l")


def clock(value: datetime) -> str:
    return date_format(local(value), pgettext("time format: 14:00", "H:i"))


def local(value: date | datetime) -> date | datetime:
    return timezone.localtime(value) if isinstance(value, datetime) and timezone.is_aware(value) else value
