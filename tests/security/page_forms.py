"""The forms on a page, filled in as somebody in a hurry would: what a plausible POST is made of."""

from dataclasses import dataclass, field
from datetime import timedelta
from html.parser import HTMLParser

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

WORDS = {
    "text": "Some words",
    "search": "Some",
    "password": "correct horse battery",
    "email": "somebody@example.org",
    "url": "https://example.org/",
    "tel": "123",
    "number": "1",
    "date": (timezone.now() + timedelta(days=9)).date().isoformat(),
    "time": "10:00",
    "datetime-local": (timezone.now() + timedelta(days=9)).strftime("%Y-%m-%dT10:00"),
    "hidden": "",
}


@dataclass
class Form:
    action: str
    method: str
    data: dict[str, list[object]] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)

    def bodies(self) -> list[dict[str, list[object]]]:
        """As Enter would send the form, and as each of its named buttons would."""
        return [self.data, *(self.data | {name: [value]} for name, value in self.buttons)]


class Reader(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.form: Form | None = None
        self.select = self.area = ""
        self.options: list[tuple[str, bool]] = []
        self.words = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.form = Form(given.get("action", ""), given.get("method", "get").lower())
            self.forms.append(self.form)
        elif self.form is None or "disabled" in given:
            return
        elif tag == "input" and given.get("name"):
            self.take_input(self.form, given)
        elif tag == "button" and given.get("name"):
            self.form.buttons.append((given["name"], given.get("value", "")))
        elif tag == "select":
            self.select, self.options = given.get("name", ""), []
        elif tag == "option" and self.select:
            self.options.append((given.get("value", ""), "selected" in given))
        elif tag == "textarea":
            self.area, self.words = given.get("name", ""), ""

    def take_input(self, form: Form, given: dict[str, str]) -> None:
        kind, name, value = given.get("type", "text"), given["name"], given.get("value", "")
        if kind == "submit":
            form.buttons.append((name, value))
        elif kind == "checkbox":
            form.data.setdefault(name, []).append(value or "on")
        elif kind == "radio":
            if "checked" in given or name not in form.data:
                form.data[name] = [value]
        elif kind == "file":
            form.data[name] = [SimpleUploadedFile("people.csv", b"Name,Email\nNoel,n@example.org\n")]
        elif name.endswith("_FORMS"):
            form.data[name] = [value]
        else:
            form.data[name] = [value or WORDS.get(kind, WORDS["text"])]

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.form = None
        elif tag == "select" and self.select and self.form:
            chosen = [value for value, is_selected in self.options if is_selected and value]
            chosen = chosen or [value for value, _ in self.options if value][:1]
            self.form.data[self.select] = list(chosen)
            self.select = ""
        elif tag == "textarea" and self.area and self.form:
            self.form.data[self.area] = [self.words.strip() or WORDS["text"]]
            self.area = ""

    def handle_data(self, data: str) -> None:
        if self.area:
            self.words += data


def forms_on(page: str) -> list[Form]:
    return [form for form in Reader(page).forms if form.method == "post"]
