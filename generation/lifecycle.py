"""Every change of a job's state, each one UPDATE that names the state and the claim it leaves.

A worker that lost its claim changes nothing, but what it learned about money is kept. Money is reserved, and a batch
stopped, under the lock of the batch's row: so what is spent never passes the budget, and nothing begins after a stop.
Locks are taken in one order: batch, generator, spending limit, job, attempt. Only the pause that a provider asks for
locks generators after a job, which is its own.
"""

import secrets
from collections.abc import Mapping
from dataclasses import asdict
from datetime import timedelta
from decimal import ROUND_CEILING, Decimal
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Now

from generation import beginning, pacing, spending
from generation.models import Attempt, Batch, Job, Output
from generation.provider import Delivery, ErrorKind, JobHandle, ProviderError, Refusal

State, Outcome = Job.State, Attempt.Outcome
NOTHING = Decimal(0)
SMALLEST_USD = Decimal("0.000001")
BY_PRICE_LIST = {"actual_usd": F("reserved_usd"), "by_price_list": True}
NO_STEP = "the step before gave no image"
LONGEST_WAIT_SECONDS, A_DAY_SECONDS = 300, 86_400


# -- by the worker that holds the job ----------------------------------------------------------------------------------
def claim(job_id: int) -> UUID | None:
    """Take a queued job; None when it isn't queued or not yet due. The database's clock counts, not the worker's."""
    token = uuid4()
    # All conditions stand on the job's own row: one on a joined row would not be asked again after waiting for a lock.
    taken = (
        Job.objects.filter(pk=job_id, state=State.QUEUED, on_hold=False)
        .filter(Q(not_before__isnull=True) | Q(not_before__lte=Now()))
        .update(state=State.RUNNING, claim=token, lease_until=_lease_end(), not_before=None, tries=F("tries") + 1)
    )
    return token if taken else None


def renew(job_id: int, token: UUID) -> bool:
    """Hold the job for another lease; False when it was taken away."""
    return bool(_held(job_id, token).update(lease_until=_lease_end()))


@transaction.atomic
def begin(job_id: int, token: UUID, key: UUID, reserve_usd: Decimal) -> Attempt | None:
    """The attempt, to be committed with its reserved cost before anything is sent; None when nothing may be sent.

    A job of a stopped batch, or one there is no money for, is cancelled with that reason. One of a paused batch, or
    whose generator may not be called yet, or whose money calls at work may leave over, waits in the queue and has used
    up no try.
    """
    terms = beginning.locked_terms(job_id)
    reserve_usd = _rounded_up(reserve_usd)
    objection = spending.objection(terms.batch_id, terms.budget_usd, reserve_usd)
    if reason := terms.stop_reason or (objection.reason if objection and objection.is_final else ""):
        _end(job_id, token, State.CANCELLED, reason)
        return None
    if terms.paused_at:
        _held(job_id, token).update(**_queued(), on_hold=True, tries=F("tries") - 1)
        return None
    if wait := pacing.wait(terms, objection.reason if objection else ""):
        words = {"not_before": wait.until, "state_reason": wait.reason, "tries": F("tries") - 1}
        _held(job_id, token).update(**_queued(), **words)
        return None
    return beginning.written(job_id, token, key, reserve_usd)


@transaction.atomic
def keep_handle(attempt: Attempt, token: UUID, handle: JobHandle) -> bool:
    """Store the order a provider has taken, before the first poll, so that a later worker polls and does not buy."""
    held = _held(attempt.job_id, token).update(provider_job=asdict(handle), lease_until=_lease_end())
    Attempt.objects.filter(pk=attempt.pk).update(provider_request_id=handle.provider_request_id or handle.job_id)
    return bool(held)


@transaction.atomic(savepoint=False)
def succeed(attempt: Attempt, token: UUID, delivery: Delivery) -> bool:
    """The image came; called in the transaction that stores it, so that both are there or neither."""
    held = _end(attempt.job_id, token, State.SUCCEEDED)
    _close(attempt, held, Outcome.DELIVERED, delivery.cost_usd, delivery.provider_request_id, is_charged=True)
    return held


@transaction.atomic
def spoil(attempt: Attempt, token: UUID, delivery: Delivery, reason: str) -> bool:
    """Bytes came that are no use (no picture, or one that is there already); their money stays spent."""
    held = _end(attempt.job_id, token, State.FAILED, reason)
    told = delivery.cost_usd, delivery.provider_request_id
    _close(attempt, held, Outcome.DELIVERED, *told, {"message": reason}, is_charged=True)
    return held


