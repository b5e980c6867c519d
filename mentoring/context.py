"""What every page's frame needs to know: where one can go, who one is, what is unread."""

from dataclasses import dataclass
from typing import TypedDict

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext_lazy as _

from concerns.models import Reader
from notices.models import Notice
from participants.models import Person, Unit
from programmes.models import ProgrammeRole


@dataclass(frozen=True)
class Place:
    name: str
    label: str | Promise
    icon: str
    rare: bool = False
    """Whether few people have it: on narrow screens it moves into the person's menu."""


PLACES = [
    Place("home", _("Home"), "home"),
    Place("meetings:list", _("Meetings"), "meetings"),
    Place("goals:list", _("Goals"), "goals"),
    Place("programmes:list", _("Programmes"), "programmes"),
    Place("insights:overview", _("Insights"), "insights", rare=True),
    Place("concerns:inbox", _("Concerns"), "concerns", rare=True),
    Place("admin:index", _("Admin"), "admin", rare=True),
]


class Standing(TypedDict):
    unread: int
    heads: bool
    reads: bool
    roles: list[str]


class Shell:
    """Asked by base.html; costs one query, and none where no page is drawn."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    @property
    def person(self) -> Person | None:
        person = getattr(self.request, "user", None)
        return person if isinstance(person, Person) else None

    @cached_property
    def _standing(self) -> Standing:
        """Unread notices, roles in programmes and units headed, in one query."""
        unread = Notice.objects.visible_to(OuterRef("pk")).unread().order_by().values("recipient")
        return (
            Person.objects.filter(pk=self.request.user.pk)
            .values(
                unread=Coalesce(Subquery(unread.values(count=Count("pk"))), 0),
                heads=Exists(Unit.objects.filter(head=OuterRef("pk"))),
                reads=Exists(Reader.objects.filter(person=OuterRef("pk"))),
                roles=ArraySubquery(ProgrammeRole.objects.filter(person=OuterRef("pk")).values("role")),
            )
            .get()
        )

    @property
    def unread(self) -> int:
        return self._standing["unread"]

    @property
    def notices_url(self) -> str:
        return _url("notices:inbox")

    @property
    def profile_url(self) -> str:
        return _url("participants:profile")

    @property
    def runs_programmes(self) -> bool:
        is_hr_admin = self.person is not None and self.person.is_hr_admin
        return is_hr_admin or ProgrammeRole.Kind.COORDINATOR in self._standing["roles"]

    def _may_enter(self, place: str) -> bool:
        roles = set(self._standing["roles"])
        match place:
            case "insights:overview":
                return self.runs_programmes or self._standing["heads"] or ProgrammeRole.Kind.SPONSOR in roles
            case "concerns:inbox":
                return ProgrammeRole.Kind.CONFIDANT in roles or self._standing["reads"]
            case "admin:index":
                return self.runs_programmes
        return True

    @cached_property
    def navigation(self) -> list[dict[str, object]]:
        """The answers of permissions.py, without a query for each; a test holds the two together."""
        return [self._item(place) for place in PLACES if _url(place.name) and self._may_enter(place.name)]

    def _item(self, place: Place) -> dict[str, object]:
        url, path = _url(place.name), self.request.path
        current = "page" if path == url else "true" if url != "/" and path.startswith(url) else ""
        return {"url": url, "label": place.label, "icon": place.icon, "rare": place.rare, "current": current}


def _url(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def shell(request: HttpRequest) -> dict[str, object]:
    return {"shell": Shell(request)}
