"""What one run makes of every answer: the job's state, the attempts, and the money against the service's own ledger."""

import contextlib
import threading
from collections import Counter
from decimal import Decimal
from uuid import uuid4

import httpx
import pytest
from django.db import connection
from django.db.models import QuerySet

from generation import batches, beginning, lifecycle, progress, runner, spending
from generation.models import Attempt, Batch, Job
from generation.provider import ErrorKind, ProviderError
from radiorate import registry
from radiorate.images.models import Image
from tests import factories
from tests.generation import unguarded
from tests.generation.fake_service import PRICE
from tests.generation.observing import let_lease_pass, outcomes, states

USD = Decimal(PRICE)


def run_all(batch: Batch, rounds: int = 1) -> None:
    """Run each job as a worker would, waiting times left out."""
    for _ in range(rounds):
        for job in batch.jobs.all():
            Job.objects.filter(pk=job.pk).update(not_before=None)
            runner.run(job.pk)


def money(batch: Batch) -> progress.Progress:
    return progress.of(Batch.objects.with_progress().get(pk=batch.pk))


# The answer -> the job's state, the attempt's outcome, what is charged for sure, and the most it can have cost.
ANSWERS = {
    "image": ("succeeded", "delivered", USD, USD),
    "job": ("succeeded", "delivered", USD, USD),
    "garbage": ("failed", "delivered", USD, USD),
    "refusal": ("refused", "refused", 0, 0),
    "throttled": ("queued", "throttled", 0, 0),
    "unavailable": ("queued", "unavailable", 0, 0),
    "no_credit": ("failed", "rejected", 0, 0),
    "broken": ("unknown", "lost", 0, USD),
    "drop": ("unknown", "lost", 0, USD),
    "half": ("unknown", "lost", 0, USD),
    "redirect": ("unknown", "lost", 0, USD),
}


@pytest.mark.parametrize("answer", ANSWERS)
def test_each_answer_is_sent_for_once_and_its_money_is_on_record(answer, fake, order):
    fake.script = [answer]
    batch = order()
    state, outcome, charged, most = ANSWERS[answer]
    for _ in range(1 if state == "queued" else 2):  # a second message does nothing
        run_all(batch)
    assert states(batch) == {state: 1}
    assert outcomes(batch) == [outcome]
    assert [call.key for call in fake.calls] == [str(Attempt.objects.get().idempotency_key)]
    row = money(batch)
    assert (row.charged_usd, row.most_usd) == (charged, most)
    assert row.most_usd >= USD * len(fake.billed)


def test_a_call_that_outlasts_its_time_is_lost(fake, order, settings):
    settings.LEASE_SECONDS = 1
    fake.script, fake.delay_seconds = ["slow"], 1.5
    batch = order()
    run_all(batch)
    assert (states(batch), outcomes(batch)) == ({"unknown": 1}, ["lost"])


def test_only_what_cost_nothing_is_sent_again_each_time_as_an_attempt_of_its_own(fake, order):
    fake.script = ["throttled", "unavailable", "image"]
    batch = order()
    run_all(batch, rounds=3)
    assert outcomes(batch) == ["throttled", "unavailable", "delivered"]
    assert len({call.key for call in fake.calls}) == 3
    assert len(fake.billed) == 1


def test_it_is_given_up_after_the_last_try(fake, order, settings):
    settings.JOB_TRIES = 3
    fake.script = ["unavailable"]
    batch = order()
    run_all(batch, rounds=5)
    assert (states(batch), len(fake.calls)) == ({"failed": 1}, 3)


def test_nothing_listens_and_nothing_is_spent(fake, order, generator):
    batch = order()
    generator.options = {"url": "http://127.0.0.1:9"}
    generator.save()
    run_all(batch)
    assert (states(batch), outcomes(batch)) == ({"queued": 1}, ["unavailable"])


def test_an_exact_duplicate_fails_with_its_reason_and_its_money_is_kept(fake, order):
    fake.script = ["same"]
    batch = order(2)
    run_all(batch)
    assert states(batch) == {"succeeded": 1, "failed": 1}
    assert "there already" in batch.jobs.get(state="failed").state_reason
    assert money(batch).charged_usd == 2 * USD
    assert Image.objects.filter(collection=batch.collection).count() == 1


