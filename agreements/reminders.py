from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeAlias, TypedDict

from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils import timezone

from agreements.models import Signature, Version
from matching.models import Member, Mentorship
from matching.models.mentorship import MemberQuerySet
from notices.models import Notice
from notices.outbox import Message, post, post_all
from notices.still import still_due

NUDGE_AFTER = timedelta(days=4)
NUDGE_UNTIL = timedelta(days=30)

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations


class Newest(TypedDict):
    """The version to sign: its pk and number, when it was written, and by which member."""

    version: int
    version_number: int
    version_at: datetime
    author: int | None


Unsigned: TypeAlias = "WithAnnotations[Member, Newest]"


def unsigned(at: datetime, *, authors: bool = False) -> "MemberQuerySet[Unsigned, Unsigned]":
    """Members of mentorships that are under way whose signature the newest version still lacks, annotated
    with it. Whoever wrote that version has it before them, and is not told of it anew."""
    newest = Version.objects.filter(
        agreement__mentorship=OuterRef("mentorship"), created_at__lte=at
    ).order_by("-number")
    return (
        Member.objects.filter(mentorship__state__in=[Mentorship.State.CONFIRMED, Mentorship.State.ACTIVE])
        .annotate(
            version=Subquery(newest.values("pk")[:1]),
            version_number=Subquery(newest.values("number")[:1]),
            version_at=Subquery(newest.values("created_at")[:1]),
            author=Subquery(newest.values("created_by")[:1]),
        )
        .filter(
            ~Exists(Signature.objects.filter(version=OuterRef("version"), member=OuterRef("pk"))),
            Q() if authors else Q(author=None) | ~Q(author=F("pk")),
            version__isnull=False,
        )
    )


def to_tell(at: datetime) -> "MemberQuerySet[Unsigned, Unsigned]":
    """Those for whom there is a version of the last weeks; found from these few, whatever else is signed."""
    return unsigned(at).filter(mentorship__in=with_news(at))


def to_nudge(at: datetime) -> "MemberQuerySet[Unsigned, Unsigned]":
    """Those who have had the newest version before them for some days."""
    return unsigned(at, authors=True).filter(
        mentorship__in=with_news(at), version_at__lte=at - NUDGE_AFTER, version_at__gt=at - NUDGE_UNTIL
    )


def with_news(at: datetime) -> list[int]:
    """The mentorships with a version of the last weeks; as pks, for the planner misjudges a subquery."""
    recent = Version.objects.filter(created_at__gt=at - NUDGE_UNTIL).order_by()
    return list(recent.values_list("agreement__mentorship", flat=True).distinct())


@still_due("agreement-to-sign", "agreement-reminder")
def still_unsigned(notices: list[Notice]) -> Iterable[int]:
    """The key names version and member; a newer version asks by itself."""
    waiting = {(member.version, member.pk) for member in unsigned(timezone.now(), authors=True)}
    for notice in notices:
        version, member = map(int, notice.key.split(":")[1:3])
        if (version, member) in waiting:
            yield notice.pk


def post_due(at: datetime) -> int:
    return post_all(messages(to_tell_of, to_tell(at)), at=at) + post_all(messages(nudge, to_nudge(at)), at=at)


def messages(
    build: Callable[["Unsigned", Mentorship], Message], members: "MemberQuerySet[Unsigned, Unsigned]"
) -> Iterator[Message]:
    found = list(members.select_related("enrolment__person").order_by("mentorship", "pk"))
    mentorships = Mentorship.objects.with_members().in_bulk({member.mentorship_id for member in found})
    for member in found:
        yield build(member, mentorships[member.mentorship_id])


def post_to_sign(version: Version, mentorship: Mentorship, at: datetime) -> None:
    """Tell everybody but the author of `version` that it waits for their signature."""
    for member in mentorship.members.all():
        if member.pk != version.created_by_id:
            post(**vars(to_sign(member, version.pk, version.number, mentorship)), at=at)


def to_tell_of(member: "Unsigned", mentorship: Mentorship) -> Message:
    return to_sign(member, member.version, member.version_number, mentorship)


def to_sign(member: Member, version: int, number: int, mentorship: Mentorship) -> Message:
    return Message(
        kind="agreement-to-sign",
        to=member.person,
        key=f"agreement-to-sign:{version}:{member.pk}",
        context={**about(member, mentorship), "number": number},
        url=reverse("agreements:detail", args=[mentorship.uuid]),
    )


def nudge(member: "Unsigned", mentorship: Mentorship) -> Message:
    """A reminder for who was told or wrote the version; one more where `second_meeting_at` comes near."""
    second_meeting_at = getattr(member, "second_meeting_at", None)
    return Message(
        kind="agreement-reminder",
        to=member.person,
        key=f"agreement-reminder:{member.version}:{member.pk}" + (":meeting" if second_meeting_at else ""),
        context={**about(member, mentorship), "second_meeting_at": second_meeting_at},
        url=reverse("agreements:detail", args=[mentorship.uuid]),
        after="" if member.author == member.pk else f"agreement-to-sign:{member.version}:{member.pk}",
        until=second_meeting_at,
    )


def about(member: Member, mentorship: Mentorship) -> dict[str, Any]:
    return {"mentorship": mentorship, "others": mentorship.names_of_others(member.person)}
