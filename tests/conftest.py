"""The ground the tests stand on: PostgreSQL and Redis of their own in a temporary folder, real processes on request.

Fixtures, beside those of pytest-django (`db`, `transactional_db`, `client`, `settings`, ...) and pytest-playwright:

celery_worker_process   a running Celery worker (prefork, 2 slots, every queue) against the test database
start_worker(**env)     the same with variables of your own, or threads: start_worker(pool="threads", LEASE_SECONDS=2)
live_server_process     a running gunicorn against the test database; `.url` is its address, without a slash at the end
start_web(app, **env)   the same with environment variables of your own, or with another WSGI application
run_command(*args)      `manage.py` in its own process against the test database; gives subprocess.CompletedProcess
redis_server            the tests' Redis; `.kill()` as a crash would, `.start()` again; it runs again after the test
postgres_server         the tests' PostgreSQL, likewise
page, context, new_context   Chromium at 1366x768; a script error or a breach of the content security policy fails
shared                  the folder `shared` beside the project (or RADIORATE_SHARED) with radiographs and hostile files,
                        None where there is none

A process is a `Program`: `.stop()` (SIGTERM), `.kill()` (SIGKILL to it and its children), `.start()`, `.restart()`,
`.output` (what it printed), `.wait_for(text)`. It ends before the database is emptied. All of these use
`transactional_db`, because another process sees committed rows only; Redis is emptied before a worker starts.
Wait for an effect with `eventually(lambda: ...)`: it returns the first true value or fails.
Static files are collected at the start, so a template that names a missing file fails.
`make test` runs the tests on all cores by pytest-xdist: each of its workers has all of the above to itself.
"""

import contextlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import hypothesis
import pytest
from playwright.sync_api import expect

from radiorate.local import Server, Servers
from radiorate.unprivileged import die_with_parent
from tests import browser

PROJECT = Path(__file__).resolve().parent.parent
SERVERS = pytest.StashKey[Servers]()
MADE_BY_MIGRATIONS: dict[str, str] = {}  # the rows of a new database, as JSON
T = TypeVar("T")


def pytest_configure(config: pytest.Config) -> None:
    """Start the servers, then load the settings that name them; each worker of `pytest -n` has its own."""
    expect.set_options(timeout=20_000)
    # The same examples in every run, and as long as they take: a busy machine must not fail a property that holds.
    hypothesis.settings.register_profile(
        "steady", derandomize=True, deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
    )
    hypothesis.settings.load_profile("steady")
    var = Path(tempfile.mkdtemp(prefix="radiorate-tests-"))
    config.add_cleanup(lambda: shutil.rmtree(var, ignore_errors=True))
    os.environ["TMPDIR"] = str(var)  # here lies what processes leave that are killed, workers of `pytest -n` too
    if config.getoption("dist", "no") != "no":
        # This process hands out the tests and runs none. Its workers load the settings after their servers are running.
        os.environ.pop("DJANGO_SETTINGS_MODULE", None)
        var.chmod(0o711)  # some tests start a program as another user
        return
    servers = Servers(var, durable=False)
    config.add_cleanup(servers.stop)
    config.stash[SERVERS] = servers
    os.environ.update(servers.start())
    os.environ.update(
        DJANGO_SETTINGS_MODULE="radiorate.settings",
        SECRET_KEY=secrets.token_hex(32),
        LOCAL="1",
        ALLOWED_HOSTS="localhost,127.0.0.1,testserver",
        VAR=str(var),
        # Playwright's event loop runs in the tests' thread, where Django would refuse database work.
        DJANGO_ALLOW_ASYNC_UNSAFE="true",
    )
    os.environ.pop("DEBUG", None)

    import django
    from django.contrib.auth.hashers import PBKDF2PasswordHasher
    from django.core.management import call_command

    django.setup()
    # The count of rounds is part of the stored password, so other processes read these too.
    PBKDF2PasswordHasher.iterations = 1
    _let_tests_empty_append_only_tables()
    if not config.option.collectonly:
        call_command("collectstatic", interactive=False, verbosity=0)


