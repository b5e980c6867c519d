"""The admin site in the same colours: the tokens of static/css/tokens.css as the theme's scales."""

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from domain.requests import signed_in


def dashboard(request: HttpRequest, context: dict[str, object]) -> dict[str, object]:
    """The start page opens with what needs attention."""
    from mentoring.attention import attention

    return {**context, "attention": attention(signed_in(request)), "title": _("What needs you")}


# Words of the theme and of Django's admin that have no German, or another than ours; locale/de has it.
THEIR_WORDS = [
    _("Add row"),
    _("All applications"),
    _("Apply Filters"),
    _("By %(filter_title)s"),
    _("Choose file to upload"),
    _("Click to cancel"),
    _("Click to download"),
    _("Dark"),
    _("Date from"),
    _("Date to"),
    _("Expand row"),
    _("False"),
    _("Filters"),
    _("From"),
    _("Light"),
    _("Loading more results..."),
    _("More actions"),
    _("No results matching your query"),
    _("Reset filters"),
    _("Return to site"),
    _("Run"),
    _("Save and add another"),
    _("Save and continue editing"),
    _("Select action"),
    _("Select action to run"),
    _("Select all rows"),
    _("Select record"),
    _("Select value"),
    _("Submit"),
    _("System"),
    _("This item will be deleted."),
    _("To"),
    _("True"),
    _("Type to search"),
]

UNFOLD = {
    "SITE_TITLE": _("Mentoring"),
    "SITE_HEADER": _("Mentoring"),
    "SITE_SUBHEADER": _("Programmes and people"),
    "SITE_URL": reverse_lazy("home"),
    "SITE_ICON": lambda request: static("icons/favicon.svg"),
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("icons/favicon.svg")}
    ],
    "STYLES": [lambda request: static("css/admin.css")],
    "SCRIPTS": [lambda request: static("js/admin.js")],
    "DASHBOARD_CALLBACK": "mentoring.admin_theme.dashboard",
    "SHOW_BACK_BUTTON": True,
    "SHOW_VIEW_ON_SITE": False,
    "BORDER_RADIUS": "10px",
    "SIDEBAR": {"show_search": False, "command_search": False, "show_all_applications": False},
    "COLORS": {
        "base": {
            "50": "#faf8f4",
            "100": "#f3f0ea",
            "200": "#dfdad0",
            "300": "#c4c6c2",
            "400": "#a5b2b5",
            "500": "#647175",
            "600": "#566266",
            "700": "#3a474c",
            "800": "#273135",
            "900": "#1a2225",
            "950": "#12181a",
        },
        "primary": {
            "50": "#eef6f5",
            "100": "#dfeeed",
            "200": "#bfdfdd",
            "300": "#9dd6d4",
            "400": "#74cbc9",
            "500": "#4fb0af",
            "600": "#0e5c61",
            "700": "#0a474b",
            "800": "#153a3c",
            "900": "#0f2d2f",
            "950": "#0a1f21",
        },
        "font": {
            "subtle-light": "#566266",
            "subtle-dark": "#a5b2b5",
            "default-light": "#364145",
            "default-dark": "#d3dadb",
            "important-light": "#1d272b",
            "important-dark": "#e8ecec",
        },
    },
}
