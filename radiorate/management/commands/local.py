"""`manage.py local`, which `make run` starts: the whole of radiorate on this machine, until Ctrl-C."""

import errno
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any, NoReturn

import honcho.manager
import honcho.process
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from honcho.environ import parse_procfile

from radiorate import private_file
from radiorate.demo.sources import named_folder
from radiorate.local import Servers
from radiorate.unprivileged import LocalError, die_with_parent

NEEDED_MEGABYTES = 500
READY_SECONDS = 120
ORDERS = "worker-services"  # of the Procfile
STOPS = (signal.SIGINT, signal.SIGTERM)
# How long a worker may finish what it has begun after Ctrl-C; a paid call that is cut off must be settled by a person.
honcho.manager.KILL_WAIT = 20


class Process(honcho.process.Process):
    """One line of the Procfile; neither it nor the process that reads its output outlives the launcher."""

    def run(self, *args: Any, **options: Any) -> None:
        die_with_parent(signal.SIGKILL)
        for signum in STOPS:
            signal.signal(signum, signal.SIG_IGN)  # the launcher alone decides; it blocked them while this was forked
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)
        self._child_ctor = Child
        super().run(*args, **options)


class Child(honcho.process.Popen):
    def __init__(self, cmd: str, **options: Any) -> None:
        # exec: the shell gives its place to the program, so the signal of a dying parent reaches the program.
        super().__init__(f"exec {cmd}", preexec_fn=_begin_child, **options)


class Household(honcho.manager.Manager):
    """The processes of the Procfile under one roof; `welcome` runs beside them once all are started.

    A server that ends stops them as one of their own would: without it each would only fill the log.
    """

    def __init__(self, servers: Servers, welcome: threading.Thread) -> None:
        super().__init__()
        self._servers = servers
        self._process_ctor = Process
        self._welcome = welcome
        self._stops_when_started = False
        self.first_stopped = ""  # which process ended before any was told to, and its exit code

    def _start(self) -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)
        super()._start()
        self._welcome.start()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)

    def terminate(self) -> None:
        """Ctrl-C in the first second waits until every process has told its number."""
        if super()._all_started():
            super().terminate()
        else:
            self._stops_when_started = True

    def _any_stopped(self) -> bool:
        for name, process in self._processes.items():
            if process.get("returncode") is not None and not self.first_stopped:
                self.first_stopped = f"{name} ended by itself (exit {process['returncode']})"
        return super()._any_stopped() or self._servers.ended() is not None

    def _all_started(self) -> bool:
        all_started = super()._all_started()
        if all_started and self._stops_when_started:
            self._stops_when_started = False
            super().terminate()
        return all_started


