"""`make chaos`: kill what runs, at random, while notices fall due, and count what arrives.

`python -m benchmarks.chaos [notices] [seconds between kills]`. Two workers of two processes each, two beats
(one too many, on purpose), PostgreSQL and Redis of its own are killed with SIGKILL and started again, while
a mail server refuses, stalls and drops connections. Half way nothing is killed any more, once all have
fallen due, so that it ends. Prints the counts; ends with 1 if a notice is lost or one is doubled that was not
on its way at the moment of a kill.
"""

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from mentoring import embedded, processes
from mentoring.keeper import Keeper

TROUBLE = 20  # per mille of the tries, for each kind of trouble
GONE = 50  # one person of so many has an address that no server knows
SENDERS = 2  # processes of a worker
PROGRAMS = ("worker", "worker 2", "beat", "beat 2")


class Servers(Keeper):
    """PostgreSQL and Redis that can be killed and started again, each by itself."""

    def __init__(self, folder: Path) -> None:
        (folder / "log").mkdir(parents=True)
        lock = os.open(folder / "keeper.lock", os.O_RDWR | os.O_CREAT, 0o600)
        super().__init__(folder, lock, scratch=False)
        self.commands = {}

    def _spawn(self, name, command, account=None):
        self.commands[name] = (command, account)
        return super()._spawn(name, command, account)

    def kill(self, name: str) -> None:
        import psutil

        server = self.servers[name]
        family = psutil.Process(server.pid).children(recursive=True)
        server.kill()
        server.wait()
        psutil.wait_procs(family, timeout=20)  # they see that their parent died, and end
        if name == "PostgreSQL":
            (self.folder / "postgres" / "postmaster.pid").unlink(missing_ok=True)
            for left in self.sockets.glob(".s.PGSQL*"):
                left.unlink()
        self._spawn(name, *self.commands[name])
        self._wait_for(name, self._postgres_answers if name == "PostgreSQL" else self._redis_answers)


