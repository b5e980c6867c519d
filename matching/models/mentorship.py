from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Self
from uuid import uuid4

from django.db import models
from django.db.models import F, Q, Value
from django.utils import timezone
from django.utils.text import get_text_list
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from domain.errors import DomainError
from domain.states import StateMachine
from matching.models.group import ProposedGroup
from matching.models.run import Proposal
from participants.models import Person
from participants.models.person import SHARED_STATES
from programmes.models import Cohort, Enrolment, Programme, Role

NAMED = 3
"""So many names in a heading; of more, two and how many others there are."""


class MentorshipQuerySet(models.QuerySet["Mentorship"]):
    def of(self, person: Person) -> Self:
        return self.filter(members__enrolment__person=person, members__left_at=None)

    def visible_to(self, person: Person) -> Self:
        """Its members, once it was offered. HR and coordinators see mentorships in the admin site through
        `managed_by`, without what is said in them."""
        return self.of(person).filter(state__in=SHARED_STATES)

    def known_to(self, person: Person) -> Self:
        """Those `visible_to` them, and groups they left: enough to confide in somebody about it, no more."""
        ever = Member.of_all_time.filter(enrolment__person=person).values("mentorship")
        return self.filter(pk__in=ever, state__in=SHARED_STATES)

    def arranged_by(self, person: Person) -> Self:
        """Live ones whose meetings `person` arranges for a member."""
        return self.live().filter(
            members__enrolment__person__delegations__delegate=person, members__left_at=None
        )

    def scheduled_by(self, person: Person) -> Self:
        """Those whose meetings are `person`'s to see: their own, and those they arrange for a member. A
        union, because either half is found by its index; with an OR every row would be looked at."""
        both = [self.model.objects.visible_to(person), self.model.objects.arranged_by(person)]
        own, arranged = (found.order_by().values("pk") for found in both)
        return self.filter(pk__in=own.union(arranged))

    def managed_by(self, person: Person) -> Self:
        return self.filter(cohort__in=Cohort.objects.managed_by(person))

    def begin(
        self,
        *,
        cohort: Cohort,
        state: str,
        members: Iterable[tuple[str, int]],
        topic: str,
        at: datetime,
        **origin: models.Model,
    ) -> "Mentorship":
        """A new one, offered or confirmed at once, with (role, enrolment id) as its members."""
        made = self.create(cohort=cohort, topic=topic[:120], created_at=at, **origin)
        Member.objects.bulk_create(
            Member(mentorship=made, enrolment_id=enrolment, role=role) for role, enrolment in members
        )
        stamp = "offered_at" if state == Mentorship.State.OFFERED else "confirmed_at"
        made.move_to(state, **{stamp: at})
        return made

    def offered_before(self, at: datetime, *, days_left: int = 0) -> Self:
        """Offers whose days to answer are, but for `days_left`, over; to the day in any time zone, so that
        `Mentorship.answer_by` decides."""
        day = Value(timedelta(days=1), models.DurationField())
        return self.filter(state=Mentorship.State.OFFERED).filter(
            offered_at__lte=at + timedelta(days=days_left + 1) - F("cohort__programme__offer_days") * day
        )

    def live(self) -> Self:
        """Confirmed, active or paused: it takes up its members' time."""
        return self.filter(state__in=Mentorship.LIVE)

    def with_members(self) -> Self:
        return self.select_related("cohort__programme").prefetch_related(
            models.Prefetch(
                "members",
                Member.objects.select_related(
                    "enrolment__person__site", "enrolment__person__profile"
                ).order_by("role", "pk"),
            )
        )


