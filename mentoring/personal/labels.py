"""The rows of a copy in words: what each column is called, and its values as people write them."""

from datetime import date, datetime
from typing import Any

from django.db.models import Model
from django.template.defaultfilters import filesizeformat
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from domain import dates
from mentoring.personal.held import field_of

COHORT, PROGRAMME = gettext_lazy("cohort"), gettext_lazy("programme")
WHEN, MEETING = gettext_lazy("written on"), gettext_lazy("meeting on")

LABELS: dict[str, str | Promise] = {
    "grade__name": gettext_lazy("grade"),
    "unit__name": gettext_lazy("unit"),
    "site__name": gettext_lazy("site"),
    "profession__name": gettext_lazy("profession"),
    "manager__name": gettext_lazy("manager"),
    "created_at": gettext_lazy("made on"),
    "updated_at": gettext_lazy("last changed on"),
    "last_seen_at": gettext_lazy("last used on"),
    "ip": gettext_lazy("network address"),
    "user_agent": gettext_lazy("browser"),
    "person__name": gettext_lazy("person"),
    "delegate__name": gettext_lazy("delegate"),
    "topic__name": gettext_lazy("topic"),
    "people_import__requested_at": gettext_lazy("file of"),
    "fate": gettext_lazy("what happened"),
    "changes": gettext_lazy("what changed"),
    "reason": gettext_lazy("reason"),
    "subject": gettext_lazy("subject"),
    "text": gettext_lazy("text"),
    "sent_at": gettext_lazy("mailed on"),
    "read_at": gettext_lazy("read on"),
    "day": gettext_lazy("day"),
    "kind": gettext_lazy("kind"),
    "role": gettext_lazy("role"),
    "by_email": gettext_lazy("by e-mail"),
    "in_inbox": gettext_lazy("among the notices"),
    "email": gettext_lazy("e-mail"),
    "refused_at": gettext_lazy("refused on"),
    "words": gettext_lazy("the mail server’s words"),
    "programme__name": PROGRAMME,
    "cohort__programme__name": PROGRAMME,
    "cohort__name": COHORT,
    "enrolment__cohort__name": COHORT,
    "mentorship__cohort__name": COHORT,
    "agreement__mentorship__cohort__name": COHORT,
    "version__agreement__mentorship__cohort__name": COHORT,
    "wave__cohort__name": COHORT,
    "wave__kind": gettext_lazy("round"),
    "applied_at": gettext_lazy("applied on"),
    "decided_at": gettext_lazy("decided on"),
    "rank": gettext_lazy("rank"),
    "page__title": gettext_lazy("page"),
    "thoughts": gettext_lazy("thoughts"),
    "done_at": gettext_lazy("done on"),
    "enrolment__person__name": gettext_lazy("person"),
    "capacity": gettext_lazy("mentorships at a time"),
    "asked_at": gettext_lazy("asked on"),
    "answer": gettext_lazy("answer"),
    "answered_at": gettext_lazy("answered on"),
    "noticed_at": gettext_lazy("noticed on"),
    "asker__person__name": gettext_lazy("asked by"),
    "asked__person__name": gettext_lazy("asked"),
    "own_message": gettext_lazy("what you wrote"),
    "state": gettext_lazy("state"),
    "settled_at": gettext_lazy("settled on"),
    "mentorship__topic": gettext_lazy("what it is about"),
    "mentorship__state": gettext_lazy("state"),
    "mentorship__confirmed_at": gettext_lazy("confirmed on"),
    "mentorship__closed_at": gettext_lazy("over since"),
    "accepted_at": gettext_lazy("accepted on"),
    "declined_at": gettext_lazy("declined on"),
    "left_at": gettext_lazy("left on"),
    "rests_since": gettext_lazy("pause needed since"),
    "number": gettext_lazy("version"),
    "version__number": gettext_lazy("version"),
    "is_struck": gettext_lazy("struck out"),
    "signed_at": gettext_lazy("signed on"),
    "cancelled_at": gettext_lazy("cancelled on"),
    "at": gettext_lazy("changed on"),
    "starts_at": gettext_lazy("begins"),
    "meeting__starts_at": MEETING,
    "is_draft": gettext_lazy("not finished"),
    "id": gettext_lazy("number"),
    "file_name": gettext_lazy("file"),
    "size": gettext_lazy("size"),
    "shared_at": gettext_lazy("shared on"),
    "set_at": gettext_lazy("set on"),
    "closed_at": gettext_lazy("over since"),
    "goal__title": gettext_lazy("goal"),
    "before": gettext_lazy("before"),
    "after": gettext_lazy("after"),
    "proposed_at": gettext_lazy("proposed on"),
    "due_on": gettext_lazy("for the round of"),
    "reported_at": gettext_lazy("told on"),
    "author__enrolment__person__name": gettext_lazy("from"),
    "recipient__enrolment__person__name": gettext_lazy("to"),
    "author__name": gettext_lazy("from"),
    "confidant__name": gettext_lazy("in the care of"),
    "since": gettext_lazy("since"),
    "handed_over_by__name": gettext_lazy("handed over by"),
    "written_at": WHEN,
    "edited_at": gettext_lazy("changed on"),
    "offered_at": gettext_lazy("offered on"),
    "taken_up_at": gettext_lazy("taken up on"),
    "asked_on": gettext_lazy("asked on"),
    "is_answered": gettext_lazy("answered"),
    "raised_at": WHEN,
    "taken_at": gettext_lazy("taken into care on"),
}


