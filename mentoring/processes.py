"""The product as three processes of one parent: web server, worker, beat."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from mentoring.embedded import BASE_DIR
from mentoring.keeper import end_with_parent

READY_SECONDS = 60
STOP_SECONDS = 20


def commands(port: int) -> dict[str, list[str]]:
    """The three programs on one machine. `preload` lets a setting that is wrong end the server at once."""
    web = [
        "gunicorn",
        "mentoring.wsgi",
        "--preload",
        "--workers",
        "2",
        "--threads",
        "4",
        "--no-control-socket",
    ]
    celery = ["celery", "--app", "mentoring", "--quiet"]
    return {
        "web": [*web, "--bind", f"127.0.0.1:{port}"],
        "worker": [*celery, "worker", "--concurrency", "2", "--loglevel", "INFO"],
        "beat": [*celery, "beat", "--loglevel", "INFO"],
    }


class Processes:
    """Starts programs, knows which one ended, and leaves none behind.

    Each has a process group of its own: Ctrl-C reaches the parent only, which then stops them in order.
    """

    def __init__(
        self, *, logs: Path, environment: Mapping[str, str], keep_open: tuple[int, ...] = ()
    ) -> None:
        self.logs, self.environment, self.keep_open = logs, environment, keep_open
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        logs.mkdir(parents=True, exist_ok=True)

    def start(self, name: str, command: list[str]) -> None:
        with self.log(name).open("wb") as log:
            self.running[name] = subprocess.Popen(  # noqa: S603 - our own programs
                [sys.executable, "-m", *command],
                cwd=BASE_DIR,
                env={**os.environ, "PYTHONUNBUFFERED": "1", **self.environment},
                pass_fds=self.keep_open,
                process_group=0,
                preexec_fn=lambda: end_with_parent(signal.SIGTERM),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def log(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def ended(self) -> str | None:
        """One sentence about a program that ended although nobody stopped it."""
        for name, process in self.running.items():
            if (code := process.poll()) is not None:
                how = f"with code {code}" if code >= 0 else f"by {signal.Signals(-code).name}"
                return f"The {name} process ended {how}; {self.log(name)} says why."
        return None

    def stop(self) -> None:
        """Ask all to finish what they are at, and kill with all their children those that do not."""
        for process in self.running.values():
            process.terminate()
        limit = time.monotonic() + STOP_SECONDS
        for process in self.running.values():
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(0.1, limit - time.monotonic()))
        for process in self.running.values():
            end_group(process.pid)
            process.wait()
        self.running.clear()


def trouble_until_ready(port: int, trouble: Callable[[], str | None]) -> str | None:
    """Wait until the product can do its work. Returns the sentence that says why it cannot, or None."""
    limit = time.monotonic() + READY_SECONDS
    answer = "none"
    while time.monotonic() < limit:
        if sentence := trouble():
            return sentence
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5).close()
            return None
        except urllib.error.HTTPError as error:
            answer = error.read().decode()
        except OSError:
            pass
        time.sleep(0.1)
    return f"The product did not get ready in {READY_SECONDS} seconds; its last answer was: {answer}"


def end_group(leader: int) -> None:
    with suppress(ProcessLookupError, PermissionError):  # macOS says the latter of a group of zombies
        os.killpg(leader, signal.SIGKILL)