class Mentorship(StateMachine):
    """The relationship: two members or more, with their roles."""

    class State(models.TextChoices):
        PROPOSED = "proposed", _("proposed")
        OFFERED = "offered", _("offered")
        DECLINED = "declined", _("declined")
        CONFIRMED = "confirmed", _("confirmed")
        ACTIVE = "active", _("active")
        PAUSED = "paused", _("paused")
        COMPLETED = "completed", _("completed")
        ENDED = "ended", _("ended")

    TRANSITIONS = {
        State.PROPOSED: (State.OFFERED, State.CONFIRMED, State.DECLINED),
        State.OFFERED: (State.CONFIRMED, State.DECLINED),
        State.CONFIRMED: (State.ACTIVE, State.PAUSED, State.ENDED),
        State.ACTIVE: (State.COMPLETED, State.PAUSED, State.ENDED),
        State.PAUSED: (State.CONFIRMED, State.ACTIVE, State.ENDED),
    }
    LIVE = (State.CONFIRMED, State.ACTIVE, State.PAUSED)

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    cohort = models.ForeignKey(Cohort, models.PROTECT, related_name="mentorships", verbose_name=_("cohort"))
    proposal = models.OneToOneField(
        Proposal, models.SET_NULL, null=True, blank=True, related_name="mentorship"
    )
    proposed_group = models.OneToOneField(
        ProposedGroup, models.SET_NULL, null=True, blank=True, related_name="mentorship"
    )
    state = models.CharField(
        _("state"),
        max_length=10,
        choices=State.choices,
        default=State.PROPOSED,
        editable=False,
    )
    topic = models.CharField(_("what it is about"), max_length=120, blank=True)
    created_at = models.DateTimeField(_("proposed on"), default=timezone.now)
    offered_at = models.DateTimeField(_("offered on"), null=True, blank=True)
    confirmed_at = models.DateTimeField(_("confirmed on"), null=True, blank=True)
    activated_at = models.DateTimeField(_("signed by all on"), null=True, blank=True)
    paused_at = models.DateTimeField(_("paused on"), null=True, blank=True)
    closed_at = models.DateTimeField(
        _("over since"), null=True, blank=True, help_text=_("Completed, ended or declined.")
    )
    staff_reason = models.CharField(
        _("reason"), max_length=300, blank=True, help_text=_("Only staff see it.")
    )

    objects = MentorshipQuerySet.as_manager()

    class Meta:
        verbose_name = _("mentorship")
        verbose_name_plural = _("mentorships")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    state__in=[
                        "proposed",
                        "offered",
                        "declined",
                        "confirmed",
                        "active",
                        "paused",
                        "completed",
                        "ended",
                    ]
                ),
                name="mentorship_state",
            )
        ]
        indexes = [
            models.Index(fields=["cohort", "state"], name="mentorship_by_state"),
            models.Index(fields=["closed_at"], name="mentorship_by_end"),
            models.Index(
                fields=["confirmed_at"],
                condition=Q(state__in=["confirmed", "active"]),
                name="mentorship_going_since",
            ),
            models.Index(
                fields=["state"],
                condition=Q(state__in=["confirmed", "active", "paused"]),
                name="mentorship_live",
            ),
        ]

    def __str__(self) -> str:
        return " · ".join(str(member.person) for member in self.members.all())

    @property
    def answer_by(self) -> date:
        """The last day on which an offer can be answered, in the cohort's time zone."""
        offered = self.offered_at or self.created_at
        return self.cohort.today(offered) + timedelta(days=self.cohort.programme.offer_days)

    @property
    def called(self) -> str:
        """What leads back to its page says."""
        return gettext("Your group") if self.cohort.is_of_groups else gettext("Your mentorship")

    @property
    def is_live(self) -> bool:
        return self.state in self.LIVE

    def refuse_while_paused(self) -> None:
        """Raises DomainError: a pause is a rest from everything the others could want of one."""
        if self.state == self.State.PAUSED:
            raise DomainError(
                gettext("This mentorship is paused. Your words can wait here until it goes on.")
            )

    def member_for(self, person: Person) -> "Member | None":
        """`person`'s membership, from the prefetched members; None for a stranger."""
        return next((m for m in self.members.all() if m.enrolment.person_id == person.pk), None)

    def membership_of(self, person: Person) -> "Member":
        """As `member_for`, of whom it is known that they are in it. Raises Member.DoesNotExist."""
        if member := self.member_for(person):
            return member
        raise Member.DoesNotExist

    def others(self, person: Person) -> list["Member"]:
        return [m for m in self.members.all() if m.enrolment.person_id != person.pk]

    def names_of_others(self, person: Person) -> str:
        """First names of all but `person`: “Martin”, or “Martin and Aylin” in a group or to a delegate; in a
        larger group “Martin, Aylin and 3 others”."""
        names = [member.person.first_name for member in self.others(person)]
        if len(names) > NAMED:
            left = len(names) - NAMED + 1
            names[NAMED - 1 :] = [ngettext("%(count)s other", "%(count)s others", left) % {"count": left}]
        return str(get_text_list(names, gettext("and")))

    def unbriefed_members(self) -> list["Member"]:
        """Those who have pages to work through before the first meeting, and have not finished them."""
        return list(
            self.members.filter(enrolment__in=Enrolment.objects.unbriefed()).select_related(
                "enrolment__person"
            )
        )

    def people(self) -> list[Person]:
        return [member.person for member in self.members.all()]


