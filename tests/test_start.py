"""What a start pays for: modules that take up to a second to import wait until an act needs them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent
PROBE = """
import sys, django
django.setup()
{code}
print(*{{"scipy", "pydicom", "matplotlib", "statsmodels", "pandas"}} & sys.modules.keys())
"""


def heavy_after(code: str) -> list[str]:
    """The heavy modules that a fresh process has imported after these lines."""
    argv = [sys.executable, "-c", PROBE.format(code=code)]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "radiorate.settings"}
    done = subprocess.run(argv, cwd=PROJECT, env=environment, capture_output=True, text=True, check=True)
    return done.stdout.split()


@pytest.mark.parametrize(
    "code",
    ["", "import radiorate.urls", "import radiorate.celery; radiorate.celery.app.loader.import_default_modules()"],
    ids=["command", "web", "worker"],
)
def test_no_start_imports_a_heavy_module(code):
    assert heavy_after(code) == []


def test_control_a_heavy_module_is_seen():
    assert heavy_after("import scipy") == ["scipy"]
