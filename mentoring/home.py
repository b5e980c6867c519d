from dataclasses import replace
from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from domain.requests import SignedInRequest
from domain.waiting import Action
from matching.models import Mentorship
from mentoring.mentorships import Card, cards_for, confidant_card
from mentoring.waiting import waiting_for
from participants.models import Person
from programmes.models import Cohort, Enrolment, Role
from programmes.standing import Standing, standing

ENTRIES_SHOWN = 3
BEFORE_THE_END = [Cohort.State.ENROLLING, Cohort.State.MATCHING, Cohort.State.RUNNING]


@require_safe
def home(request: SignedInRequest) -> HttpResponse:
    person, at = request.user, timezone.now()
    things = waiting_for(person, at)
    cards = cards_for(person, at, state__in=Mentorship.LIVE)
    context = {
        "lead": lead(cards, person),
        "next_step": things[0] if things else None,
        "waiting": [
            {
                "title": thing.title,
                "text": thing.text,
                "url": action.url,
                "label": label_of(action),
                "asks": thing.asks,
            }
            for thing in things[1:]
            for action in thing.actions[:1]
        ],
        "enrolments": [] if cards else enrolments_of(person, at),
        "mentorships": [replace(card, entries=card.entries[-ENTRIES_SHOWN:]) for card in cards],
        "goals": [goal for card in cards for goal in card.goals],
        "confidant": confidant_card(cards[0].mentorship) if cards else None,
    }
    return render(request, "home.html", context)


def enrolments_of(person: Person, at: datetime) -> list[tuple[Enrolment, Standing]]:
    """Where somebody without a mentorship takes part, and what happens there next."""
    mine = Enrolment.objects.filter(person=person, state=Enrolment.State.ACCEPTED)
    found = mine.filter(cohort__state__in=BEFORE_THE_END)
    return [(each, standing(each, at)) for each in found.with_standing().select_related("cohort__programme")]


def label_of(action: Action) -> str:
    """A row only leads somewhere: what would be answered in one tap is answered on its page."""
    return _("Answer") if action.method == "post" else action.label


def lead(cards: list[Card], person: Person) -> str:
    """Where the person stands, in a sentence."""
    if not cards:
        return ""
    if len(cards) > 1:
        return ngettext(
            "You are in %(count)d mentorship.", "You are in %(count)d mentorships.", len(cards)
        ) % {"count": len(cards)}
    [card] = cards
    held, planned = card.bars.count("held"), card.mentorship.cohort.meetings_planned
    names = get_text_list([partner.name for partner in card.partners], _("and"))
    words = {"names": names, "topic": card.mentorship.topic}
    if card.mentorship.cohort.is_of_groups:
        sentence = _("You are in the group on %(topic)s, with %(names)s.")
    elif card.mentorship.membership_of(person).role == Role.MENTOR:
        sentence = _("You mentor %(names)s on %(topic)s.") if words["topic"] else _("You mentor %(names)s.")
    else:
        sentence = _("%(names)s mentors you on %(topic)s.") if words["topic"] else _("%(names)s mentors you.")
    count = _("%(held)d of %(planned)d meetings held.") % {"held": held, "planned": planned}
    return f"{sentence % words} {count}"
