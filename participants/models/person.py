from typing import Any, Self
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import auth
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.functional import cached_property
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from participants.models.organisation import Grade, Profession, Site, Unit
from participants.models.words import Words, with_words
from participants.time_zones import validate_time_zone, zone_named

# What somebody who was erased is called; told in the reader's language.
FORMER = gettext_noop("Former participant")
# No mail can ever reach such an address (RFC 2606).
NOWHERE = "@erased.invalid"
# What a search among people looks at.
SEARCHED = ("name", "email", "external_id", "job_title")


class PersonQuerySet(models.QuerySet["Person"]):
    def active(self) -> Self:
        return self.filter(is_active=True)

    def visible_to(self, viewer: "Person") -> Self:
        """Whom `viewer` may look at: HR everybody; everybody themselves, and the people they share an
        offered or later mentorship with. Who left a group, or only was asked, shares it no more. Whoever
        arranges somebody's meetings sees no profile for that."""
        if viewer.is_hr_admin:
            return self
        shared = models.Q(
            pk__in=Person.objects.filter(
                enrolments__memberships__mentorship__in=viewer.mentorship_ids(),
                enrolments__memberships__left_at=None,
            ).values("pk")
        )
        return self.filter(models.Q(pk=viewer.pk) | shared)

    def called(self, text: str) -> Self:
        """Whose name, address, number or job title has words that begin like those of `text`."""
        return with_words(self, SEARCHED, text)

    def confidants_of(self, person: "Person") -> Self:
        """In whom people confide in programmes in which `person` takes part."""
        return self.filter(
            programme_roles__role="confidant",
            programme_roles__programme__cohorts__enrolments__person=person,
        ).distinct()

    def signs_in_with(self, address: str) -> Self:
        """Who signs in with this address: one person, or nobody."""
        return self.active().filter(email=address.strip().lower())

    def reports_of(self, person: "Person") -> Self:
        """Everybody below `person`, however deep: one look-up in the index on `line`."""
        return self.filter(line__contains=[person.pk])


class PersonManager(BaseUserManager.from_queryset(PersonQuerySet)):  # type: ignore[misc]
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "Person":
        person = self.model(email=email, **fields)
        person.set_password(password)
        person.save(using=self._db)
        return person

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "Person":
        """There is no superuser in this house: Django's command makes an HR admin."""
        fields.setdefault("name", email.split("@", maxsplit=1)[0])
        return self.create_user(email, password, is_hr_admin=True, **fields)

    def get_by_natural_key(self, email: str | None) -> "Person":
        return self.get(email=(email or "").lower())


