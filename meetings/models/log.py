from datetime import datetime, timedelta
from typing import Self
from urllib.parse import urlsplit
from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from matching.models import Member, Mentorship
from meetings.files import place_of
from meetings.models.meeting import Meeting
from participants.models import Person


class ByMembershipQuerySet(models.QuerySet):
    """For what the members say to each other: they alone read it, and there is no admin path."""

    membership = "meeting__mentorship"

    def visible_to(self, person: Person) -> Self:
        return self.filter(**{f"{self.membership}__in": Mentorship.objects.visible_to(person)})


RESTS_AFTER = timedelta(hours=2)


class Draft(models.Model):
    """What is saved while somebody types: the other members read it once it is finished, or rests."""

    member_id: int
    is_draft = models.BooleanField(default=False)

    class Meta:
        abstract = True

    @property
    def written_at(self) -> datetime:
        raise NotImplementedError

    def is_shown_to(self, member: Member | None, at: datetime) -> bool:
        own = member is not None and self.member_id == member.pk
        return own or not self.is_draft or self.written_at <= at - RESTS_AFTER


class MeetingLog(Draft):
    """One member's account of one meeting. Both may write; both texts stay.

    `revision` counts what was saved, the private note included; `editor` is the open page that saved last,
    and `edit` that page's own count.
    """

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="logs")
    member = models.ForeignKey(Member, models.CASCADE, related_name="logs")
    topics = models.TextField(_("What did you talk about?"), max_length=4000, blank=True)
    progress = models.TextField(_("What moved forward?"), max_length=4000, blank=True)
    challenges = models.TextField(_("What was hard?"), max_length=4000, blank=True)
    successes = models.TextField(_("What went well?"), max_length=4000, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)
    revision = models.PositiveIntegerField(default=0)
    editor = models.UUIDField(null=True, blank=True)
    edit = models.PositiveIntegerField(default=0)

    objects = ByMembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("meeting log")
        verbose_name_plural = _("meeting logs")
        constraints = [models.UniqueConstraint(fields=["meeting", "member"], name="meeting_log_once")]

    def __str__(self) -> str:
        return str(self.meeting)

    @property
    def written_at(self) -> datetime:
        return self.updated_at

    @property
    def edited_at(self) -> datetime | None:
        """When it was changed after it was written, leaving out the first hour."""
        return self.updated_at if self.updated_at - self.created_at > timedelta(hours=1) else None

    @property
    def says_something(self) -> bool:
        return any([self.topics, self.progress, self.challenges, self.successes])


class NextStepQuerySet(ByMembershipQuerySet):
    def finished(self, at: datetime) -> Self:
        """Without those that are still being typed."""
        return self.exclude(is_draft=True, created_at__gt=at - RESTS_AFTER)

    def from_before(self, meeting: Meeting, at: datetime) -> Self:
        """Those of earlier meetings that were still open when the last of them had ended: what this one's
        agenda brings back, with those that were ticked since."""
        earlier = Meeting.objects.uncancelled().filter(
            mentorship=meeting.mentorship_id, starts_at__lt=meeting.starts_at
        )
        last = earlier.order_by("-starts_at").values("ends_at")[:1]
        return (
            self.filter(meeting__in=earlier)
            .finished(at)
            .filter(Q(done_at=None) | Q(done_at__gt=last))
            .select_related("meeting", "member__enrolment__person")
        )


class NextStep(Draft):
    """What was agreed for the time until the next meeting; comes back on its agenda until it is done."""

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="next_steps")
    member = models.ForeignKey(Member, models.CASCADE, related_name="+")
    text = models.CharField(_("next step"), max_length=300)
    created_at = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(null=True, blank=True)

    objects = NextStepQuerySet.as_manager()

    class Meta:
        verbose_name = _("next step")
        verbose_name_plural = _("next steps")
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.text

    @property
    def written_at(self) -> datetime:
        return self.created_at


class PrivateNoteQuerySet(models.QuerySet["PrivateNote"]):
    def visible_to(self, person: Person) -> Self:
        return self.filter(member__enrolment__person=person)


class PrivateNote(models.Model):
    """A note to oneself about a meeting; only its author reads it."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="private_notes")
    member = models.ForeignKey(Member, models.CASCADE, related_name="private_notes")
    text = models.TextField(_("a note to yourself"), max_length=4000, blank=True)
    updated_at = models.DateTimeField(default=timezone.now)

    objects = PrivateNoteQuerySet.as_manager()

    class Meta:
        verbose_name = _("private note")
        verbose_name_plural = _("private notes")
        constraints = [models.UniqueConstraint(fields=["meeting", "member"], name="private_note_once")]

    def __str__(self) -> str:
        return str(self.pk)


class ResourceQuerySet(models.QuerySet["Resource"]):
    def visible_to(self, person: Person) -> Self:
        return self.filter(mentorship__in=Mentorship.objects.visible_to(person))


class Resource(models.Model):
    """A link or a file that members share."""

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    mentorship = models.ForeignKey(Mentorship, models.CASCADE, related_name="resources")
    meeting = models.ForeignKey(Meeting, models.SET_NULL, null=True, blank=True, related_name="resources")
    member = models.ForeignKey(Member, models.CASCADE, related_name="resources")
    title = models.CharField(_("title"), max_length=200)
    link = models.URLField(_("link"), max_length=500, blank=True)
    file = models.FileField(_("file"), upload_to=place_of, blank=True)
    file_name = models.CharField(max_length=200, blank=True)
    size = models.PositiveBigIntegerField(default=0, help_text=_("In bytes."))
    shared_at = models.DateTimeField(default=timezone.now)

    objects = ResourceQuerySet.as_manager()

    class Meta:
        verbose_name = _("resource")
        verbose_name_plural = _("resources")
        ordering = ["-shared_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=(Q(link="") & ~Q(file="")) | (~Q(link="") & Q(file="")),
                name="resource_link_or_file",
                violation_error_message=_("Share either a link or a file."),
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def address(self) -> str:
        """Where it is read: the link, or the view that hands out the file."""
        return self.link or reverse("meetings:resource", args=[self.uuid])

    @property
    def host(self) -> str:
        """Where a link leads, to be seen before it is followed."""
        return urlsplit(self.link).hostname or ""
