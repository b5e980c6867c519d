from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from matching.models import Member, Mentorship
from participants.models import Person
from programmes.models import GroundRule


class AgreementQuerySet(models.QuerySet["Agreement"]):
    def visible_to(self, person: Person) -> "AgreementQuerySet":
        """The members. Staff learn from `signed` whether it is signed, never what it says."""
        return self.filter(mentorship__in=Mentorship.objects.visible_to(person))

    def signed(self) -> "AgreementQuerySet":
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

    def __str__(self) -> str:
        return str(self.number)


class Clause(models.Model):
    """One paragraph of one version. `original` is the programme's text it was copied from; a struck clause
    stays readable."""

    version = models.ForeignKey(Version, models.CASCADE, related_name="clauses")
    ground_rule = models.ForeignKey(GroundRule, models.SET_NULL, null=True, blank=True, related_name="+")
    kind = models.CharField(max_length=16, choices=GroundRule.Kind.choices)
    original = models.TextField(blank=True)
    text = models.TextField(_("text"), max_length=2000)
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
        return self.text[:60]

    @property
    def is_changed(self) -> bool:
        return self.text != self.original

    @property
    def change(self) -> str:
        """In a word what the members made of the programme's text; empty where they left it."""
        if self.is_struck:
            return _("struck")
        if not self.is_changed:
            return ""
        if not self.original:
            return _("added")
        return _("added to") if self.is_mandatory else _("reworded")


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
