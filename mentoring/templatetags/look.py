"""Small ways of writing things that the components share."""

from django import template

from domain import dates

register = template.Library()
for write in (dates.day, dates.full_day, dates.weekday, dates.clock):
    register.filter(write.__name__, write)


@register.filter
def signed(value: int) -> str:
    """A goal level as people write it: a real minus sign, a plus, a bare nought."""
    return f"{value:+d}".replace("-", "−") if value else "0"


@register.filter
def initials(name: object) -> str:
    """First and last initial of a name, titles such as "Dr." left out."""
    words = [word for word in str(name).split() if not word.endswith(".")] or str(name).split()
    return "".join(word[0] for word in [words[0], *words[1:][-1:]]).upper() if words else ""
