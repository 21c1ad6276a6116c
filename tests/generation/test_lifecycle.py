"""Every change of a job's state happens from the state it names, under the claim it names, and from no other."""

from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from generation import beginning, lifecycle
from generation.models import Attempt, Batch, Job
from generation.provider import Delivery, ErrorKind, JobHandle, ProviderError, Refusal
from tests import factories
from tests.generation.observing import let_lease_pass

State = Job.State
DELIVERY = Delivery(b"", "image/png", cost_usd=Decimal("0.04"), provider_request_id="r1")
REFUSAL = Refusal("input", "moderation_blocked", "not allowed", billed=False)


def error(kind: str) -> ProviderError:
    return ProviderError(ErrorKind(kind), "code", "words", retry_after_seconds=0)


# A change of a running job by its worker -> the state it leads to.
BY_WORKER = {
    "succeed": (lambda attempt, token: lifecycle.succeed(attempt, token, DELIVERY), State.SUCCEEDED),
    "spoil": (lambda attempt, token: lifecycle.spoil(attempt, token, DELIVERY, "no picture"), State.FAILED),
    "refuse": (lambda attempt, token: lifecycle.refuse(attempt, token, REFUSAL), State.REFUSED),
    "lose": (lambda attempt, token: lifecycle.lose(attempt, token, "no answer"), State.UNKNOWN),
    "rejected": (lambda attempt, token: lifecycle.give_up(attempt, token, error("rejected")), State.FAILED),
    "throttled": (lambda attempt, token: lifecycle.give_up(attempt, token, error("throttled")), State.QUEUED),
    "unavailable": (lambda attempt, token: lifecycle.give_up(attempt, token, error("unavailable")), State.QUEUED),
    "lost": (lambda attempt, token: lifecycle.give_up(attempt, token, error("lost")), State.UNKNOWN),
    "keep_handle": (lambda attempt, token: lifecycle.keep_handle(attempt, token, JobHandle("j1")), State.RUNNING),
    "renew": (lambda attempt, token: lifecycle.renew(attempt.job_id, token), State.RUNNING),
}


@pytest.fixture
def running(db) -> tuple[Job, Attempt]:
    """A job whose worker has begun an attempt."""
    job = factories.batch(budget_usd=Decimal(1)).jobs.get()
    token = lifecycle.claim(job.pk)
    attempt = lifecycle.begin(job.pk, token, uuid4(), Decimal("0.05"))
    job.refresh_from_db()
    return job, attempt


def in_state(job: Job, state: str) -> Job:
    Job.objects.filter(pk=job.pk).update(state=state)
    job.refresh_from_db()
    return job


def frozen(job: Job) -> dict:
    return Job.objects.filter(pk=job.pk).values().get()


@pytest.mark.parametrize("change", BY_WORKER)
def test_a_worker_changes_the_job_it_holds(running, change):
    job, attempt = running
    act, leads_to = BY_WORKER[change]
    assert act(attempt, job.claim) is True
    job.refresh_from_db()
    assert job.state == leads_to


@pytest.mark.parametrize("change", BY_WORKER)
@pytest.mark.parametrize("state", [state for state in State if state != State.RUNNING])
def test_a_worker_changes_nothing_in_another_state(running, change, state):
    job, attempt = running
    before = frozen(in_state(job, state))
    assert BY_WORKER[change][0](attempt, job.claim) is False
    assert frozen(job) == before


@pytest.mark.parametrize("change", BY_WORKER)
def test_a_worker_with_an_old_claim_changes_nothing(running, change):
    job, attempt = running
    before = frozen(job)
    assert BY_WORKER[change][0](attempt, uuid4()) is False
    assert frozen(job) == before


def test_without_the_claim_in_it_the_update_of_an_old_worker_would_count(running, monkeypatch):
    """Control of the test above."""
    _, attempt = running
    monkeypatch.setattr(lifecycle, "_held", lambda job_id, token: Job.objects.filter(pk=job_id, state=State.RUNNING))
    assert lifecycle.succeed(attempt, uuid4(), DELIVERY) is True


