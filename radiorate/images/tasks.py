"""What the messages call."""

from celery import shared_task

from radiorate.images import imports


@shared_task
def run_import(import_id: int) -> None:
    imports.run(import_id)


@shared_task
def resume_imports() -> None:
    imports.resume()
