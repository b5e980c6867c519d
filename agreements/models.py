from typing import Self
from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from matching.models import Member, Mentorship
from participants.models import Person
from programmes.models import GroundRule


class AgreementQuerySet(models.QuerySet["Agreement"]):
    def visible_to(self, person: Person) -> Self:
        """The members. Staff learn from `signed` whether it is signed, never what it says."""
        return self.filter(mentorship__in=Mentorship.objects.visible_to(person))

    def signed(self) -> Self:
        """Those whose every member signed the current version."""
        current = Version.objects.filter(agreement=models.OuterRef("pk")).order_by("-number").values("pk")[:1]
        unsigned = Member.objects.filter(mentorship=models.OuterRef("mentorship")).exclude(
            signatures__version=models.OuterRef("current")
        )
        return self.annotate(current=models.Subquery(current)).filter(~models.Exists(unsigned))


class Agreement(models.Model):
    """What the members of a mentorship promise each other. Signed when all signed its newest version."""

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    mentorship = models.OneToOneField(Mentorship, models.CASCADE, related_name="agreement")
    created_at = models.DateTimeField(default=timezone.now)

    objects = AgreementQuerySet.as_manager()

    class Meta:
        verbose_name = _("agreement")
        verbose_name_plural = _("agreements")

    def __str__(self) -> str:
        return str(self.mentorship)

    def current_version(self) -> "Version":
        return self.versions.order_by("-number")[0]


class Version(models.Model):
    agreement = models.ForeignKey(Agreement, models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField()
    created_by = models.ForeignKey(Member, models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("version of an agreement")
        verbose_name_plural = _("versions of agreements")
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["agreement", "number"], name="agreement_version_number"),
            models.CheckConstraint(condition=Q(number__gte=1), name="agreement_version_from_one"),
        ]
        indexes = [models.Index(fields=["created_at"], name="agreement_version_by_day")]

    def __str__(self) -> str:
        return str(self.number)


class Clause(models.Model):
    """One paragraph of one version; a struck one stays readable.

    `original` holds the programme's words by language, as they were when the mentorship was confirmed, so
    that each reads them in their own; it is empty where the members wrote the clause. `text` holds the
    members' words as they were typed, in `language`: instead of the programme's, or after them where the
    clause is mandatory. While it is empty, the programme's stand.
    """

    version = models.ForeignKey(Version, models.CASCADE, related_name="clauses")
    ground_rule = models.ForeignKey(GroundRule, models.SET_NULL, null=True, blank=True, related_name="+")
    kind = models.CharField(max_length=16, choices=GroundRule.Kind.choices)
    original = models.JSONField(default=dict, blank=True)
    text = models.TextField(_("text"), max_length=2000, blank=True)
    language = models.CharField(max_length=5, blank=True)
    is_mandatory = models.BooleanField(default=False)
    is_struck = models.BooleanField(default=False)
    position = models.PositiveSmallIntegerField()

    class Meta:
        verbose_name = _("clause")
        verbose_name_plural = _("clauses")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["version", "position"], name="clause_position"),
            models.CheckConstraint(
                condition=Q(is_mandatory=False) | Q(is_struck=False),
                name="clause_mandatory_not_struck",
            ),
        ]

    def __str__(self) -> str:
        return self.words()[:60]

    def programme_words(self, language: str = "") -> str:
        """The programme's text in `language`, else the reader's, else in whichever there is."""
        wanted = self.original.get(language or get_language())
        return wanted or next(filter(None, self.original.values()), "")

    def words(self, language: str = "") -> str:
        """All that the clause says."""
        parts = (
            [self.text]
            if self.text and not self.is_mandatory
            else [self.programme_words(language), self.text]
        )
        return "\n".join(filter(None, parts))

    @property
    def is_changed(self) -> bool:
        return self.is_struck or bool(self.text)

    @property
    def change(self) -> str:
        """In a word what the members made of the programme's text; empty where they left it."""
        if self.is_struck:
            return gettext("struck")
        if not self.text:
            return ""
        if not self.original:
            return gettext("added")
        return gettext("added to") if self.is_mandatory else gettext("reworded")


class Signature(models.Model):
    version = models.ForeignKey(Version, models.CASCADE, related_name="signatures")
    member = models.ForeignKey(Member, models.CASCADE, related_name="signatures")
    signed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("signature")
        verbose_name_plural = _("signatures")
        ordering = ["signed_at"]
        constraints = [models.UniqueConstraint(fields=["version", "member"], name="signature_once")]

    def __str__(self) -> str:
        return str(self.member)
