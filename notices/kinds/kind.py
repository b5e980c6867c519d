"""What there is to say of a kind of notice."""

from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Pace(TextChoices):
    """How a kind goes by e-mail. Nothing goes between 20:00 and 7:00 or at a weekend of the recipient's
    time zone, and whatever concerns a meeting of the same day is exempt from every limit: `post` knows by
    `context["meeting"].starts_at`."""

    AT_ONCE = "at-once", "at once"
    """Because somebody did something: one a day, what is more waits for the digest of the next morning."""
    DIGEST = "digest", "in the digest"
    """Because time has passed: collected into one mail, in the morning of a working day."""
    UNCOUNTED = "uncounted", "at once, each by itself"
    """Beyond the one a day and never in a digest, because it must not stand beside anything else: concerns.
    Notices with a calendar part go like this, whatever their kind."""


class Group(TextChoices):
    """The headings of the page on which people choose."""

    PROGRAMME = "programme", _("Taking part")
    MENTORSHIP = "mentorship", _("Your mentorship")
    MEETINGS = "meetings", _("Meetings")
    GROWTH = "growth", _("Goals, feedback and short question rounds")
    CARE = "care", _("For those who look after a programme")


@dataclass(frozen=True)
class Kind:
    """`optional` kinds can be turned off by the person altogether; of the others one channel stays on.

    `by_email` is where the e-mail switch stands before the person touches it. Where `in_inbox` is off, a kind
    goes by e-mail alone. `when` is shown to people
    on that page, so it is translatable; `whom`, `at_most` (how often) and `stops` (what makes it unnecessary)
    are for docs/reminders.md, in plain English. What `stops` says is checked again when the mail is about to
    go, where the room registered a check: see `notices.still`.
    """

    title: str | Promise
    group: Group
    optional: bool = False
    pace: Pace = Pace.AT_ONCE
    by_email: bool = True
    in_inbox: bool = True
    whom: str = ""
    when: str | Promise = ""
    at_most: str = "once"
    stops: str = ""
