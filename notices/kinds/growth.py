from functools import partial

from django.utils.translation import gettext_lazy as _

from notices.kinds.kind import Group, Kind, Pace

kind = partial(Kind, group=Group.GROWTH)

KINDS = {
    "look-back": kind(
        _("Would you do it again?"),
        optional=True,
        pace=Pace.DIGEST,
        whom="people whose last mentorship of a cohort is over",
        when=_("Four weeks after your mentorship is over."),
        at_most="once per cohort",
        stops="an answer",
    ),
    "goal-changed": kind(
        _("A goal was set, changed or closed"),
        optional=True,
        whom="the other members",
        when=_("When somebody sets, words, changes or closes one of your goals."),
        at_most="once per change",
        stops="nothing, it tells of an act of the other",
    ),
    "check-in-due": kind(
        _("A check-in is due"),
        optional=True,
        pace=Pace.DIGEST,
        whom="each member who has not checked in",
        when=_("When it is time to look at your goals."),
        at_most="once per check-in round within three weeks, and once more a week later",
        stops="a check-in, the next round, a pause, or the end of the mentorship",
    ),
    "check-in-shared": kind(
        _("Your partner has checked in"),
        optional=True,
        whom="the other members",
        when=_("When the other side has checked in."),
        at_most="once per check-in",
        stops="nothing, it answers an act of the other",
    ),
    "pulse-open": kind(
        _("A short question round is open"),
        optional=True,
        pace=Pace.DIGEST,
        whom="each participant of the cohort; after every second meeting its members",
        when=_("When a round begins."),
        at_most="once per round of two weeks, and once more a week later",
        stops="an answer, or the end of the round",
    ),
    "feedback-given": kind(
        _("Somebody wrote you feedback"),
        optional=True,
        whom="whom the feedback is for",
        when=_("When somebody has written to you."),
        at_most="once per feedback",
        stops="nothing, it carries words to them",
    ),
    "feedback-asked": kind(
        _("It is time for feedback"),
        optional=True,
        pace=Pace.DIGEST,
        whom="each member who has written to nobody of late",
        when=_("At the middle and at the end, when you have not written to each other of late."),
        at_most="once at the middle and once at the end within three weeks each, and once more a week later",
        stops="a word to one of the others, a pause, or an early end",
    ),
    "topic-offered": kind(
        _("A topic is offered to you"),
        optional=True,
        whom="the other members",
        when=_("When somebody offers to tell or show you something."),
        at_most="once per topic",
        stops="nothing, it carries an offer",
    ),
    "topic-taken-up": kind(
        _("A topic of yours is taken up"),
        optional=True,
        whom="whoever offered the topic",
        when=_("When somebody would like to hear about a topic you offer."),
        at_most="once per topic",
        stops="nothing, it carries an answer",
    ),
}
