"""Every kind of notice there is, with the facts of docs/reminders.md. One that is not named here cannot be
posted."""

from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

DIGEST = "digest"
"""The mail that lists what waits. It is no kind: nobody posts it, and nobody chooses it by itself."""


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
    optional: bool = False
    pace: Pace = Pace.AT_ONCE
    group: Group = Group.MENTORSHIP
    by_email: bool = True
    in_inbox: bool = True
    whom: str = ""
    when: str | Promise = ""
    at_most: str = "once"
    stops: str = ""


KINDS: dict[str, Kind] = {
    "invitation": Kind(
        _("You are invited to a cohort"),
        group=Group.PROGRAMME,
        whom="people HR invites",
        when=_("When HR invites you."),
        at_most="once per invitation",
        stops="an answer",
    ),
    "invitation-reminder": Kind(
        _("An invitation is still open"),
        optional=True,
        pace=Pace.DIGEST,
        group=Group.PROGRAMME,
        whom="people who were invited",
        when=_("When an invitation has gone without an answer for a week."),
        at_most="once per invitation",
        stops="an answer, or the end of the enrolment",
    ),
    "enrolment-received": Kind(
        _("Your enrolment has arrived"),
        group=Group.PROGRAMME,
        whom="whoever enrolled",
        when=_("When you have enrolled."),
        at_most="once per enrolment",
        stops="nothing, it answers an act of theirs",
    ),
    "enrolment-decided": Kind(
        _("Your enrolment was decided on"),
        group=Group.PROGRAMME,
        whom="whoever enrolled",
        when=_("When the coordinator has decided."),
        at_most="once per decision",
        stops="nothing, it carries a decision",
    ),
    "enrolment-unfinished": Kind(
        _("An enrolment you began is not sent yet"),
        optional=True,
        pace=Pace.DIGEST,
        group=Group.PROGRAMME,
        whom="whoever began to enrol",
        when=_("When you left an enrolment unfinished for three days, and before the last day."),
        at_most="twice per enrolment",
        stops="sending it, throwing it away, or the end of the enrolment",
    ),
    "erasure-declined": Kind(
        _("HR has answered your wish to be erased"),
        group=Group.PROGRAMME,
        whom="whoever asked to be erased",
        when=_("When HR answers that you cannot be erased, or not yet."),
        at_most="once per request",
        stops="nothing, it carries an answer",
    ),
    "line-manager-asked": Kind(
        _("Somebody in your team asks for the time"),
        group=Group.PROGRAMME,
        whom="the line manager, where the programme wants it",
        when=_("When somebody who reports to you enrols in a programme that asks you for the time."),
        at_most="once per enrolment",
        stops="an answer, a decision of the coordinator, or another manager",
    ),
    "line-manager-reminder": Kind(
        _("Your answer about somebody's time is still open"),
        optional=True,
        pace=Pace.DIGEST,
        group=Group.PROGRAMME,
        whom="the line manager who has not answered for five days",
        when=_("When you have not answered for five days."),
        at_most="once per enrolment",
        stops="an answer, a decision of the coordinator, or another manager",
    ),
    "line-manager-answered": Kind(
        _("Your line manager has answered"),
        group=Group.PROGRAMME,
        whom="whoever enrolled",
        when=_("When your line manager has answered about the time."),
        at_most="once per answer",
        stops="nothing, it carries an answer",
    ),
    "briefing-open": Kind(
        _("Your briefing is still open"),
        optional=True,
        pace=Pace.DIGEST,
        group=Group.PROGRAMME,
        whom="members of a mentorship who have not finished their briefing",
        when=_("Three days after your mentorship is confirmed, and once more a week later."),
        at_most="twice per enrolment",
        stops="finishing it, a waiver by HR, or the end of the mentorship",
    ),
    "mentorship-offered": Kind(
        _("A mentorship is offered to you"),
        whom="each member of the offered mentorship",
        when=_("When somebody was found for you."),
        at_most="once per offer",
        stops="nothing, it carries an offer",
    ),
    "offer-reminder": Kind(
        _("An offer waits for your answer"),
        optional=True,
        pace=Pace.DIGEST,
        whom="members who have not answered an offer",
        when=_("When an offer can be answered for two more days."),
        at_most="once per offer and member",
        stops="an answer of theirs, or the end of the offer",
    ),
    "mentorship-confirmed": Kind(
        _("Your mentorship is confirmed"),
        whom="each member",
        when=_("When it is certain who you are with."),
        at_most="once per mentorship",
        stops="nothing, it carries a decision",
    ),
    "mentorship-changed": Kind(
        _("A mentorship was paused, resumed or ended"),
        whom="the other members",
        when=_("When somebody pauses, resumes or ends it."),
        at_most="once per change",
        stops="nothing, it carries a decision",
    ),
    "mentorship-nudge": Kind(
        _("A word from your coordinator"),
        whom="each member",
        when=_("When your coordinator asks how you are getting on."),
        at_most="once in five days",
        stops="nothing, it is an act of the coordinator",
    ),
    "mentorship-silent": Kind(
        _("Your mentorship has gone silent"),
        pace=Pace.DIGEST,
        whom="each member, while the cohort runs",
        when=_("When there has been no meeting, check-in or signature for 90 days."),
        at_most="once per silence",
        stops="a sign of life (also a planned meeting), a pause, or the end of the mentorship",
    ),
    "mentorship-end-offered": Kind(
        _("A friendly end is offered to you"),
        pace=Pace.DIGEST,
        whom="each member who was told of the silence",
        when=_("When the silence goes on for another week. Nothing ends by itself."),
        at_most="once per silence",
        stops="a sign of life (also a planned meeting), a pause, or the end of the mentorship",
    ),
    "closing-due": Kind(
        _("Your mentorship comes to its end"),
        optional=True,
        pace=Pace.DIGEST,
        whom="members of mentorships under way",
        when=_("In the last four weeks of your cohort."),
        at_most="once per member",
        stops="the end of the mentorship",
    ),
    "farewell-written": Kind(
        _("Somebody thanks you"),
        optional=True,
        whom="the other members",
        when=_("When somebody writes a few words to the end."),
        at_most="once per member who writes",
        stops="nothing, it carries their words",
    ),
    "look-back": Kind(
        _("Would you do it again?"),
        optional=True,
        pace=Pace.DIGEST,
        group=Group.GROWTH,
        whom="people whose last mentorship of a cohort is over",
        when=_("Four weeks after your mentorship is over."),
        at_most="once per cohort",
        stops="an answer",
    ),
    "rematch-asked": Kind(
        _("Somebody would like to be matched again"),
        group=Group.CARE,
        whom="the coordinators of the programme, or HR where it has none",
        when=_("When somebody whose mentorship ended would like another."),
        at_most="once per person and mentorship",
        stops="nothing, it carries a wish",
    ),
    "request-received": Kind(
        _("Somebody asks you for a mentorship"),
        whom="whoever was asked in the directory of an informal cohort",
        when=_("When somebody asks you in a directory."),
        at_most="once per request, and three open requests at a time",
        stops="an answer, or that the request was withdrawn or closed",
    ),
    "request-reminder": Kind(
        _("A request still waits for your answer"),
        optional=True,
        pace=Pace.DIGEST,
        whom="whoever was asked and has not answered",
        when=_("When a request has gone without an answer for three days."),
        at_most="once per request",
        stops="an answer, or the end of the request after ten days",
    ),
    "request-settled": Kind(
        _("A request was settled without a mentorship"),
        whom="whoever asked; whoever was asked, too, where nothing is left to answer",
        when=_("When a request of yours is declined, closed or not answered in ten days."),
        at_most="once per request",
        stops="nothing, it carries a decision",
    ),
    "agreement-to-sign": Kind(
        _("An agreement waits for your signature"),
        whom="each member whose signature the newest version lacks",
        when=_("When there is an agreement, or a new version of it."),
        at_most="once per version",
        stops="the signature, a newer version, or the end of the mentorship",
    ),
    "agreement-reminder": Kind(
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
    "meeting-planned": Kind(
        _("A meeting was planned"),
        group=Group.MEETINGS,
        whom="the other members",
        when=_("When somebody plans a meeting with you."),
        at_most="once per meeting",
        stops="nothing, it carries an appointment",
    ),
    "meeting-moved": Kind(
        _("A meeting was moved"),
        group=Group.MEETINGS,
        whom="the other members",
        when=_("When somebody moves a meeting with you."),
        at_most="once per change",
        stops="nothing, it carries an appointment",
    ),
    "meeting-cancelled": Kind(
        _("A meeting was cancelled"),
        group=Group.MEETINGS,
        whom="the other members",
        when=_("When somebody cancels a meeting with you."),
        at_most="once per meeting",
        stops="nothing, it carries an appointment",
    ),
    "meetings-planned": Kind(
        _("Several meetings were planned"),
        group=Group.MEETINGS,
        whom="the other members",
        when=_("When somebody plans the whole rhythm with you."),
        at_most="once per plan",
        stops="nothing, it carries appointments",
    ),
    "meeting-called-off": Kind(
        _("A planned meeting fell away"),
        group=Group.MEETINGS,
        whom="each member, or whoever leaves a group",
        when=_(
            "When a mentorship with planned meetings ends or rests, when you leave a group, or when somebody "
            "has left the company."
        ),
        at_most="once per meeting",
        stops="nothing, it carries an appointment",
    ),
    "meeting-calendar": Kind(
        _("Your own plans, for your calendar"),
        optional=True,
        in_inbox=False,
        group=Group.MEETINGS,
        whom="whoever plans, moves or cancels; for a whole rhythm each member",
        when=_("When you plan, move or cancel a meeting, and for each date of a whole rhythm."),
        at_most="once per change",
        stops="nothing, it carries an appointment",
    ),
    "meeting-reminder": Kind(
        _("Reminder of tomorrow's meeting"),
        optional=True,
        pace=Pace.DIGEST,
        group=Group.MEETINGS,
        whom="each member",
        when=_("On the day before the meeting."),
        at_most="once per meeting and time",
        stops="its cancellation, a new time, or its start",
    ),
    "meeting-soon": Kind(
        _("Your meeting begins within the hour"),
        optional=True,
        by_email=False,
        in_inbox=False,
        pace=Pace.UNCOUNTED,
        group=Group.MEETINGS,
        whom="members who asked for it; off by default",
        when=_("An hour before the meeting, if you ask for it here."),
        at_most="once per meeting and time",
        stops="its cancellation, a new time, or its start",
    ),
    "first-meeting-to-plan": Kind(
        _("No first meeting is planned yet"),
        optional=True,
        pace=Pace.DIGEST,
        group=Group.MEETINGS,
        whom="each member",
        when=_("When ten days have passed since your mentorship was confirmed."),
        at_most="once per mentorship",
        stops="a planned meeting, two weeks, or a mentorship that rests or is over",
    ),
    "next-meeting-to-plan": Kind(
        _("No next meeting is planned"),
        optional=True,
        pace=Pace.DIGEST,
        group=Group.MEETINGS,
        whom="each member",
        when=_("When two weeks have passed since your last meeting."),
        at_most="once per meeting",
        stops="a planned meeting, all meetings held, two weeks, or the end of mentorship or cohort",
    ),
    "meeting-to-confirm": Kind(
        _("Did you meet?"),
        optional=True,
        group=Group.MEETINGS,
        whom="each member",
        when=_("When the planned end of a meeting is over."),
        at_most="once per meeting and time",
        stops="an answer by either, or two weeks",
    ),
    "goal-changed": Kind(
        _("A goal was set, changed or closed"),
        optional=True,
        group=Group.GROWTH,
        whom="the other members",
        when=_("When somebody sets, words, changes or closes one of your goals."),
        at_most="once per change",
        stops="nothing, it tells of an act of the other",
    ),
    "meeting-to-settle": Kind(
        _("You remember a meeting differently"),
        optional=True,
        pace=Pace.DIGEST,
        group=Group.MEETINGS,
        whom="the members who answered otherwise",
        when=_("When one of you says you met, and another that you did not."),
        at_most="once per meeting and time",
        stops="answers that agree, a new time, or its cancellation",
    ),
    "meeting-logged": Kind(
        _("Somebody noted that you met"),
        optional=True,
        pace=Pace.DIGEST,
        group=Group.MEETINGS,
        whom="the other members",
        when=_("When somebody notes a meeting that was not planned, or took place at another time."),
        at_most="once per meeting and time",
        stops="nothing, it answers an act of the other",
    ),
    "log-missing": Kind(
        _("A meeting has no log yet"),
        optional=True,
        pace=Pace.DIGEST,
        group=Group.MEETINGS,
        whom="each member, while nobody has written a log",
        when=_("Two days after a meeting, and once more after seven."),
        at_most="twice per meeting, the second only for who got the first",
        stops="a log by either, a no to “did you meet?”, or two weeks",
    ),
    "check-in-due": Kind(
        _("A check-in is due"),
        optional=True,
        pace=Pace.DIGEST,
        group=Group.GROWTH,
        whom="each member who has not checked in",
        when=_("When it is time to look at your goals."),
        at_most="once per check-in round within three weeks, and once more a week later",
        stops="a check-in, the next round, a pause, or the end of the mentorship",
    ),
    "check-in-shared": Kind(
        _("Your partner has checked in"),
        optional=True,
        group=Group.GROWTH,
        whom="the other members",
        when=_("When the other side has checked in."),
        at_most="once per check-in",
        stops="nothing, it answers an act of the other",
    ),
    "pulse-open": Kind(
        _("A short question round is open"),
        optional=True,
        pace=Pace.DIGEST,
        group=Group.GROWTH,
        whom="each participant of the cohort; after every second meeting its members",
        when=_("When a round begins."),
        at_most="once per round of two weeks, and once more a week later",
        stops="an answer, or the end of the round",
    ),
    "feedback-given": Kind(
        _("Somebody wrote you feedback"),
        optional=True,
        group=Group.GROWTH,
        whom="whom the feedback is for",
        when=_("When somebody has written to you."),
        at_most="once per feedback",
        stops="nothing, it carries words to them",
    ),
    "feedback-asked": Kind(
        _("It is time for feedback"),
        optional=True,
        pace=Pace.DIGEST,
        group=Group.GROWTH,
        whom="each member who has written to nobody of late",
        when=_("At the middle and at the end, when you have not written to each other of late."),
        at_most="once at the middle and once at the end within three weeks each, and once more a week later",
        stops="a word to one of the others, a pause, or an early end",
    ),
    "topic-offered": Kind(
        _("A topic is offered to you"),
        optional=True,
        group=Group.GROWTH,
        whom="the other members",
        when=_("When somebody offers to tell or show you something."),
        at_most="once per topic",
        stops="nothing, it carries an offer",
    ),
    "topic-taken-up": Kind(
        _("A topic of yours is taken up"),
        optional=True,
        group=Group.GROWTH,
        whom="whoever offered the topic",
        when=_("When somebody would like to hear about a topic you offer."),
        at_most="once per topic",
        stops="nothing, it carries an answer",
    ),
    "concern-raised": Kind(
        _("A concern was raised"),
        pace=Pace.UNCOUNTED,
        group=Group.CARE,
        whom="the confidants of the programme, or the one chosen",
        when=_("When somebody confides in you."),
        at_most="once per concern and confidant",
        stops="another confidant who takes it into their care, or its settlement",
    ),
    "concern-waiting": Kind(
        _("A concern still waits for an answer"),
        pace=Pace.UNCOUNTED,
        group=Group.CARE,
        whom="whoever has it in care, or the confidants who could take it",
        when=_("When somebody who confided in you still waits: after one, three or seven days."),
        at_most="twice, after one, three or seven days by its urgency, and after as long again",
        stops="an answer, another confidant who takes it into their care, or its settlement",
    ),
    "concern-answered": Kind(
        _("There is an answer to a concern"),
        pace=Pace.UNCOUNTED,
        group=Group.CARE,
        whom="the other side of the conversation",
        when=_("When there is a new message in a conversation with a confidant."),
        at_most="once per message",
        stops="nothing",
    ),
    "person-left": Kind(
        _("Somebody in your programme is no longer active"),
        group=Group.CARE,
        whom="coordinators; HR admins for programmes without one",
        when=_("When somebody who takes part in a programme you look after was set to inactive."),
        at_most="once per person and programme, and anew when they leave again",
        stops="being set active again; three days later their mentorships end",
    ),
    "erasure-asked": Kind(
        _("Somebody asks to be erased"),
        group=Group.CARE,
        whom="HR admins",
        when=_("When somebody asks for everything the product holds of them to be erased."),
        at_most="once per request",
        stops="nothing, the law sets a time for the answer",
    ),
    "insights-monthly": Kind(
        _("The figures of your programmes, once a month"),
        optional=True,
        by_email=False,
        in_inbox=False,
        pace=Pace.DIGEST,
        group=Group.CARE,
        whom="sponsors, heads of a unit, coordinators and HR admins who asked for it; off by default",
        when=_("In the first days of a month, if you ask for it here and may read figures."),
        at_most="once a month",
        stops="that there are no figures to read",
    ),
    "stalled-weekly": Kind(
        _("Mentorships that stand still"),
        optional=True,
        pace=Pace.DIGEST,
        group=Group.CARE,
        whom="coordinators; HR admins for programmes without one",
        when=_("On Monday, when something stands still in a programme you look after."),
        at_most="once a week",
        stops="that nothing stands still",
    ),
}
