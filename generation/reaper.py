"""Finds what was lost on the way: jobs whose message or whose worker is gone."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import structlog
from django.conf import settings
from django.db import connection
from django.db.models.functions import Now

from generation import lifecycle, sending
from generation.models import Heartbeat, Job

log = structlog.get_logger(__name__)
LOCK = 7_207_242
NAME = "reaper"


@dataclass(frozen=True)
class Swept:
    """What one sweep did: jobs taken from workers that went away, and jobs whose message was sent again."""

    expired: int = 0
    sent_again: int = 0


def sweep() -> Swept | None:
    """Take back expired jobs and send lost ones again; None when another sweep is at work."""
    with _alone() as is_alone:
        if not is_alone:
            return None
        expired = _expire()
        lifecycle.next_steps()
        swept = Swept(expired=expired, sent_again=_send_again())
        Heartbeat.objects.update_or_create(name=NAME, defaults={"at": Now()})
        return swept


def _expire() -> int:
    count = 0
    for job in Job.objects.filter(state=Job.State.RUNNING, lease_until__lt=Now()).order_by("pk"):
        try:
            count += lifecycle.expire(job)
        except Exception:  # one bad row must not keep the others waiting
            log.exception("job_not_expired", job=job.pk)
    return count


def _send_again() -> int:
    """Send what is due and was never sent, and what was sent long ago and can't be in the queue any more.

    Where a queue holds as many messages as jobs wait in it, none was lost: they wait for a worker, and sending them
    again at every sweep would only fill the broker.
    """
    sent = Job.objects.filter(state=Job.State.QUEUED, on_hold=False, sent_at__isnull=False)
    for provider in sent.order_by().values_list("batch__generator__provider", flat=True).distinct():
        of_provider = sent.filter(batch__generator__provider=provider)
        in_queue = sending.waiting(provider)
        if in_queue is None:
            return 0
        if in_queue < of_provider.count():
            long_ago = Now() - timedelta(seconds=settings.RESEND_SECONDS)
            of_provider.filter(sent_at__lt=long_ago).update(sent_at=None)
    return sending.send(list(sending.unsent().values_list("pk", flat=True)))


@contextmanager
def _alone() -> Iterator[bool]:
    """Whether this is the only sweep; the lock goes with the connection when the process dies."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        is_alone = cursor.fetchone()[0]
    try:
        yield is_alone
    finally:
        if is_alone:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