def _let_tests_empty_append_only_tables() -> None:
    """After a `transactional_db` test the tables are truncated, which their own triggers forbid.

    The rows that migrations made are written again, so that every test finds the same, whatever ran before it.
    """
    import pgtrigger
    from django.core import serializers
    from django.test import TransactionTestCase

    original = TransactionTestCase._fixture_teardown

    def empty(case: TransactionTestCase) -> None:
        with pgtrigger.ignore():
            original(case)
        for row in serializers.deserialize("json", MADE_BY_MIGRATIONS["rows"]):
            row.save()

    TransactionTestCase._fixture_teardown = empty


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """The test database, and what migrations wrote into it."""
    from django.apps import apps
    from django.core import serializers

    models = [model for app in ("generation", "studies", "images") for model in apps.get_app_config(app).get_models()]
    with django_db_blocker.unblock():
        rows = [row for model in models for row in model._base_manager.all()]
        MADE_BY_MIGRATIONS["rows"] = serializers.serialize("json", rows)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out what takes minutes, unless it is asked for: `make slow`."""
    if not os.environ.get("SLOW"):
        for item in items:
            if item.get_closest_marker("slow"):
                item.add_marker(pytest.mark.skip(reason="takes minutes: make slow"))


def eventually(condition: Callable[[], T], seconds: float = 60) -> T:
    """The first true value of `condition`, asked again and again; fails after `seconds`."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > deadline:
            pytest.fail(f"still not true after {seconds} seconds")
        time.sleep(0.05)
    return value