TITLES: dict[str, str | Promise] = {
    "participants.Person": gettext_lazy("You in HR’s list"),
    "participants.Profile": gettext_lazy("Your profile"),
    "participants.Delegation": gettext_lazy("Who arranges meetings for whom"),
    "participants.ImportRow": gettext_lazy("You in HR files"),
    "participants.Unit": gettext_lazy("Units you head"),
    "admin.LogEntry": gettext_lazy("When you changed something in the admin site"),
    "account.EmailAddress": gettext_lazy("Addresses you sign in with"),
    "usersessions.UserSession": gettext_lazy("Where you are signed in"),
    "account.EmailConfirmation": gettext_lazy("Mails that confirmed your address"),
    "programmes.TimeRequest": gettext_lazy("Time that line managers were asked for"),
    "programmes.Avoidance": gettext_lazy("Whom you would rather not be matched with"),
    "programmes.BriefingStep": gettext_lazy("Your briefing"),
    "matching.Member": gettext_lazy("Your mentorships"),
    "matching.Departure": gettext_lazy("When you were noticed as inactive"),
    "agreements.Version": gettext_lazy("Versions of agreements you made"),
    "agreements.Clause": gettext_lazy("What these versions say"),
    "agreements.Signature": gettext_lazy("Your signatures"),
    "meetings.MeetingChange": gettext_lazy("Meetings you planned, moved or cancelled"),
    "meetings.Confirmation": gettext_lazy("Whether you met"),
    "meetings.PrivateNote": gettext_lazy("Your notes to yourself"),
    "feedback.Feedback": gettext_lazy("Feedback you gave and were given"),
    "concerns.Reader": gettext_lazy("Who reads your concerns"),
    "endings.Farewell": gettext_lazy("How you said goodbye"),
    "endings.LookBack": gettext_lazy("Looking back"),
    "insights.ReleasedPerson": gettext_lazy("How you are counted in figures about groups"),
    "pulses.InvitationToAnswer": gettext_lazy("Question rounds you were asked to answer"),
}
"""What a table is called to whom it is about, where the word for everybody’s would not do."""


def title_of(model: type[Model]) -> str:
    return capfirst(str(TITLES.get(model._meta.label) or model._meta.verbose_name_plural))


def label_of(model: type[Model], lookup: str) -> str:
    field = field_of(model, lookup)
    own = field.verbose_name if field is not None and "__" not in lookup else ""
    return str(own if isinstance(own, Promise) else LABELS[lookup])


def told(model: type[Model], lookup: str, value: Any) -> str:
    """Empty where there is nothing to say."""
    field = field_of(model, lookup)
    if value is None or value == "" or value == []:
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if field is not None and (choices := dict(getattr(field, "flatchoices", None) or ())):
        return str(choices.get(value, value))
    if isinstance(value, datetime):
        return f"{dates.full_day(value)}, {dates.clock(value)}"
    if isinstance(value, date):
        return dates.full_day(value)
    if lookup == "weekly_hours":
        return ngettext("%(count)d hour", "%(count)d hours", len(value)) % {"count": len(value)}
    if lookup == "size":
        return filesizeformat(value)
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, dict):
        return "; ".join(f"{key}: {item}" for key, item in value.items())
    return str(value)
