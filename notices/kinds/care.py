from functools import partial

from django.utils.translation import gettext_lazy as _

from notices.kinds.kind import Group, Kind, Pace

kind = partial(Kind, group=Group.CARE)

KINDS = {
    "rematch-asked": kind(
        _("Somebody would like to be matched again"),
        whom="the coordinators of the programme, or HR where it has none",
        when=_("When somebody whose mentorship ended would like another."),
        at_most="once per person and mentorship",
        stops="nothing, it carries a wish",
    ),
    "concern-raised": kind(
        _("A concern was raised"),
        pace=Pace.UNCOUNTED,
        whom="the confidants of the programme who may read it",
        when=_("When somebody confides in you."),
        at_most="once per concern and confidant",
        stops="another confidant who takes it into their care, or its settlement",
    ),
    "concern-waiting": kind(
        _("A concern still waits for an answer"),
        pace=Pace.UNCOUNTED,
        whom="whoever has it in care, or its readers who could take it",
        when=_("When somebody who confided in you still waits: after one, three or seven days."),
        at_most="twice, after one, three or seven days by its urgency, and after as long again",
        stops="an answer, another confidant who takes it into their care, or its settlement",
    ),
    "concern-answered": kind(
        _("There is an answer to a concern"),
        pace=Pace.UNCOUNTED,
        whom="the other side of the conversation",
        when=_("When there is a new message in a conversation with a confidant."),
        at_most="once per message",
        stops="nothing",
    ),
    "concern-handed-over": kind(
        _("A concern was handed over to you"),
        pace=Pace.UNCOUNTED,
        whom="the confidant whom its author or one of its readers chose",
        when=_("When you may read as a confidant what was written before."),
        at_most="once per concern and confidant",
        stops="nothing",
    ),
    "concern-readers": kind(
        _("Who reads your concern has changed"),
        pace=Pace.UNCOUNTED,
        whom="whoever raised it",
        when=_("When a confidant handed over what you wrote, or nobody can read it any more."),
        at_most="once per new reader, and once when the last one is gone",
        stops="nothing",
    ),
    "concern-settled": kind(
        _("A confidant marked your concern as settled"),
        pace=Pace.UNCOUNTED,
        whom="whoever raised it",
        when=_("When a confidant marked as settled what you wrote."),
        at_most="once each time a confidant settles it",
        stops="nothing",
    ),
    "person-left": kind(
        _("Somebody in your programme is no longer active"),
        whom="coordinators; HR admins for programmes without one",
        when=_("When somebody who takes part in a programme you look after was set to inactive."),
        at_most="once per person and programme, and anew when they leave again",
        stops="being set active again; three days later their mentorships end",
    ),
    "erasure-asked": kind(
        _("Somebody asks to be erased"),
        whom="HR admins",
        when=_("When somebody asks for everything the product holds of them to be erased."),
        at_most="once per request",
        stops="nothing, the law sets a time for the answer",
    ),
    "insights-monthly": kind(
        _("The figures of your programmes, once a month"),
        optional=True,
        by_email=False,
        in_inbox=False,
        pace=Pace.DIGEST,
        whom="sponsors, heads of a unit, coordinators and HR admins who asked for it; off by default",
        when=_("In the first days of a month, if you ask for it here and may read figures."),
        at_most="once a month",
        stops="that there are no figures to read",
    ),
    "stalled-weekly": kind(
        _("Mentorships that stand still"),
        optional=True,
        pace=Pace.DIGEST,
        whom="coordinators; HR admins for programmes without one",
        when=_("On Monday, when something stands still in a programme you look after."),
        at_most="once a week",
        stops="that nothing stands still",
    ),
}
