import fcntl
import io
import os
import signal
import socket
import sys
import time
from argparse import ArgumentParser
from contextlib import ExitStack
from typing import IO, Any

from django.conf import settings
from django.core.management import BaseCommand, call_command

from mentoring import embedded
from mentoring.processes import Processes, commands, end_group, trouble_until_ready


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
            with hold_alone(port), hold_with_children() as lock:
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
        self.stdout.write("Setting up the demo company (once)")
        sign_ins = io.StringIO()
        call_command("seed_demo", stdout=sign_ins)
        self.stdout.write("Starting web server, worker and beat")
        processes = Processes(logs=embedded.VAR / "log", environment={}, keep_open=(lock.fileno(),))
        try:
            for name, command in commands(port).items():
                processes.start(name, command)
            note(lock, " ".join(str(process.pid) for process in processes.running.values()))
            trouble = trouble_until_ready(port, lambda: self.trouble(processes))
            if not trouble:
                self.welcome(sign_ins.getvalue())
            while not trouble:
                time.sleep(0.3)
                trouble = self.trouble(processes)
            sys.exit(trouble)
        except KeyboardInterrupt:
            self.stdout.write("\nStopping")
        finally:
            processes.stop()

    def trouble(self, processes: Processes) -> str | None:
        if embedded.uses(embedded.VAR) and not embedded.running(embedded.VAR):
            return f"PostgreSQL or Redis ended; their logs are in {embedded.VAR / 'log'}."
        return processes.ended()

    def welcome(self, sign_ins: str) -> None:
        self.stdout.write(f"\n{sign_ins.strip()}\n")
        if settings.EMAIL_FILE_PATH:
            self.stdout.write(
                f"\nMail is written to {settings.EMAIL_FILE_PATH}, logs to {embedded.VAR / 'log'}."
            )
        self.stdout.write(f"\nReady at {settings.SITE_URL} - Ctrl-C stops everything.")
        self.stdout.flush()


def hold_alone(port: int) -> ExitStack:
    """What only one demo per folder holds. The message names the other one."""
    held = ExitStack()
    lock = held.enter_context(open_lock("demo.lock"))
    if not lockable(lock):
        sys.exit(
            f"The demo already runs from this folder ({lock.read().strip()}); stop it with Ctrl-C there."
        )
    note(lock, f"process {os.getpid()}, http://localhost:{port}")
    return held


def hold_with_children() -> IO[str]:
    """A lock the three processes inherit: while another holds it, some of a killed demo are left."""
    lock = open_lock("processes.lock")
    limit = time.monotonic() + 20
    while not lockable(lock):
        if time.monotonic() > limit:
            sys.exit(f"A process of an earlier run still holds {lock.name}; end it first.")
        lock.seek(0)
        for leader in lock.read().split():
            end_group(int(leader))
        time.sleep(0.1)
    note(lock, "")
    return lock


def open_lock(name: str) -> IO[str]:
    embedded.VAR.mkdir(exist_ok=True)
    lock = (embedded.VAR / name).open("a+")
    lock.seek(0)
    return lock


def lockable(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def note(lock: IO[str], text: str) -> None:
    lock.truncate(0)
    lock.write(text)
    lock.flush()


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
