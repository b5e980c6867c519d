"""From a table of the HR system to people in their reporting lines."""

import json
import zipfile
from datetime import date, datetime
from io import BytesIO, StringIO

import openpyxl
import pytest
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.errors import DomainError
from participants import imports
from participants.importing.mapping import guess
from participants.importing.opening import open_upload, refuse_at_a_glance
from participants.importing.planning import Entry, Known, flaw_of, plan
from participants.importing.table import opened
from participants.models import Grade, PeopleImport, Person, Profession, Site, Unit
from tests import factories

HEADER = (
    "Post Unique Reference,Name,E-mail,Grade (or equivalent),Job Title,Organisation,Unit,"
    "Reports to Senior Post,Professional/Occupational Group\n"
)
TABLE = HEADER + (
    "A1,Noël Top,noel@example.org,SCS3,Permanent Secretary,Ministry,Office,XX,Policy\n"
    'B1,Mina Middle,Mina@example.org,SCS1,"Director, IT",Ministry,IT,A1,Information Technology\n'
    "C1,Jo Junior,jo@example.org,HEO,Analyst,Ministry,IT,B1,information technology\n"
)


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


def row(line, email="", external_id="", manager=None, name="Somebody"):
    return Entry(line, email.lower(), name, external_id, manager)


def reasons(found):
    return [(remark.line, remark.text) for remark in found]


def load(content, **options):
    """Take a file as the command line does."""
    made = imports.keep(file=ContentFile(content, name="people.csv"), is_full=options.pop("is_full", False))
    imports.open_file(made)
    for name, value in options.items():
        setattr(made, name, value)
    return imports.take_at_once(made)


def read(tmp_path, content):
    """As a worker opens it."""
    path, table = tmp_path / "file", tmp_path / "table"
    path.write_bytes(content)
    with path.open("rb") as file:
        refuse_at_a_glance(file, len(content))
    with open_upload(path) as found:
        table.write_bytes(found.read())
    return opened(table).headers, list(opened(table).rows())


# --- Reading ---


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_read_knows_every_delimiter_and_encoding(tmp_path, delimiter, encoding):
    text = delimiter.join(["Name", "E-Mail-Adresse", "Stufe", "Führungskraft", "Haustier"])
    text += "\r\n" + delimiter.join(["Jürgen  Groß", "jg@example.org", "E13", "", "Katze"]) + "\r\n\r\n"
    headers, rows = read(tmp_path, text.encode(encoding))
    assert headers == ["Name", "E-Mail-Adresse", "Stufe", "Führungskraft", "Haustier"]
    assert rows == [(2, ["Jürgen Groß", "jg@example.org", "E13", "", "Katze"])]


def test_read_finds_the_names_below_a_title_and_keeps_commas_in_quotes(tmp_path):
    content = b'Export of 3 May\n\nName,E-Mail,Stelle\nAylin,a@example.org,"Leitung, IT"\n'
    assert read(tmp_path, content) == (
        ["Name", "E-Mail", "Stelle"],
        [(4, ["Aylin", "a@example.org", "Leitung, IT"])],
    )


def workbook(rows):
    book = openpyxl.Workbook()
    for cells in rows:
        book.active.append(cells)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def test_read_takes_numbers_and_days_of_an_excel_file_as_hr_would_type_them(tmp_path):
    content = workbook(
        [
            ["Name", "E-mail", "Employee ID", "Hire Date", "FTE"],
            ["Aylin", "a@example.org", 1234, datetime(2020, 4, 3), 0.5],
            [None, None],
            ["Ben", "b@example.org", 1235.0, date(2021, 1, 31), None],
        ]
    )
    _headers, rows = read(tmp_path, content)
    assert rows == [
        (2, ["Aylin", "a@example.org", "1234", "2020-04-03", "0.5"]),
        (4, ["Ben", "b@example.org", "1235", "2021-01-31", ""]),
    ]


def test_read_reckons_no_formula(tmp_path):
    _headers, rows = read(tmp_path, workbook([["Name", "E-mail", "Stelle"], ["Jo", "j@example.org", "=1+1"]]))
    assert rows == [(2, ["Jo", "j@example.org", ""])]