@transaction.atomic
def refuse(attempt: Attempt, token: UUID, refusal: Refusal) -> bool:
    """The provider's content policy said no; where it doesn't tell whether that was charged, it may have been."""
    held = _end(attempt.job_id, token, State.REFUSED, refusal.message or refusal.code)
    cost_usd, is_charged = NOTHING if refusal.billed is False else None, bool(refusal.billed)
    words = {"code": refusal.code[:80], "message": refusal.message, "refusal_stage": refusal.stage}
    _close(attempt, held, Outcome.REFUSED, cost_usd, refusal.provider_request_id, words, is_charged=is_charged)
    return held


@transaction.atomic
def lose(attempt: Attempt, token: UUID, reason: str, request_id: str = "") -> bool:
    """Nobody knows whether it was made and charged: the reserved cost counts as spent until a person settles it."""
    held = _end(attempt.job_id, token, State.UNKNOWN, reason)
    _close(attempt, held, Outcome.LOST, None, request_id, {"message": reason})
    return held


@transaction.atomic
def give_up(attempt: Attempt, token: UUID, error: ProviderError) -> bool:
    """What follows from a provider's error: only what surely cost nothing goes back to the queue."""
    if error.kind is ErrorKind.LOST:
        return lose(attempt, token, str(error), error.provider_request_id)
    job = Job.objects.get(pk=attempt.job_id)
    batch = _lock(job.batch_id)
    if error.kind is ErrorKind.REJECTED:
        held = _end(job.pk, token, State.FAILED, str(error))
    else:
        held = _give_back(_held(job.pk, token), job, batch, str(error), error.retry_after_seconds)
    words = {"code": error.code[:80], "message": error.message}
    _close(attempt, held, Outcome(error.kind.value), NOTHING, error.provider_request_id, words)
    if held and error.stops_batch:
        _stop(batch, str(error))
    if held and error.kind is ErrorKind.THROTTLED:
        # Others would be sent away too, each using up one of its tries and perhaps making the provider angrier.
        pacing.hold(batch.generator, _wait_seconds(job, error.retry_after_seconds))
    return held


def call_off(job_id: int, token: UUID, reason: str) -> bool:
    """Nothing was sent, and nothing may be: a source image that must not go out, say."""
    return _end(job_id, token, State.CANCELLED, reason)


@transaction.atomic
def put_back(job_id: int, token: UUID, reason: str) -> bool:
    """Something broke before anything was sent: the job goes back to the queue, and fails after its last try."""
    job = Job.objects.get(pk=job_id)
    return _abandon(_held(job_id, token), job, _lock(job.batch_id), reason)


# -- by the reaper -----------------------------------------------------------------------------------------------------
@transaction.atomic
def expire(job: Job) -> bool:
    """Take a job away from a worker whose lease is over."""
    lapsed = _held(job.pk, job.claim).filter(lease_until__lt=Now())
    return _abandon(lapsed, job, _lock(job.batch_id), "its worker went away")


# -- of orders in steps ------------------------------------------------------------------------------------------------
def next_steps(before: int | None = None, batch_id: int | None = None) -> list[int]:
    """The jobs that need wait no longer, as the step before has its image; those whose step gave none are cancelled.

    before: only what follows this job. batch_id: only those of this batch. A crash after the step before leaves them
    waiting, so the reaper asks for all.
    """
    waiting = Job.objects.filter(state=State.QUEUED, on_hold=True, after__isnull=False)
    if before is not None:
        waiting = waiting.filter(after=before)
    if batch_id is not None:
        waiting = waiting.filter(batch=batch_id)
    released: list[int] = []
    # One row at a time, and what is asked of the row itself stands in its own UPDATE: two workers release it once.
    for job_id, is_paused, state in list(waiting.values_list("pk", "batch__paused_at", "after__state")):
        step = Job.objects.filter(pk=job_id, state=State.QUEUED, on_hold=True)
        if state == State.SUCCEEDED and not is_paused:
            images = Output.objects.filter(attempt__job=OuterRef("after")).values("image")
            if step.update(source=Subquery(images[:1]), on_hold=False, sent_at=None):
                released.append(job_id)
        elif state in (State.REFUSED, State.FAILED, State.CANCELLED):
            step.update(state=State.CANCELLED, state_reason=NO_STEP, finished_at=Now())
            next_steps(job_id)
    return released


# -- by a person -------------------------------------------------------------------------------------------------------
@transaction.atomic
def cancel(batch_id: int, reason: str) -> int | None:
    """Stop a batch: what waits is cancelled, what was begun runs to its end. The number cancelled; None if stopped."""
    batch = _lock(batch_id)
    return None if batch.stopped_at else _stop(batch, reason)


