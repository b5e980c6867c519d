"""From a table of the HR system to people in their reporting lines."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import DomainError
from participants.importing import Known, Row, plan, read
from participants.loading import load
from participants.models import Grade, Person, Profession, Site, Unit
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


def row(line, **values):
    return Row(line, {"name": "Somebody", **values})


def reasons(found):
    return [(remark.line, remark.text) for remark in found]


# --- Reading ---


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_read_knows_every_delimiter_and_encoding(delimiter, encoding):
    text = delimiter.join(["Name", "E-Mail-Adresse", "Stufe", "Führungskraft", "Haustier"])
    text += "\r\n" + delimiter.join(["Jürgen  Groß", "jg@example.org", "E13", "", "Katze"]) + "\r\n\r\n"
    rows = read(text.encode(encoding))
    assert rows == [Row(2, {"name": "Jürgen Groß", "email": "jg@example.org", "grade": "E13", "manager": ""})]


def test_read_puts_names_together_and_keeps_commas_in_quotes():
    rows = read(b'Vorname,Nachname,E-Mail,Stelle\nAylin,Demir,a@example.org,"Leitung, IT"\n')
    assert (rows[0].name, rows[0].values["job_title"]) == ("Aylin Demir", "Leitung, IT")


@pytest.mark.parametrize("content", [b"", b"\n\n", b"Fruit,Colour\nApple,red\n", b"E-mail\na@example.org\n"])
def test_read_refuses_what_is_no_table_of_people(content):
    with pytest.raises(DomainError):
        read(content)


# --- Planning ---


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"email": ""}, "There is no e-mail address."),
        ({"email": "nonsense"}, "“nonsense” is no e-mail address."),
        ({"email": "a@example.org", "name": ""}, "There is no name."),
        ({"email": "a@example.org", "job_title": "x" * 201}, "“job_title” is longer than 200 characters."),
        ({"email": "a@example.org", "name": "x" * 201}, "“name” is longer than 200 characters."),
        ({"email": "a@example.org", "joined_on": "soon"}, "“soon” is no date that can be read."),
    ],
)
def test_plan_reports_a_row_it_cannot_take(values, reason):
    made = plan([row(2, **values)], {})
    assert (list(made.rows), reasons(made.rejected)) == ([], [(2, reason)])


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
    outcome = load(read(TABLE.encode()), language="de", time_zone="Europe/Berlin")
    assert (outcome.created, outcome.changed, outcome.unchanged, outcome.rejected) == (3, 0, 0, [])
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
    load(read(TABLE.encode()))
    before = list(Person.objects.values().order_by("pk"))
    outcome = load(read(TABLE.encode()))
    assert (outcome.created, outcome.changed, outcome.unchanged) == (0, 0, 3)
    assert outcome.made == {"grade": 0, "profession": 0, "site": 0, "unit": 0}
    assert list(Person.objects.values().order_by("pk")) == before


@pytest.mark.django_db
def test_load_keeps_what_people_chose_and_what_the_table_does_not_say():
    load(read(TABLE.encode()))
    Person.objects.filter(email="jo@example.org").update(
        language="de", given_name="Joanna", time_zone="Asia/Tokyo", is_hr_admin=True, password="secret"
    )
    outcome = load(read(b"Name;E-Mail;Stelle\nJo Senior;jo@example.org;Head of Analysis\n"))
    assert (outcome.changed, outcome.unchanged) == (1, 0)
    jo = Person.objects.get(email="jo@example.org")
    assert (jo.name, jo.job_title) == ("Jo Senior", "Head of Analysis")
    assert (jo.language, jo.given_name, jo.time_zone) == ("de", "Joanna", "Asia/Tokyo")
    assert (jo.is_hr_admin, jo.password, jo.external_id, jo.grade.name) == (True, "secret", "C1", "HEO")
    assert len(jo.line) == 2


@pytest.mark.django_db
def test_load_moves_a_branch_and_every_line_below_it():
    load(read(TABLE.encode()))
    moved = TABLE.replace("IT,A1,Information", "IT,D1,Information") + (
        "D1,Dana Deputy,dana@example.org,SCS2,Deputy,Ministry,Office,A1,Policy\n"
    )
    outcome = load(read(moved.encode()))
    assert (outcome.created, outcome.changed, outcome.unchanged) == (1, 1, 2)
    ids = dict(Person.objects.values_list("external_id", "pk"))
    assert Person.objects.get(external_id="C1").line == [ids["A1"], ids["D1"], ids["B1"]]


@pytest.mark.django_db
def test_load_lets_two_people_swap_their_numbers():
    load(read(b"Personalnummer,Name,E-Mail\n1,A,a@example.org\n2,B,b@example.org\n"))
    load(read(b"Personalnummer,Name,E-Mail\n2,A,a@example.org\n1,B,b@example.org\n"))
    assert dict(Person.objects.values_list("email", "external_id")) == {
        "a@example.org": "2",
        "b@example.org": "1",
    }


@pytest.mark.django_db
def test_load_leaves_the_trigger_awake():
    load(read(TABLE.encode()))
    top = Person.objects.get(external_id="A1")
    assert factories.person(manager=top).line == [top.pk]


@pytest.mark.django_db
def test_load_dry_says_the_same_and_changes_nothing():
    dry = load(read(TABLE.encode()), dry_run=True)
    assert [model.objects.count() for model in (Person, Grade, Unit, Site, Profession)] == [0] * 5
    assert vars(dry) == vars(load(read(TABLE.encode())))


@pytest.mark.django_db
@pytest.mark.parametrize("people", [2, 300])
def test_load_costs_the_same_queries_for_two_people_and_for_many(people, django_assert_num_queries):
    table = HEADER + "".join(
        f"N{n},Person {n},p{n}@example.org,G{n % 5},Job,Ministry,Unit {n % 7},"
        f"{f'N{n // 2}' if n > 1 else 'XX'},Policy\n"
        for n in range(1, people + 1)
    )
    rows = read(table.encode())
    with django_assert_num_queries(17):
        load(rows)


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
    assert (answer["created"], answer["rejected"][0]["line"], Person.objects.count()) == (3, 5, 0)


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
