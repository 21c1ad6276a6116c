"""One job from the queue to its end: claim, begin, order, store. It sends at most one paid request."""

import time
from collections.abc import Callable
from uuid import UUID, uuid4

import structlog
from django.db import connection, transaction
from django.db.models import Exists, OuterRef

from generation import failpoints, keeping, lifecycle, sending, sources
from generation.models import Attempt, Job
from generation.ordering import laid, order_of, provider_of, with_pictures
from generation.provider import Delivery, ErrorKind, JobHandle, Order, Pending, Provider, ProviderError, Refusal
from generation.sheets import sheet_of
from radiorate.images import intake
from radiorate.images.decoding import Undecodable

log = structlog.get_logger(__name__)
POLL_PATIENCE_SECONDS = 3600
STORE_PATIENCE_SECONDS, STORE_WAIT_SECONDS = 1800, 5


class ClaimLost(Exception):
    """The job was taken away: nothing may be written any more, and nobody needs the answer here."""


def run(job_id: int) -> None:
    """Do one job if it is still to be done; a second message for it does nothing. The steps that wait for it go on."""
    token = lifecycle.claim(job_id)
    if token is None:
        return
    failpoints.reach("claimed")
    rows = Job.objects.select_related("batch__generator", "batch__collection")
    job = rows.annotate(has_steps=Exists(Job.objects.filter(after=OuterRef("pk")))).get(pk=job_id)
    _do(job, token)
    if job.has_steps and (released := lifecycle.next_steps(job_id)):
        sending.send(released)
    sending.send_next(job.batch.generator)


def _do(job: Job, token: UUID) -> None:
    try:
        provider = provider_of(job.batch.generator)
        can = provider.capabilities(job.batch.generator.model)
        # Consent may have been withdrawn, or the source taken out, since the batch was launched.
        unfit = [] if job.provider_job else sources.problems(job, can)
        if unfit:
            lifecycle.call_off(job.pk, token, " ".join(unfit))
            return
        order = with_pictures(order_of(job, uuid4()), job)
        sheet = sheet_of(order, can)
        sent = laid(order, sheet)
        most_usd = provider.estimate_usd(sent)
        if most_usd < 0:
            raise ValueError(f"an estimate of {most_usd} USD would make room in every budget")
    except Exception as error:  # whatever it was, nothing has been sent
        log.exception("job_not_begun", job=job.pk)
        lifecycle.put_back(job.pk, token, _words(error))
        return
    if job.provider_job:
        attempt = job.attempts.get(outcome=Attempt.Outcome.BEGUN)
    else:
        begun = lifecycle.begin(job.pk, token, order.key, most_usd)
        if begun is None:
            return
        attempt = begun
    failpoints.reach("begun")
    answer = _finished(job, attempt, token, provider, sent)
    if answer is not None:
        _keep(job, attempt, token, answer, lambda: keeping.compose(job, order, answer, sheet))
    failpoints.reach("succeeded")


def _finished(job: Job, attempt: Attempt, token: UUID, provider: Provider, order: Order) -> Delivery | None:
    """The image that came; where none did, None, and what became of the job is written down."""
    try:
        answer = _answer(job, attempt, token, provider, order)
        failpoints.reach("answered")
    except ClaimLost:
        log.warning("claim_lost", job=job.pk)
    except ProviderError as error:
        lifecycle.give_up(attempt, token, error)
    except Exception as error:  # a fault in a provider's code says nothing about what the service did
        log.exception("provider_broke", job=job.pk)
        lifecycle.lose(attempt, token, _words(error))
    else:
        if not isinstance(answer, Refusal):
            return answer
        lifecycle.refuse(attempt, token, answer)
    return None


def _answer(job: Job, attempt: Attempt, token: UUID, provider: Provider, order: Order) -> Delivery | Refusal:
    """Send the one request, or none where a former worker's was taken; then poll until there is an answer."""
    if job.provider_job:
        handle = JobHandle(**job.provider_job)
    else:
        _lend_connection()
        taken = provider.submit(order)
        if not isinstance(taken, JobHandle):
            return taken
        handle = taken
        if not lifecycle.keep_handle(attempt, token, handle):
            raise ClaimLost
        failpoints.reach("handled")
    deadline = time.monotonic() + POLL_PATIENCE_SECONDS
    while time.monotonic() < deadline:
        try:
            answer = provider.poll(handle)
            if not isinstance(answer, Pending):
                return answer
            wait_seconds = answer.retry_after_seconds
        except ProviderError as error:
            if error.is_of_order:
                raise
            # Asking is free, so a failed question is no reason to give the order up; and a rejected one says nothing
            # about the order's money: taken for free, it could be bought again.
            if error.kind not in (ErrorKind.THROTTLED, ErrorKind.UNAVAILABLE):
                raise ProviderError(ErrorKind.LOST, error.code, error.message) from error
            wait_seconds = error.retry_after_seconds or Pending().retry_after_seconds
        _lend_connection()
        time.sleep(wait_seconds)
        if not lifecycle.renew(job.pk, token):
            raise ClaimLost
    raise ProviderError(ErrorKind.LOST, "no_answer", "The provider took the order and gave no answer in an hour.")


def _keep(job: Job, attempt: Attempt, token: UUID, delivery: Delivery, compose: Callable[[], keeping.Composed]) -> None:
    """Store the image and the job's success together. The bytes are paid for: a storage that fails is tried again."""
    deadline, has_failed = time.monotonic() + STORE_PATIENCE_SECONDS, False
    while time.monotonic() < deadline:
        try:
            if has_failed:
                lifecycle.renew(job.pk, token)
            composed = compose()
            with transaction.atomic():
                if lifecycle.succeed(attempt, token, delivery):
                    keeping.store(job, attempt, delivery, composed)
                    failpoints.reach("stored")
            return
        except intake.Duplicate as duplicate:
            reason = f"the image is there already, as {duplicate.image.pk}"
            lifecycle.spoil(attempt, token, delivery, reason)
            return
        except (intake.Rejected, Undecodable) as rejected:
            lifecycle.spoil(attempt, token, delivery, f"what came is no use: {rejected}")
            return
        except Exception:
            log.exception("image_not_stored", job=job.pk)
            _lend_connection()
            time.sleep(STORE_WAIT_SECONDS)
            has_failed = True
    lifecycle.lose(attempt, token, "the image came and could not be stored", delivery.provider_request_id)


def _lend_connection() -> None:
    """Let other threads work with this one's connection: what follows takes longer than all else together."""
    if not connection.in_atomic_block:
        connection.close()


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
