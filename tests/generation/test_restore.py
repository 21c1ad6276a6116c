"""A backup of the database, restored: what waited in it was paid for since, and is not bought again."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connection

from generation import restoring
from radiorate.local import LocalError, find_postgres
from tests.conftest import eventually
from tests.generation.observing import is_ended

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def programs() -> Path:
    """The folder of pg_dump and pg_restore of the server that runs here."""
    try:
        found = find_postgres(settings.VAR / "postgres")
    except LocalError as missing:
        pytest.skip(str(missing))
    if not (found / "pg_dump").exists():
        pytest.skip("there is no pg_dump beside this PostgreSQL")
    return found


@pytest.fixture
def restored(test_environment) -> Iterator[str]:
    """The address of an empty database beside the tests' one; gone after the test."""
    name = f"{connection.settings_dict['NAME']}_restored"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
    yield urlsplit(test_environment["DATABASE_URL"])._replace(path=f"/{name}").geturl()
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_yesterdays_backup_buys_nothing_until_an_admin_says_so(
    fake, order, start_fake_worker, run_command, test_environment, programs, restored, tmp_path
):
    """The last step, in which somebody says so too early, is the control: everything that waited is bought again."""
    import psycopg

    restoring.come_home()
    fake.script = ["image", "image", "wait"]
    worker = start_fake_worker(LEASE_SECONDS=60)
    batch = order(10)
    eventually(lambda: len(fake.calls) >= 3)
    backup = str(tmp_path / "backup")
    subprocess.run([programs / "pg_dump", "-Fc", "-f", backup, test_environment["DATABASE_URL"]], check=True)
    fake.gate.set()  # not before the backup: in it most jobs still wait
    eventually(lambda: is_ended(batch), 60)
    assert len(fake.billed) == 10
    worker.kill()

    subprocess.run([programs / "pg_restore", "-d", restored, backup], check=True)
    there = {"DATABASE_URL": restored}
    with psycopg.connect(restored, autocommit=True) as server:
        waited = server.execute("SELECT count(*) FROM generation_job WHERE state = 'queued'").fetchone()[0]
        assert waited > 3, "the backup came too late to be dangerous"
        start_fake_worker(LEASE_SECONDS=60, **there)
        assert "0 sent again" in run_command("sweep", **there).stdout
        assert run_command("check_audit", **there).returncode == 0
        assert len(fake.billed) == 10

        assert "Orders go out again" in run_command("resume_after_restore", "--keep", **there).stdout
        server.execute("UPDATE generation_job SET sent_at = NULL, not_before = NULL WHERE state = 'queued'")
        run_command("sweep", **there)
        eventually(lambda: len(fake.billed) == 10 + waited)
