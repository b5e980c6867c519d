from functools import partial

from django.utils.translation import gettext_lazy as _

from notices.kinds.kind import Group, Kind, Pace

kind = partial(Kind, group=Group.MEETINGS)

KINDS = {
    "meeting-planned": kind(
        _("A meeting was planned"),
        whom="the other members",
        when=_("When somebody plans a meeting with you."),
        at_most="once per meeting",
        stops="nothing, it carries an appointment",
    ),
    "meeting-moved": kind(
        _("A meeting was moved"),
        whom="the other members",
        when=_("When somebody moves a meeting with you."),
        at_most="once per change",
        stops="nothing, it carries an appointment",
    ),
    "meeting-cancelled": kind(
        _("A meeting was cancelled"),
        whom="the other members",
        when=_("When somebody cancels a meeting with you."),
        at_most="once per meeting",
        stops="nothing, it carries an appointment",
    ),
    "meetings-planned": kind(
        _("Several meetings were planned"),
        whom="the other members",
        when=_("When somebody plans the whole rhythm with you."),
        at_most="once per plan",
        stops="nothing, it carries appointments",
    ),
    "meeting-called-off": kind(
        _("A planned meeting fell away"),
        whom="each member, or whoever leaves a group",
        when=_(
            "When a mentorship with planned meetings ends or rests, when you leave a group, or when somebody "
            "has left the company."
        ),
        at_most="once per meeting",
        stops="nothing, it carries an appointment",
    ),
    "meeting-calendar": kind(
        _("Your own plans, for your calendar"),
        optional=True,
        in_inbox=False,
        whom="whoever plans, moves or cancels; for a whole rhythm each member",
        when=_("When you plan, move or cancel a meeting, and for each date of a whole rhythm."),
        at_most="once per change",
        stops="nothing, it carries an appointment",
    ),
    "meeting-reminder": kind(
        _("Reminder of tomorrow's meeting"),
        optional=True,
        pace=Pace.DIGEST,
        whom="each member",
        when=_("On the day before the meeting."),
        at_most="once per meeting and time",
        stops="its cancellation, a new time, or its start",
    ),
    "meeting-soon": kind(
        _("Your meeting begins within the hour"),
        optional=True,
        by_email=False,
        in_inbox=False,
        pace=Pace.UNCOUNTED,
        whom="members who asked for it; off by default",
        when=_("An hour before the meeting, if you ask for it here."),
        at_most="once per meeting and time",
        stops="its cancellation, a new time, or its start",
    ),
    "first-meeting-to-plan": kind(
        _("No first meeting is planned yet"),
        optional=True,
        pace=Pace.DIGEST,
        whom="each member",
        when=_("When ten days have passed since your mentorship was confirmed."),
        at_most="once per mentorship",
        stops="a planned meeting, two weeks, or a mentorship that rests or is over",
    ),
    "next-meeting-to-plan": kind(
        _("No next meeting is planned"),
        optional=True,
        pace=Pace.DIGEST,
        whom="each member",
        when=_("When two weeks have passed since your last meeting."),
        at_most="once per meeting",
        stops="a planned meeting, all meetings held, two weeks, or the end of mentorship or cohort",
    ),
    "meeting-to-confirm": kind(
        _("Did you meet?"),
        optional=True,
        whom="each member",
        when=_("When the planned end of a meeting is over."),
        at_most="once per meeting and time",
        stops="an answer by either, or two weeks",
    ),
    "meeting-to-settle": kind(
        _("You remember a meeting differently"),
        optional=True,
        pace=Pace.DIGEST,
        whom="the members who answered otherwise",
        when=_("When one of you says you met, and another that you did not."),
        at_most="once per meeting and time",
        stops="answers that agree, a new time, or its cancellation",
    ),
    "meeting-logged": kind(
        _("Somebody noted that you met"),
        optional=True,
        pace=Pace.DIGEST,
        whom="the other members",
        when=_("When somebody notes a meeting that was not planned, or took place at another time."),
        at_most="once per meeting and time",
        stops="nothing, it answers an act of the other",
    ),
    "log-missing": kind(
        _("A meeting has no log yet"),
        optional=True,
        pace=Pace.DIGEST,
        whom="each member, while nobody has written a log",
        when=_("Two days after a meeting, and once more after seven."),
        at_most="twice per meeting, the second only for who got the first",
        stops="a log by either, a no to “did you meet?”, or two weeks",
    ),
}