@transaction.atomic
def pause(batch_id: int) -> int | None:
    """Begin nothing more of a batch; what was begun runs to its end. The number on hold; None if paused already."""
    batch = _lock(batch_id)
    if batch.paused_at:
        return None
    Batch.objects.filter(pk=batch_id).update(paused_at=Now())
    # An order the provider has taken was begun: it is polled on.
    return batch.jobs.filter(state=State.QUEUED, provider_job__isnull=True).update(on_hold=True, sent_at=None)


@transaction.atomic
def go_on(batch_id: int) -> list[int] | None:
    """The jobs of a paused batch that are on hold no longer; None if it isn't paused."""
    batch = _lock(batch_id)
    if not batch.paused_at:
        return None
    Batch.objects.filter(pk=batch_id).update(paused_at=None)
    # Those cancelled meanwhile too: resumed later, they must not wait for another word.
    free = batch.jobs.filter(on_hold=True, after__isnull=True)
    released = list(free.filter(state=State.QUEUED).values_list("pk", flat=True))
    free.update(on_hold=False, sent_at=None)
    return released + next_steps(batch_id=batch_id)  # what waits for a step before goes on when that has its image


@transaction.atomic
def resume(batch_id: int) -> list[int]:
    """The jobs that wait again: all that were cancelled, and all that failed without any chance of a charge."""
    batch = _lock(batch_id)
    Batch.objects.filter(pk=batch_id).update(stopped_at=None, stop_reason="")
    again = list(surely_free(batch.jobs.all()).values_list("pk", flat=True))
    Job.objects.filter(pk__in=again, state__in=[State.CANCELLED, State.FAILED]).update(**_fresh())
    return again


@transaction.atomic
def retry(job_id: int, *, even_if_charged: bool) -> bool:
    """Queue one ended job without an image again: one that surely cost nothing, or by a person's word any that failed.

    Not in a stopped batch, and never a refusal: rolling again until the policy says yes would bias what is counted.
    """
    job = Job.objects.get(pk=job_id)
    if _lock(job.batch_id).stopped_at:
        return False
    failed = Job.objects.filter(pk=job_id, state=State.FAILED)
    again = failed if even_if_charged else surely_free(Job.objects.filter(pk=job_id))
    return bool(again.update(**_fresh()))


def surely_free(jobs: QuerySet[Job]) -> QuerySet[Job]:
    """The cancelled and failed ones of these jobs for which nothing can have been charged.

    Where a person has settled that a lost order cost nothing, its job may be ordered again like the others.
    """
    answered = Q(outcome__in=[Outcome.BEGUN, Outcome.DELIVERED, Outcome.REFUSED])
    spent = Attempt.objects.filter(answered | Q(outcome=Outcome.LOST) & ~Q(actual_usd=NOTHING))
    failed_free = Q(state=State.FAILED) & ~Exists(spent.filter(job=OuterRef("pk")))
    return jobs.filter(Q(state=State.CANCELLED) | failed_free)


@transaction.atomic
def settle(job_id: int, *, was_charged: bool, order_again: bool) -> bool:
    """A person's word on an unknown job: what became of the money, and whether the image is ordered once more."""
    word = "charged" if was_charged else "not charged"
    given_up = {"state": State.FAILED, "state_reason": f"settled by a person: {word}, not ordered again"}
    settled = Job.objects.filter(pk=job_id, state=State.UNKNOWN).update(**(_fresh() if order_again else given_up))
    if settled:
        lost = Attempt.objects.filter(job_id=job_id, outcome=Outcome.LOST, actual_usd=None)
        lost.update(**(BY_PRICE_LIST if was_charged else {"actual_usd": NOTHING}))
    return bool(settled)


def settle_refusal(attempt_id: int, *, was_charged: bool) -> bool:
    """A person's word on a refusal of which the provider didn't say whether it was charged."""
    untold = Attempt.objects.filter(pk=attempt_id, outcome=Outcome.REFUSED, actual_usd=None)
    return bool(untold.update(**(BY_PRICE_LIST if was_charged else {"actual_usd": NOTHING})))


# -- parts of the above ------------------------------------------------------------------------------------------------
def _lease_end() -> object:
    return Now() + timedelta(seconds=settings.LEASE_SECONDS)


def _held(job_id: int, token: UUID | None) -> QuerySet[Job]:
    return Job.objects.filter(pk=job_id, state=State.RUNNING, claim=token)


def _lock(batch_id: int) -> Batch:
    # NO KEY: new jobs and attempts may refer to the row meanwhile.
    return Batch.objects.select_for_update(no_key=True).get(pk=batch_id)


