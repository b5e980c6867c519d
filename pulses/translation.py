from modeltranslation.translator import TranslationOptions, register

from pulses.models import OwnQuestion


@register(OwnQuestion)
class OwnQuestionTranslation(TranslationOptions):
    fields = ["text"]