class MemberQuerySet(models.QuerySet["Member"]):
    def resting(self) -> Self:
        """Those without whose word a pause does not end."""
        return self.filter(rests_since__isnull=False, enrolment__person__is_active=True)

    def who_left(self, mentorship: "Mentorship") -> Self:
        """Those who left this group, with their people."""
        return self.filter(mentorship=mentorship, left_at__isnull=False).select_related("enrolment__person")

    def current(self) -> Self:
        """Of mentorships that are offered or live: these people have somebody."""
        return self.filter(mentorship__state__in=(Mentorship.State.OFFERED, *Mentorship.LIVE))

    def visible_to(self, person: Person) -> Self:
        return self.filter(mentorship__in=Mentorship.objects.visible_to(person))


class AllMembers(models.Manager.from_queryset(MemberQuerySet)):  # type: ignore[misc]
    """With those who left a group that went on, without those who never were in it: asked, too, they
    declined or did not answer, and it began without them."""

    def get_queryset(self) -> models.QuerySet["Member"]:
        return super().get_queryset().exclude(Member.ONLY_ASKED)


class CurrentMembers(models.Manager.from_queryset(MemberQuerySet)):  # type: ignore[misc]
    """Without those who left a group that went on: what is said there afterwards is none of theirs."""

    def get_queryset(self) -> models.QuerySet["Member"]:
        return super().get_queryset().filter(left_at=None)


class Member(models.Model):
    """`objects`, and with it `mentorship.members`, are those who are in it now."""

    ONLY_ASKED = Q(left_at__isnull=False, accepted_at=None, mentorship__offered_at__isnull=False)

    mentorship = models.ForeignKey(Mentorship, models.CASCADE, related_name="members")
    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="memberships")
    role = models.CharField(_("role"), max_length=6, choices=Role.choices)
    accepted_at = models.DateTimeField(null=True, blank=True)
    declined_at = models.DateTimeField(null=True, blank=True)
    left_at = models.DateTimeField(null=True, blank=True)
    rests_since = models.DateTimeField(null=True, blank=True)
    """They asked for a pause, or for it to last; it goes on when nobody does any more."""

    objects = CurrentMembers()
    of_all_time = AllMembers()
    ever_asked = MemberQuerySet.as_manager()

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        ordering = ["role", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["mentorship", "enrolment"], name="member_once"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="member_role"),
        ]
        indexes = [
            models.Index(fields=["left_at"], condition=~Q(left_at=None), name="member_left"),
        ]

    def __str__(self) -> str:
        return f"{self.enrolment.person}, {self.get_role_display()}"

    @property
    def person(self) -> Person:
        return self.enrolment.person

    @property
    def needs_the_pause(self) -> bool:
        return self.rests_since is not None

    @property
    def makes_first_contact(self) -> bool:
        """Whether it is theirs to write first: the senior's, so that the junior need not ask for time. In a
        group it is nobody's in particular."""
        if self.mentorship.cohort.is_of_groups:
            return False
        formal = self.mentorship.cohort.programme.form == Programme.Form.FORMAL
        return self.role == (Role.MENTOR if formal else Role.MENTEE)
