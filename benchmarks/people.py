"""The import of a company's people, beside a bare COPY of the same rows into a table without any index; then
the searches and lists of the admin site over them. Each import runs in a process of its own, on a fresh
PostgreSQL.
"""

from __future__ import annotations

import csv
import multiprocessing
import os
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from mentoring import embedded

HEADERS = [
    "Employee ID",
    "Name",
    "Work Email",
    "Grade",
    "Job Title",
    "Company",
    "Department",
    "Location",
    "Job Family",
    "Manager ID",
    "Hire Date",
    "Language",
]
# fmt: off
GIVEN = [
    "Emma", "Noël", "Aylin", "Martin", "Jürgen", "Priya", "Wei", "Olga", "Kofi",
    "Sara", "Lukas", "María", "Jonas", "Fatima", "Ben", "Zoë", "Ali", "Nina",
]
FAMILY = [
    "Reed", "Groß", "Demir", "Vogel", "Núñez", "Sharma", "Zhang", "Petrova",
    "Mensah", "Lind", "Nowak", "García", "Weber", "Haddad", "Clarke", "Yildiz",
]
# fmt: on
REPORTS = 7  # each manager has so many
DEPARTMENTS = 2400


def write_company(path: Path, people: int, *, moved: int = 0) -> None:
    """A pyramid of people; of the lowest, the last `moved` have another title and another manager."""
    from participants.models.words import folded

    rng = random.Random(1)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADERS)
        for number in range(people):
            given, family = rng.choice(GIVEN), rng.choice(FAMILY)
            shifted = number >= people - moved
            manager = (number - 1) // REPORTS + (1 if shifted else 0)
            level = len(str(number))
            writer.writerow(
                [
                    f"E{number:07}",
                    f"{given} {family}",
                    f"{'.'.join(folded(f'{given} {family}'))}.{number}@example.org",
                    f"Grade {7 - level}",
                    f"{'Senior ' if shifted else ''}Specialist {number % 900}",
                    f"Company {number % 12}",
                    f"Department {number % DEPARTMENTS}",
                    f"Site {number % 300}",
                    f"Family {number % 40}",
                    f"E{manager:07}" if number else "",
                    f"{1990 + number % 35}-{1 + number % 12:02}-{1 + number % 28:02}",
                    "de" if number % 3 else "en",
                ]
            )


def bare_copy(path: Path) -> float:
    """Seconds for PostgreSQL's own COPY of the file into a table of texts, committed."""
    set_up()
    from django.db import connection

    columns = ", ".join(f"c{number} text" for number in range(len(HEADERS)))
    with connection.cursor() as cursor, path.open("rb") as file:
        cursor.execute(f"CREATE TABLE bare ({columns})")
        start = time.perf_counter()
        cursor.copy_expert("COPY bare FROM STDIN WITH (FORMAT csv, HEADER)", file)
        seconds = time.perf_counter() - start
        cursor.execute("DROP TABLE bare")
    return seconds


def imported(path: Path) -> dict[str, Any]:
    set_up()
    from io import StringIO

    from django.core.management import call_command

    out = StringIO()
    start = time.perf_counter()
    call_command("import_people", str(path), json=True, stdout=out)
    return {
        "seconds": time.perf_counter() - start,
        "MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "told": out.getvalue(),
    }


def searched(path: Path) -> list[tuple[str, float, str]]:
    """(what, milliseconds, how the database found it) of what the lists of people ask."""
    set_up()
    from django.db import connection

    from participants.models import Person

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE participants_person")
    somebody = Person.objects.filter(manager__isnull=True).get()
    grade = Person.objects.order_by("-pk").first().grade_id
    people = Person.objects.order_by("name", "pk")
    asked: dict[str, Callable[[], Any]] = {
        "first page": lambda: people[:100],
        "search two words": lambda: people.called("noel gro")[:100],
        "search an address": lambda: people.called("emma.reed.1")[:100],
        "search a number": lambda: people.called("E01234")[:20],
        "of one grade": lambda: people.filter(grade=grade)[:100],
        "of one site": lambda: people.filter(site__name="Site 7")[:100],
        "inactive": lambda: people.filter(is_active=False)[:100],
        "below the top": lambda: people.reports_of(somebody)[:100],
        "below somebody": lambda: people.reports_of(Person.objects.get(external_id="E0000200"))[:100],
    }
    found = []
    for name, query in asked.items():
        list(query())
        start = time.perf_counter()
        list(query())
        milliseconds = 1000 * (time.perf_counter() - start)
        plan = query().explain()
        found.append(
            (name, milliseconds, "SEQ SCAN" if "Seq Scan on participants_person" in plan else "index")
        )
    start = time.perf_counter()
    Person.objects.count()
    found.append(("count everybody", 1000 * (time.perf_counter() - start), ""))
    return found


def set_up() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mentoring.settings")
    os.environ.setdefault("LOG_LEVEL", "ERROR")
    import django

    django.setup()


def migrated(path: Path) -> None:
    set_up()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def alone(work: Callable[[Path], Any], path: Path) -> Any:
    """In a fresh process, so that its peak memory is its own."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(work, path).result()


def main(sizes: list[int]) -> None:
    for people in sizes:
        measure(people)


def measure(people: int) -> None:
    folder = Path(tempfile.mkdtemp(prefix="mentoring-bench-"))
    embedded.start(folder, scratch=True)
    os.environ.update(embedded.urls(folder) | embedded.local_keys(folder))
    os.environ["MEDIA_ROOT"] = str(folder / "media")
    try:
        alone(migrated, folder)
        first, later = folder / "first.csv", folder / "later.csv"
        set_up()
        write_company(first, people)
        write_company(later, people, moved=people // 100)
        size = first.stat().st_size / 2**20
        print(f"{people:,} people, {size:.0f} MB of CSV, python {sys.version.split()[0]}")
        bare = min(alone(bare_copy, first) for _ in range(3))
        print(f"{'bare COPY':28} {bare:7.2f} s")
        for name, path in [("all are new", first), ("unchanged", first), ("one in a hundred moves", later)]:
            got = alone(imported, path)
            print(
                f"{name:28} {got['seconds']:7.2f} s {got['seconds'] / bare:6.1f} x bare {got['MB']:5} MB ",
                got["told"][:60],
                flush=True,
            )
        for name, milliseconds, way in alone(searched, folder):
            print(f"{name:28} {milliseconds:7.1f} ms  {way}")
    finally:
        embedded.release(folder)
