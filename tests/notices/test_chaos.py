"""A small storm: the whole of it is `make chaos`."""

import os
import subprocess
import sys

from mentoring.embedded import BASE_DIR


def test_nothing_is_lost_or_doubled_while_workers_and_servers_are_killed():
    environment = {name: value for name, value in os.environ.items() if name not in SERVERS}
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.chaos", "200", "0.5"],
        cwd=BASE_DIR,
        env=environment,
        check=False,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith("It holds.\n")


SERVERS = ("DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE")
