"""A worker without the claim, for controls: every message believes that its job is to be done."""

from decimal import Decimal
from uuid import UUID, uuid4

from django.db import transaction

from generation import lifecycle
from generation.models import Attempt, Job


def claim(job_id: int) -> UUID:
    token = uuid4()
    Job.objects.filter(pk=job_id).update(state="running", claim=token, lease_until=lifecycle._lease_end())
    return token


def begin(job_id: int, token: UUID, key: UUID, reserve_usd: Decimal) -> Attempt:
    with transaction.atomic():
        Attempt.objects.filter(job=job_id, outcome="begun").update(outcome="lost")
        number = Attempt.objects.filter(job=job_id).count() + 1
        return Attempt.objects.create(job_id=job_id, number=number, claim=token, idempotency_key=key)
