"""What `make run` says about its processes and where to go."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from honcho.environ import parse_procfile

from radiorate.management.commands import local
from radiorate.management.commands.local import environment_of

PROJECT = Path(__file__).resolve().parent.parent


def test_the_process_that_ended_by_itself_is_named() -> None:
    code = """
import threading
from radiorate.local import Servers
from radiorate.management.commands.local import Household
from pathlib import Path
household = Household(Servers(Path("unused")), threading.Thread(target=print))
household.add_process("steady", "sleep 60")
household.add_process("brief", "sh -c 'exit 3'")
household.loop()
print(household.first_stopped)
"""
    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.stdout.splitlines()[-1] == "brief ended by itself (exit 3)", ended.stderr


def test_the_banner_shows_the_sign_ins(tmp_path: Path) -> None:
    from radiorate.management.commands.local import _banner

    account = {"email": "admin@example.org", "password": "one two three"}
    (tmp_path / "demo.json").write_text(json.dumps({"admin": account, "readers": [{**account, "password": "four"}]}))
    banner = _banner("http://localhost:8000", tmp_path, "")
    for word in ("http://localhost:8000", "admin@example.org", "one two three", "four", str(tmp_path)):
        assert word in banner


def test_why_there_is_no_demonstration_is_said_without_the_name_of_an_exception(
    monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path
) -> None:
    settings.VAR = tmp_path
    monkeypatch.setattr(local, "_is_empty", lambda _: True)
    ended = subprocess.CompletedProcess([], 1, stderr="a warning\nCommandError: The disk is full.\n")
    monkeypatch.setattr(local.subprocess, "run", lambda *_, **__: ended)
    household = local.Command()
    household.environment = {"DATABASE_URL": ""}
    assert household._demonstrate() == "the demonstration could not be made: The disk is full."


def test_the_keys_of_services_reach_the_worker_that_orders_and_no_other() -> None:
    names = parse_procfile((PROJECT / "Procfile").read_text()).processes
    given = {name: environment_of(name, {"PORT": "8000", "OPENAI_API_KEY": "secret"}) for name in names}
    assert [name for name in names if "OPENAI_API_KEY" in given[name]] == ["worker-services"]
    assert all(environment["PORT"] == "8000" for environment in given.values())