@pytest.mark.parametrize(("is_asked", "begun"), [(True, 0), (False, 1)])
def test_a_worker_whose_claim_was_taken_begins_nothing_and_unasked_it_would(db, monkeypatch, is_asked, begun):
    job = factories.batch().jobs.get()
    assert lifecycle.claim(job.pk)
    if not is_asked:
        monkeypatch.setattr(beginning, "WRITE", beginning.WRITE.replace("AND claim = %(claim)s", ""))
    lifecycle.begin(job.pk, uuid4(), uuid4(), Decimal(0))
    assert Attempt.objects.count() == begun


@pytest.mark.parametrize("state", [state for state in State if state != State.QUEUED])
def test_only_a_queued_job_is_claimed(running, state):
    job = in_state(running[0], state)
    assert lifecycle.claim(job.pk) is None


def test_a_job_is_claimed_once(db):
    job = factories.batch().jobs.get()
    assert lifecycle.claim(job.pk) is not None
    assert lifecycle.claim(job.pk) is None


def test_a_job_is_not_claimed_before_it_is_due(running):
    job, attempt = running
    throttled = ProviderError(ErrorKind.THROTTLED, "429", "too many", retry_after_seconds=60)
    lifecycle.give_up(attempt, job.claim, throttled)
    assert lifecycle.claim(job.pk) is None
    Job.objects.update(not_before=None)
    assert lifecycle.claim(job.pk) is not None


def test_throttling_makes_the_whole_batch_wait(db):
    batch = factories.batch(jobs=3, budget_usd=Decimal(1))
    first, *others = batch.jobs.all()
    token = lifecycle.claim(first.pk)
    attempt = lifecycle.begin(first.pk, token, uuid4(), Decimal(0))
    lifecycle.give_up(attempt, token, ProviderError(ErrorKind.THROTTLED, "429", "too many", retry_after_seconds=60))
    assert all(lifecycle.claim(job.pk) is None for job in others)


@pytest.mark.parametrize("state", [state for state in State if state != State.RUNNING])
def test_the_reaper_takes_running_jobs_only(running, state):
    job, _ = running
    let_lease_pass(job)
    before = frozen(in_state(job, state))
    assert lifecycle.expire(job) is False
    assert frozen(job) == before


def test_the_reaper_leaves_a_job_whose_worker_renewed_its_lease(running):
    job, _ = running
    let_lease_pass(job)
    job.refresh_from_db()
    lifecycle.renew(job.pk, job.claim)  # between the reaper's look and its act
    assert lifecycle.expire(job) is False


def test_what_was_not_begun_waits_again_and_fails_after_the_last_try(db, settings):
    settings.JOB_TRIES = 2
    job = factories.batch().jobs.get()
    for leads_to in (State.QUEUED, State.FAILED):
        Job.objects.update(not_before=None)
        assert lifecycle.claim(job.pk)
        let_lease_pass(job)
        job.refresh_from_db()
        assert lifecycle.expire(job)
        job.refresh_from_db()
        assert job.state == leads_to
    assert "gave up after 2 tries" in job.state_reason


def test_what_was_begun_is_unknown_and_counts_as_spent(running):
    job, attempt = running
    let_lease_pass(job)
    assert lifecycle.expire(job)
    job.refresh_from_db()
    attempt.refresh_from_db()
    assert (job.state, attempt.outcome, attempt.actual_usd) == (State.UNKNOWN, "lost", None)
    assert Attempt.objects.all().most_usd() == Decimal("0.05")


def test_an_order_the_provider_took_waits_to_be_polled_and_is_not_cancelled(running):
    job, attempt = running
    lifecycle.keep_handle(attempt, job.claim, JobHandle("j1"))
    job.refresh_from_db()
    let_lease_pass(job)
    assert lifecycle.expire(job)
    lifecycle.cancel(job.batch_id, "enough")
    job.refresh_from_db()
    assert (job.state, job.provider_job["job_id"]) == (State.QUEUED, "j1")
    assert job.attempts.get().outcome == "begun"


