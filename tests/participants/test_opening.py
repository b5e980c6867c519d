"""Files that cost more than they weigh: opened in a program of its own, which ends at its limits."""

import resource
import time
import zipfile
from datetime import timedelta
from io import BytesIO

import psutil
import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from domain.errors import DomainError
from participants import imports
from participants.importing import opening
from participants.importing.reading import tidy
from participants.models import PeopleImport
from tests import factories

NEW = reverse("admin:participants_peopleimport_add")
SHEET = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'


def excel(sheet=b"", strings=b"", times=1):
    """A workbook by hand: its only sheet repeats `sheet`, or its table of strings `strings`."""
    out = BytesIO()
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    rels = "http://schemas.openxmlformats.org/package/2006/relationships"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "[Content_Types].xml",
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
            f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kind}.sharedStrings+xml"/></Types>',
        )
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{rels}"><Relationship Id="r1" Type="{office}/officeDocument"'
            ' Target="xl/workbook.xml"/></Relationships>',
        )
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
            '<sheet name="People" sheetId="1" r:id="r1"/></sheets></workbook>',
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{rels}"><Relationship Id="r1" Type="{office}/worksheet"'
            ' Target="worksheets/sheet1.xml"/></Relationships>',
        )
        with archive.open("xl/sharedStrings.xml", "w") as member:
            member.write(f'<sst xmlns="{main}">'.encode())
            for _ in range(times if strings else 0):
                member.write(strings)
            member.write(b"</sst>")
        with archive.open("xl/worksheets/sheet1.xml", "w") as member:
            member.write(SHEET.encode())
            for _ in range(1 if strings else times):
                member.write(sheet)
            member.write(b"</sheetData></worksheet>")
    return out.getvalue()


def cells(*words):
    return "".join(f'<c t="inlineStr"><is><t>{word}</t></is></c>' for word in words)


HONEST = f"<row>{cells('Name', 'E-mail')}</row><row>{cells('Jo', 'jo@example.org')}</row>".encode()
# 480 megabytes of text in half a megabyte.
STRINGS = b"<si><t>" + b"a" * 2**20 + b"</t></si>"
EMPTY = b"<row>" + b'<c s="1"/>' * 2000 + b"</row>"


class Cancelled(Exception):
    pass


@pytest.fixture
def upload(tmp_path):
    def write(content):
        path = tmp_path / "upload"
        path.write_bytes(content)
        return path

    return write


def test_open_a_workbook_made_by_hand_reads_it(upload):
    with opening.open_upload(upload(excel(HONEST))) as table:
        assert table.read().decode().split("\r\n") == [
            '",",Name,E-mail',
            "2,Jo,jo@example.org",
            "",
        ]


def test_open_text_that_needs_too_much_memory_is_one_sentence_and_costs_us_nothing(upload):
    path = upload(excel(HONEST, STRINGS, 480))
    assert path.stat().st_size < 2**20
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(DomainError, match="more memory or time"), opening.open_upload(path):
        pass
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50 * 1024
    assert [file.name for file in path.parent.iterdir()] == ["upload"]


def test_open_empty_cells_without_end_is_ended_after_its_time(upload, monkeypatch):
    path = upload(excel(HONEST + EMPTY, times=20_000))
    assert path.stat().st_size < 2**20
    memory, seconds = opening.limits_for(path.stat().st_size)
    assert seconds < 60
    monkeypatch.setattr(opening, "limits_for", lambda size: (memory, 1))
    with pytest.raises(DomainError, match="more memory or time"), opening.open_upload(path):
        pass


def test_open_stops_when_nobody_wants_it_any_more(upload):
    def cancelled():
        raise Cancelled

    began = time.monotonic()
    with pytest.raises(Cancelled), opening.open_upload(upload(excel(EMPTY, times=20_000)), cancelled):
        pass
    assert time.monotonic() - began < 20


def test_open_a_broken_workbook_is_one_sentence(upload):
    for sheet in (b"<row><c t='s'><v>99</v></c></row>", b"<row", b"<row r='x'/>", b"<row><c r='1'/></row>"):
        with (
            pytest.raises(DomainError, match=r"cannot be read|is empty"),
            opening.open_upload(upload(excel(sheet))),
        ):
            pass


def test_open_hands_on_no_key(upload):
    """While it works, its environment has nothing of ours to give away."""
    seen = []

    def look():
        mine = [child for child in psutil.Process().children() if child.status() != psutil.STATUS_ZOMBIE]
        program = next(child for child in mine if "participants.importing.reading" in child.cmdline())
        seen.append(set(program.environ()))
        raise Cancelled

    with pytest.raises(Cancelled), opening.open_upload(upload(excel(EMPTY, times=3000)), look):
        pass
    assert seen[0] <= {"PATH", "LANG", "OPENBLAS_NUM_THREADS", "LC_CTYPE"}


def test_half_a_sign_and_nul_are_taken_out_of_cells():
    assert tidy("Ma\ud83dja\x00 ") == "Ma?ja"


@pytest.mark.parametrize("content", [b"\xff\xfeN\x00a\x00\x00\xd8a\x00", b"\xff\xfeN"])
def test_open_broken_utf16_is_one_sentence(upload, content):
    with (
        pytest.raises(DomainError, match="neither UTF-8 nor Windows-1252"),
        opening.open_upload(upload(content)),
    ):
        pass


def test_open_a_line_without_end_is_one_sentence(upload):
    with (
        pytest.raises(DomainError, match="cannot be read"),
        opening.open_upload(upload(b'Name,E-mail\n"' + b"a" * 2**20)),
    ):
        pass


@pytest.mark.django_db
def test_hr_is_told_that_a_file_takes_too_much_and_the_web_server_does_not_open_it(
    client, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path / "media"
    client.force_login(factories.hr_admin())
    bomb = SimpleUploadedFile("people.xlsx", excel(HONEST, STRINGS, 480))
    began = time.process_time()
    answer = client.post(NEW, {"file": bomb})
    assert time.process_time() - began < 2
    one = PeopleImport.objects.get()
    assert (one.state, one.columns) == ("opening", [])
    imports.work(one)
    shown = client.get(answer.url).content.decode()
    assert "This file takes more memory or time to read than a table of people needs." in shown
    assert (NEW in shown, "Check the columns" in shown) == (True, False)


@pytest.mark.django_db
def test_a_file_is_for_the_product_alone_and_one_that_no_row_names_goes_after_a_day(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    folder, at = settings.MEDIA_ROOT / "people-imports", timezone.now()
    one = imports.keep(file=ContentFile(b"Name,E-mail\nJo,jo@example.org\n", name="people.csv"))
    assert [path.stat().st_mode & 0o777 for path in (folder, *folder.iterdir())] == [0o700, 0o600]
    imports.open_file(one)
    assert [path.stat().st_mode & 0o777 for path in (folder, *folder.iterdir())] == [0o700, 0o600]
    (folder / "left-by-a-killed-worker.csv").write_text("Jo")
    imports.forget_old(at)
    assert len(list(folder.iterdir())) == 2
    imports.forget_old(at + timedelta(days=1, minutes=1))
    assert [path.name for path in folder.iterdir()] == [one.file.name.rpartition("/")[2]]
