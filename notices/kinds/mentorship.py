from functools import partial

from django.utils.translation import gettext_lazy as _

from notices.kinds.kind import Group, Kind, Pace

kind = partial(Kind, group=Group.MENTORSHIP)

KINDS = {
    "mentorship-offered": kind(
        _("A mentorship is offered to you"),
        whom="each member of the offered mentorship",
        when=_("When somebody was found for you."),
        at_most="once per offer",
        stops="nothing, it carries an offer",
    ),
    "offer-reminder": kind(
        _("An offer waits for your answer"),
        optional=True,
        pace=Pace.DIGEST,
        whom="members who have not answered an offer",
        when=_("When an offer can be answered for two more days."),
        at_most="once per offer and member",
        stops="an answer of theirs, or the end of the offer",
    ),
    "mentorship-confirmed": kind(
        _("Your mentorship is confirmed"),
        whom="each member",
        when=_("When it is certain who you are with."),
        at_most="once per mentorship",
        stops="nothing, it carries a decision",
    ),
    "mentorship-changed": kind(
        _("A mentorship was paused, resumed or ended"),
        whom="the other members",
        when=_("When somebody pauses, resumes or ends it."),
        at_most="once per change",
        stops="nothing, it carries a decision",
    ),
    "mentorship-nudge": kind(
        _("A word from your coordinator"),
        whom="each member",
        when=_("When your coordinator asks how you are getting on."),
        at_most="once in five days",
        stops="nothing, it is an act of the coordinator",
    ),
    "mentorship-silent": kind(
        _("Your mentorship has gone silent"),
        pace=Pace.DIGEST,
        whom="each member, while the cohort runs",
        when=_("When there has been no meeting, check-in or signature for 90 days."),
        at_most="once per silence",
        stops="a sign of life (also a planned meeting), a pause, or the end of the mentorship",
    ),
    "mentorship-end-offered": kind(
        _("A friendly end is offered to you"),
        pace=Pace.DIGEST,
        whom="each member who was told of the silence",
        when=_("When the silence goes on for another week. Nothing ends by itself."),
        at_most="once per silence",
        stops="a sign of life (also a planned meeting), a pause, or the end of the mentorship",
    ),
    "closing-due": kind(
        _("Your mentorship comes to its end"),
        optional=True,
        pace=Pace.DIGEST,
        whom="members of mentorships under way",
        when=_("In the last four weeks of your cohort."),
        at_most="once per member",
        stops="the end of the mentorship",
    ),
    "farewell-written": kind(
        _("Somebody thanks you"),
        optional=True,
        whom="the other members",
        when=_("When somebody writes a few words to the end."),
        at_most="once per member who writes",
        stops="nothing, it carries their words",
    ),
    "request-received": kind(
        _("Somebody asks you for a mentorship"),
        whom="whoever was asked in the directory of an informal cohort",
        when=_("When somebody asks you in a directory."),
        at_most="once per request, and three open requests at a time",
        stops="an answer, or that the request was withdrawn or closed",
    ),
    "request-reminder": kind(
        _("A request still waits for your answer"),
        optional=True,
        pace=Pace.DIGEST,
        whom="whoever was asked and has not answered",
        when=_("When a request has gone without an answer for three days."),
        at_most="once per request",
        stops="an answer, or the end of the request after ten days",
    ),
    "request-settled": kind(
        _("A request was settled without a mentorship"),
        whom="whoever asked; whoever was asked, too, where nothing is left to answer",
        when=_("When a request of yours is declined, closed or not answered in ten days."),
        at_most="once per request",
        stops="nothing, it carries a decision",
    ),
    "agreement-to-sign": kind(
        _("An agreement waits for your signature"),
        whom="each member whose signature the newest version lacks",
        when=_("When there is an agreement, or a new version of it."),
        at_most="once per version",
        stops="the signature, a newer version, or the end of the mentorship",
    ),
    "agreement-reminder": kind(
        _("Your agreement is not signed yet"),
        optional=True,
        pace=Pace.DIGEST,
        whom="each member whose signature the newest version lacks",
        when=_(
            "When an agreement has waited for your signature for four days, or your second meeting is near."
        ),
        at_most="once per version after 4 to 30 days, once within 3 days before the second meeting",
        stops="the signature, a newer version, or the end of the mentorship",
    ),
}