class Program:
    """A process of radiorate against the test database."""

    def __init__(self, argv: list[str], env: dict[str, str], log: Path, ready: Callable[["Program"], bool]) -> None:
        self.argv = argv
        self.env = env
        self.log = log
        self.ready = ready
        self.url = ""
        self.pass_fds: tuple[int, ...] = ()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def output(self) -> str:
        return self.log.read_text(errors="replace")

    @property
    def pid(self) -> int:
        assert self._process is not None, "not running"
        return self._process.pid

    @property
    def is_over(self) -> bool:
        """Whether it has ended by itself, or been killed."""
        return self._process is None or self._process.poll() is not None

    def start(self) -> None:
        """Return when it is ready; fails with its output when it ends or takes longer than a minute."""
        with self.log.open("wb") as output:
            self._process = subprocess.Popen(
                self.argv,
                cwd=PROJECT,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=self.pass_fds,
                preexec_fn=lambda: die_with_parent(signal.SIGKILL),
            )
        deadline = time.monotonic() + 60
        while not self.ready(self):
            if self._process.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"{self.argv} did not become ready:\n{self.output}")
            time.sleep(0.05)

    def stop(self) -> None:
        """SIGTERM, and SIGKILL to all that is left after 30 seconds."""
        if self._process is not None:
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(30)
            self.kill()

    def kill(self) -> None:
        """SIGKILL to the process and its children, as a crash of the machine would."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def restart(self) -> None:
        self.stop()
        self.start()

    def wait_for(self, text: str, seconds: float = 60) -> None:
        eventually(lambda: text in self.output, seconds)


@pytest.fixture
def test_environment(transactional_db: None) -> dict[str, str]:
    """The environment in which another process works on the test database."""
    from django.db import connection

    name = connection.settings_dict["NAME"]
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
    return {**os.environ, "DATABASE_URL": url, "PYTHONUNBUFFERED": "1"}


@pytest.fixture
def start_worker(test_environment: dict[str, str], tmp_path: Path) -> Iterator[Callable[..., Program]]:
    import redis
    from django.conf import settings

    redis.Redis.from_url(settings.REDIS_URL).flushall()
    programs: list[Program] = []

    def start(pool: str = "prefork", **env: object) -> Program:
        number = len(programs)
        argv = [sys.executable, "-m", "celery", "-A", "radiorate", "-q", "worker", "-P", pool, "-c", "2"]
        argv += ["-Q", "images,services,computing", "-n", f"worker{number}@tests", "--loglevel", "INFO"]
        argv += ["--without-mingle", "--without-gossip"]
        variables = {**test_environment, **{name: str(value) for name, value in env.items()}}
        program = Program(argv, variables, tmp_path / f"worker{number}.log", lambda worker: " ready." in worker.output)
        programs.append(program)
        program.start()
        return program

    yield start
    for program in programs:
        program.kill()  # an orderly farewell takes a worker three seconds


@pytest.fixture
def celery_worker_process(start_worker: Callable[..., Program]) -> Program:
    return start_worker()


@pytest.fixture
def start_web(test_environment: dict[str, str], tmp_path: Path) -> Iterator[Callable[..., Program]]:
    with contextlib.ExitStack() as stack:
        count = 0

        def start(app: str = "radiorate.wsgi", **env: object) -> Program:
            nonlocal count
            count += 1
            # The listening socket is ours and handed over, so no other program can take the port in between.
            listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
            argv = [sys.executable, "-m", "gunicorn", app, "--bind", f"fd://{listener.fileno()}"]
            argv += [
                "--worker-class",
                "gthread",
                "--workers",
                "2",
                "--threads",
                "4",
                "--no-control-socket",
                "--preload",
            ]
            variables = {**test_environment, **{name: str(value) for name, value in env.items()}}
            program = Program(
                argv, variables, tmp_path / f"web{count}.log", lambda web: web.output.count("Booting worker") >= 2
            )
            program.pass_fds = (listener.fileno(),)
            program.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
            stack.callback(program.kill)
            program.start()
            return program

        yield start


@pytest.fixture
def live_server_process(start_web: Callable[..., Program]) -> Program:
    return start_web()


@pytest.fixture
def run_command(test_environment: dict[str, str]) -> Callable[..., "subprocess.CompletedProcess[str]"]:
    def run(*args: str, **env: object) -> "subprocess.CompletedProcess[str]":
        variables = {**test_environment, **{name: str(value) for name, value in env.items()}}
        argv = [sys.executable, "manage.py", *args]
        return subprocess.run(argv, cwd=PROJECT, env=variables, capture_output=True, text=True, check=False)

    return run


def _lent(server: Server | None) -> Iterator[Server]:
    if server is None:
        pytest.skip("this test stops a server, and the environment names one that is not ours")
    yield server
    if server.pid is None:
        server.start()


@pytest.fixture
def redis_server(pytestconfig: pytest.Config) -> Iterator[Server]:
    yield from _lent(pytestconfig.stash[SERVERS].redis)


@pytest.fixture
def postgres_server(pytestconfig: pytest.Config, transactional_db: None) -> Iterator[Server]:
    from django.db import connections

    yield from _lent(pytestconfig.stash[SERVERS].postgres)
    connections.close_all()  # those of before the crash are dead


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any], playwright: Any) -> dict[str, Any]:
    """A Chromium that starts; `make browser` installs one."""
    found = browser.find(playwright.chromium.executable_path)
    if found is None:
        pytest.fail("there is no Chromium: run `make browser`")
    return {**browser_type_launch_args, "executable_path": found, "args": browser.ARGUMENTS}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_context_args, "viewport": {"width": 1366, "height": 768}}


@pytest.fixture
def new_context(new_context: Callable[..., Any]) -> Iterator[Callable[..., Any]]:
    """Contexts in which a script error or a breach of the content security policy fails the test."""
    problems: list[str] = []

    def hear(message: Any) -> None:
        if message.type == "error" and "content security policy" in message.text.lower():
            problems.append(message.text)

    def watched(**options: Any) -> Any:
        context = new_context(**options)
        context.on("console", hear)
        context.on("weberror", lambda failure: problems.append(str(failure.error)))
        return context

    yield watched
    assert not problems, problems


@pytest.fixture(scope="session")
def shared() -> Path | None:
    folder = Path(os.environ.get("RADIORATE_SHARED") or PROJECT.parent / "shared")
    return folder if folder.is_dir() else None
