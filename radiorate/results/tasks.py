"""What the messages call."""

from celery import shared_task

from radiorate.results import cached
from radiorate.results.filters import Filters
from radiorate.studies.models import Study


@shared_task
def analyse(study_id: int, chosen: dict[str, str]) -> None:
    cached.make(Study.objects.get(pk=study_id), Filters(**chosen))
