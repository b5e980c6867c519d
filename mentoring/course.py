"""What happened in a mentorship, from all rooms, in the order of time: its timeline for one member."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import Prefetch
from django.urls import reverse
from django.utils.translation import gettext as _

import feedback.exchange
import meetings.timeline
from domain import dates
from feedback.models import Feedback, TopicOffer
from goals.models import Goal
from matching.models import Mentorship
from meetings.timeline import Entry
from participants.models import Person


def read_for(person: Person, at: datetime) -> list[Any]:
    """What `entries` reads, to be prefetched. Feedback is what the person may see by then."""
    shown = Feedback.objects.visible_to(person, at)
    return [
        *meetings.timeline.COURSE,
        feedback.exchange.COURSE,
        "agreement__versions__signatures",
        "agreement__versions__created_by__enrolment__person",
        Prefetch("goals", Goal.objects.select_related("set_by__enrolment__person")),
        Prefetch(
            "feedback", shown.select_related("author__enrolment__person", "recipient__enrolment__person")
        ),
    ]


def entries(mentorship: Mentorship, person: Person, at: datetime) -> list[Entry]:
    """Oldest first. Costs no query where `read_for` is prefetched with the members."""
    made = [
        *meetings.timeline.entries(mentorship, person, at),
        *of_agreement(mentorship, person),
        *of_goals(mentorship, person),
        *of_topics(mentorship, person),
        *of_feedback(mentorship, person),
    ]
    return sorted(made, key=lambda entry: entry.at)


def of_agreement(mentorship: Mentorship, person: Person) -> Iterator[Entry]:
    """Who changed it, and when a version was signed by all."""
    if not hasattr(mentorship, "agreement"):
        return
    members = {member.pk for member in mentorship.members.all()}
    address = reverse("agreements:detail", args=[mentorship.uuid])
    for version in mentorship.agreement.versions.all():
        number = {"number": version.number}
        if version.number > 1:
            by = version.created_by.person if version.created_by else None
            if by == person:
                words = _("You changed the agreement")
            else:
                name = by.first_name if by else _("Somebody")
                words = _("%(name)s changed the agreement") % {"name": name}
            url = f"{address}?version={version.number}&against={version.number - 1}"
            yield entry(version.created_at, words, url, text=_("Version %(number)s") % number)
        signed = {signature.member_id: signature.signed_at for signature in version.signatures.all()}
        if members <= signed.keys():
            words = _("Agreement signed by all of you")
            url = f"{address}?version={version.number}"
            yield entry(max(signed.values()), words, url, state="done")


def of_goals(mentorship: Mentorship, person: Person) -> Iterator[Entry]:
    for goal in mentorship.goals.all():
        url = reverse("goals:detail", args=[goal.uuid])
        by = goal.set_by.person if goal.set_by else None
        if by == person:
            words = _("You set the goal “%(title)s”")
        else:
            words = _("%(name)s set the goal “%(title)s”") if by else _("The goal “%(title)s” was set")
        title = {"title": goal.title, "name": by.first_name if by else ""}
        yield entry(goal.set_at, words % title, url)
        if goal.closed_at and goal.state == Goal.State.ATTAINED:
            yield entry(goal.closed_at, _("Goal attained: “%(title)s”") % title, url, state="done")
        elif goal.closed_at:
            yield entry(goal.closed_at, _("Goal laid aside: “%(title)s”") % title, url)


def of_feedback(mentorship: Mentorship, person: Person) -> Iterator[Entry]:
    """That it was given and to whom, never what it says."""
    url = reverse("feedback:give", args=[mentorship.uuid])
    for given in mentorship.feedback.all():
        if given.author.person == person:
            words = _("You wrote feedback to %(name)s") % {"name": given.recipient.person.first_name}
        else:
            words = _("%(name)s wrote you feedback") % {"name": given.author.person.first_name}
        yield entry(given.written_at, words, url)


def of_topics(mentorship: Mentorship, person: Person) -> Iterator[Entry]:
    """What the members offered each other, and took up: on the timeline the exchange runs both ways."""
    for topic in mentorship.topic_offers.all():
        if topic.state == TopicOffer.State.WITHDRAWN:
            continue
        taker = topic.taken_up_by.person if topic.taken_up_by else None
        if taker:
            words = _("You took up “%(title)s”") if taker == person else _("%(name)s took up “%(title)s”")
        elif topic.member.person == person:
            words = _("You offered “%(title)s”")
        else:
            words = _("%(name)s offers “%(title)s”")
        moment = topic.taken_up_at or topic.offered_at
        yield Entry(
            at=moment,
            title=words % {"title": topic.title, "name": (taker or topic.member.person).first_name},
            when=dates.day(moment),
            text="",
            url=reverse("feedback:exchange", args=[mentorship.uuid]),
            state="happened" if taker or topic.member.person == person else "coming",
        )


def entry(at: datetime, title: str, url: str, *, text: str = "", state: str = "happened") -> Entry:
    return Entry(at=at, title=title, when=dates.day(at), text=text, url=url, state=state)
