"""A scratch server with a study to read, for bench/rating.py and bench/image.py: servers, rows, gunicorn, a client."""

import contextlib
import http.client
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))


class Client:
    """One reader on one connection that is kept alive."""

    def __init__(self, port: int, session: str) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port)
        self.cookies = f"sessionid={session}"
        self.requests = 0

    def ask(self, method: str, path: str, fields: dict[str, str] | None = None, fragment: bool = False) -> bytes:
        """The body of a 200 answer; anything else ends the benchmark."""
        headers = {"Cookie": self.cookies}
        if fields is not None:
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "X-CSRFToken": self.token}
        if fragment:
            headers["HX-Request"] = "true"
        self.connection.request(method, path, urlencode(fields or {}), headers)
        self.requests += 1
        response = self.connection.getresponse()
        body = response.read()
        for name, value in response.getheaders():
            if name == "Set-Cookie" and value.startswith("csrftoken="):
                self.token = value.split(";")[0].removeprefix("csrftoken=")
                self.cookies = f"{self.cookies.split('; csrf')[0]}; csrftoken={self.token}"
        assert response.status == 200, (response.status, path, body[:500])
        return body


class Server:
    """One gunicorn worker with four threads, and the CPU it has used."""

    def __init__(self, port: int, process: "subprocess.Popen[bytes]") -> None:
        self.port = port
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        while not (worker := children.read_text().split()):
            time.sleep(0.1)
        self.worker = worker[0]

    def cpu_seconds(self) -> float:
        """User and system time of the worker, of all its threads: from the scheduler, in nanoseconds."""
        tasks = Path(f"/proc/{self.worker}/task").iterdir()
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9


@contextlib.contextmanager
def ground() -> Iterator[None]:
    """PostgreSQL with synchronous_commit on, Redis, and the tables."""
    from radiorate.local import Servers

    var = Path(tempfile.mkdtemp(prefix="radiorate-bench-"))
    servers = Servers(var, durable=True)
    try:
        os.environ.update(servers.start())
        os.environ.update(
            DJANGO_SETTINGS_MODULE="radiorate.settings",
            SECRET_KEY=secrets.token_hex(32),
            LOCAL="1",
            ALLOWED_HOSTS="127.0.0.1",
            VAR=str(var),
            DATABASE_POOL="4",
            LOG_LEVEL="WARNING",
        )
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        yield
    finally:
        servers.stop()
        shutil.rmtree(var, ignore_errors=True)


@contextlib.contextmanager
def serving() -> Iterator[Server]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        argv = [sys.executable, "-m", "gunicorn", "bench.reading_floor", "--bind", f"fd://{listener.fileno()}"]
        argv += [
            "--worker-class",
            "gthread",
            "--workers",
            "1",
            "--threads",
            "4",
            "--keep-alive",
            "120",
            "--log-level",
            "warning",
        ]
        process = subprocess.Popen(argv, cwd=PROJECT, pass_fds=[listener.fileno()])
        try:
            yield Server(listener.getsockname()[1], process)
        finally:
            process.terminate()
            process.wait()


def session_of(user: object) -> str:
    """The key of a signed-in session."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    store = SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.create()
    return store.session_key
