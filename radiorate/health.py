"""Whether this process lives (`/healthz`), and whether it can serve (`/readyz`). Both are open: they name no host."""

import time
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from uuid import uuid4

import redis
import structlog
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache

from generation import reaper
from generation.models import Heartbeat

log = structlog.get_logger(__name__)
STARTED = time.monotonic()
MISSED_SWEEPS = 3


def alive(request: HttpRequest) -> HttpResponse:
    """200 without touching anything else."""
    return HttpResponse("alive\n", content_type="text/plain")


@never_cache
def ready(request: HttpRequest) -> HttpResponse:
    """200 when all that a page needs is there, else 503 with one reason a line."""
    checks: dict[str, Callable[[], str]] = {
        "PostgreSQL does not answer": _migrations,
        "Redis does not answer": _redis,
        "files cannot be stored": _storage,
        "the reaper cannot be asked for": _reaper,
    }
    reasons = []
    for failure, check in checks.items():
        try:
            reasons.append(check())
        except Exception:  # whatever it was, it is the answer to this question
            log.warning("not_ready", reason=failure, exc_info=True)
            reasons.append(failure)
    text = "".join(f"{reason}\n" for reason in reasons if reason)
    return HttpResponse(text or "ready\n", status=503 if text else 200, content_type="text/plain")


def _migrations() -> str:
    missing = sorted(_known_migrations() - set(MigrationRecorder(connection).applied_migrations()))
    return f"migrations are not applied: {', '.join('.'.join(name) for name in missing)}" if missing else ""


@cache
def _known_migrations() -> frozenset[tuple[str, str]]:
    return frozenset(MigrationLoader(None, ignore_no_migrations=True).disk_migrations)


def _redis() -> str:
    with redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=2, socket_timeout=2) as client:
        client.ping()
    return ""


def _storage() -> str:
    name = default_storage.save(f"health/{uuid4()}", ContentFile(b"ready"))
    default_storage.delete(name)
    return ""


def _reaper() -> str:
    """Empty while it reports; also in the first moments of this process, when it may not have run yet."""
    seconds = MISSED_SWEEPS * settings.SWEEP_SECONDS
    recent = Heartbeat.objects.filter(name=reaper.NAME, at__gt=Now() - timedelta(seconds=seconds))
    if time.monotonic() - STARTED < seconds or recent.exists():
        return ""
    return f"the reaper has not reported for {seconds} seconds: is beat running, and a worker?"