class Command(BaseCommand):
    help = "Run radiorate on this machine: PostgreSQL, Redis, web, workers, beat. PORT and VAR choose port and folder."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        signal.signal(signal.SIGTERM, _interrupt)
        if "MAKELEVEL" in os.environ:
            die_with_parent(signal.SIGTERM)
        try:
            self._run()
        except LocalError as problem:
            sys.exit(f"radiorate: {problem}")
        except KeyboardInterrupt:
            sys.exit(130)

    def _run(self) -> None:
        self.port = _free_port()
        _find_radiographs()
        _make_room(settings.VAR)
        self.servers = Servers(settings.VAR)
        with self.servers as urls:
            self.environment = _environment(urls, self.port)
            private_file.write(settings.VAR / "local.env", _local_env(urls))
            _reach(urls)
            self._prepare()
            self.problem = self._demonstrate()
            stopped = self._keep_house()
            ended = self.servers.ended()
        if ended:
            raise LocalError(f"{ended.name} ended by itself, so all were stopped (log: {ended.log}).")
        if stopped:
            raise LocalError(f"{stopped}, so all were stopped; its reason stands above.")

    def _prepare(self) -> None:
        """Tables and static files, side by side."""
        migration = subprocess.Popen(
            [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
            cwd=settings.BASE_DIR,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            preexec_fn=_begin_child,
        )
        call_command("collectstatic", interactive=False, verbosity=0)
        output, _ = migration.communicate()
        if migration.returncode:
            raise LocalError(f"The tables could not be made: {_last_line(output)}")

    def _keep_house(self) -> str:
        """Run the Procfile until Ctrl-C or SIGTERM (empty) or until one of its processes ends (which, and how)."""
        manager = Household(self.servers, threading.Thread(target=self._welcome, daemon=True))
        for name, command in parse_procfile((settings.BASE_DIR / "Procfile").read_text()).processes.items():
            manager.add_process(name, command, env=environment_of(name, self.environment), cwd=str(settings.BASE_DIR))
        manager.loop()
        return "" if manager.returncode in (130, 143) else manager.first_stopped

    def _demonstrate(self) -> str:
        """Fill an empty database with the demonstration, before anybody is let in; what went wrong, in words."""
        if (settings.VAR / "demo.json").exists() or not _is_empty(self.environment["DATABASE_URL"]):
            return ""
        self.stdout.write("radiorate: making the demonstration, once; it takes a minute at most.")
        demo = subprocess.run(
            [sys.executable, "manage.py", "demo"],
            cwd=settings.BASE_DIR,
            env=self.environment,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            preexec_fn=lambda: die_with_parent(signal.SIGTERM),
        )
        reason = _last_line(demo.stderr).removeprefix("CommandError: ")
        return f"the demonstration could not be made: {reason}" if demo.returncode else ""

    def _welcome(self) -> None:
        """Say where to go, once the site answers."""
        address = f"http://localhost:{self.port}"
        problem = _wait_until_ready(f"{address}/readyz") or self.problem
        self.stdout.write(_banner(address, settings.VAR, problem))


def _begin_child() -> None:
    for signum in STOPS:
        signal.signal(signum, signal.SIG_DFL)
    die_with_parent(signal.SIGKILL)


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


def _free_port() -> int:
    """PORT, or 8000; raises LocalError when it is no port or taken."""
    wish = os.environ.get("PORT") or "8000"
    if not wish.isdigit() or not 1 <= int(wish) <= 65535:
        raise LocalError(f"PORT is {wish!r}: it must be a number from 1 to 65535.")
    try:
        socket.create_server(("127.0.0.1", int(wish))).close()
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise LocalError(f"Port {wish} is taken by another program: choose one with PORT=8001 make run.") from None
        raise LocalError(f"Port {wish} cannot be opened: {error.strerror}.") from None
    return int(wish)


def _find_radiographs() -> None:
    """Raise LocalError when the folder named for a demonstration still to be made has none to show."""
    if settings.DEMO_IMAGES and not (settings.VAR / "demo.json").exists():
        try:
            named_folder(Path(settings.DEMO_IMAGES))
        except ValueError as problem:
            raise LocalError(str(problem)) from None


def _make_room(var: Path) -> None:
    try:
        var.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LocalError(f"The data folder {var} cannot be made: {error.strerror}.") from None
    if not os.access(var, os.W_OK | os.X_OK):
        raise LocalError(f"The data folder {var} is not writable for this user.")
    free = shutil.disk_usage(var).free // 1_000_000
    if free < NEEDED_MEGABYTES:
        raise LocalError(f"The disk of {var} is full: {free} MB are free, {NEEDED_MEGABYTES} MB are needed.")


def _local_env(urls: dict[str, str]) -> str:
    """What `manage.py` needs to know beside a running site; the key stays, so that sign-ins outlive a restart."""
    former = settings.VAR / "local.env"
    lines = former.read_text().splitlines() if former.is_file() else []
    keys = [line.partition("=")[2] for line in lines if line.startswith("SECRET_KEY=")]
    values = {
        "LOCAL": "1",
        "SECRET_KEY": keys[0] if keys else secrets.token_hex(32),
        "ALLOWED_HOSTS": "localhost,127.0.0.1,[::1]",
        **{name: url for name, url in urls.items() if not os.environ.get(name)},
    }
    return "".join(f"{name}={value}\n" for name, value in values.items())


def environment_of(process: str, environment: dict[str, str]) -> dict[str, str]:
    """What one process of the Procfile gets: the keys of image services are for the worker that orders from them."""
    if process == ORDERS:
        return environment
    return {name: value for name, value in environment.items() if not name.endswith("_API_KEY")}


def _environment(urls: dict[str, str], port: int) -> dict[str, str]:
    """The environment of every process: one's own, and this interpreter's programs first on PATH."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    # Celery warns of root at each start; on one's own machine that is one's own choice.
    quiet = "ignore:You're running the worker with superuser privileges"
    # Two lines a request would bury the address and the sign-ins.
    return {
        "LOG_LEVEL": "WARNING",
        **os.environ,
        **urls,
        "PATH": path,
        "PORT": str(port),
        "PYTHONUNBUFFERED": "1",
        "PYTHONWARNINGS": quiet,
    }


def _reach(urls: dict[str, str]) -> None:
    """Raise LocalError when a server that the environment names does not answer."""
    import psycopg
    import redis

    try:
        psycopg.connect(urls["DATABASE_URL"], connect_timeout=5).close()
    except psycopg.Error as error:
        raise LocalError(f"The server named by DATABASE_URL does not answer: {_first_line(str(error))}") from None
    try:
        redis.Redis.from_url(urls["REDIS_URL"], socket_connect_timeout=5).ping()
    except (redis.RedisError, ValueError) as error:
        raise LocalError(f"The server named by REDIS_URL does not answer: {_first_line(str(error))}") from None


def _wait_until_ready(url: str) -> str:
    """Empty once the site says it can serve, else why it does not after two minutes."""
    deadline = time.monotonic() + READY_SECONDS
    reason = ""
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=5):  # noqa: S310 (our own http address)
                return ""
        except urllib.error.HTTPError as refusal:
            reason = _first_line(refusal.read().decode())
        except OSError as error:
            reason = str(error)
        time.sleep(0.1)
    return f"the site is not ready: {reason}"


def _is_empty(database_url: str) -> bool:
    """Whether nobody but the demonstration has an account."""
    import psycopg

    with psycopg.connect(database_url) as connection:
        # A demonstration that was interrupted has its accounts already, and is finished now.
        foreign = "SELECT EXISTS (SELECT FROM accounts_user WHERE email NOT LIKE '%@example.org')"
        row = connection.execute(foreign).fetchone()
    return row is not None and not row[0]


def _banner(address: str, var: Path, problem: str) -> str:
    sign_ins = var / "demo.json"
    lines = [f"radiorate is ready:  {address}", ""]
    if problem:
        lines = [f"radiorate runs at {address}, but {problem}", ""]
    if sign_ins.is_file():
        demo = json.loads(sign_ins.read_text())
        for role, account in [("admin", demo["admin"]), *(("reader", reader) for reader in demo["readers"])]:
            lines.append(f"{role:<8}{account['email']:<32}{account['password']}")
        lines.append("")
    lines.append(f"Stop with Ctrl-C. The data stay in {var}.")
    width = max(map(len, lines))
    rule = "─" * (width + 4)
    return "\n".join(["", rule, *(f"  {line}" for line in lines), rule, ""])


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0]


def _last_line(text: str) -> str:
    return text.strip().rpartition("\n")[2]
