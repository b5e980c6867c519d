"""Every kind of notice there is. One that is not named here cannot be posted."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Kind:
    """`optional` kinds can be turned off for e-mail by the person; they stay readable in the product."""

    title: str | Promise
    optional: bool = False


KINDS: dict[str, Kind] = {
    "invitation": Kind(_("You are invited to a cohort")),
    "invitation-reminder": Kind(_("An invitation is still open"), optional=True),
    "enrolment-received": Kind(_("Your enrolment has arrived")),
    "enrolment-decided": Kind(_("Your enrolment was decided on")),
    "mentorship-offered": Kind(_("A mentorship is offered to you")),
    "mentorship-confirmed": Kind(_("Your mentorship is confirmed")),
    "mentorship-changed": Kind(_("A mentorship was paused, resumed or ended")),
    "agreement-to-sign": Kind(_("An agreement waits for your signature")),
    "meeting-planned": Kind(_("A meeting was planned")),
    "meeting-moved": Kind(_("A meeting was moved")),
    "meeting-cancelled": Kind(_("A meeting was cancelled")),
    "meeting-reminder": Kind(_("Reminder of tomorrow's meeting"), optional=True),
    "meeting-to-confirm": Kind(_("Did you meet?"), optional=True),
    "check-in-due": Kind(_("A check-in is due"), optional=True),
    "check-in-shared": Kind(_("Your partner has checked in"), optional=True),
    "pulse-open": Kind(_("A short question round is open"), optional=True),
    "feedback-given": Kind(_("Somebody wrote you feedback"), optional=True),
    "concern-raised": Kind(_("A concern was raised")),
    "concern-answered": Kind(_("There is an answer to a concern")),
}
