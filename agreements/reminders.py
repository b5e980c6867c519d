from datetime import datetime

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse

from agreements.models import Signature, Version
from matching.models import Member, Mentorship
from notices.outbox import Message, post, post_all


def unsigned(at: datetime) -> QuerySet[Member]:
    """Members of mentorships that are under way whose signature the newest version still lacks, annotated
    with its pk and number. Whoever wrote that version has it before them and is not told of it."""
    newest = Version.objects.filter(
        agreement__mentorship=OuterRef("mentorship"), created_at__lte=at
    ).order_by("-number")
    return (
        Member.objects.filter(mentorship__state__in=[Mentorship.State.CONFIRMED, Mentorship.State.ACTIVE])
        .annotate(
            version=Subquery(newest.values("pk")[:1]),
            version_number=Subquery(newest.values("number")[:1]),
            author=Subquery(newest.values("created_by")[:1]),
        )
        .filter(
            ~Exists(Signature.objects.filter(version=OuterRef("version"), member=OuterRef("pk"))),
            Q(author=None) | ~Q(author=F("pk")),
            version__isnull=False,
        )
    )


def post_due(at: datetime) -> int:
    members = unsigned(at).select_related("enrolment__person").order_by("mentorship", "pk")
    mentorships = Mentorship.objects.with_members().in_bulk({member.mentorship_id for member in members})
    messages = (
        to_sign(member, mentorships[member.mentorship_id], member.version, member.version_number)
        for member in members
    )
    return post_all(messages, at=at)


def post_to_sign(version: Version, mentorship: Mentorship, at: datetime) -> None:
    """Tell everybody but the author of `version` that it waits for their signature."""
    for member in mentorship.members.all():
        if member.pk != version.created_by_id:
            post(**vars(to_sign(member, mentorship, version.pk, version.number)), at=at)


def to_sign(member: Member, mentorship: Mentorship, version: int, number: int) -> Message:
    return Message(
        kind="agreement-to-sign",
        to=member.person,
        key=f"agreement-to-sign:{version}:{member.pk}",
        context={"others": mentorship.names_of_others(member.person), "number": number},
        url=reverse("agreements:detail", args=[mentorship.uuid]),
    )
