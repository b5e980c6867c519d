from typing import Any

from django.contrib import admin
from django.db.models import ForeignKey, QuerySet
from django.forms import ModelChoiceField
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from domain.admin import StaffAdmin
from domain.requests import signed_in
from notices import wording
from notices.kinds import KINDS
from programmes.models import Programme, Wording


@admin.register(Wording)
class WordingAdmin(StaffAdmin):
    """A programme's own words. What could not be sent cannot be saved."""

    while_empty = _("Every notice has words already. Here a programme can use its own instead.")
    list_display = ["__str__", "programme", "in_english", "in_german"]
    list_select_related = ["programme"]
    compressed_fields = False
    warn_unsaved_form = True
    readonly_fields = ["placeholders", "preview"]
    fieldsets = [
        (
            None,
            {
                "fields": ["programme", "kind", "placeholders"],
                "description": _(
                    "What you leave empty stays as the product says it. Greeting, button and footer are "
                    "added to each mail. An empty line parts paragraphs."
                ),
            },
        ),
        (_("English"), {"fields": ["subject_en", "text_en"]}),
        (_("German"), {"fields": ["subject_de", "text_de"]}),
        (_("Preview"), {"fields": ["preview"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Wording]:
        mine = Programme.objects.managed_by(signed_in(request))
        return super().get_queryset(request).filter(programme__in=mine)

    def get_readonly_fields(self, request: HttpRequest, obj: Wording | None = None) -> list[str]:
        fixed = ["programme", "kind"] if obj else []
        return [*fixed, *self.readonly_fields]

    def formfield_for_foreignkey(
        self, db_field: ForeignKey, request: HttpRequest, **kwargs: Any
    ) -> ModelChoiceField | None:
        if db_field.name == "programme":
            kwargs["queryset"] = Programme.objects.managed_by(signed_in(request))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    @admin.display(boolean=True, description=_("English"))
    def in_english(self, one: Wording) -> bool:
        return any(one.words("en"))

    @admin.display(boolean=True, description=_("German"))
    def in_german(self, one: Wording) -> bool:
        return any(one.words("de"))

    @admin.display(description=_("Placeholders"))
    def placeholders(self, one: Wording) -> SafeString:
        if one.kind:
            names = wording.REWORDABLE[one.kind].names
            return format_html_join(
                "", "<p><code>{{{}}}</code> {}</p>", ((n, wording.PLACEHOLDERS[n].meaning) for n in names)
            )
        return format_html_join(
            "",
            "<p>{}: {}</p>",
            ((KINDS[kind].title, wording.known(kind)) for kind in wording.REWORDABLE if kind in KINDS),
        )

    @admin.display(description=_("As it is sent, with examples"))
    def preview(self, one: Wording) -> str:
        if not one.pk:
            return str(_("Save and continue editing shows it here."))
        return format_html_join("", "{}", ((self.mail(one, language),) for language in Wording.LANGUAGES))

    def mail(self, one: Wording, language: str) -> SafeString:
        subject, text = one.words(language)
        examples = wording.examples(language)
        as_it_is = _("(as the product says it)")
        paragraphs = wording.fill(text, examples).split("\n\n") if text else [as_it_is]
        return format_html(
            '<div lang="{}"><p><strong>{}</strong></p>{}<hr></div>',
            language,
            wording.fill(subject, examples) if subject else as_it_is,
            format_html_join("", "<p>{}</p>", ((paragraph,) for paragraph in paragraphs)),
        )
