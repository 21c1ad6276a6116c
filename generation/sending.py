"""The bell: messages that a job waits. Any of them may be lost or come twice; the rows are the truth."""

import time
from collections.abc import Sequence

import structlog
from celery import current_app
from django.db.models.functions import Now
from kombu import Connection

from generation.models import Job

log = structlog.get_logger(__name__)
TASK = "generation.tasks.run_job"
SEND_SECONDS = 1.5  # a person waits for this; what isn't sent by then is sent by the reaper
ANSWER_SECONDS = 0.7  # a stopped broker keeps its socket open and says nothing


def send(job_ids: Sequence[int]) -> int:
    """Publish a message for each job, as far as the broker takes them in time; the number sent. Never raises."""
    sent: list[int] = []
    deadline = time.monotonic() + SEND_SECONDS
    try:
        with _impatient_connection() as connection, current_app.amqp.Producer(connection) as producer:
            for job_id in job_ids:
                current_app.send_task(TASK, args=[job_id], producer=producer, retry=False)
                sent.append(job_id)
                if time.monotonic() > deadline:
                    break
    except Exception as error:  # redis, kombu and socket errors alike: the reaper sends what was not sent
        log.warning("jobs_not_sent", sent=len(sent), of=len(job_ids), error=str(error))
    Job.objects.filter(pk__in=sent, state=Job.State.QUEUED).update(sent_at=Now())
    return len(sent)


def waiting() -> int | None:
    """How many messages the broker holds for workers that haven't taken them; None when it doesn't answer."""
    queue = current_app.amqp.router.route({}, TASK)["queue"]
    try:
        with _impatient_connection() as connection:
            return int(queue(connection.default_channel).queue_declare().message_count)
    except Exception as error:
        log.warning("queue_not_counted", error=str(error))
        return None


def _impatient_connection() -> Connection:
    """One try, and no long silence: kombu would go on trying for seconds."""
    limits = {"socket_timeout": ANSWER_SECONDS, "socket_connect_timeout": ANSWER_SECONDS}
    return current_app.connection_for_write(
        transport_options={**limits, "max_retries": 1, "interval_start": 0, "interval_step": 0}
    )
