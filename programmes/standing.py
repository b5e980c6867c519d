"""Where somebody's enrolment stands, in a word and a sentence, and what is next for them."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from programmes.models import Cohort, Enrolment, TimeRequest

State = Enrolment.State


@dataclass(frozen=True)
class Standing:
    word: str
    text: str
    tone: str = ""
    label: str = ""
    url: str = ""


def standing(enrolment: Enrolment, at: datetime) -> Standing:
    """Needs an enrolment from `with_standing`, with its cohort and programme."""
    cohort, word = enrolment.cohort, str(enrolment.get_state_display())
    match enrolment.state:
        case State.DRAFT if cohort.is_open(at):
            return Standing(
                word,
                _("You have begun. It is kept as you left it, and can be sent until %(day)s.")
                % {"day": date_format(cohort.last_day_to_enrol)},
                tone="waiting",
                label=_("Go on"),
                url=reverse("programmes:enrol", args=[cohort.uuid]),
            )
        case State.DRAFT:
            return Standing(word, _("Enrolment is over, and yours was not sent. It will be deleted."))
        case State.APPLIED:
            return Standing(word, waits_for(enrolment))
        case State.WAITLISTED:
            return Standing(
                word,
                _(
                    "All places are taken for now. When one becomes free you move up by yourself, and"
                    " we write to you."
                ),
            )
        case State.DECLINED:
            return Standing(
                word,
                _(
                    "Your enrolment could not be accepted this time. That says nothing about you: places and"
                    " roles have to add up."
                ),
            )
        case State.WITHDRAWN:
            if enrolment.may_return and cohort.is_open(at):
                text = _("You withdrew. You can come back until %(day)s; what you told is still there.")
                return Standing(word, text % {"day": date_format(cohort.last_day_to_enrol)})
            return Standing(word, _("You withdrew from this cohort."))
    return taking_part(enrolment, word)


def waits_for(enrolment: Enrolment) -> str:
    if not enrolment.cohort.programme.asks_line_manager:
        return _("Your enrolment has arrived. The coordinator decides on it, and we write to you.")
    name = {"name": enrolment.asked_name}
    match enrolment.asked_answer:
        case TimeRequest.Answer.NO:
            return (
                _(
                    "%(name)s cannot give you the time at the moment. You can talk about it: the answer can"
                    " still change. The coordinator has the last word."
                )
                % name
            )
        case None:
            return _("Nobody is named as your line manager who could be asked, so the coordinator decides.")
    return _("%(name)s was asked for the time it takes, and has not answered yet. We write to you.") % name


def taking_part(enrolment: Enrolment, word: str) -> Standing:
    cohort, role = enrolment.cohort, enrolment.get_role_display()
    start = {"role": role, "day": date_format(cohort.starts_on)}
    if cohort.state in (Cohort.State.CLOSED, Cohort.State.ARCHIVED):
        return Standing(_("over"), _("You took part as %(role)s.") % {"role": role})
    running = cohort.state == Cohort.State.RUNNING
    text = (
        _("You take part as %(role)s. The cohort started on %(day)s.")
        if running
        else _("You take part as %(role)s. The cohort starts on %(day)s.")
    ) % start
    if cohort.is_informal:
        text += " " + (
            _("In the directory you find the people who fit you, and they find you.")
            if running
            else _("From then on you find the people who fit you in its directory, and they find you.")
        )
    elif not running:
        text += " " + _(
            "Before that we look for somebody who fits you, and write to you when we have found them."
        )
    if not enrolment.has_briefing:
        return Standing(word, text, tone="success")
    url = reverse("programmes:briefing", args=[enrolment.uuid])
    if enrolment.is_briefed:
        return Standing(word, text, tone="success", label=_("Read the briefing again"), url=url)
    text += " " + _("Your briefing comes before the first meeting.")
    label = _("Go on with the briefing") if enrolment.has_begun_briefing else _("Begin the briefing")
    return Standing(word, text, tone="success", label=label, url=url)
