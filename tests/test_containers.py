"""docker-compose.yml says what it must, and every command in it really starts what it names.

No container engine is needed: the commands run here as written, against the tests' servers.
"""

import ast
import re
import socket
import sys
import urllib.request
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import PROJECT, Program, eventually

COMPOSE = (PROJECT / "docker-compose.yml").read_text()
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load(COMPOSE)["services"]
OURS = ["migrate", "web", "worker-images", "worker-providers", "beat"]


def test_only_the_proxy_can_be_reached_from_outside():
    assert [name for name, service in SERVICES.items() if service.get("ports")] == ["proxy"]
    assert all(SERVICES[name]["networks"] == ["inside"] for name in ("db", "redis", "s3"))


def test_every_service_that_stays_up_has_a_health_check():
    assert [name for name, service in SERVICES.items() if "healthcheck" not in service] == ["migrate"]


@pytest.mark.parametrize("name", OURS)
def test_our_processes_have_no_more_rights_than_they_need(name):
    service = SERVICES[name]
    assert service["read_only"] and service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert "USER radiorate" in (PROJECT / "Dockerfile").read_text()


def test_the_example_names_every_variable_and_no_other():
    example = set(re.findall(r"^([A-Z0-9_]+)=", (PROJECT / ".env.example").read_text(), re.MULTILINE))
    assert example == set(re.findall(r"(?<!\$)\$\{([A-Z0-9_]+)", COMPOSE))


def test_every_setting_that_is_passed_on_is_read():
    settings = (PROJECT / "radiorate/settings.py").read_text()
    assert all(f'"{name}"' in settings for name in SERVICES["web"]["environment"])


@pytest.fixture
def start(test_environment, tmp_path):
    """Starts a command as written, its programs taken from this environment; gives the running program."""
    programs: list[Program] = []
    path = f"{Path(sys.executable).parent}:{test_environment['PATH']}"

    def start(argv: list[str], sign: str) -> Program:
        program = Program(argv, {**test_environment, "PATH": path}, tmp_path / "log", lambda it: sign in it.output)
        programs.append(program)
        program.start()
        return program

    yield start
    for program in programs:
        program.kill()


@pytest.mark.parametrize("name", ["worker-images", "worker-providers"])
def test_a_worker_starts_and_answers_its_health_check(start, test_environment, name):
    worker = start(SERVICES[name]["command"], " ready.")
    check = SERVICES[name]["healthcheck"]["test"][1:]
    host = socket.gethostname()
    health = start([word.replace("$$HOSTNAME", host) for word in check], "pong")
    eventually(lambda: "1 node online" in health.output)
    worker.stop()


def test_beat_starts_and_writes_the_pid_its_health_check_reads(start, tmp_path):
    argv = [word.replace("/tmp/", f"{tmp_path}/") for word in SERVICES["beat"]["command"]]
    beat = start(argv, "beat: Starting")
    pid = eventually(lambda: (tmp_path / "beat.pid").exists() and (tmp_path / "beat.pid").read_text().strip())
    assert int(pid) == beat.pid


def test_the_migration_ends_well(run_command):
    python, manage, *argv = SERVICES["migrate"]["command"]
    assert (python, manage) == ("python", "manage.py")
    assert run_command(*argv).returncode == 0


def test_the_image_starts_a_web_server_that_answers(start):
    command = (PROJECT / "Dockerfile").read_text().partition("\nCMD ")[2].replace("\\\n", "")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    start([word.replace("0.0.0.0:8000", f"127.0.0.1:{port}") for word in ast.literal_eval(command)], "Booting worker")
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=20) as answer:
        assert answer.read() == b"alive\n"