class Person(AbstractBaseUser):
    """Somebody in the company; the user model.

    Signs in by e-mail. `line` holds the ids of the person's managers from the top of the company down to
    the direct manager; a database trigger keeps it right and refuses cycles.
    """

    email = models.EmailField(_("e-mail"), max_length=254)
    name = models.CharField(_("name"), max_length=200)
    given_name = models.CharField(
        _("how to address them"), max_length=100, blank=True, help_text=_("As in “Good morning, Aylin”.")
    )
    external_id = models.CharField(
        _("number in the HR system"), max_length=100, null=True, blank=True, unique=True
    )
    job_title = models.CharField(_("job title"), max_length=200, blank=True)
    grade = models.ForeignKey(
        Grade,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="people",
        verbose_name=_("grade"),
        db_index=False,  # the index that also holds the name serves
    )
    unit = models.ForeignKey(
        Unit,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="people",
        verbose_name=_("unit"),
        db_index=False,  # the index that also holds the name serves
    )
    site = models.ForeignKey(
        Site,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="people",
        verbose_name=_("site"),
        db_index=False,  # the index that also holds the name serves
    )
    profession = models.ForeignKey(
        Profession,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="people",
        verbose_name=_("profession"),
        db_index=False,  # the index that also holds the name serves
    )
    manager = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="direct_reports",
        verbose_name=_("manager"),
    )
    line = ArrayField(models.BigIntegerField(), default=list, editable=False)
    joined_on = models.DateField(_("in the company since"), null=True, blank=True)
    language = models.CharField(
        _("language"),
        max_length=5,
        choices=settings.LANGUAGES,
        default="en",
        help_text=_("In which the product speaks to them."),
    )
    time_zone = models.CharField(
        _("time zone"), max_length=64, default="UTC", validators=[validate_time_zone]
    )
    is_active = models.BooleanField(_("active"), default=True)
    is_hr_admin = models.BooleanField(
        _("HR admin"),
        default=False,
        help_text=_("Sets up and runs every programme in the admin site."),
    )
    sign_in_version = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    """Part of every session, code and reset link. A database trigger raises it with another address and with
    an end of being active, so that none from before opens anything."""
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    erased_at = models.DateTimeField(null=True, blank=True, editable=False)
    """Since when nothing but the row itself is left of them; see docs/decisions/erasure.md."""

    objects = PersonManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ["name", "pk"]
        constraints = [
            # Looked at after each statement, so that one can swap two people's addresses.
            models.UniqueConstraint(
                fields=["email"],
                name="person_email_once",
                deferrable=models.Deferrable.IMMEDIATE,
                violation_error_message=_("Somebody has this address already."),
            ),
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="person_email_lower_case"),
            models.CheckConstraint(
                condition=models.Q(manager__isnull=True) | ~models.Q(manager=models.F("id")),
                name="person_not_own_manager",
                violation_error_message=_("Nobody is their own manager."),
            ),
            # Whatever writes to people, an HR file too: who was erased stays erased.
            models.CheckConstraint(
                condition=models.Q(erased_at=None)
                | models.Q(
                    name=FORMER,
                    given_name=FORMER,
                    job_title="",
                    email__endswith=NOWHERE,
                    external_id=None,
                    grade=None,
                    unit=None,
                    site=None,
                    profession=None,
                    manager=None,
                    joined_on=None,
                    is_active=False,
                    is_hr_admin=False,
                ),
                name="person_erased_stays_erased",
                violation_error_message=_("This person was erased. Nothing can be added to what is left."),
            ),
        ]
        indexes = [
            models.Index(fields=["name", "id"], name="person_name"),
            models.Index(fields=["name", "id"], condition=models.Q(is_active=False), name="person_inactive"),
            models.Index(fields=["name", "id"], condition=models.Q(is_hr_admin=True), name="person_hr_admin"),
            *(
                models.Index(fields=[place, "name", "id"], name=f"person_{place}_name")
                for place in ("grade", "unit", "site", "profession")
            ),
            GinIndex(fields=["line"], name="person_line"),
            GinIndex(Words(*SEARCHED), name="person_words"),
        ]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def from_db(cls, *args: Any, **kwargs: Any) -> "Person":
        person = super().from_db(*args, **kwargs)
        if person.__dict__.get("erased_at"):
            person.name = person.given_name = gettext(FORMER)
        return person

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.email = self.email.lower()
        if not self.given_name:
            self.given_name = given_name_of(self.name)
        super().save(*args, **kwargs)

    @property
    def first_name(self) -> str:
        return self.given_name or self.name

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Django's hook for what a session must fit; with the password alone it would outlive an address."""
        fits = f"{self.sign_in_version}:{self.password}"
        return salted_hmac("participants.sign-in", fits, secret=secret, algorithm="sha256").hexdigest()

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.first_name

    @property
    def initials(self) -> str:
        words = [word for word in self.name.split() if not word.endswith(".")] or ["?"]
        return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()

    @property
    def zone(self) -> ZoneInfo:
        return zone_named(self.time_zone)

    def in_line_with(self, other: "Person") -> bool:
        """Whether one of the two stands anywhere above the other."""
        return other.pk in self.line or self.pk in other.line

    def mentorship_ids(self) -> models.QuerySet[Any, Any]:
        """The mentorships the person is a member of and may see: offered and later."""
        return self.enrolments.filter(
            memberships__mentorship__state__in=SHARED_STATES, memberships__left_at=None
        ).values("memberships__mentorship")

    # What Django and its admin ask of a user. Nobody here is above the permission table.

    @property
    def is_superuser(self) -> bool:
        return False

    @cached_property
    def is_staff(self) -> bool:
        return self.has_perm("mentoring.enter_admin")

    def has_perm(self, perm: str, obj: models.Model | None = None) -> bool:
        return any(
            backend.has_perm(self, perm, obj)
            for backend in auth.get_backends()
            if hasattr(backend, "has_perm")
        )

    def has_perms(self, perms: list[str], obj: models.Model | None = None) -> bool:
        return all(self.has_perm(perm, obj) for perm in perms)

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_staff


# From when on the members of a mentorship see each other.
SHARED_STATES = ("offered", "confirmed", "active", "paused", "completed", "ended")


def given_name_of(name: str) -> str:
    """The first word that is no title: “Martin” for “Dr. Martin Vogel”."""
    words = [word for word in name.split() if not word.endswith(".")]
    return words[0][:100] if words else name[:100]


class LanguageLevel(models.IntegerChoices):
    """After the Common European Framework: A, B, C, and above."""

    BASIC = 1, _("basic")
    WORKING = 2, _("good enough to work in")
    FLUENT = 3, _("fluent")
    NATIVE = 4, _("first language")


class PersonLanguage(models.Model):
    person = models.ForeignKey(Person, models.CASCADE, related_name="languages")
    code = models.CharField(
        _("language"), max_length=8, help_text=_("ISO 639 code, for example: en, de, tr.")
    )
    level = models.PositiveSmallIntegerField(
        _("level"), choices=LanguageLevel.choices, default=LanguageLevel.FLUENT
    )

    class Meta:
        verbose_name = _("language")
        verbose_name_plural = _("languages")
        ordering = ["-level", "code"]
        constraints = [
            models.UniqueConstraint(fields=["person", "code"], name="person_language_once"),
            models.CheckConstraint(
                condition=models.Q(level__in=LanguageLevel.values), name="person_language_level"
            ),
        ]

    def __str__(self) -> str:
        return self.code
