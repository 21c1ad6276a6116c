"""What the messages call."""

from celery import shared_task

from generation import reaper, runner


@shared_task
def run_job(job_id: int) -> None:
    runner.run(job_id)


@shared_task
def sweep() -> None:
    reaper.sweep()