@pytest.mark.parametrize(("tries", "state"), [(2, "failed"), (1000, "queued")])
def test_an_order_that_breaks_its_reader_fails_after_its_tries_and_others_go_on(fake, order, settings, tries, state):
    """With tries without number it would come back for ever."""
    settings.JOB_TRIES = tries
    batch = order(2)
    Job.objects.filter(batch=batch, number=1).update(prompt="poison")
    run_all(batch, rounds=3)
    assert list(batch.jobs.values_list("state", flat=True)) == [state, "succeeded"]
    assert len(fake.calls) == 1


def test_a_second_worker_polls_what_the_first_has_ordered(fake, order):
    """The first dies between the provider's receipt and its first poll: nothing is bought twice."""
    fake.script = ["job"]
    batch = order()
    job = batch.jobs.get()
    token = lifecycle.claim(job.pk)
    attempt = lifecycle.begin(job.pk, token, uuid4(), USD)
    handle = runner.provider_of(batch.generator).submit(runner.order_of(job, attempt.idempotency_key))
    lifecycle.keep_handle(attempt, token, handle)
    job.refresh_from_db()
    let_lease_pass(job)
    assert lifecycle.expire(job)
    run_all(batch)
    assert (states(batch), outcomes(batch), len(fake.billed)) == ({"succeeded": 1}, ["delivered"], 1)


def test_without_the_stored_handle_it_would_be_bought_twice(fake, order, monkeypatch):
    """Control of the test above."""
    fake.script = ["job"]
    batch = order()
    job = batch.jobs.get()
    token = lifecycle.claim(job.pk)
    attempt = lifecycle.begin(job.pk, token, uuid4(), USD)
    runner.provider_of(batch.generator).submit(runner.order_of(job, attempt.idempotency_key))
    job.refresh_from_db()
    let_lease_pass(job)
    assert lifecycle.expire(job)
    assert states(batch) == {"unknown": 1}
    lifecycle.settle(job.pk, was_charged=True, order_again=True)
    run_all(batch)
    assert len(fake.billed) == 2


def test_a_taken_order_whose_polls_are_rejected_is_unknown_and_not_ordered_again(fake, order):
    """As failed for free it would be bought a second time when the batch is resumed."""
    fake.script, fake.poll_failure = ["job"], "no_credit"
    batch = order()
    run_all(batch)
    lifecycle.cancel(batch.pk, "enough")
    assert lifecycle.resume(batch.pk) == []
    assert (states(batch), outcomes(batch), money(batch).most_usd) == ({"unknown": 1}, ["lost"], USD)


def test_a_taken_order_that_failed_for_free_by_the_services_own_word_is_a_plain_failure(fake, order, monkeypatch):
    def failed(provider, handle):
        raise ProviderError(ErrorKind.REJECTED, "run_failed", "out of memory", is_of_order=True)

    monkeypatch.setattr(registry.load("tests.generation.providers", "fake", "Provider"), "poll", failed)
    fake.script = ["job"]
    batch = order()
    run_all(batch)
    assert (states(batch), outcomes(batch), money(batch).most_usd) == ({"failed": 1}, ["rejected"], 0)
    assert "out of memory" in batch.jobs.get().state_reason


def overspend(ordered: QuerySet[Job], workers: int = 8) -> None:
    """Run all jobs from many threads, each on a connection of its own."""
    jobs = list(ordered.values_list("pk", flat=True))
    start = threading.Barrier(workers)

    def work(share: list[int]) -> None:
        start.wait()
        for job_id in share:
            runner.run(job_id)
        connection.close()

    threads = [threading.Thread(target=work, args=[jobs[number::workers]]) for number in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.django_db(transaction=True)
def test_the_budget_holds_under_concurrency(fake, order, settings):
    settings.LEASE_SECONDS = 30
    fake.script, fake.delay_seconds = ["slow"], 0.1
    batch = order(40, budget="0.40")
    overspend(batch.jobs.all())
    run_all(batch)  # those that found the money reserved by calls at work
    assert len(fake.billed) == 10
    assert states(batch) == {"succeeded": 10, "cancelled": 30}
    assert money(batch).most_usd == Decimal("0.40")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("is_locked", "bought"), [(True, 1), (False, 2)])
