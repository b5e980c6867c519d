from django import template

from participants import presenting

register = template.Library()
register.filter("shown", presenting.shown)