class Chaos:
    def __init__(self, folder: Path, notices: int, pause: float) -> None:
        self.folder, self.notices, self.pause = folder, notices, pause
        self.kills = Counter()
        self.book = folder / "mails.tsv"

    def run(self) -> bool:
        servers = Servers(self.folder)
        try:
            servers._start()
            os.environ.update(embedded.urls(self.folder) | embedded.local_keys(self.folder))
            sink = subprocess.Popen(
                [sys.executable, "-m", "benchmarks.sink", str(self.book), str(TROUBLE)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
            os.environ.update(environment(int(sink.stdout.readline()), self.folder))
            start = time.monotonic()
            try:
                last_due = self.fill()
                print(f"{self.notices:,} notices fall due until {last_due:%H:%M:%S} UTC", flush=True)
                return self.storm(servers, last_due) & self.count(time.monotonic() - start)
            finally:
                sink.stdin.close()
                sink.wait()
        finally:
            servers._stop()

    def fill(self) -> datetime:
        """Meetings that end one after the other within the next seconds: “did you meet?” goes to both."""
        import django

        django.setup()
        from django.core.management import call_command

        from benchmarks import crowd

        call_command("migrate", verbosity=0)
        at = datetime.now(UTC)
        meetings = self.notices // 2
        span = max(5.0, meetings / 400)  # seconds in which all fall due
        self.mentorships = crowd.mentorships(
            max(10, meetings // 5), noon(at), gone=GONE, since=at - timedelta(days=30)
        )
        at = datetime.now(UTC)
        first = at - timedelta(minutes=30) + timedelta(seconds=5)
        crowd.meetings(self.mentorships, meetings, first, timedelta(seconds=span / meetings))
        return first + timedelta(minutes=30, seconds=span)

    def storm(self, servers: Servers, last_due: datetime) -> bool:
        product = processes.Processes(logs=self.folder / "log", environment={})
        celery = ["celery", "--app", "mentoring", "--quiet"]
        commands = {
            "worker": [*celery, "worker", "--concurrency", str(SENDERS), "--hostname", "one@%h"],
            "worker 2": [*celery, "worker", "--concurrency", str(SENDERS), "--hostname", "two@%h"],
            "beat": [*celery, "beat", "--schedule", str(self.folder / "beat-1"), "--pidfile", ""],
            "beat 2": [*celery, "beat", "--schedule", str(self.folder / "beat-2"), "--pidfile", ""],
        }
        for name in PROGRAMS:
            product.start(name, commands[name])
        limit = time.monotonic() + 120 + self.notices / 20
        quiet = False
        try:
            while time.monotonic() < limit:
                time.sleep(random.uniform(0.3, 1.7) * self.pause)
                if self.is_over(last_due):
                    return True
                # Enough is enough: two kills for each second in which notices fell due.
                quiet = quiet or self.enough()
                if not quiet:
                    self.kill_one(servers, product, commands)
            print("Not all was delivered in time.")
            return False
        finally:
            product.stop()

    def enough(self) -> bool:
        return sum(self.kills.values()) >= max(6, self.notices // 250)

    def kill_one(self, servers: Servers, product: processes.Processes, commands: dict) -> None:
        [name] = random.choices([*PROGRAMS, "PostgreSQL", "Redis"], [4, 4, 1, 1, 2, 2])
        self.kills[name.removesuffix(" 2")] += 1
        if name in servers.servers:
            servers.kill(name)
            return
        with suppress(ProcessLookupError):
            os.killpg(product.running[name].pid, signal.SIGKILL)
        product.running.pop(name).wait()
        product.start(name, commands[name])

    def is_over(self, last_due: datetime) -> bool:
        from django.db import DatabaseError, connection

        if datetime.now(UTC) < last_due:
            return False
        try:
            asked = questions()
            return asked.count() >= self.notices and not asked.undelivered().exists()
        except DatabaseError:
            connection.close()
            return False

    def count(self, seconds: float) -> bool:
        """Compare what the server accepted with what should have come, and print both."""
        lines = [line.rstrip("\n").split("\t") for line in self.book.read_text().splitlines()]
        said = Counter(line[2] for line in lines)
        last_on, times = {}, defaultdict(list)
        for when, connection_, what, message_id, _to in lines:
            if what == "accepted":
                last_on[connection_] = message_id
                times[message_id].append((when, connection_))
        notices = list(questions().select_related("recipient"))
        known = {notice.message_id for notice in notices}
        due = {n.message_id for n in notices if not n.recipient.email.startswith("gone")}
        lost, doubled = due - set(times), {one: seen for one, seen in times.items() if len(seen) > 1}
        # Whoever was killed with a mail under way sent nothing more over that connection.
        unexplained = [
            one for one, seen in doubled.items() if any(last_on[number] != one for _when, number in seen[:-1])
        ]
        most = SENDERS * (self.kills["worker"] + 2 * self.kills["PostgreSQL"])
        failed = sum(notice.failed_at is not None for notice in notices)
        for words, number in {
            "notices that fell due": self.notices,
            "notices posted": len(notices),
            "of them to addresses the server refuses for good": len(notices) - len(due),
            "  given up": failed,
            "mails accepted": said["accepted"],
            "notices that arrived": len(set(times) & due),
            "notices lost": len(lost),
            "mails that belong to no notice": len(set(times) - known),
            "notices that arrived twice, on their way at a kill": len(doubled) - len(unexplained),
            "notices that arrived twice for no such reason": len(unexplained),
            "tries put off by the server": said["later"],
            "tries it stalled": said["stalled"],
            "tries it dropped": said["dropped"],
            **{f"{name} killed": count for name, count in sorted(self.kills.items())},
        }.items():
            print(f"{number:9,} {words}")
        print(f"{seconds:9.1f} seconds")
        good = (
            len(notices) == self.notices
            and not lost
            and not unexplained
            and len(doubled) <= most
            and failed == len(notices) - len(due)
            and not set(times) - known
        )
        print("It holds." if good else "BROKEN")
        return good


def questions():
    """The notices that are looked at. What else falls due for these people waits for tomorrow's digest."""
    from notices.models import Notice

    return Notice.objects.filter(kind="meeting-to-confirm")


def environment(port: int, folder: Path) -> dict[str, str]:
    return {
        "DJANGO_SETTINGS_MODULE": "mentoring.settings",
        "EMAIL_URL": f"smtp://127.0.0.1:{port}",
        "EMAIL_TIMEOUT": "2",
        "SWEEP_SECONDS": "1",
        "MAIL_RETRY_SECONDS": "0.5",
        "MAIL_HOURS": "0,24",
        "MAIL_DAYS": "1,2,3,4,5,6,7",
        "LOG_LEVEL": "WARNING",
        "MEDIA_ROOT": str(folder / "media"),
    }


def noon(at: datetime) -> str:
    """A time zone in which it is about noon, so that no day ends while it runs."""
    hours = 12 - at.hour
    return f"Etc/GMT{'-' if hours >= 0 else '+'}{abs(hours)}"


def main(notices: int = 10_000, pause: float = 1.0) -> bool:
    with tempfile.TemporaryDirectory(prefix="mentoring-chaos-") as folder:
        Path(folder).chmod(0o755)
        return Chaos(Path(folder), notices, pause).run()


if __name__ == "__main__":
    given = [float(text.replace(",", "")) for text in sys.argv[1:]]
    sys.exit(not main(int(given[0]) if given else 10_000, *given[1:2]))
