from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from modeltranslation.admin import TranslationAdmin

from domain.admin import StaffAdmin
from participants.admin.words import FindsWords
from participants.models import Profession, Site, Topic, Unit


@admin.register(Unit)
class UnitAdmin(FindsWords):
    while_empty = _("What belongs to what in your company. An HR file brings it along.")
    list_display = ["name", "parent", "head"]
    list_select_related = ["parent", "head"]
    search_fields = ["name"]
    autocomplete_fields = ["parent", "head"]


@admin.register(Site)
class SiteAdmin(FindsWords):
    while_empty = _("Where people work, with the time zone there. An HR file brings the places along.")
    list_display = ["name", "time_zone"]
    search_fields = ["name"]


@admin.register(Profession)
class ProfessionAdmin(FindsWords):
    while_empty = _("What people do. An HR file brings it along.")
    list_display = ["name"]
    search_fields = ["name"]


@admin.register(Topic)
class TopicAdmin(StaffAdmin, TranslationAdmin):
    while_empty = _("What people can show each other. They choose from this list in their profile.")
    list_display = ["name", "is_active"]
    list_filter = ["is_active"]
    search_fields = ["name_en", "name_de"]
