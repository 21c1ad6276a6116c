"""What the messages call."""

from celery import shared_task

from generation import near_copies, reaper, runner


@shared_task
def run_job(job_id: int) -> None:
    runner.run(job_id)


@shared_task
def sweep() -> None:
    reaper.sweep()


@shared_task
def find_near_copies(batch_id: int | None = None) -> None:
    near_copies.find(near_copies.waiting(batch_id))