def test_cancelling_takes_what_waits_and_leaves_what_was_begun(running):
    job, _ = running
    factories.job(job.batch)
    assert lifecycle.cancel(job.batch_id, "enough") == 1
    assert lifecycle.cancel(job.batch_id, "again") is None
    assert sorted(job.batch.jobs.values_list("state", flat=True)) == [State.CANCELLED, State.RUNNING]


def test_nothing_begins_in_a_stopped_batch(db):
    batch = factories.batch(jobs=1)
    job = batch.jobs.get()
    token = lifecycle.claim(job.pk)
    lifecycle.cancel(batch.pk, "enough")
    assert lifecycle.begin(job.pk, token, uuid4(), Decimal(0)) is None
    job.refresh_from_db()
    assert (job.state, job.state_reason) == (State.CANCELLED, "enough")


def test_a_provider_without_credit_stops_the_batch(running):
    job, attempt = running
    factories.job(job.batch)
    lifecycle.give_up(attempt, job.claim, ProviderError(ErrorKind.REJECTED, "402", "no credit", stops_batch=True))
    assert sorted(job.batch.jobs.values_list("state", flat=True)) == [State.CANCELLED, State.FAILED]
    assert "no credit" in Batch.objects.get().stop_reason


def test_resuming_takes_cancelled_and_safely_failed_jobs_alone(db):
    """Jobs that may have cost money, that were refused or delivered, stay as they are."""
    batch = factories.batch(jobs=10)
    ends = ["cancelled"] + ["failed"] * 6 + ["refused", "unknown", "succeeded"]
    outcomes = [None, None, "throttled", "lost", "lost", "lost", "delivered", "refused", "lost", "delivered"]
    costs = [None, None, 0, 0, None, 1, 0, 0, 0, 0]
    for job, state, outcome, cost in zip(batch.jobs.all(), ends, outcomes, costs, strict=True):
        in_state(job, state)
        if outcome:
            Attempt.objects.create(job=job, number=1, claim=uuid4(), outcome=outcome, actual_usd=cost)
    lifecycle.cancel(batch.pk, "enough")
    assert len(lifecycle.resume(batch.pk)) == 4
    assert list(batch.jobs.values_list("state", flat=True)) == ["queued"] * 4 + ends[4:]
    assert Batch.objects.get(pk=batch.pk).stopped_at is None


@pytest.mark.parametrize("was_charged", [True, False])
@pytest.mark.parametrize("order_again", [True, False])
def test_a_person_settles_an_unknown_job(running, was_charged, order_again):
    job, attempt = running
    lifecycle.lose(attempt, job.claim, "no answer")
    assert lifecycle.settle(job.pk, was_charged=was_charged, order_again=order_again)
    assert not lifecycle.settle(job.pk, was_charged=not was_charged, order_again=order_again)
    job.refresh_from_db()
    attempt.refresh_from_db()
    assert job.state == (State.QUEUED if order_again else State.FAILED)
    assert attempt.actual_usd == (Decimal("0.05") if was_charged else 0)


@pytest.mark.parametrize("state", [state for state in State if state != State.UNKNOWN])
def test_only_an_unknown_job_is_settled(running, state):
    job, _ = running
    before = frozen(in_state(job, state))
    assert not lifecycle.settle(job.pk, was_charged=True, order_again=True)
    assert frozen(job) == before


def test_a_late_answer_changes_no_state_and_its_money_is_kept(running):
    job, attempt = running
    let_lease_pass(job)
    lifecycle.expire(job)
    assert lifecycle.succeed(attempt, job.claim, DELIVERY) is False
    job.refresh_from_db()
    attempt.refresh_from_db()
    assert (job.state, attempt.outcome) == (State.UNKNOWN, "lost")
    assert (attempt.actual_usd, attempt.provider_request_id) == (Decimal("0.04"), "r1")


def test_the_database_holds_one_open_attempt_a_job(running):
    job, _ = running
    with pytest.raises(IntegrityError, match="attempt_open_once_per_job"), transaction.atomic():
        Attempt.objects.create(job=job, number=2, claim=uuid4())
