"""`python -m benchmarks notices [meetings ...]`: finding what is due, and delivering it.

*Finding*: a sweep over meetings in which 10,000 notices are due, with ever more meetings in the database:
its time must follow what is due, not what exists. *Delivering*: 10,000 mails through the whole path (claim,
sort, render, hand over, write down) against a bare smtplib loop that pushes the very same bytes over as many
connections to the same server. On a PostgreSQL of its own, with its safe settings.
"""

import multiprocessing
import os
import resource
import smtplib
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.chaos import environment, noon
from mentoring import embedded

CONNECTIONS = 2
DUE = 10_000


class Sink:
    """The mail server of benchmarks.sink, in its own process."""

    def __init__(self, book: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.sink", str(book)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self.port = int(self.process.stdout.readline())

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait()


def find(sizes: list[int], due: int) -> None:
    """Meetings at even distance up to now: the newest `due // 2` are to be asked about, the rest was
    answered by nobody and lies too long back, or is still to come."""
    import django

    django.setup()
    from django.core.management import call_command

    from benchmarks import crowd
    from meetings import tasks
    from notices.models import Notice

    call_command("migrate", verbosity=0)
    at = datetime.now(UTC)
    of = crowd.mentorships(max(100, due // 10), noon(at), since=at - timedelta(days=5))
    second = timedelta(seconds=1)
    crowd.meetings(of, due // 2, at - timedelta(minutes=35) - due // 2 * second, second)
    had = due // 2
    print(f"{'meetings':>10} {'due':>7} {'posted':>7} {'s':>7} {'s again':>8} {'MB':>5}")
    first = None
    for size in sizes:
        if size > had:
            # half long past, half long ahead
            crowd.meetings(of, (size - had) // 2, at - timedelta(days=400) - size * second, second)
            crowd.meetings(of, (size - had) // 2, at + timedelta(days=60), second)
            had = size
        vacuum()
        Notice.objects.all().delete()
        start = time.perf_counter()
        tasks.sweep()
        seconds = time.perf_counter() - start
        posted = Notice.objects.filter(kind="meeting-to-confirm").count()
        start = time.perf_counter()
        tasks.sweep()
        again = time.perf_counter() - start
        first = first or seconds
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(
            f"{size:10,} {due:7,} {posted:7,} {seconds:7.2f} {again:8.2f} {memory:5}"
            f"  {seconds / first:.2f} x the first",
            flush=True,
        )


def vacuum() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def deliver(count: int, folder: Path) -> None:
    """What `find` left in the outbox, twice: by the sweep, and by a loop that only pushes the bytes."""
    from notices.models import Notice

    ready = Notice.objects.filter(kind="meeting-to-confirm")
    ready.update(pace="uncounted", due_at=datetime.now(UTC), sent_at=None, claimed_by=None)
    ready.exclude(pk__in=ready.values("pk")[:count]).update(by_email=False)
    vacuum()
    book = folder / "whole.tsv"
    sink = Sink(book)
    seconds, got = together([(whole, sink.port)] * CONNECTIONS)
    sink.close()
    accepted = {line.split("\t")[3] for line in book.read_text().splitlines()}
    mails = sum(number for number, _memory, _cpu in got)
    memory = max(memory for _number, memory, _cpu in got)
    used = sum(cpu for _number, _memory, cpu in got) / mails * 1000
    assert mails == len(accepted), (mails, len(accepted))
    raws = rendered()
    sink = Sink(folder / "bare.tsv")
    loop, got = together([(bare, sink.port, raws[number::CONNECTIONS]) for number in range(CONNECTIONS)])
    sink.close()
    size = sum(map(len, (raw for _to, raw in raws))) / len(raws) / 1024
    print(f"{mails:,} mails of {size:.1f} kB over {CONNECTIONS} connections")
    for name, took, cpu in [
        ("bare smtplib loop", loop, sum(got) / mails * 1000),
        ("whole path", seconds, used),
    ]:
        print(f"  {name:18} {took:7.2f} s  {mails / took:7,.0f} a second  {cpu:.2f} ms of processor each")
    print(f"  {seconds / loop:.2f} times the loop; {memory} MB a process")


def rendered() -> list[tuple[str, bytes]]:
    """The bytes the whole path sent, made anew, outside any time that is taken."""
    from notices.mail import message
    from notices.models import Notice

    found = Notice.objects.exclude(sent_at=None).select_related("recipient")
    return [
        (one.recipient.email, message(one).message().as_bytes(linesep="\r\n")) for one in found.iterator()
    ]


def together(jobs: list[tuple]) -> tuple[float, list]:
    """Each in a fresh process that waits for the others before it begins: the seconds from the first start
    to the last end, and what they returned."""
    from django.db import connections

    connections.close_all()
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(len(jobs))
    with context.Pool(len(jobs), initializer=keep, initargs=[barrier]) as pool:
        waiting = [pool.apply_async(job, arguments) for job, *arguments in jobs]
        done = [one.get() for one in waiting]
    return max(end for _start, end, _got in done) - min(start for start, _end, _got in done), [
        got for _start, _end, got in done
    ]


def keep(barrier) -> None:
    global ready_together
    ready_together = barrier.wait


def whole(port: int) -> tuple[float, float, tuple[int, int, float]]:
    os.environ["EMAIL_URL"] = f"smtp://127.0.0.1:{port}"
    import django

    django.setup()
    from notices import delivery

    ready_together()
    start, used = time.time(), time.process_time()
    sent = delivery.sweep()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return start, time.time(), (sent, memory, time.process_time() - used)


def bare(port: int, raws: list[tuple[str, bytes]]) -> tuple[float, float, float]:
    ready_together()
    start, used = time.time(), time.process_time()
    with smtplib.SMTP("127.0.0.1", port) as server:
        for to, raw in raws:
            server.sendmail("mentoring@localhost", [to], raw)
    return start, time.time(), time.process_time() - used


def main(sizes: list[int], due: int = DUE) -> None:
    with tempfile.TemporaryDirectory(prefix="mentoring-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        embedded.start(folder / "servers")
        try:
            os.environ.update(embedded.urls(folder / "servers") | embedded.local_keys(folder))
            os.environ.update(environment(1, folder))
            find(sizes, due)
            deliver(due, folder)
        finally:
            from django.db import connections

            connections.close_all()
            embedded.release(folder / "servers")
