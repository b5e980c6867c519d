from modeltranslation.translator import TranslationOptions, register

from participants.models import Topic


@register(Topic)
class TopicTranslation(TranslationOptions):
    fields = ["name"]
