from datetime import datetime

from django.urls import reverse
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from domain.waiting import Action, Urgency, Waiting
from goals.models import Goal, GoalChange
from goals.reminders import ASKED
from goals.summary import GoalCard, cards
from matching.models import Mentorship
from participants.models import Person


def waiting_for(person: Person, at: datetime) -> list[Waiting]:
    mentorships = list(Mentorship.objects.visible_to(person).filter(state__in=ASKED).with_members())
    found = cards(mentorships, person, at)
    begun = set(Goal.objects.filter(mentorship__in=mentorships).values_list("mentorship", flat=True))
    first = [to_set_a_goal(one, person) for one in mentorships if one.pk not in begun]
    return (
        first
        + changes(person, mentorships)
        + [to_check_in(card) for group in found.values() for card in group if card.due_on]
    )


def to_set_a_goal(mentorship: Mentorship, person: Person) -> Waiting:
    return Waiting(
        title=_("What do you and %(names)s want to reach?") % {"names": mentorship.names_of_others(person)},
        text=_("One goal is enough to begin with, best written together at your first meeting."),
        urgency=Urgency.SOON,
        actions=[Action(_("Set a goal"), reverse("goals:set", args=[mentorship.uuid]), primary=True)],
        about=mentorship.pk,
    )


def changes(person: Person, mentorships: list[Mentorship]) -> list[Waiting]:
    """What others propose, and this person has not answered."""
    proposed = (
        GoalChange.objects.open()
        .filter(goal__mentorship__in=mentorships)
        .exclude(proposed_by__enrolment__person=person)
        .exclude(agreed_by__enrolment__person=person)
        .select_related("goal", "proposed_by__enrolment__person")
    )
    return [
        Waiting(
            title=_("Do you agree to change “%(goal)s”?") % {"goal": one.goal.title},
            text=_("%(name)s proposes other words. They count once you agree.")
            % {"name": one.proposed_by.person.first_name},
            urgency=Urgency.SOON,
            actions=[Action(_("Look at it"), reverse("goals:change", args=[one.uuid]), primary=True)],
            about=one.goal.mentorship_id,
        )
        for one in proposed
    ]


def to_check_in(card: GoalCard) -> Waiting:
    if card.others_reported:
        names = get_text_list(card.others_reported, _("and"))
        text = _("%(names)s already did. Yours opens that view.") % {"names": names}
    else:
        text = _("Choose the level that describes today. Each of you reports alone first.")
    return Waiting(
        title=_("Check in on “%(goal)s”") % {"goal": card.title},
        text=text,
        urgency=Urgency.SOON,
        actions=[Action(_("Check in"), card.check_in_url, primary=True)],
        about=card.goal.mentorship_id,
    )
