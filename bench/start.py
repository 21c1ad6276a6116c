"""From an empty data folder to an answering page, against the floor: initdb and migrate alone. Goal: at most 2.

`python bench/start.py` prints the medians of three in seconds and their ratio, a second start, and what the
demonstration adds, which `make run` makes once before it lets anybody in.
"""

import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

from radiorate.local import Servers  # noqa: E402  (the project is no installed package)

RUNS = 3


def main() -> None:
    floors, firsts, seconds = [], [], []
    for _ in range(RUNS):
        with folder() as var:
            floors.append(floor(var))
        with folder() as var:
            # A file of sign-ins stands for a demonstration that was made already.
            (var / "demo.json").write_text('{"admin": {"email": "none", "password": "none"}, "readers": []}')
            firsts.append(start(var))
            seconds.append(start(var))
    with folder() as var:
        with_demonstration = start(var)
    print(f"initdb + migrate            {statistics.median(floors):6.2f} s")
    print(f"empty folder to a page      {statistics.median(firsts):6.2f} s")
    print(f"second start to a page      {statistics.median(seconds):6.2f} s")
    print(f"... with the demonstration  {with_demonstration:6.2f} s")
    print(
        f"ratio                       {statistics.median(firsts) / statistics.median(floors):6.2f}   (goal: at most 2)"
    )


def floor(var: Path) -> float:
    """Seconds for a database folder and its tables."""
    begin = time.perf_counter()
    with Servers(var) as urls:
        migrate = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
        subprocess.run(migrate, cwd=PROJECT, env={**os.environ, **urls, "VAR": str(var)}, check=True)
        return time.perf_counter() - begin


def start(var: Path) -> float:
    """Seconds from the command to the sign-in page."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    begin = time.perf_counter()
    environment = {**os.environ, "VAR": str(var), "PORT": str(port)}
    run = subprocess.Popen(
        [sys.executable, "manage.py", "local"], cwd=PROJECT, env=environment, stdout=subprocess.DEVNULL
    )
    try:
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/accounts/login/", timeout=5).close()
                return time.perf_counter() - begin
            except OSError:
                if run.poll() is not None:
                    sys.exit("manage.py local ended by itself")
                time.sleep(0.02)
    finally:
        run.send_signal(signal.SIGTERM)
        run.wait()


@contextmanager
def folder() -> Iterator[Path]:
    var = Path(tempfile.mkdtemp(prefix="radiorate-bench-"))
    yield var
    shutil.rmtree(var)


if __name__ == "__main__":
    main()
