"""`python -m benchmarks insights [meetings ...]`: what the dashboard costs beside its SQL, and pages beside a
bare view, in a company of 200,000 people with 20,000 mentorships.

*Views*: each view of the largest programme (4,000 mentorships in 20 cohorts), signed in as a coordinator of
all ten, with its queries and the blocks of 8 kB they look at; beside it the statements of
`benchmarks.aggregates`, which give the same figures from the tables people write, sent one after the other
over the same connection. Medians of warm requests, view and SQL in turn. `x first`: against the time of the
same view with the fewest meetings.

*Pages*: requests a second of the pages used most, from one process, beside a bare Django view that returns
the same bytes after one SELECT by primary key: no middleware, no session, no transaction, no template. Each
in a process of its own that serves one request after the other. They are where people sign in to (home),
what mails lead to (a meeting), what home leads to (a mentorship), and the two that the frame of every page
leads to and that say what is next (meetings, notices). The dashboard stands below them: few read it.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

from benchmarks.chaos import environment
from benchmarks.people import alone
from mentoring import embedded

TIMES = 5
"""So many requests of each view are timed."""
REQUESTS = 40
"""And so many of each page."""


def main(sizes: list[int], *, people: int = 200_000, mentorships: int = 20_000) -> None:
    with tempfile.TemporaryDirectory(prefix="mentoring-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        embedded.start(folder / "servers")
        try:
            os.environ.update(embedded.urls(folder / "servers") | embedded.local_keys(folder))
            os.environ.update(environment(1, folder))
            measure(folder, sizes, people, mentorships)
        finally:
            from django.db import connections

            connections.close_all()
            embedded.release(folder / "servers")


def measure(folder: Path, sizes: list[int], people: int, mentorships: int) -> None:
    import django

    django.setup()
    from django.core.management import call_command

    call_command("prepare", stdout=StringIO())
    call_command("migrate", verbosity=0)

    from benchmarks.notices import vacuum
    from benchmarks.population.company import build
    from benchmarks.population.meetings import meet

    start = time.perf_counter()
    company = build(folder, people=people, mentorships=mentorships)
    print(
        f"{people:,} people and {mentorships:,} mentorships built in {time.perf_counter() - start:.0f} s,"
        f" python {sys.version.split()[0]}",
        flush=True,
    )
    first: dict[str, tuple[float, int]] = {}
    for size in sorted(sizes):
        start = time.perf_counter()
        meet(company, size - company.meetings)
        vacuum()
        print(f"\n{size:,} meetings, those new of them in {time.perf_counter() - start:.0f} s", flush=True)
        dashboard(company, first)
        pages(company)


def dashboard(company: Any, first: dict[str, tuple[float, int]]) -> None:
    from django.db import connection

    from benchmarks import serving
    from insights import release

    product, cookie = serving.Product(), serving.cookie_of(company.coordinator)
    views = addresses(company)
    for words in ("of what is new", "of nothing new"):
        # Each an hour after the last, or it has nothing to do.
        company.refreshes += 1
        start = time.perf_counter()
        looked_at = release.refresh(datetime.now(UTC) + timedelta(hours=company.refreshes))
        print(
            f"  refresh {words}, {looked_at} cohorts: {time.perf_counter() - start:.1f} s",
            flush=True,
        )
    print(
        f"  {'view':12} {'queries':>7} {'blocks':>8} {'kB':>5} {'ms':>7} {'SQL ms':>8} {'x SQL':>6}"
        f" {'x first':>8}"
    )
    for name, (address, statements) in views.items():

        def view(address: str = address) -> bytes:
            return product.get(address, cookie)

        def plain(statements: list[tuple[str, dict[str, Any]]] = statements) -> None:
            with connection.cursor() as cursor:
                for statement, parameters in statements:
                    cursor.execute(statement, parameters)
                    cursor.fetchall()

        size = len(view())
        asked, blocks = serving.asked(view)
        plain()
        seconds, bare = serving.medians([view, plain], TIMES)
        before, asked_before = first.setdefault(name, (seconds, asked))
        print(
            f"  {name:12} {asked:7} {blocks:8,} {size / 1024:5.0f} {1000 * seconds:7.1f} {1000 * bare:8.1f}"
            f" {seconds / bare:6.2f} {seconds / before:8.2f}",
            flush=True,
        )
        if asked != asked_before:
            raise RuntimeError(f"{name}: {asked} queries, with fewer meetings {asked_before}")


def addresses(company: Any) -> dict[str, tuple[str, list[Any]]]:
    """By view, where it is and what SQL gives its figures."""
    from benchmarks.aggregates import CHOICES, MAKE_UP, statements
    from participants.models import Unit
    from programmes.models import Cohort

    programme, year = company.programme, company.at.year
    cohorts = list(programme.cohorts.order_by("starts_on"))
    one = cohorts[len(cohorts) // 2]
    unit = Unit.objects.filter(parent=None).earliest("pk")
    below = list(Unit.objects.with_parts([unit]).values_list("pk", flat=True))
    months = (date(year, 1, 1), date(year + 1, 1, 1))
    in_year = [cohort for cohort in cohorts if cohort.ends_on >= months[0]]
    page = f"/insights/{programme.uuid}/"

    def of(cohorts: list[Any], **view: Any) -> list[Any]:
        found = statements([cohort.pk for cohort in cohorts], [programme.pk], company.at, **view)
        [(_text, parameters), *_rest] = found
        return [*found, (CHOICES, parameters), (MAKE_UP, parameters)]

    all_cohorts = list(Cohort.objects.values_list("pk", "programme"))
    every = [list(set(column)) for column in zip(*all_cohorts, strict=True)]
    return {
        "overview": ("/insights/", statements(*every, company.at)),
        "programme": (page, of(cohorts)),
        "cohort": (f"{page}?cohort={one.uuid}", of([one])),
        "role": (f"{page}?role=mentor", of(cohorts, role="mentor")),
        "unit": (f"{page}?unit={unit.pk}", of(cohorts, units=below)),
        "period": (f"{page}?period={year}", of(in_year, months=months)),
        "CSV": (f"{page}figures.csv", of(cohorts)),
    }


def pages(company: Any) -> None:
    """Requests a second, each kind in a process of its own."""
    from django.db import connections

    from benchmarks import serving
    from matching.models import Mentorship
    from meetings.models import Meeting

    of_active = Meeting.objects.held().filter(mentorship__state=Mentorship.State.ACTIVE)
    meeting = of_active.filter(mentorship__cohort__programme=company.programme).earliest("mentorship", "-pk")
    mentorship = meeting.mentorship
    mentor = mentorship.members.get(role="mentor").person
    own, staff = serving.cookie_of(mentor), serving.cookie_of(company.coordinator)
    connections.close_all()
    print(
        f"  {'page':12} {'queries':>7} {'blocks':>8} {'kB':>5} {'a second':>9} {'bare':>7} {'bare / it':>9}"
    )
    for name, address, cookie in [
        ("home", "/", own),
        ("mentorship", f"/mentorships/{mentorship.uuid}/", own),
        ("meeting", f"/meetings/{meeting.uuid}/", own),
        ("meetings", "/meetings/", own),
        ("notices", "/notices/", own),
        ("dashboard", f"/insights/{company.programme.uuid}/", staff),
    ]:
        rate, asked, blocks, body = alone(rate_of_page, (address, cookie))
        bare = alone(rate_of_bare, (body, mentor.pk))
        print(
            f"  {name:12} {asked:7} {blocks:8,} {len(body) / 1024:5.0f} {rate:9.1f} {bare:7.0f}"
            f" {bare / rate:9.0f}",
            flush=True,
        )


def rate_of_page(job: tuple[str, str]) -> tuple[float, int, int, bytes]:
    import django

    django.setup()
    from benchmarks import serving

    product, (address, cookie) = serving.Product(), job

    def page() -> bytes:
        return product.get(address, cookie)

    return rate(page), *serving.asked(page), page()


def rate_of_bare(job: tuple[bytes, int]) -> float:
    import django

    django.setup()
    from benchmarks import serving

    body, pk = job
    serving.strip_down(body)
    product = serving.Product()
    return rate(lambda: product.get(f"/{pk}"))


def rate(request: Callable[[], Any]) -> float:
    """A second, from the median of single requests: it stands where something else takes the processor."""
    from benchmarks.serving import medians

    for _ in range(10):
        request()
    return 1 / medians([request], REQUESTS)[0]
