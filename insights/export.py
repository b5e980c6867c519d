"""The figures of a page as a file. They are the very texts of the page, so nothing is in a file that is not
on the page."""

import csv
from collections.abc import Iterator
from datetime import datetime
from io import BytesIO, StringIO

import openpyxl
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from openpyxl.styles import Font

from domain.spreadsheets import guarded
from insights.charts import Bar
from insights.pages import Figure, Page

Row = tuple[str, str, str]
"""What it is about, the figure, its value."""


def rows(page: Page) -> Iterator[Row]:
    titles = {key: str(one.title) for key, one in page.meanings.items()}

    def table(key: str, bars: list[Bar], of: str = "") -> Iterator[Row]:
        for bar in bars:
            yield f"{titles[key]}, {of}" if of else titles[key], str(bar.label), bar.text

    def single(key: str, figure: Figure, section: str = "course") -> Row:
        return titles[section], titles[key], figure.text

    yield from table("course", page.course)
    for key in ("match_rate", "acceptance", "again"):
        yield single(key, getattr(page, key))
    if page.tells_means:
        yield single("wait", page.wait)
    for aim in page.aims:
        label = str(aim.scale.label)
        for name, scale in [("", aim.scale), *aim.by_cohort]:
            figure = f"{label}, {name}" if name else label
            for mark in scale.marks:
                yield titles["objectives"], f"{figure}: {mark.label}", mark.text
        yield (
            titles["objectives"],
            f"{label}: {_('Target')}",
            aim.target,
        )
        yield titles["objectives"], f"{label}: {_('Standing')}", aim.standing
        for day, of, text in aim.trend.rows if aim.trend else []:
            yield (
                f"{titles['objectives']}, {_('Over time')}",
                f"{label}: {of}, {day}" if of else f"{label}: {day}",
                text,
            )
    if page.is_due:
        yield titles["meetings"], _("Planned to date for each mentorship"), page.planned
        yield single("delivery", page.delivery, "meetings")
    yield from table("meetings", page.meetings)
    yield from table("lateness", page.lateness)
    yield from table("months", page.months)
    yield titles["health"], _("Mentorships"), page.mentorships.text
    yield from table("health", page.health)
    yield from table("goals", page.goals)
    for profile in page.profiles:
        of = str(profile.title)
        yield from table("levels", profile.levels, of)
        if page.tells_means:
            yield titles["attainment"], of, profile.attainment
        if page.tells_answers:
            for scale in profile.scales:
                for mark in scale.marks:
                    yield f"{titles['pulses']}, {of}", f"{scale.label}: {mark.label}", mark.text
            for wave in profile.responses:
                yield f"{titles['responses']}, {of}", f"{wave.time}: {_('Asked')}", wave.asked
                yield f"{titles['responses']}, {of}", f"{wave.time}: {_('Answered')}", wave.answered
                yield f"{titles['responses']}, {of}", f"{wave.time}: {_('Share')}", wave.rate
    if page.tells_answers:
        yield titles["look_back"], _("Asked"), page.looking_back.text
        yield titles["look_back"], _("Answered"), page.looked_back.text
        yield titles["look_back"], titles["look_back"], page.would_do_it_again.text
        yield from table("look_back", page.answers)
    for column in page.columns:
        for compared, one in column.figures:
            yield f"{titles['comparison']}: {column.name}", str(compared), one.text
    for part in page.reach:
        for reached in part.rows:
            section = f"{titles['reach']}, {part.label}"
            yield section, f"{reached.bar.label}: {_('Taking part')}", reached.bar.text
            yield section, f"{reached.bar.label}: {_('Among those taking part')}", reached.among
            yield section, f"{reached.bar.label}: {_('In the company')}", reached.in_company
    if page.weeks_waited is not None:
        yield titles["concerns"], _("Longest wait in weeks"), str(page.weeks_waited or _("under one"))


def heading(page: Page, at: datetime) -> list[Row]:
    return [
        (page.programme.name, page.view_text, date_format(at, "DATE_FORMAT")),
        (_("About"), _("Figure"), _("Value")),
    ]


def as_csv(page: Page, at: datetime) -> bytes:
    """UTF-8 with a byte order mark, by which spreadsheets know it."""
    file = StringIO()
    writer = csv.writer(file)
    for row in [*heading(page, at), *rows(page)]:
        writer.writerow([guarded(cell) for cell in row])
    return file.getvalue().encode("utf-8-sig")


def as_xlsx(page: Page, at: datetime) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = _("Insights")[:31]
    for row in [*heading(page, at), *rows(page)]:
        sheet.append([guarded(cell) for cell in row])
    for cell in [*sheet[1], *sheet[2]]:
        cell.font = Font(bold=True)
    for letter, width in zip("ABC", (44, 52, 28), strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = "A3"
    file = BytesIO()
    book.save(file)
    return file.getvalue()


KINDS = {
    "csv": (as_csv, "text/csv; charset=utf-8"),
    "xlsx": (as_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}
