"""The demonstration as `make run` makes it: in its own process, from a folder, down to the sign-ins."""

import csv
import json
import stat
from pathlib import Path

import pytest
from django.contrib.auth import authenticate

from generation.models import Job
from radiorate.accounts.models import User
from radiorate.images.models import Image
from radiorate.reading.models import Rating
from radiorate.studies.models import Assignment, Study
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Six real radiographs of three views, and one that the phantom can't draw."""
    views = [
        ("chest", "PA"),
        ("chest", "PA"),
        ("hand", "PA"),
        ("hand", "PA"),
        ("knee", "AP"),
        ("knee", "AP"),
        ("jaw", "AP"),
    ]
    folder = tmp_path / "radiographs"
    folder.mkdir()
    with (folder / "manifest.csv").open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["file", "origin", "region", "view", "licence", "attribution"])
        for number, (region, view) in enumerate(views):
            (folder / f"{number}.png").write_bytes(factories.png(seed=number, size=(200, 250)))
            writer.writerow([f"{number}.png", "real", region, view, "CC0", "drawn by a test"])
    return folder


@pytest.fixture
def demo(run_command, settings, folder, tmp_path):
    """Runs `manage.py demo` over the folder with a data folder of its own."""
    var = tmp_path / "var"
    var.mkdir()
    environment = {"VAR": str(var), "RADIORATE_DEMO_IMAGES": str(folder)}
    return lambda: (run_command("demo", **environment), var / "demo.json")


def contents() -> list[int]:
    return [model.objects.count() for model in (User, Image, Job, Study, Rating)]


def test_the_demo_leaves_an_open_and_a_closed_study_with_sign_ins_and_runs_once(demo):
    done, written = demo()
    assert done.returncode == 0, done.stderr
    told = json.loads(written.read_text())
    assert stat.S_IMODE(written.stat().st_mode) == 0o600
    assert set(told) == {"url", "admin", "readers", "study", "closed_study"}
    for sign_in in [told["admin"], *told["readers"]]:
        assert authenticate(None, email=sign_in["email"], password=sign_in["password"])
    assert User.objects.get(email=told["admin"]["email"]).is_staff

    running = Study.objects.get(slug=told["study"])
    assert running.is_open and not running.simulated
    # Six match; the control pairs part some of them.
    assert running.pairs.filter(kind="main").count() >= 4
    assert (
        Assignment.objects.filter(reader__study=running, reader__user__email=told["readers"][0]["email"]).count() >= 4
    )

    closed = Study.objects.get(slug=told["closed_study"])
    assert closed.state == Study.State.CLOSED and closed.simulated
    assert (
        closed.readers.count()
        == Rating.objects.filter(assignment__reader__study=closed).values("assignment__reader").distinct().count()
    )
    assert not Job.objects.exclude(state=Job.State.SUCCEEDED).exists()

    before = contents()
    again, _ = demo()
    assert again.returncode == 0 and "stands already" in again.stdout
    assert contents() == before

    written.unlink()  # which is what a kill before the end comes to: the next run ends the work and makes nothing twice
    again, written = demo()
    assert again.returncode == 0, again.stderr
    assert json.loads(written.read_text())["study"] == "demo"
    assert contents() == before


def test_a_database_in_use_is_left_alone(demo):
    factories.admin(email="lead@hospital.test")
    done, written = demo()
    assert done.returncode == 1 and "in use" in done.stderr
    assert not written.exists() and User.objects.count() == 1