def _end(job_id: int, token: UUID, state: str, reason: str = "") -> bool:
    return bool(
        _held(job_id, token).update(state=state, state_reason=reason[:300], finished_at=Now(), lease_until=None)
    )


def _queued(batch: Batch | None = None) -> dict[str, object]:
    """The fields of a job that waits again; in a paused batch it is on hold like the others."""
    fields = {"state": State.QUEUED, "claim": None, "lease_until": None, "sent_at": None}
    return fields | ({"on_hold": True} if batch and batch.paused_at else {})


def _fresh() -> dict[str, object]:
    """The fields of a job a person has ordered again."""
    fields = {"state_reason": "", "claim": None, "not_before": None, "sent_at": None, "finished_at": None}
    return {"state": State.QUEUED, "tries": 0, "provider_job": None, **fields}


def _abandon(held: QuerySet[Job], job: Job, batch: Batch, reason: str) -> bool:
    """What becomes of a job nobody works on any more.

    Not begun: back to the queue. An order the provider has taken: back to the queue, to be polled. Begun, and no
    outcome: unknown, as the image may have been made and charged.
    """
    attempt = job.attempts.filter(outcome=Outcome.BEGUN).first()  # after the lock: no attempt can begin from here on
    if attempt is None:
        return _give_back(held, job, batch, reason, None)
    due = Now() + timedelta(seconds=_wait_seconds(job, None))
    taken_by_provider = held.filter(provider_job__isnull=False, tries__lt=settings.JOB_TRIES)
    if taken_by_provider.update(**_queued(), not_before=due):
        return True
    reason = f"{reason} after the order was begun: the image may have been made and charged"
    ended = {"state_reason": reason[:300], "finished_at": Now(), "lease_until": None}
    taken = bool(held.update(state=State.UNKNOWN, **ended))
    if taken:
        _close(attempt, taken, Outcome.LOST, None, "", {"message": reason})
    return taken


def _give_back(held: QuerySet[Job], job: Job, batch: Batch, reason: str, wait_seconds: float | None) -> bool:
    """Queue a running job again after a while; with no try left it fails, in a stopped batch it is cancelled."""
    if batch.stopped_at or job.tries >= settings.JOB_TRIES:
        state = State.CANCELLED if batch.stopped_at else State.FAILED
        why = batch.stop_reason if batch.stopped_at else f"gave up after {job.tries} tries: {reason}"
        return bool(held.update(state=state, state_reason=why[:300], finished_at=Now(), lease_until=None))
    due = Now() + timedelta(seconds=_wait_seconds(job, wait_seconds))
    return bool(held.update(**_queued(batch), provider_job=None, state_reason=reason[:300], not_before=due))


def _wait_seconds(job: Job, told: float | None) -> float:
    """The provider's own wish, else twice as long each try, at most five minutes and not all at the same moment."""
    if told is not None:
        return min(told, A_DAY_SECONDS)
    return min(2**job.tries, LONGEST_WAIT_SECONDS) * secrets.SystemRandom().uniform(0.5, 1)


def _stop(batch: Batch, reason: str) -> int:
    reason = reason[:300].rstrip(".")  # it stands in a sentence
    Batch.objects.filter(pk=batch.pk).update(stopped_at=Now(), stop_reason=reason)
    # An order the provider has taken is paid for: its job waits to be polled, not to be ordered.
    queued = batch.jobs.filter(state=State.QUEUED, provider_job__isnull=True)
    return queued.update(state=State.CANCELLED, state_reason=reason, finished_at=Now())


def _close(
    attempt: Attempt,
    held: bool,
    outcome: str,
    cost_usd: Decimal | None,
    request_id: str,
    words: Mapping[str, str] | None = None,
    *,
    is_charged: bool = False,
) -> None:
    """Write how an attempt ended; from a worker that lost its claim only what it tells about the money.

    Charged and nobody tells how much: what was reserved counts, by the price list.
    """
    told: dict[str, object] = {"provider_request_id": request_id[:200]} if request_id else {}
    if cost_usd is not None:
        told |= {"actual_usd": _rounded_up(cost_usd), "by_price_list": False}
    elif is_charged:
        told |= BY_PRICE_LIST
    if held:
        told |= {"outcome": outcome, "ended_at": Now(), **(words or {})}
        Attempt.objects.filter(pk=attempt.pk, outcome=Outcome.BEGUN).update(**told)
        return
    told["message"] = f"an answer came after the lease was over: {outcome}"
    Attempt.objects.filter(pk=attempt.pk, outcome=Outcome.LOST).update(**told)


def _rounded_up(usd: Decimal) -> Decimal:
    """As many decimals as are stored, never less than was told."""
    return usd.quantize(SMALLEST_USD, ROUND_CEILING)
