"""Who is reminded of a request or an offer, which offers lapse, and which of these notices are still due."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils import timezone

from matching.actions import lapse_offer
from matching.models import Member, Mentorship, Request
from matching.requests import message
from notices.models import Notice
from notices.outbox import Message, post_all
from notices.still import still_due


def remind_asked(at: datetime) -> int:
    """One reminder to whoever has let a request wait for three days."""
    due = Request.objects.due_for_reminder(at).with_people()
    return post_all((message(r, "request-reminder", r.asked.person) for r in due.iterator(500)), at=at)


REMIND_DAYS = 2


def lapse_offers(at: datetime) -> int:
    """Close the offers whose days to answer are over; each by itself, so that one holds up no other."""
    return sum(lapse_offer(mentorship=offer, at=at) for offer in Mentorship.objects.offered_before(at))


def remind_offered(at: datetime) -> int:
    """One reminder, in the last two days, to each member who has not answered an offer."""
    due = Mentorship.objects.offered_before(at, days_left=REMIND_DAYS).with_members()
    return post_all((message for offer in due.iterator(500) for message in reminders_of(offer, at)), at=at)


def reminders_of(offer: Mentorship, at: datetime) -> Iterator[Message]:
    today, last = offer.cohort.today(at), offer.answer_by
    was_offered = offer.cohort.today(offer.offered_at)
    if not (was_offered < today and last - timedelta(days=REMIND_DAYS) <= today <= last):
        return
    for member in offer.members.all():
        if not member.accepted_at:
            yield Message(
                "offer-reminder",
                to=member.person,
                key=f"offer-reminder:{offer.pk}:{member.pk}",
                context={
                    "names": offer.names_of_others(member.person),
                    "member": member,
                    "day": last,
                    "programme": offer.cohort.programme,
                    "group": offer.topic if offer.cohort.is_of_groups else "",
                },
                url=reverse("matching:offer", args=[offer.uuid]),
            )


@still_due("offer-reminder")
def still_unanswered(notices: list[Notice]) -> Iterable[int]:
    member_of = {notice.pk: int(notice.key.split(":")[2]) for notice in notices}
    unanswered = set(
        Member.objects.filter(
            pk__in=member_of.values(), accepted_at=None, mentorship__state=Mentorship.State.OFFERED
        ).values_list("pk", flat=True)
    )
    return [notice for notice, member in member_of.items() if member in unanswered]


@still_due("request-received", "request-reminder")
def still_open(notices: list[Notice]) -> Iterable[int]:
    request_of = {notice.pk: int(notice.key.split(":")[1]) for notice in notices}
    open_ones = set(
        Request.objects.open(timezone.now()).filter(pk__in=request_of.values()).values_list("pk", flat=True)
    )
    return [notice for notice, request in request_of.items() if request in open_ones]
