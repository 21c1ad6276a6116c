"""What the two probes promise: one asks nothing of anybody, the other names what is missing."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as project_settings
from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import default_storage
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.utils import timezone

from generation.models import Heartbeat
from radiorate import health
from radiorate.local import Server


@pytest.fixture
def long_running(monkeypatch: pytest.MonkeyPatch) -> None:
    """A web process that has been up for an hour."""
    monkeypatch.setattr(health, "STARTED", health.STARTED - 3600)


@pytest.fixture
def reaper(db: None) -> Heartbeat:
    return Heartbeat.objects.create(name="reaper", at=timezone.now())


def test_healthz_asks_nothing_of_database_or_broker(client: Client) -> None:
    # Without the `db` fixture any query would fail.
    assert client.get("/healthz").content == b"alive\n"


def test_ready_when_everything_is_there(client: Client, reaper: Heartbeat, long_running: None) -> None:
    response = client.get("/readyz")
    assert (response.status_code, response.content) == (200, b"ready\n")
    assert "no-store" in response["Cache-Control"]


def test_probe_leaves_no_file_behind(client: Client, reaper: Heartbeat) -> None:
    client.get("/readyz")
    assert default_storage.listdir("health")[1] == []


def test_not_ready_when_a_migration_is_missing(client: Client, reaper: Heartbeat) -> None:
    MigrationRecorder.Migration.objects.filter(app="images", name="0001_initial").delete()
    response = client.get("/readyz")
    assert response.status_code == 503
    assert "images.0001_initial" in response.content.decode()


def test_not_ready_without_redis(client: Client, reaper: Heartbeat, redis_server: Server) -> None:
    redis_server.kill()
    response = client.get("/readyz")
    assert (response.status_code, response.content) == (503, b"Redis does not answer\n")


def test_not_ready_when_files_cannot_be_stored(
    client: Client, reaper: Heartbeat, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(default_storage, "save", full)
    response = client.get("/readyz")
    assert (response.status_code, response.content) == (503, b"files cannot be stored\n")


def test_not_ready_when_the_reaper_is_silent(client: Client, reaper: Heartbeat, long_running: None) -> None:
    age = timedelta(seconds=3 * project_settings.SWEEP_SECONDS + 1)
    Heartbeat.objects.update(at=timezone.now() - age)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert "the reaper has not reported" in response.content.decode()


def test_a_young_process_waits_for_the_first_sweep(client: Client, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "STARTED", health.time.monotonic())
    assert client.get("/readyz").status_code == 200


def test_not_ready_without_postgresql(live_server_process: Any, postgres_server: Server) -> None:
    import httpx

    postgres_server.kill()
    response = httpx.get(f"{live_server_process.url}/readyz", timeout=60)
    assert response.status_code == 503
    assert "PostgreSQL does not answer" in response.text
    assert httpx.get(f"{live_server_process.url}/healthz", timeout=60).status_code == 200


SAFE = {"SECRET_KEY": "k" * 50, "DEBUG": False, "ALLOWED_HOSTS": ["radiorate.example"], "LOCAL": False}


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("SECRET_KEY", ""),
        ("SECRET_KEY", "short"),
        ("SECRET_KEY", "change-me-change-me-change-me-change-me-change-me"),
        ("SECRET_KEY", "django-insecure-0123456789abcdef0123456789abcdef"),
        ("DEBUG", True),
        ("ALLOWED_HOSTS", []),
        ("ALLOWED_HOSTS", ["*"]),
        ("ALLOWED_HOSTS", [".example.org", "*"]),
    ],
)
def test_production_refuses_an_unsafe_setting(monkeypatch: pytest.MonkeyPatch, setting: str, value: object) -> None:
    from radiorate import settings

    for name, safe in SAFE.items():
        monkeypatch.setattr(settings, name, safe)
    settings.refuse_unsafe_production()
    monkeypatch.setattr(settings, setting, value)
    with pytest.raises(ImproperlyConfigured, match=setting):
        settings.refuse_unsafe_production()
