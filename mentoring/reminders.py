"""What the sweep says of mentorships that are silent, to their members and to those who look after them."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone, translation

from matching.models import Member
from matching.models.mentorship import MentorshipQuerySet
from meetings.models import Meeting
from mentoring import stalled
from notices.models import Notice
from notices.outbox import Message, post_all
from notices.still import still_due
from participants.models import Person
from programmes.models import Programme, ProgrammeRole

OFFER_AFTER = timedelta(days=7)
LISTED = 10


def post_due(at: datetime) -> int:
    return post_all(silent(at), at=at) + post_all(friendly_ends(at), at=at) + post_all(weekly(at), at=at)


def silent_ones(at: datetime) -> "MentorshipQuerySet[stalled.Going, stalled.Going]":
    """Whoever met lately, or is to meet, is left out by the index before all that they did is looked at."""
    met = Meeting.objects.uncancelled().filter(mentorship=OuterRef("pk"), starts_at__gt=at - stalled.SILENT)
    return stalled.going().filter(
        ~Exists(met), confirmed_at__lte=at - stalled.SILENT, last_sign__lte=at - stalled.SILENT
    )


def silent(at: datetime) -> Iterator[Message]:
    """To the members of a mentorship that has been silent for 90 days, once for each such silence."""
    for mentorship in silent_ones(at).with_members():
        for member in mentorship.members.all():
            yield about_silence("mentorship-silent", mentorship, member, "mentorship")


def friendly_ends(at: datetime) -> Iterator[Message]:
    """A week later, to whoever was told, if the silence goes on."""
    told = Notice.objects.filter(kind="mentorship-silent", created_at__lte=at - OFFER_AFTER)
    keys = set(told.filter(created_at__gt=at - OFFER_AFTER - stalled.SILENT).values_list("key", flat=True))
    about = {int(key.split(":")[1]) for key in keys}
    for mentorship in silent_ones(at).filter(pk__in=about).with_members() if about else ():
        for member in mentorship.members.all():
            first = silence_key("mentorship-silent", mentorship, member)
            if first in keys:
                yield about_silence("mentorship-end-offered", mentorship, member, "matching:end", first)


def about_silence(
    kind: str, mentorship: "stalled.Going", member: Member, page: str, after: str = ""
) -> Message:
    return Message(
        kind=kind,
        to=member.person,
        key=silence_key(kind, mentorship, member),
        context={"mentorship": mentorship, "others": mentorship.names_of_others(member.person)},
        url=reverse(page, args=[mentorship.uuid]),
        after=after,
    )


def silence_key(kind: str, mentorship: "stalled.Going", member: Member) -> str:
    return f"{kind}:{mentorship.pk}:{member.pk}:{mentorship.last_sign:%Y-%m-%d}"


@still_due("mentorship-silent", "mentorship-end-offered")
def still_silent(notices: list[Notice]) -> list[int]:
    about = {notice.pk: notice.key.split(":") for notice in notices}
    signs = dict(
        stalled.going()
        .filter(pk__in={int(words[1]) for words in about.values()})
        .values_list("pk", "last_sign")
    )
    return [
        pk
        for pk, words in about.items()
        if (sign := signs.get(int(words[1]))) and f"{sign:%Y-%m-%d}" == words[3]
    ]


def weekly(at: datetime) -> Iterator[Message]:
    """On Monday to those who look after a programme in which something stands still; if no worker ran, on
    one of the two days after. Programmes without a coordinator are HR's."""
    alone = Programme.objects.exclude(roles__role=ProgrammeRole.Kind.COORDINATOR)
    coordinators = Q(programme_roles__role=ProgrammeRole.Kind.COORDINATOR)
    staff = Q(is_hr_admin=True) if alone.exists() else Q()
    for person in Person.objects.filter(coordinators | staff, is_active=True).distinct():
        local = at.astimezone(person.zone)
        key = f"stalled-weekly:{person.pk}:{local:%G-%V}"
        if local.isoweekday() > 3 or Notice.objects.filter(key=key).exists():
            continue
        with translation.override(person.language), timezone.override(person.zone):
            found = stalled.of_staff(person, at)
        if person.is_hr_admin:
            own = set(alone.values_list("pk", flat=True)) | set(
                person.programme_roles.filter(role=ProgrammeRole.Kind.COORDINATOR).values_list(
                    "programme", flat=True
                )
            )
            found = [one for one in found if one.mentorship.cohort.programme_id in own]
        if found:
            yield Message(
                kind="stalled-weekly",
                to=person,
                key=key,
                context={
                    "count": len(found),
                    "found": found[:LISTED],
                    "more": max(0, len(found) - LISTED),
                    "link": settings.SITE_URL + reverse("stalled"),
                },
                url=reverse("stalled"),
            )
