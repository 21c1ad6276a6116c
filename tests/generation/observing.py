"""What a test asks of a batch."""

from collections import Counter
from datetime import timedelta

from django.db.models.functions import Now

from generation.models import Attempt, Batch, Job


def states(batch: Batch) -> Counter[str]:
    return Counter(batch.jobs.values_list("state", flat=True))


def is_ended(batch: Batch) -> bool:
    return not batch.jobs.filter(state__in=[Job.State.QUEUED, Job.State.RUNNING]).exists()


def outcomes(batch: Batch) -> list[str]:
    return list(Attempt.objects.filter(job__batch=batch).order_by("pk").values_list("outcome", flat=True))


def let_lease_pass(job: Job) -> None:
    """As if the job's worker had been silent for a whole lease."""
    Job.objects.filter(pk=job.pk).update(lease_until=Now() - timedelta(seconds=1))
