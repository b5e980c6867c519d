from django import template
from django.contrib.admin.models import LogEntry

from programmes.actions import told

register = template.Library()


@register.filter(name="told")
def told_filter(entry: LogEntry) -> str:
    """What the line says, in the reader's language."""
    return told(entry)
