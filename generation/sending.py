"""The bell: messages that a job waits. Any of them may be lost or come twice; the rows are the truth."""

import time
from collections.abc import Sequence
from typing import Any

import structlog
from celery import current_app
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from kombu import Connection
from kombu.pools import producers

from generation import pacing, restoring
from generation.models import Generator, Job

log = structlog.get_logger(__name__)
TASK = "generation.tasks.run_job"
SEND_SECONDS = 1.5  # a person waits for this; what isn't sent by then is sent by the reaper
ANSWER_SECONDS = 0.7  # a stopped broker keeps its socket open and says nothing


def send(job_ids: Sequence[int]) -> int:
    """Publish a message for each job its generator has room for, as far as the broker takes them in time.

    Gives the number sent; never raises for the broker's sake. What isn't sent is sent by the reaper, or by `send_next`.
    """
    if not restoring.is_at_home():
        return 0
    due = _with_room(job_ids)
    sent: list[int] = []
    deadline = time.monotonic() + SEND_SECONDS
    try:
        # Kept open between two sends: to open it takes longer than all else before a lone job starts.
        with producers[_impatient_connection()].acquire(block=True, timeout=SEND_SECONDS) as producer:
            for job_id, provider in due:
                current_app.send_task(TASK, args=[job_id], queue=provider, producer=producer, retry=False)
                sent.append(job_id)
                if time.monotonic() > deadline:
                    break
    except Exception as error:  # redis, kombu and socket errors alike
        log.warning("jobs_not_sent", sent=len(sent), of=len(due), error=str(error))
    Job.objects.filter(pk__in=sent, state=Job.State.QUEUED).update(sent_at=Now())
    return len(sent)


def send_next(generator: Generator) -> None:
    """A call has ended: where a generator is sent only so many at once, the next may go out."""
    if generator.slots or generator.per_minute:
        send(list(unsent().filter(batch__generator=generator).values_list("pk", flat=True)[: generator.slots or 1]))


def unsent() -> QuerySet[Job]:
    """The jobs that are due and wait for a message, the oldest first."""
    due = Q(not_before__isnull=True) | Q(not_before__lte=Now())
    return Job.objects.filter(due, state=Job.State.QUEUED, on_hold=False, sent_at=None).order_by("pk")


def waiting(provider: str) -> int | None:
    """How many messages the broker holds for workers that haven't taken them; None when it doesn't answer."""
    queue: Any = current_app.amqp.queues[provider]
    try:
        with _impatient_connection() as connection:
            return int(queue(connection.default_channel).queue_declare().message_count)
    except Exception as error:
        log.warning("queue_not_counted", error=str(error))
        return None


def _with_room(job_ids: Sequence[int]) -> list[tuple[int, str]]:
    """Of these jobs those to be sent now, in their order, each with its provider."""
    told = Job.objects.filter(pk__in=job_ids).order_by("pk").select_related("batch__generator")
    jobs = told.only("batch__generator", *(f"batch__generator__{name}" for name in ("provider", *pacing.LIMITS)))
    room: dict[int, float] = {}
    due = []
    for job in jobs:
        generator = job.batch.generator
        if generator.pk not in room:
            room[generator.pk] = pacing.room(generator)
        if room[generator.pk] > 0:
            room[generator.pk] -= 1
            due.append((job.pk, generator.provider))
    return due


def _impatient_connection() -> Connection:
    """One try, and no long silence: kombu would go on trying for seconds."""
    limits = {"socket_timeout": ANSWER_SECONDS, "socket_connect_timeout": ANSWER_SECONDS}
    return current_app.connection_for_write(
        transport_options={**limits, "max_retries": 1, "interval_start": 0, "interval_step": 0}
    )
