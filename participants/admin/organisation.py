from django.contrib import admin
from modeltranslation.admin import TranslationAdmin
from unfold.admin import ModelAdmin

from domain.admin import AsksPermission
from participants.admin.words import FindsWords
from participants.models import Profession, Site, Topic, Unit


@admin.register(Unit)
class UnitAdmin(FindsWords, ModelAdmin):
    list_display = ["name", "parent", "head"]
    list_select_related = ["parent", "head"]
    search_fields = ["name"]
    autocomplete_fields = ["parent", "head"]


@admin.register(Site)
class SiteAdmin(FindsWords, ModelAdmin):
    list_display = ["name", "time_zone"]
    search_fields = ["name"]


@admin.register(Profession)
class ProfessionAdmin(FindsWords, ModelAdmin):
    list_display = ["name"]
    search_fields = ["name"]


@admin.register(Topic)
class TopicAdmin(AsksPermission, ModelAdmin, TranslationAdmin):
    list_display = ["name", "is_active"]
    list_filter = ["is_active"]
    search_fields = ["name_en", "name_de"]