def bomb():
    """A sheet of a few kilobytes that declares and unpacks to more than a gigabyte."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as member:
            for _ in range(700):
                member.write(bytes(2**20))
    return out.getvalue()


def zipped(name):
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, "something")
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "empty"),
        (b"\n\n", "empty"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40_000, "picture"),
        (b"\xff\xd8\xff\xe0" + bytes(5000), "picture"),
        (b"%PDF-1.7\n", "PDF"),
        (b"Name,E-mail\n" + bytes(100), "no text file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "password"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old Excel file"),
        (b"PK\x03\x04 and then rubbish", "cannot be read"),
        (zipped("word/document.xml"), "no Excel table"),
        (zipped("xl/workbook.xml"), "cannot be read"),
        (bomb(), "too large once unpacked"),
        (b"Aylin Demir,aylin@example.org,HEO\n", "holds a person"),
        (b"Just one column\nAylin\n", "Only one column"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_read_says_in_one_sentence_what_helps(tmp_path, content, sentence):
    with pytest.raises(DomainError, match=sentence):
        read(tmp_path, content)


@pytest.mark.parametrize(
    ("headers", "fields"),
    [
        (
            "Employee ID,Legal Name,Email - Primary Work,Business Title,Management Level,"
            "Supervisory Organization,Location,Manager,Manager ID,Hire Date",
            "external_id name email job_title grade unit site manager joined_on",
        ),
        (
            "User ID,First Name,Last Name,Email,Department,Division,Location,Manager User ID,Hire Date",
            "external_id given_name family_name email unit organisation site manager joined_on",
        ),
        (
            "Vorname,Nachname,E-Mail,Position,Abteilung,Standort,Vorgesetzter,Einstellungsdatum",
            "given_name family_name email job_title unit site manager joined_on",
        ),
        (
            "Display name,Work email,Job title,Department,Site,Reports to,Start date",
            "name email job_title unit site manager joined_on",
        ),
    ],
    ids=["Workday", "SuccessFactors", "Personio", "HiBob"],
)
def test_guess_knows_the_columns_of_common_systems(headers, fields):
    found = guess(headers.split(","))
    assert set(found.values()) == set(fields.split())
    assert found.get("Manager") is None  # a name says less than a number


# --- Planning ---


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"email": ""}, "There is no e-mail address."),
        ({"email": "nonsense"}, "“nonsense” is no e-mail address."),
        ({"email": "a@example.org", "name": ""}, "There is no name."),
        ({"email": "a@example.org", "job_title": "x" * 201}, "“job title” is longer than 200 characters."),
        ({"email": "a@example.org", "name": "x" * 201}, "“name” is longer than 200 characters."),
        ({"email": "a@example.org", "joined_on": "soon"}, "“soon” is no date that can be read."),
    ],
)
def test_flaw_names_what_is_wrong_with_a_row(values, reason):
    assert flaw_of({"name": "Somebody", **values}) == reason


def test_plan_takes_an_address_once_and_a_number_once():
    rows = [
        row(2, email="a@example.org", external_id="1"),
        row(3, email="A@example.org", external_id="2"),
        row(4, email="b@example.org", external_id="1"),
    ]
    made = plan(rows, {})
    assert list(made.rows) == ["a@example.org", "b@example.org"]
    assert made.numbers == {"a@example.org": "1"}
    assert reasons(made.rejected) == [(3, "The address stands in line 2 already.")]
    assert reasons(made.remarks) == [(4, "The number 1 stands in line 2 already: taken without it.")]


def test_plan_takes_nobody_whose_manager_is_unknown_nor_those_below_them():
    rows = [
        row(2, email="top@example.org", external_id="T", manager=""),
        row(3, email="a@example.org", external_id="A", manager="GONE"),
        row(4, email="b@example.org", manager="A"),
        row(5, email="c@example.org", manager="TOP@example.org"),
        row(6, email="d@example.org", manager="old@example.org"),
    ]
    made = plan(rows, {"old@example.org": Known()})
    assert made.managers == {
        "top@example.org": None,
        "c@example.org": "top@example.org",
        "d@example.org": "old@example.org",
    }
    assert [remark.line for remark in made.rejected] == [3, 4]


def test_plan_refuses_a_circle_also_through_people_not_in_the_table():
    rows = [
        row(2, email="a@example.org", manager="b@example.org"),
        row(3, email="b@example.org", manager="a@example.org"),
        row(4, email="self@example.org", manager="self@example.org"),
        row(5, email="c@example.org", manager="old@example.org"),
    ]
    made = plan(rows, {"old@example.org": Known(manager="c@example.org"), "c@example.org": Known()})
    assert dict(made.rows) == {}
    assert [remark.line for remark in made.rejected] == [2, 3, 4, 5]


def test_plan_gives_nobody_the_number_of_somebody_else():
    known = {"emma@example.org": Known(external_id="1")}
    made = plan([row(2, email="new@example.org", external_id="1")], known)
    assert [remark.line for remark in made.rejected] == [2]
    swapped = plan(
        [
            row(2, email="emma@example.org", external_id="2"),
            row(3, email="new@example.org", external_id="1"),
        ],
        known,
    )
    assert swapped.numbers == {"emma@example.org": "2", "new@example.org": "1"}


people = st.integers(0, 7)


@given(
    rows=st.lists(st.tuples(people, people, st.one_of(st.none(), people)), max_size=12),
    known=st.dictionaries(people, st.tuples(st.one_of(st.none(), people))),
)
def test_plan_leaves_no_circle_no_shared_number_and_forgets_no_row(rows, known):
    table = [
        row(
            line,
            email=f"p{who}@example.org",
            external_id=f"N{number}",
            manager="" if above is None else f"N{above}",
        )
        for line, (who, number, above) in enumerate(rows, start=2)
    ]
    # Whoever is known reports to a lower number, so that what is known holds no circle.
    there = {
        f"p{who}@example.org": Known(
            external_id=f"N{who}",
            manager=f"p{above}@example.org" if above is not None and above < who and above in known else None,
        )
        for who, (above,) in known.items()
    }
    made = plan(table, there)
    assert len(made.rows) + len(made.rejected) == len(table)
    numbers = {email: person.external_id for email, person in there.items()} | made.numbers
    assert len(set(numbers.values())) == len(numbers)
    above = {email: person.manager for email, person in there.items()} | made.managers
    for start in above:
        seen, step = set(), start
        while step is not None:
            assert step not in seen
            assert step in made.rows or step in there
            seen.add(step)
            step = above.get(step)


# --- Loading ---


@pytest.mark.django_db
def test_load_makes_people_and_everything_they_belong_to():
    outcome = load(TABLE.encode(), language="de", time_zone="Europe/Berlin").figures
    assert (outcome.new, outcome.changed, outcome.unchanged, outcome.refused) == (3, 0, 0, 0)
    assert outcome.made == {"grade": 3, "profession": 2, "site": 0, "unit": 3}
    jo = Person.objects.get(email="jo@example.org")
    mina = Person.objects.get(email="mina@example.org")
    top = Person.objects.get(email="noel@example.org")
    assert (jo.line, mina.line, top.line) == ([top.pk, mina.pk], [top.pk], [])
    assert (jo.given_name, jo.language, jo.time_zone, jo.external_id) == ("Jo", "de", "Europe/Berlin", "C1")
    assert (jo.unit.name, jo.unit.parent.name, jo.unit) == ("IT", "Ministry", mina.unit)
    assert jo.profession == mina.profession
    assert set(Grade.objects.values_list("name", "rank")) == {("SCS3", None), ("SCS1", None), ("HEO", None)}
    assert jo.has_usable_password() is False


@pytest.mark.django_db
def test_load_a_second_time_changes_nothing():
    load(TABLE.encode())
    before = list(Person.objects.values().order_by("pk"))
    outcome = load(TABLE.encode()).figures
    assert (outcome.new, outcome.changed, outcome.unchanged) == (0, 0, 3)
    assert outcome.made == {"grade": 0, "profession": 0, "site": 0, "unit": 0}
    assert list(Person.objects.values().order_by("pk")) == before


@pytest.mark.django_db
def test_load_keeps_what_people_chose_and_what_the_table_does_not_say():
    load(TABLE.encode())
    Person.objects.filter(email="jo@example.org").update(
        language="de", given_name="Joanna", time_zone="Asia/Tokyo", is_hr_admin=True, password="secret"
    )
    outcome = load(b"Name;E-Mail;Stelle\nJo Senior;jo@example.org;Head of Analysis\n").figures
    assert (outcome.changed, outcome.unchanged) == (1, 0)
    jo = Person.objects.get(email="jo@example.org")
    assert (jo.name, jo.job_title) == ("Jo Senior", "Head of Analysis")
    assert (jo.language, jo.given_name, jo.time_zone) == ("de", "Joanna", "Asia/Tokyo")
    assert (jo.is_hr_admin, jo.password, jo.external_id, jo.grade.name) == (True, "secret", "C1", "HEO")
    assert len(jo.line) == 2


@pytest.mark.django_db
def test_load_moves_a_branch_and_every_line_below_it():
    load(TABLE.encode())
    moved = TABLE.replace("IT,A1,Information", "IT,D1,Information") + (
        "D1,Dana Deputy,dana@example.org,SCS2,Deputy,Ministry,Office,A1,Policy\n"
    )
    outcome = load(moved.encode()).figures
    assert (outcome.new, outcome.changed, outcome.unchanged) == (1, 1, 2)
    ids = dict(Person.objects.values_list("external_id", "pk"))
    assert Person.objects.get(external_id="C1").line == [ids["A1"], ids["D1"], ids["B1"]]


@pytest.mark.django_db
def test_load_lets_two_people_swap_their_numbers():
    load(b"Personalnummer,Name,E-Mail\n1,A,a@example.org\n2,B,b@example.org\n")
    load(b"Personalnummer,Name,E-Mail\n2,A,a@example.org\n1,B,b@example.org\n")
    assert dict(Person.objects.values_list("email", "external_id")) == {
        "a@example.org": "2",
        "b@example.org": "1",
    }


def numbers():
    return dict(Person.objects.values_list("email", "external_id"))


@pytest.mark.django_db
def test_load_of_a_blank_number_changes_nobody():
    load(b"Personalnummer,Name,E-Mail\n1,A,a@example.org\n2,B,b@example.org\n")
    outcome = load(b"Personalnummer,Name,E-Mail\n,A,a@example.org\n2,B,b@example.org\n").figures
    assert (outcome.changed, outcome.unchanged) == (0, 2)
    assert numbers() == {"a@example.org": "1", "b@example.org": "2"}


@pytest.mark.django_db
def test_load_of_a_blank_number_beside_a_change_keeps_the_number():
    load(b"Personalnummer,Name,E-Mail\n1,A,a@example.org\n2,B,b@example.org\n")
    outcome = load(b"Personalnummer,Name,E-Mail\n,Anna,a@example.org\n3,B,b@example.org\n").figures
    assert (outcome.changed, outcome.unchanged) == (2, 0)
    assert Person.objects.get(email="a@example.org").name == "Anna"
    assert numbers() == {"a@example.org": "1", "b@example.org": "3"}


@pytest.mark.django_db
def test_load_where_a_number_stands_twice_keeps_the_number_of_who_is_taken_without_it():
    load(b"Personalnummer,Name,E-Mail\n1,A,a@example.org\n2,B,b@example.org\n")
    load(b"Personalnummer,Name,E-Mail\n1,A,a@example.org\n1,Ben,b@example.org\n")
    assert numbers() == {"a@example.org": "1", "b@example.org": "2"}


PEOPLE = "Personalnummer,Name,E-Mail,Manager\n"


def loaded(*rows, **options):
    return load((PEOPLE + "".join(f"{row}\n" for row in rows)).encode(), **options)


def addresses():
    return dict(Person.objects.order_by("email").values_list("email", "external_id"))


@pytest.mark.django_db
def test_load_follows_a_number_and_a_name_to_a_new_address():
    loaded("1,A Top,a@example.org,", "2,B,b@example.org,1", is_full=True)
    before = {person.external_id: person.pk for person in Person.objects.all()}
    outcome = loaded("1,a  top,a.new@example.org,", "2,B,b@example.org,a.new@example.org", is_full=True)
    assert (outcome.figures.changed, outcome.figures.new, outcome.figures.leaving) == (1, 0, 0)
    assert addresses() == {"a.new@example.org": "1", "b@example.org": "2"}
    assert {person.external_id: person.pk for person in Person.objects.all()} == before
    assert Person.objects.get(external_id="2").line == [before["1"]]


@pytest.mark.django_db
def test_load_lets_two_people_swap_their_addresses_and_keeps_who_they_are():
    loaded("1,A,a@example.org,", "2,B,b@example.org,1")
    before = {person.name: person.pk for person in Person.objects.all()}
    outcome = loaded("1,A,b@example.org,", "2,B,a@example.org,1")
    assert (outcome.figures.changed, outcome.rejected) == (2, [])
    assert addresses() == {"a@example.org": "2", "b@example.org": "1"}
    assert {person.name: person.pk for person in Person.objects.all()} == before
    assert Person.objects.get(name="B").line == [before["A"]]


@pytest.mark.django_db
def test_load_gives_an_address_that_somebody_leaves_to_somebody_new():
    loaded("1,A,a@example.org,")
    known = Person.objects.get().pk
    outcome = loaded(
        "1,A,a.old@example.org,", "7,Another A,a@example.org,1", "8,C,c@example.org,a@example.org"
    )
    assert (outcome.figures.changed, outcome.figures.new) == (1, 2)
    assert addresses() == {"a.old@example.org": "1", "a@example.org": "7", "c@example.org": "8"}
    assert Person.objects.get(external_id="1").pk == known
    assert [Person.objects.get(pk=pk).external_id for pk in Person.objects.get(external_id="8").line] == [
        "1",
        "7",
    ]


@pytest.mark.django_db
def test_load_moves_nobody_whose_row_cannot_be_taken():
    loaded("1,A,a@example.org,", "2,B,b@example.org,")
    outcome = loaded("1,A,b@example.org,nobody@example.org", "2,B,a@example.org,")
    assert (len(outcome.rejected), addresses()) == (2, {"a@example.org": "1", "b@example.org": "2"})


@pytest.mark.django_db
@pytest.mark.parametrize(
    "row",
    ["1,Successor of A,new@example.org,", "1,A,b@example.org,", "1,A,no address,", ",A,new@example.org,"],
)
def test_load_gives_nobody_anothers_address_on_a_number_or_a_name_alone(row):
    loaded("1,A,a@example.org,", "2,B,b@example.org,")
    loaded(row)
    assert {"a@example.org": "1"}.items() <= addresses().items()


@pytest.mark.django_db
def test_load_leaves_the_trigger_awake():
    load(TABLE.encode())
    top = Person.objects.get(external_id="A1")
    assert factories.person(manager=top).line == [top.pk]


@pytest.mark.django_db
@pytest.mark.parametrize("people", [2, 300])
def test_load_costs_the_same_queries_for_two_people_and_for_many(people, django_assert_num_queries):
    made = imports.keep(file=ContentFile(company(people), name="people.csv"))
    imports.open_file(made)
    with django_assert_num_queries(74):
        imports.take_at_once(made)


def company(people):
    return HEADER.encode() + b"".join(
        (
            f"N{n},Person {n},p{n}@example.org,G{n % 5},Job,Ministry,Unit {n % 7},"
            f"{f'N{n // 2}' if n > 1 else 'XX'},Policy\n"
        ).encode()
        for n in range(1, people + 1)
    )


@pytest.mark.django_db
def test_load_says_who_is_missing_and_deactivates_only_on_a_yes():
    load(TABLE.encode())
    boss = factories.hr_admin()
    shorter = TABLE.replace("jo@example.org", "broken address")
    assert load(shorter.encode(), is_full=True).figures.leaving == 0  # the row is there, if not taken
    shorter = HEADER + TABLE.splitlines()[1] + "\n"
    assert load(shorter.encode()).figures.leaving == 0
    assert load(shorter.encode(), is_full=True).figures.leaving == 2
    assert Person.objects.active().count() == 4
    load(shorter.encode(), is_full=True, deactivate=True)
    assert set(Person.objects.active().values_list("email", flat=True)) == {"noel@example.org", boss.email}
    assert load(TABLE.encode()).figures.returning == 2
    assert Person.objects.active().count() == 2
    load(TABLE.encode(), reactivate=True)
    assert Person.objects.active().count() == 4


@pytest.mark.django_db
def test_load_finds_a_manager_by_name_where_one_alone_has_it():
    table = "Name,E-mail,Manager\nTop,t@example.org,\nTwin,a@example.org,Top\nTwin,b@example.org,top\n"
    found = load((table + "Low,l@example.org,Twin\n").encode())
    assert reasons(found.rejected) == [
        (5, "More than one person is called “Twin”. Give the manager's number or e-mail address.")
    ]
    top = Person.objects.get(name="Top")
    assert list(Person.objects.filter(name="Twin").values_list("line", flat=True)) == [[top.pk]] * 2


tree = st.lists(st.tuples(st.integers(0, 9), st.booleans()), min_size=1, max_size=10)


@pytest.mark.django_db
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=tree, second=tree, by_hand=st.tuples(st.integers(0, 9), st.integers(0, 9)))
def test_lines_are_right_after_files_and_changes_by_hand(first, second, by_hand):
    def table(people):
        lines = [
            f"N{n},P{n},p{n}@example.org,{f'N{above % n}' if n and has else ''}"
            for n, (above, has) in enumerate(people)
        ]
        return ("Employee ID,Name,E-mail,Manager ID\n" + "\n".join(lines) + "\n").encode()

    with transaction.atomic():
        load(table(first))
        low, high = (Person.objects.filter(external_id=f"N{n}").first() for n in by_hand)
        if low and high and low.pk not in (high.pk, *high.line):
            low.manager = high
            low.save()
        load(table(second))
        people = {person.pk: person for person in Person.objects.all()}
        for person in people.values():
            line, step = [], person
            while step.manager_id:
                step = people[step.manager_id]
                line.insert(0, step.pk)
            assert person.line == line
            assert set(Person.objects.reports_of(person)) == {
                other for other in people.values() if person.pk in other.line
            }
        transaction.set_rollback(True)


# --- The command ---


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "people.csv"
    path.write_text(TABLE + "X9,No Address,,HEO,Clerk,Ministry,IT,A1,Policy\n", encoding="utf-8")
    return str(path)


def run(*arguments):
    out = StringIO()
    call_command("import_people", *arguments, stdout=out)
    return out.getvalue()


@pytest.mark.django_db
def test_command_tells_what_it_took_and_what_it_did_not(file):
    assert run(file) == (
        "People: 3 new, 0 changed, 0 as before.\n"
        "New: 3 units, 3 grades, 2 professions, 0 sites.\n"
        "1 row not taken:\n"
        "  line 5, No Address: There is no e-mail address.\n"
    )


@pytest.mark.django_db
def test_command_answers_a_machine_and_changes_nothing_when_dry(file):
    answer = json.loads(run(file, "--dry-run", "--json"))
    assert (answer["new"], answer["rejected"][0]["line"]) == (3, 5)
    assert [model.objects.count() for model in (Person, Grade, Unit, Site, Profession, PeopleImport)] == [
        0
    ] * 6


@pytest.mark.django_db
def test_command_orders_grades_from_the_lowest_to_the_highest(file):
    run(file, "--grades", "heo, SCS1,SCS3")
    assert dict(Grade.objects.values_list("name", "rank")) == {"HEO": 1, "SCS1": 2, "SCS3": 3}
    run(file, "--grades", "SCS3,SCS1")
    assert dict(Grade.objects.values_list("name", "rank")) == {"HEO": None, "SCS1": 2, "SCS3": 1}


@pytest.mark.django_db
@pytest.mark.parametrize("wrong", [["--grades", "HEO,Wizard"], ["--time-zone", "Mars/Base"]])
def test_command_with_a_wrong_word_changes_nothing(file, wrong):
    with pytest.raises(CommandError):
        run(file, *wrong)
    assert Person.objects.count() == 0


@pytest.mark.django_db
def test_command_without_the_file_says_so(tmp_path):
    with pytest.raises(CommandError, match="cannot be read"):
        run(str(tmp_path / "missing.csv"))


@pytest.mark.django_db
def test_command_reads_columns_as_the_mapping_says(file, tmp_path):
    path = tmp_path / "mapping.json"
    path.write_text(json.dumps({"Job Title": "profession", "Professional/Occupational Group": None}))
    run(file, "--mapping", str(path))
    jo = Person.objects.get(email="jo@example.org")
    assert (jo.profession.name, jo.job_title) == ("Analyst", "")
    path.write_text(json.dumps({"Shoe size": "grade"}))
    with pytest.raises(CommandError, match="no column “Shoe size”"):
        run(file, "--mapping", str(path))
