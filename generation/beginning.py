"""The rows under which a paid call begins: what decides about it, locked, and the attempt that tells of it.

In SQL, as every job waits for these two: the ORM takes longer to put them together than the database to answer them.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import connection

from generation import restoring
from generation.models import Attempt

LOCKS = "FOR NO KEY UPDATE OF batch, generator"  # NO KEY: new jobs and attempts may refer to the rows meanwhile
TERMS = f"""
    SELECT batch.id, batch.budget_usd, batch.stop_reason, batch.paused_at, generator.id, generator.name,
           generator.slots, generator.per_minute, generator.held_until, {restoring.IS_AT_HOME}, statement_timestamp()
    FROM generation_job AS job
    JOIN generation_batch AS batch ON batch.id = job.batch_id
    JOIN generation_generator AS generator ON generator.id = batch.generator_id
    WHERE job.id = %s
"""  # noqa: S608 (no outside text)
# The claim is looked at, and the job held for another lease, in the statement that writes the attempt.
WRITE = """
    WITH held AS (
        UPDATE generation_job SET lease_until = statement_timestamp() + %(lease)s
        WHERE id = %(job)s AND claim = %(claim)s AND state = 'running' RETURNING id, claim
    )
    INSERT INTO generation_attempt (job_id, claim, number, idempotency_key, reserved_usd, begun_at, outcome,
                                    by_price_list, provider_request_id, code, message, refusal_stage)
    SELECT id, claim, (SELECT coalesce(max(number), 0) + 1 FROM generation_attempt WHERE job_id = held.id),
           %(key)s, %(usd)s, statement_timestamp(), 'begun', false, '', '', '', ''
    FROM held RETURNING *
"""


class Terms(NamedTuple):
    """What stands in the rows of a job's batch and its generator, and `now` by the database's clock."""

    batch_id: int
    budget_usd: Decimal
    stop_reason: str
    paused_at: datetime | None
    generator_id: int
    generator: str
    slots: int | None
    per_minute: int | None
    held_until: datetime | None
    is_at_home: bool
    now: datetime


def locked_terms(job_id: int) -> Terms:
    """The terms, which nobody changes before the transaction ends, and under which no other call begins meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute(f"{TERMS} {LOCKS}", [job_id])
        return Terms(*cursor.fetchone())


def written(job_id: int, token: UUID, key: UUID, reserved_usd: Decimal) -> Attempt | None:
    """The attempt of a job that is still held under this claim; None when it was taken away."""
    lease = timedelta(seconds=settings.LEASE_SECONDS)
    values: Mapping[str, object] = {"job": job_id, "claim": token, "lease": lease, "key": key, "usd": reserved_usd}
    return next(iter(Attempt.objects.raw(WRITE, values)), None)
