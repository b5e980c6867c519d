"""What erasing somebody would do, in sentences with numbers.

Told to HR, who learn nothing from it of what was said, confided or wished: what could tell of that is not
counted apart, and messages are not counted at all: one more of them, at the right moment, would be the answer
to a concern.
"""

from django.db.models import Sum
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from matching.models import Member
from meetings.models import Meeting
from mentoring.personal import traces
from mentoring.personal.declared import HELD
from mentoring.personal.held import model_of
from participants.models import Person

# Told as one number: by itself, that of the notes to oneself would say too much.
WRITTEN = [
    "meetings.MeetingLog",
    "meetings.NextStep",
    "meetings.PrivateNote",
    "goals.Goal",
    "goals.CheckIn",
    "goals.GoalChange",
    "feedback.Feedback",
    "feedback.TopicOffer",
    "endings.Farewell",
    "programmes.BriefingStep",
]


def count(label: str, person: Person) -> int:
    return HELD[label].erased(model_of(label), person).count()


def goes(person: Person) -> list[str]:
    """Sentences, the most telling first. A constant number of queries."""
    written = sum(count(label, person) for label in WRITTEN)
    shared = HELD["meetings.Resource"].erased(model_of("meetings.Resource"), person)
    files = shared.exclude(file="").aggregate(size=Sum("size"))["size"] or 0
    found = [
        _("Name, address, number, job title, place in the company, and the way to sign in."),
        _("The profile: what they say of themselves, their topics, languages and delegates."),
        ngettext(
            "%(count)d thing they wrote in their mentorships: notes of meetings, notes to themselves, steps,"
            " goals of their own, check-ins, feedback, topics, thanks.",
            "%(count)d things they wrote in their mentorships: notes of meetings, notes to themselves, steps,"
            " goals of their own, check-ins, feedback, topics, thanks.",
            written,
        )
        % {"count": written},
        ngettext(
            "%(count)d link or file they shared (files: %(size)s).",
            "%(count)d links and files they shared (files: %(size)s).",
            n := shared.count(),
        )
        % {"count": n, "size": filesizeformat(files)},
        _(
            "Hopes, week, wishes, whom they would rather not meet, and whatever they may have told a"
            " confidant. That is not counted here, because it is nobody’s business."
        ),
        _(
            "Messages to them and messages to others that name them, their choices about messages, and the"
            " address of their calendar. What is still on its way to others goes without the name."
        ),
        _("Proposals that name them, who was ruled out with them and why, and what match runs knew of them."),
        ngettext(
            "Their name in %(count)d line of the admin site’s history. The line stays.",
            "Their name in %(count)d lines of the admin site’s history. The lines stay.",
            n := traces.history_naming(person).count(),
        )
        % {"count": n},
    ]
    if waiting := traces.kept_files().count():
        found.append(
            ngettext(
                "%(count)d HR file that is still kept. If it was not taken yet, upload it anew.",
                "%(count)d HR files that are still kept. What was not taken yet has to be uploaded anew.",
                waiting,
            )
            % {"count": waiting}
        )
    return found


def stays(person: Person) -> list[str]:
    mentorships = Member.of_all_time.filter(enrolment__person=person)
    meetings = Meeting.objects.filter(mentorship__in=mentorships.values("mentorship")).count()
    signed = count("agreements.Signature", person)
    return [
        ngettext(
            "%(count)d mentorship with dates and roles, and which of %(meetings)d meetings were held: the"
            " figures of groups need it. Instead of the name it says “Former participant”.",
            "%(count)d mentorships with dates and roles, and which of %(meetings)d meetings were held: the"
            " figures of groups need it. Instead of the name it says “Former participant”.",
            n := mentorships.count(),
        )
        % {"count": n, "meetings": meetings},
        ngettext(
            "%(count)d agreement they signed, and goals they shared: these are the others’, too. Once"
            " everybody in a mentorship was erased, its words go.",
            "%(count)d agreements they signed, and goals they shared: these are the others’, too. Once"
            " everybody in a mentorship was erased, its words go.",
            signed,
        )
        % {"count": signed},
        _("What others wrote, also to them. It is theirs, and goes when the time of the cohort is over."),
        _("Levels reached and answers to question rounds. Nothing in the answers leads to a person."),
        _("What they did as HR admin, coordinator or confidant, without their name."),
        _(
            "A fingerprint of address and number that nobody can read back, so that an HR file does not bring"
            " them back unnoticed."
        ),
    ]
