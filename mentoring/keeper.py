"""The parent of the embedded servers. Started by `mentoring.embedded`, which says why it exists."""

import ctypes
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from mentoring.embedded import START_SECONDS, CannotStart, binaries, socket_folder, try_lock

# PostgreSQL's log quotes statements, their parameters and the rows that did not fit: what people wrote.
# What goes wrong is in the product's own log, which quotes nothing. docker-compose.yml says the same.
SILENT = {
    "log_min_messages": "log",  # errors of statements are below
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_statement": "none",
    "log_min_duration_statement": "-1",
    "log_min_duration_sample": "-1",
    "log_transaction_sample_rate": "0",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_lock_waits": "off",
}


class Keeper:
    """Runs the two servers for everybody who holds `users.lock`, and ends with the last of them."""

    def __init__(self, folder: Path, lock: int, *, scratch: bool) -> None:
        self.folder, self.lock, self.scratch = folder, lock, scratch
        self.sockets = socket_folder(folder)
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
        bin_folder, redis = binaries()
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
            **SILENT,
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

        with self._log(name).open("wb") as log:
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
        while not self.told_to_stop and not try_lock(users):
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
