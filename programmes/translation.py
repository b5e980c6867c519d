from modeltranslation.translator import TranslationOptions, register

from programmes.models import BriefingPage, GroundRule, Objective, Programme


@register(Programme)
class ProgrammeTranslation(TranslationOptions):
    fields = ["name", "summary", "external_contact"]


@register(Objective)
class ObjectiveTranslation(TranslationOptions):
    fields = ["statement", "question"]


@register(GroundRule)
class GroundRuleTranslation(TranslationOptions):
    fields = ["text"]


@register(BriefingPage)
class BriefingPageTranslation(TranslationOptions):
    fields = ["title", "text", "question"]
