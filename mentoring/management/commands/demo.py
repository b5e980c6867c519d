import fcntl
import io
import os
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from argparse import ArgumentParser
from typing import IO, Any

from django.conf import settings
from django.core.management import BaseCommand, call_command

from mentoring import embedded
from mentoring.processes import Processes, commands, end_group

READY_SECONDS = 60


class Command(BaseCommand):
    help = "Run the whole product with the demo company until Ctrl-C."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *args: Any, port: int, **options: Any) -> None:
        self.stop_requested = False
        for signal_number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(signal_number, self.request_stop)
        mine = embedded.uses(embedded.VAR)
        try:
            with hold_alone(port) as lock:
                self.run(port, lock)
        except KeyboardInterrupt:
            self.stdout.write("\nStopped before it was up.")
        finally:
            if mine:
                embedded.release(embedded.VAR)

    def request_stop(self, *_: object) -> None:
        """Break off whatever goes on while setting up; later let the waiting loop end in good order."""
        if not self.stop_requested:
            self.stop_requested = True
            raise KeyboardInterrupt

    def run(self, port: int, lock: IO[str]) -> None:
        check_port(port)
        call_command("prepare", stdout=self.stdout)
        self.stdout.write("Bringing the database up to date")
        call_command("migrate", interactive=False, verbosity=0)
        self.stdout.write("Looking after the demo company")
        sign_ins = io.StringIO()
        call_command("seed_demo", stdout=sign_ins)
        self.stdout.write("Starting web server, worker and beat")
        processes = Processes(logs=embedded.VAR / "log", environment={}, keep_open=(lock.fileno(),))
        try:
            for name, command in commands(port).items():
                processes.start(name, command)
            note(lock, port, [process.pid for process in processes.running.values()])
            self.wait_until_ready(port, processes)
            self.welcome(sign_ins.getvalue())
            while True:
                if sentence := self.broken(processes):
                    sys.exit(sentence)
                time.sleep(0.3)
        except KeyboardInterrupt:
            self.stdout.write("\nStopping")
        finally:
            processes.stop()

    def broken(self, processes: Processes) -> str | None:
        if embedded.uses(embedded.VAR) and not embedded.running(embedded.VAR):
            return f"PostgreSQL or Redis ended; their logs are in {embedded.VAR / 'log'}."
        return processes.ended()

    def wait_until_ready(self, port: int, processes: Processes) -> None:
        limit = time.monotonic() + READY_SECONDS
        answer = "nothing"
        while time.monotonic() < limit:
            if sentence := self.broken(processes):
                sys.exit(sentence)
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5)  # noqa: S310 - our own
                return
            except urllib.error.HTTPError as error:
                answer = error.read().decode()
            except OSError:
                pass
            time.sleep(0.1)
        sys.exit(f"The product did not get ready; its last answer was {answer}.")

    def welcome(self, sign_ins: str) -> None:
        self.stdout.write(f"\n{sign_ins.strip()}\n")
        if settings.EMAIL_FILE_PATH:
            self.stdout.write(f"\nMail is written to {settings.EMAIL_FILE_PATH}, logs to {embedded.VAR / 'log'}.")
        self.stdout.write(f"\nReady at {settings.SITE_URL} - Ctrl-C stops everything.")
        self.stdout.flush()


def hold_alone(port: int) -> IO[str]:
    """The lock that only one demo per folder holds, together with its processes as long as they live.

    If only processes of a demo that was killed are left, they are ended first.
    """
    path = embedded.VAR / "demo.lock"
    path.parent.mkdir(exist_ok=True)
    lock = open(path, "a+")
    limit = time.monotonic() + 20
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            supervisor, at, *leaders = [int(word) for word in lock.read().split()] or [0, 0]
            if supervisor and exists(supervisor):
                sys.exit(
                    f"The demo already runs from this folder at http://localhost:{at} (process {supervisor}); "
                    "stop it with Ctrl-C there."
                )
            if time.monotonic() > limit:
                sys.exit(f"Another process still holds {path}; end it first.")
            for leader in leaders:
                end_group(leader)
            time.sleep(0.1)
        else:
            note(lock, port, [])
            return lock


def note(lock: IO[str], port: int, leaders: list[int]) -> None:
    lock.truncate(0)
    print(os.getpid(), port, *leaders, file=lock, flush=True)


def exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def check_port(port: int) -> None:
    with socket.socket() as attempt:
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind(("127.0.0.1", port))
        except (OSError, OverflowError) as error:
            sys.exit(
                f"Port {port} cannot be used ({getattr(error, 'strerror', None) or error}); "
                "choose another: make demo PORT=8001"
            )
