"""Sentences about proposals, for the workbench's templates."""

from django import template

from matching.workbench_words import choice_words, signed

register = template.Library()
register.filter("choice_words", choice_words)
register.filter("points_signed", signed)
