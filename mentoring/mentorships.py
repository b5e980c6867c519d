"""The page of one mentorship, and its card on the home page: what all rooms know of it, for one member."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

import feedback.exchange
import goals.summary
import meetings.timeline
from agreements.models import Agreement
from concerns.queries import confidants_for
from domain.requests import SignedInRequest
from matching.models import Member, Mentorship
from meetings.bars import bars
from mentoring import course, waiting
from participants.models import Expertise, Interest, Person
from participants.presenting import detail

TONES: dict[str, str] = {
    Mentorship.State.OFFERED: "waiting",
    Mentorship.State.CONFIRMED: "info",
    Mentorship.State.ACTIVE: "success",
    Mentorship.State.COMPLETED: "primary",
}


@dataclass(frozen=True)
class Partner:
    name: str
    detail: str
    text: str
    url: str


@dataclass(frozen=True)
class Card:
    """What `home.html` and `mentorship.html` show of a mentorship."""

    mentorship: Mentorship
    title: str
    url: str
    badge: str
    tone: str
    bars: list[str]
    bars_label: str
    entries: list[meetings.timeline.Entry]
    partners: list[Partner]
    goals: list[goals.summary.GoalCard]


def cards_for(person: Person, at: datetime, **which: object) -> list[Card]:
    """The person's mentorships that fit `which`, newest first, in a constant number of queries."""
    found = list(
        Mentorship.objects.visible_to(person)
        .filter(**which)
        .with_members()
        .prefetch_related(*course.read_for(person, at))
    )
    goal_cards = goals.summary.cards(found, person, at, closed=True)
    partners = partners_in(found, person)
    cards = []
    for mentorship in found:
        drawn = bars(mentorship, at)
        cards.append(
            Card(
                mentorship=mentorship,
                title=title(mentorship, person),
                url=reverse("mentorship", args=[mentorship.uuid]),
                badge=str(mentorship.get_state_display()),
                tone=TONES.get(mentorship.state, ""),
                bars=drawn.bars,
                bars_label=drawn.label,
                entries=course.entries(mentorship, person, at),
                partners=partners[mentorship.pk],
                goals=goal_cards[mentorship.pk],
            )
        )
    return cards


def title(mentorship: Mentorship, person: Person) -> str:
    """A group is called by what it is about, everything else by whom one is with."""
    if mentorship.cohort.is_of_groups and mentorship.topic:
        return _("Your group on “%(topic)s”") % {"topic": mentorship.topic}
    return _("Your mentorship with %(names)s") % {"names": mentorship.names_of_others(person)}


def partners_in(found: Iterable[Mentorship], person: Person) -> dict[int, list[Partner]]:
    """The others of each mentorship, with what they want to learn and what they offer. Two queries."""
    others = {m.pk: m.others(person) for m in found}
    people = [member.person for of_one in others.values() for member in of_one]

    def topics(model: type[Interest] | type[Expertise]) -> dict[int, list[str]]:
        by_person: dict[int, list[str]] = {}
        for row in model.objects.filter(profile__person__in=people).select_related("topic", "profile"):
            by_person.setdefault(row.profile.person_id, []).append(str(row.topic))
        return by_person

    interests, expertise = topics(Interest), topics(Expertise)

    def partner(member: Member, *, in_group: bool) -> Partner:
        other, lines = member.person, []
        if wanted := interests.get(other.pk):
            lines.append(_("Wants to learn: %(topics)s.") % {"topics": ", ".join(wanted)})
        if offered := expertise.get(other.pk):
            lines.append(_("Offers: %(topics)s.") % {"topics": ", ".join(offered)})
        return Partner(
            name=other.name,
            detail=" · ".join(filter(None, [str(member.get_role_display()) * in_group, detail(other)])),
            text="\n".join(lines),
            url=reverse("participants:person", args=[other.pk]),
        )

    return {
        pk: [partner(member, in_group=len(members) > 1) for member in members]
        for pk, members in others.items()
    }


def confidant_card(mentorship: Mentorship) -> dict[str, str]:
    """To whom one could turn, by name, and that nobody else reads it."""
    confidants = confidants_for(mentorship)
    url = reverse("concerns:raise", args=[mentorship.uuid])
    if not confidants:
        elsewhere = mentorship.cohort.programme.external_contact or _("Please speak to HR.")
        told = _("This programme has no confidant outside your reporting lines at the moment.")
        return {"text": f"{told} {elsewhere}", "url": url, "label": _("See what you can do")}
    names = get_text_list([confidant.name for confidant in confidants], _("and"))
    return {
        "text": _(
            "You can write to %(names)s. What you write is read by nobody else, "
            "and nobody in your reporting lines is told."
        )
        % {"names": names},
        "url": url,
        "label": _("I would rather talk to somebody"),
    }


@require_safe
def mentorship(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    at = timezone.now()
    found = get_object_or_404(Mentorship.objects.visible_to(request.user), uuid=uuid)
    if found.state == Mentorship.State.OFFERED:
        return redirect("matching:offer", uuid)
    [card] = cards_for(request.user, at, pk=found.pk)
    member = card.mentorship.membership_of(request.user)
    things = waiting.of_mentorship(request.user, found, at) if found.is_live else []
    context = {
        "card": card,
        "mentorship": card.mentorship,
        "role": member.get_role_display(),
        "agreement": Agreement.objects.filter(mentorship=found).first(),
        "is_signed": Agreement.objects.signed().filter(mentorship=found).exists(),
        "exchange": feedback.exchange.sides(card.mentorship, request.user),
        "confidant": confidant_card(card.mentorship),
        "next_step": things[0] if things else None,
        "later": things[1:],
        "member": member,
        "is_held": any(m.needs_the_pause and m.person.is_active for m in card.mentorship.members.all()),
        "resources": card.mentorship.resources.all(),
    }
    return render(request, "mentorship.html", context)
