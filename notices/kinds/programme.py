from functools import partial

from django.utils.translation import gettext_lazy as _

from notices.kinds.kind import Group, Kind, Pace

kind = partial(Kind, group=Group.PROGRAMME)

KINDS = {
    "invitation": kind(
        _("You are invited to a cohort"),
        whom="people HR invites",
        when=_("When HR invites you."),
        at_most="once per invitation",
        stops="an answer",
    ),
    "invitation-reminder": kind(
        _("An invitation is still open"),
        optional=True,
        pace=Pace.DIGEST,
        whom="people who were invited",
        when=_("When an invitation has gone without an answer for a week."),
        at_most="once per invitation",
        stops="an answer, or the end of the enrolment",
    ),
    "enrolment-received": kind(
        _("Your enrolment has arrived"),
        whom="whoever enrolled",
        when=_("When you have enrolled."),
        at_most="once per enrolment",
        stops="nothing, it answers an act of theirs",
    ),
    "enrolment-decided": kind(
        _("Your enrolment was decided on"),
        whom="whoever enrolled",
        when=_("When the coordinator has decided."),
        at_most="once per decision",
        stops="nothing, it carries a decision",
    ),
    "enrolment-unfinished": kind(
        _("An enrolment you began is not sent yet"),
        optional=True,
        pace=Pace.DIGEST,
        whom="whoever began to enrol",
        when=_("When you left an enrolment unfinished for three days, and before the last day."),
        at_most="twice per enrolment",
        stops="sending it, throwing it away, or the end of the enrolment",
    ),
    "erasure-declined": kind(
        _("HR has answered your wish to be erased"),
        whom="whoever asked to be erased",
        when=_("When HR answers that you cannot be erased, or not yet."),
        at_most="once per request",
        stops="nothing, it carries an answer",
    ),
    "line-manager-asked": kind(
        _("Somebody in your team asks for the time"),
        whom="the line manager, where the programme wants it",
        when=_("When somebody who reports to you enrols in a programme that asks you for the time."),
        at_most="once per enrolment",
        stops="an answer, a decision of the coordinator, or another manager",
    ),
    "line-manager-reminder": kind(
        _("Your answer about somebody's time is still open"),
        optional=True,
        pace=Pace.DIGEST,
        whom="the line manager who has not answered for five days",
        when=_("When you have not answered for five days."),
        at_most="once per enrolment",
        stops="an answer, a decision of the coordinator, or another manager",
    ),
    "line-manager-answered": kind(
        _("Your line manager has answered"),
        whom="whoever enrolled",
        when=_("When your line manager has answered about the time."),
        at_most="once per answer",
        stops="nothing, it carries an answer",
    ),
    "briefing-open": kind(
        _("Your briefing is still open"),
        optional=True,
        pace=Pace.DIGEST,
        whom="members of a mentorship who have not finished their briefing",
        when=_("Three days after your mentorship is confirmed, and once more a week later."),
        at_most="twice per enrolment",
        stops="finishing it, a waiver by HR, or the end of the mentorship",
    ),
}
