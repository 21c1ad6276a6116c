"""What the messages call."""

from typing import Any

from celery import shared_task
from celery.signals import celeryd_after_setup

from generation import near_copies, queues, reaper, runner


@shared_task
def run_job(job_id: int) -> None:
    runner.run(job_id)


@shared_task
def sweep() -> None:
    reaper.sweep()


@shared_task
def find_near_copies(batch_id: int | None = None) -> None:
    near_copies.find(near_copies.waiting(batch_id))


@celeryd_after_setup.connect
def listen_to_providers(instance: Any, **_: object) -> None:
    """A worker of a kind of provider takes the queues of all of them; a new provider's is one of them at once."""
    listened = instance.app.amqp.queues
    for kind in list(listened.consume_from):
        for name in queues.of(kind):
            listened.select_add(name)
