from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from notices import wording
from notices.kinds import KINDS
from programmes.models.programme import Programme


def rewordable() -> list[tuple[str, str]]:
    return [(kind, str(KINDS[kind].title)) for kind in wording.REWORDABLE if kind in KINDS]


class Wording(models.Model):
    """A programme's own words for one kind of notice. What is empty stays the product's, in each language by
    itself."""

    LANGUAGES = ("en", "de")

    programme = models.ForeignKey(
        Programme, models.CASCADE, related_name="wordings", verbose_name=_("programme")
    )
    kind = models.CharField(_("notice"), max_length=60, choices=rewordable)
    subject_en = models.CharField(_("subject in English"), max_length=200, blank=True)
    text_en = models.TextField(_("text in English"), max_length=2000, blank=True)
    subject_de = models.CharField(_("subject in German"), max_length=200, blank=True)
    text_de = models.TextField(_("text in German"), max_length=2000, blank=True)

    class Meta:
        verbose_name = _("own words for a notice")
        verbose_name_plural = _("own words for notices")
        ordering = ["programme", "kind"]
        constraints = [models.UniqueConstraint(fields=["programme", "kind"], name="wording_once")]

    def __str__(self) -> str:
        return str(self.get_kind_display())

    def words(self, language: str) -> tuple[str, str]:
        """Subject and text; empty where the product's stand."""
        if language not in self.LANGUAGES:
            return "", ""
        return getattr(self, f"subject_{language}"), getattr(self, f"text_{language}")

    def clean(self) -> None:
        """Refuse what could not be sent, beside the field it stands in."""
        if self.kind not in wording.REWORDABLE:
            return
        problems = {}
        for language in self.LANGUAGES:
            subject, text = self.words(language)
            try:
                for name, words in ((f"subject_{language}", subject), (f"text_{language}", text)):
                    field = name
                    wording.check(self.kind, words)
                if subject and text:
                    field = f"text_{language}"
                    wording.check_needs(self.kind, subject, text)
            except ValidationError as error:
                problems[field] = error
        if problems:
            raise ValidationError(problems)
