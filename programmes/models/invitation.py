from datetime import datetime, timedelta
from secrets import token_urlsafe
from typing import Self
from uuid import uuid4

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Case, Exists, OuterRef, Q, Value, When
from django.db.models.functions import Cast, Concat
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from domain.jobs import Job
from notices.models import Notice
from participants.models import Person
from programmes.models.cohort import Cohort, taking_enrolments
from programmes.models.enrolment import Enrolment
from programmes.models.roles import Role

REMIND_AFTER = timedelta(days=7)


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def visible_to(self, person: Person) -> Self:
        return self.filter(person=person)

    def open(self) -> Self:
        """Not answered: neither declined nor followed by an enrolment."""
        return self.filter(
            ~Exists(Enrolment.objects.filter(cohort=OuterRef("cohort"), person=OuterRef("person"))),
            taking_enrolments("cohort__"),
            declined_at=None,
        )

    def untold(self) -> Self:
        """On the list, but not told of it yet: they can be taken off without anybody knowing."""
        return self.filter(told_at=None, declined_at=None)

    def refused_in(self, programme_id: int) -> Self:
        """Everybody who said no in any cohort of the programme. They are not asked again."""
        return self.filter(cohort__programme=programme_id).exclude(declined_at=None)

    def with_state(self) -> Self:
        """Adds `state`, one of Invitation.State, and `reminded`, in the same query."""
        enrolled = Enrolment.objects.sent().filter(cohort=OuterRef("cohort"), person=OuterRef("person"))
        key = Concat(Value("invitation-reminder:"), Cast(OuterRef("pk"), models.CharField()))
        State = Invitation.State
        return self.annotate(
            reminded=Exists(Notice.objects.filter(key=key)),
            state=Case(
                When(Exists(enrolled), then=Value(State.ENROLLED)),
                When(declined_at__isnull=False, then=Value(State.DECLINED)),
                When(told_at__isnull=True, then=Value(State.LISTED)),
                When(reminded=True, then=Value(State.REMINDED)),
                default=Value(State.TOLD),
                output_field=models.CharField(),
            ),
        )

    def due_for_reminder(self, at: datetime) -> Self:
        """Open a week after they were sent, while people can still enrol; the deadline itself lies in the
        cohort's time zone, so a day is left on either side for `Cohort.is_open` to decide."""
        week_ago = at - REMIND_AFTER
        return self.open().filter(
            told_at__lte=week_ago,
            person__is_active=True,
            cohort__enrolment_opens_on__lte=at.date() + timedelta(days=1),
            cohort__ends_on__gte=at.date() - timedelta(days=1),
        )


class Invitation(models.Model):
    """That a person was asked to take part in a cohort, once. Until enrolment opens they only stand on its
    list: `told_at` is empty."""

    class State(models.TextChoices):
        """Derived by `with_state`, never stored."""

        LISTED = "listed", _("on the list, not told yet")
        TOLD = "told", _("told")
        REMINDED = "reminded", _("reminded")
        DECLINED = "declined", _("said no")
        ENROLLED = "enrolled", _("enrolled")

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    cohort = models.ForeignKey(Cohort, models.CASCADE, related_name="invitations", verbose_name=_("cohort"))
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="invitations", verbose_name=_("person")
    )
    role = models.CharField(_("role"), max_length=6, choices=Role.choices)
    # Of those that come `with_state`.
    state: str
    reminded: bool

    created_at = models.DateTimeField(_("put on the list"), default=timezone.now)
    told_at = models.DateTimeField(_("told on"), null=True, blank=True)
    declined_at = models.DateTimeField(_("said no on"), null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ["-created_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["cohort", "person"], name="invitation_once")]
        indexes = [
            models.Index(fields=["cohort", "id"], condition=Q(told_at=None), name="invitation_untold"),
            models.Index(fields=["-created_at", "-id"], name="invitation_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.cohort}"


class InvitationLinkQuerySet(models.QuerySet["InvitationLink"]):
    def live(self) -> Self:
        return self.filter(revoked_at=None)


class InvitationLink(models.Model):
    """An address that leads whoever the rules admit to their enrolment: for the intranet or a poster.

    It opens nothing by itself; who follows it signs in, and the rules of the programme decide.
    """

    token = models.CharField(max_length=64, unique=True, default=token_urlsafe, editable=False)
    cohort = models.ForeignKey(Cohort, models.CASCADE, related_name="links", verbose_name=_("cohort"))
    role = models.CharField(_("role"), max_length=6, choices=Role.choices)
    expires_on = models.DateField(
        _("last day"), null=True, blank=True, help_text=_("Empty: as long as people can enrol.")
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", editable=False
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = InvitationLinkQuerySet.as_manager()

    class Meta:
        verbose_name = _("open link")
        verbose_name_plural = _("open links")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["cohort", "role"], condition=Q(revoked_at=None), name="invitation_link_one_live"
            ),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="invitation_link_role"),
        ]

    def __str__(self) -> str:
        return f"{self.cohort}, {self.get_role_display()}"

    def get_absolute_url(self) -> str:
        return reverse("programmes:join", args=[self.token])

    def has_expired(self, at: datetime | None = None) -> bool:
        """The last day ends at midnight in the time zone of the cohort."""
        return self.expires_on is not None and self.cohort.today(at) > self.expires_on


class InvitationRound(Job):
    """Inviting many at once: everybody whom the rules admit, or the people of a list, each once.

    After an interruption it goes on: who stands on the list already is passed over, who was told is not told
    again.
    """

    class Whom(models.TextChoices):
        RULE = "rule", _("everybody whom the rules admit")
        LIST = "list", _("people from a list")
        WAITING = "waiting", _("those on the list, when enrolment opened")

    class State(models.TextChoices):
        RUNNING = "running", _("running")
        FINISHED = "finished", _("finished")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("stopped")

    TRANSITIONS = {
        State.RUNNING: (State.FINISHED, State.FAILED, State.CANCELLED),
        State.FAILED: (State.RUNNING,),
    }
    WORKING = (State.RUNNING,)

    cohort = models.ForeignKey(
        Cohort, models.CASCADE, related_name="invitation_rounds", verbose_name=_("cohort")
    )
    role = models.CharField(_("role"), max_length=6, choices=Role.choices, blank=True)
    whom = models.CharField(_("whom"), max_length=7, choices=Whom.choices)
    people = ArrayField(models.BigIntegerField(), default=list, blank=True, editable=False)
    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.RUNNING, editable=False
    )
    listed = models.PositiveIntegerField(_("put on the list"), default=0, editable=False)
    told = models.PositiveIntegerField(_("told"), default=0, editable=False)

    class Meta:
        verbose_name = _("round of invitations")
        verbose_name_plural = _("rounds of invitations")
        ordering = ["-requested_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["running", "finished", "failed", "cancelled"]),
                name="invitation_round_state",
            ),
            models.UniqueConstraint(
                fields=["cohort"],
                condition=Q(state="running"),
                name="invitation_round_one_at_a_time",
                violation_error_message=_("People are being invited to this cohort at the moment."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cohort}: {self.get_whom_display()}"

    def hand_over(self) -> None:
        from programmes.tasks import invite_round

        invite_round.delay(self.pk)
