"""What members are told of their mentorship: who the other is, what both bring; never a score or a cause."""

from collections.abc import Collection
from datetime import datetime
from functools import partial
from typing import Any

from django.urls import reverse

from matching import group_words, reasons
from matching.models import Member, Mentorship
from notices.outbox import post
from participants.models import Person


def notify(
    kind: str,
    mentorships: Collection[int],
    *,
    at: datetime,
    by: Person | None = None,
    only: Collection[Member] | None = None,
    change: str = "",
) -> None:
    """Post to all members but `by`, or to `only` these; `mentorships` are primary keys. A group is told again
    when it grows."""
    mine = Mentorship.objects.filter(pk__in=mentorships).with_members()
    found = list(mine.select_related("proposal", "request", "proposed_group__theme").order_by("pk"))
    topics = reasons.topics_in(breakdown_of(mentorship) for mentorship in found)
    for mentorship in found:
        members = list(mentorship.members.all())
        for member in members:
            if (by is None or member.person.pk != by.pk) and (only is None or member in only):
                moment = f"{change}:{at.timestamp():.0f}" if change else len(members)
                post(
                    kind,
                    to=member.person,
                    key=f"{kind}:{mentorship.pk}:{member.person.pk}:{moment}",
                    context={
                        "member": member,
                        "names": partial(mentorship.names_of_others, member.person),
                        "others": mentorship.others(member.person),
                        "reasons": partial(what_both_bring, mentorship, member, topics),
                        "change": change,
                        "is_live": mentorship.is_live,
                        "has_accepted": member.accepted_at is not None,
                        "answer_by": mentorship.answer_by,
                        "programme": mentorship.cohort.programme,
                        "group": mentorship.topic if mentorship.cohort.is_of_groups else "",
                    },
                    url=_url(kind, mentorship, change),
                    at=at,
                )


def what_both_bring(mentorship: Mentorship, member: Member, topics: dict) -> list[str]:
    """Said to one member, in the active language; empty where no proposal knows."""
    if mentorship.proposed_group:
        return group_words.for_member(mentorship.proposed_group)
    others = mentorship.others(member.person)
    breakdown = breakdown_of(mentorship)
    if not breakdown or len(others) != 1:
        return []
    return reasons.for_member(breakdown, member.role, others[0].person, topics)


def breakdown_of(mentorship: Mentorship) -> dict[str, Any]:
    """What was known of the two when a run proposed it, or one asked the other; empty where neither was."""
    if mentorship.proposal:
        return mentorship.proposal.breakdown
    request = getattr(mentorship, "request", None)
    return request.breakdown if request else {}


def _url(kind: str, mentorship: Mentorship, change: str) -> str:
    if kind == "mentorship-offered":
        return reverse("matching:offer", args=[mentorship.uuid])
    if change == "smaller":
        return reverse("matching:offer", args=[mentorship.uuid])
    if change in ("declined", "lapsed", "missed", "withdrawn"):
        return reverse("home")
    if mentorship.state == Mentorship.State.ENDED:
        return reverse("endings:next", args=[mentorship.uuid])
    if mentorship.state == Mentorship.State.COMPLETED:
        return reverse("endings:close", args=[mentorship.uuid])
    return reverse("mentorship", args=[mentorship.uuid])
