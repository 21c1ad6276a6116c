"""A command whose server is away ends with one line that names it, and any other error keeps its traceback."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent
AWAY = {"DATABASE_URL": "postgresql://reader:hidden@127.0.0.1:1/none", "REDIS_URL": "redis://:hidden@127.0.0.1:1/0"}


def command(*words: str) -> "subprocess.CompletedProcess[str]":
    argv = [sys.executable, "manage.py", *words]
    return subprocess.run(argv, cwd=PROJECT, env={**os.environ, **AWAY}, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("words", "server"),
    [
        (["create_study", "study.toml"], "DATABASE_URL"),
        (["check_store", "--json"], "DATABASE_URL"),
        (["shell", "--no-imports", "-c", "from django.core.cache import cache; cache.get('x')"], "REDIS_URL"),
    ],
)
def test_a_server_that_is_away_is_named_in_one_line(tmp_path, words, server):
    (tmp_path / "study.toml").write_text('title = "x"\nseed = 1\n')
    ended = command(*(str(tmp_path / word) if word == "study.toml" else word for word in words))
    assert ended.returncode == 1
    assert ended.stdout == ""
    [line] = ended.stderr.splitlines()
    assert line.startswith("radiorate: ") and "does not answer" in line and line.endswith(f"{server}.")
    assert "make run" in line and "hidden" not in line


def test_control_another_error_keeps_its_traceback():
    ended = command("shell", "--no-imports", "-c", "1 / 0")
    assert ended.returncode == 1
    assert "Traceback" in ended.stderr and "ZeroDivisionError" in ended.stderr