def test_without_the_lock_the_budget_would_be_passed(fake, order, settings, monkeypatch, is_locked, bought):
    """Control of the test above: two workers look at a budget for one image before either of them spends.

    With the lock the second can't look meanwhile, so the first waits for it in vain and goes on alone.
    """
    settings.LEASE_SECONDS = 30
    if not is_locked:
        monkeypatch.setattr(beginning, "LOCKS", "")
        monkeypatch.setattr(spending, "LOCK", "")  # behind which the second would wait with a sum from before
    look, both_looked = spending._locked_limit_and_spent, threading.Barrier(2)

    def looked_at_together(batch_id):
        found = look(batch_id)
        with contextlib.suppress(threading.BrokenBarrierError):
            both_looked.wait(timeout=0.5 if is_locked else 20)
        return found

    monkeypatch.setattr(spending, "_locked_limit_and_spent", looked_at_together)
    overspend(order(2, budget="0.04").jobs.all(), workers=2)
    assert len(fake.billed) == bought


@pytest.mark.django_db(transaction=True)
def test_a_budget_lowered_midway_holds(fake, order):
    batch = order(10, budget="0.40")
    for job in batch.jobs.all()[:3]:
        runner.run(job.pk)
    Batch.objects.filter(pk=batch.pk).update(budget_usd=Decimal("0.20"))
    run_all(batch)
    assert len(fake.billed) == 5


def test_a_budget_of_nothing_lets_free_images_through(db):
    batch = factories.batch(budget_usd=Decimal(0))
    run_all(batch)
    assert states(batch) == {"succeeded": 1}


@pytest.mark.django_db(transaction=True)
def test_one_job_run_by_many_is_bought_once(fake, order):
    batch = order(1)
    run_together(batch.jobs.get().pk)
    assert (len(fake.billed), states(batch)) == (1, {"succeeded": 1})


@pytest.mark.django_db(transaction=True)
def test_without_the_claim_it_would_be_bought_more_often(fake, order, monkeypatch):
    """Control of the test above: each worker believes it has the job."""
    batch = order(1)

    monkeypatch.setattr(lifecycle, "claim", unguarded.claim)
    monkeypatch.setattr(lifecycle, "begin", unguarded.begin)
    for _ in range(3):
        runner.run(batch.jobs.get().pk)
    assert len(fake.billed) == 3


def run_together(job_id: int, workers: int = 6) -> None:
    start = threading.Barrier(workers)

    def work() -> None:
        start.wait()
        runner.run(job_id)
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_the_library_of_the_fake_sends_once_whatever_happens(fake):
    """Counted at the service: the tests above would prove nothing with a client that repeats."""
    for answer in ("throttled", "unavailable", "broken", "drop", "redirect"):
        fake.script, fake.calls = [answer], []
        with contextlib.suppress(httpx.HTTPError):
            httpx.post(f"{fake.url}/images", json={"prompt": ""}, headers={"Idempotency-Key": "k"})
        assert Counter(call.answer for call in fake.calls) == {answer: 1}


def test_estimates_and_orders_that_cannot_be_filled_write_nothing(fake, generator, db):
    with pytest.raises(batches.Impossible, match="budget"):
        launch(generator, budget="0.03")
    with pytest.raises(batches.Impossible, match="forbidden"):
        launch(generator, prompt="forbidden")
    with pytest.raises(batches.Impossible, match="real images"):
        launch(generator, collection=factories.collection("real"))
    with pytest.raises(batches.Impossible, match="switched off"):
        launch(factories.generator(provider="fake", options={"url": fake.url}, is_active=False))
    with pytest.raises(batches.Impossible, match="no provider"):
        launch(factories.generator(provider="gone"))
    with pytest.raises(batches.Impossible, match="from 1 to"):
        launch(generator, n=0)
    assert not Batch.objects.exists() and not Job.objects.exists()


def launch(generator, *, n=1, budget="1", prompt="An X-ray", collection=None):
    return batches.launch(
        generator=generator,
        collection=collection or factories.collection("synthetic"),
        orders=[batches.JobSpec(prompt=prompt)] * n,
        budget_usd=Decimal(budget),
        actor=None,
    )
