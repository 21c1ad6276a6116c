"""Real workers, a real broker and a real service, killed, stopped and wiped at the worst moments.

In every test the service's own ledger of billed calls is held against the attempts on record.
"""

import contextlib
import os
import signal
import time

import pytest
import redis
from django.conf import settings as configured
from django.db.models.functions import Now

from generation import batches, lifecycle, reaper, sending
from generation.models import Attempt, Batch, Heartbeat, Job, Output
from radiorate.images.models import Image
from tests import factories
from tests.conftest import eventually as soon
from tests.generation.observing import is_ended, let_lease_pass, outcomes, states

pytestmark = pytest.mark.django_db(transaction=True)


def eventually(condition, seconds=60):
    """Long enough for a busy machine; what a test waits for usually takes a second or two."""
    return soon(condition, seconds)


def assert_books_agree(fake, batch: Batch) -> None:
    """Each call the service saw is one attempt, and each success has its image and the image its object."""
    keys = {str(key) for key in Attempt.objects.values_list("idempotency_key", flat=True)}
    called = [call.key for call in fake.calls]
    assert len(called) == len(set(called)), "an attempt was sent twice"
    assert set(called) <= keys, "money was spent that no attempt tells of"
    for job in batch.jobs.filter(state=Job.State.SUCCEEDED):
        output = Output.objects.get(attempt__job=job)
        assert output.image.original.storage.exists(output.image.original.name)
    assert Image.objects.filter(collection=batch.collection).count() == states(batch)["succeeded"]


def test_a_worker_killed_in_the_call_leaves_it_unknown_and_nothing_is_bought_twice(
    fake, order, start_fake_worker, sweeping
):
    worker = start_fake_worker()
    fake.script = ["wait", "image"]
    batch = order()
    eventually(lambda: fake.calls)
    worker.kill()
    worker.start()
    eventually(lambda: is_ended(batch))
    time.sleep(1.5)  # more sweeps, and a redelivered message
    assert (states(batch), outcomes(batch), len(fake.billed)) == ({"unknown": 1}, ["lost"], 1)
    assert_books_agree(fake, batch)


def test_a_reaper_that_simply_tried_again_would_buy_it_twice(fake, order, start_fake_worker, monkeypatch):
    """Control of the test above."""

    def try_again(job):
        Attempt.objects.filter(job=job).update(outcome="lost")
        return Job.objects.filter(pk=job.pk, lease_until__lt=Now()).update(
            state="queued", claim=None, lease_until=None, sent_at=None
        )

    monkeypatch.setattr(lifecycle, "expire", try_again)
    worker = start_fake_worker()
    fake.script = ["wait", "image"]
    batch = order()
    eventually(lambda: fake.calls)
    worker.kill()
    worker.start()
    eventually(lambda: reaper.sweep() and is_ended(batch))
    assert len(fake.billed) == 2


@pytest.mark.parametrize(
    ("point", "state", "bought"),
    [
        ("claimed", "succeeded", 1),
        ("begun", "unknown", 0),
        ("answered", "unknown", 1),
        ("stored", "unknown", 1),
        ("succeeded", "succeeded", 1),
    ],
)
def test_a_crash_at_any_point_ends_with_books_that_agree(
    fake, order, start_fake_worker, sweeping, point, state, bought
):
    worker = start_fake_worker(FAILPOINT=point)
    batch = order()
    eventually(lambda: "137" in worker.output)
    worker.kill()
    worker.env["FAILPOINT"] = ""
    worker.start()
    eventually(lambda: is_ended(batch))
    assert (states(batch), len(fake.billed)) == ({state: 1}, bought)
    assert_books_agree(fake, batch)


def test_an_order_taken_before_the_crash_is_polled_to_its_end(fake, order, start_fake_worker, sweeping):
    fake.script = ["job"]
    worker = start_fake_worker(FAILPOINT="handled")
    batch = order()
    eventually(lambda: "137" in worker.output)
    worker.kill()
    worker.env["FAILPOINT"] = ""
    worker.start()
    eventually(lambda: is_ended(batch))
    assert (states(batch), len(fake.billed)) == ({"succeeded": 1}, 1)
    assert_books_agree(fake, batch)


def wipe(broker) -> None:
    """The broker crashes, and what it held is gone."""
    client = redis.Redis.from_url(configured.REDIS_URL)
    client.flushall()
    broker.kill()
    broker.start()
    client.flushall()


def test_a_broker_wiped_in_midst_loses_no_job(fake, order, start_fake_worker, redis_server, sweeping):
    fake.script, fake.delay_seconds = ["slow"], 0.1
    start_fake_worker(LEASE_SECONDS=60)  # on a busy machine a short lease would end before a picture is stored
    batch = order(24)
    for seen in (4, 10):
        eventually(lambda seen=seen: len(fake.calls) >= seen)
        wipe(redis_server)
    eventually(lambda: is_ended(batch), 60)
    assert states(batch) == {"succeeded": 24}
    assert len(fake.billed) == 24
    assert_books_agree(fake, batch)


def test_without_the_reaper_a_wiped_broker_leaves_jobs_behind(fake, order, start_fake_worker, redis_server):
    """Control of the test above."""
    fake.script, fake.delay_seconds = ["slow"], 0.1
    start_fake_worker()
    batch = order(24)
    eventually(lambda: len(fake.calls) >= 4)
    wipe(redis_server)
    time.sleep(6)
    assert states(batch)["queued"] > 0


def test_a_message_that_comes_five_times_buys_once(fake, order, start_fake_worker):
    fake.script = ["slow"]
    batch = order(4)
    for _ in range(5):
        sending.send(list(batch.jobs.values_list("pk", flat=True)))
    start_fake_worker(LEASE_SECONDS=60)
    eventually(lambda: is_ended(batch))
    eventually(lambda: sending.waiting("fake") == 0)
    assert (states(batch), len(fake.calls)) == ({"succeeded": 4}, 4)


def test_a_worker_that_comes_back_after_its_lease_writes_nothing(fake, order, start_fake_worker, sweeping):
    """Stopped in the call, taken for gone, ordered again by a person, then woken: its image belongs nowhere."""
    stale = start_fake_worker()
    fake.script = ["wait", "image"]
    batch = order()
    job = batch.jobs.get()
    eventually(lambda: fake.calls)
    os.killpg(stale.pid, signal.SIGSTOP)
    eventually(lambda: states(batch) == {"unknown": 1})
    start_fake_worker(LEASE_SECONDS=60)
    assert batches.settle([job], factories.admin(), was_charged=True, order_again=True)
    eventually(lambda: states(batch) == {"succeeded": 1})
    image = Output.objects.get().image
    fake.gate.set()
    os.killpg(stale.pid, signal.SIGCONT)
    eventually(lambda: "after the lease" in Attempt.objects.get(job=job, number=1).message)
    assert (states(batch), outcomes(batch)) == ({"succeeded": 1}, ["lost", "delivered"])
    assert Output.objects.get().image == image
    assert_books_agree(fake, batch)


@pytest.mark.parametrize("pool", ["prefork", "threads"])
def test_a_worker_told_to_end_finishes_its_call(fake, order, start_fake_worker, pool):
    fake.script, fake.delay_seconds = ["slow"], 1
    worker = start_fake_worker(pool=pool, LEASE_SECONDS=60)
    batch = order(6)
    eventually(lambda: fake.calls)
    worker.stop()
    assert states(batch)["running"] == 0
    assert states(batch)["succeeded"] == len(fake.billed)


def test_a_worker_that_ended_at_once_would_leave_its_calls_behind(fake, order, start_fake_worker):
    """Control of the test above: SIGTERM taken for SIGQUIT."""
    fake.script = ["wait"]
    worker = start_fake_worker(REMAP_SIGTERM="SIGQUIT", LEASE_SECONDS=60)
    batch = order(2)
    eventually(lambda: len(fake.calls) == 2)
    os.kill(worker.pid, signal.SIGTERM)
    eventually(lambda: worker.is_over)
    assert (states(batch), len(fake.billed)) == ({"running": 2}, 2)


def test_a_worker_not_given_the_time_to_end_leaves_the_call_unknown_within_a_lease(
    fake, order, start_fake_worker, sweeping
):
    fake.script = ["wait"]
    worker = start_fake_worker()
    batch = order()
    eventually(lambda: fake.calls)
    os.kill(worker.pid, signal.SIGTERM)
    time.sleep(0.5)
    worker.kill()
    eventually(lambda: states(batch) == {"unknown": 1}, 10)
    assert len(fake.billed) == 1


def test_without_the_reaper_the_call_of_a_killed_worker_is_at_work_for_ever(fake, order, start_fake_worker):
    """Control of the test above: its lease is over, and nothing else tells."""
    fake.script = ["wait"]
    worker = start_fake_worker()
    batch = order()
    eventually(lambda: fake.calls)
    worker.kill()
    let_lease_pass(batch.jobs.get())
    assert states(batch) == {"running": 1}


def test_cancelling_in_midst_stops_all_but_what_was_begun(fake, order, start_fake_worker):
    fake.script = ["wait"]
    start_fake_worker(LEASE_SECONDS=60)
    batch = order(10)
    eventually(lambda: len(fake.calls) == 2)
    assert batches.cancel(batch, factories.admin()) == 8
    fake.gate.set()
    eventually(lambda: is_ended(batch))
    time.sleep(0.5)
    assert (states(batch), len(fake.calls)) == ({"succeeded": 2, "cancelled": 8}, 2)
    assert batches.resume(batch, factories.admin(), batch.budget_usd) == 8
    eventually(lambda: states(batch) == {"succeeded": 10})
    assert_books_agree(fake, batch)


@pytest.mark.parametrize("fault", ["killed", "stopped"])
def test_a_launch_answers_at_once_without_a_broker_and_is_sent_later(
    fake, order, start_fake_worker, redis_server, fault
):
    """Stopped is the worse one: the socket is open and nobody answers."""
    if fault == "killed":
        redis_server.kill()
    else:
        os.kill(redis_server.pid, signal.SIGSTOP)
    try:
        began = time.monotonic()
        batch = order(5)
        assert time.monotonic() - began < 20, "it waited for the broker"
    finally:
        redis_server.start() if fault == "killed" else os.kill(redis_server.pid, signal.SIGCONT)
    assert states(batch) == {"queued": 5}
    start_fake_worker(LEASE_SECONDS=60)
    eventually(lambda: reaper.sweep() and is_ended(batch))
    assert (states(batch), len(fake.calls)) == ({"succeeded": 5}, 5)


def test_a_crash_between_commit_and_message_is_mended_by_the_reaper(start_worker, run_command):
    factories.generator(name="draws", provider="phantom")
    asked = ["launch_batch", "--protocol", "phantom-mixed", "--generator", "draws", "--regions", "chest"]
    assert run_command(*asked, FAILPOINT="unsent").returncode == 137
    batch = Batch.objects.get()
    assert sending.waiting("phantom") == 0 and not batch.jobs.filter(sent_at__isnull=False).exists()
    start_worker()
    assert run_command("sweep").stdout == "0 jobs taken back, 3 sent again.\n"
    eventually(lambda: states(batch) == {"succeeded": 3}, 40)


def test_the_reaper_does_not_fill_a_queue_that_nobody_empties(fake, order, start_fake_worker):
    start_fake_worker().stop()  # empties the broker, and leaves no worker
    batch = order(5)
    assert sending.waiting("fake") == 5
    batch.jobs.update(sent_at="2000-01-01T00:00Z")
    for _ in range(4):
        reaper.sweep()
    assert sending.waiting("fake") == 5


def test_two_reapers_at_once_are_one(fake, order):
    with reaper._alone() as first:
        assert first
        assert in_thread(reaper.sweep) is None
    assert in_thread(reaper.sweep) is not None
    assert Heartbeat.objects.get(name=reaper.NAME)


class Uncaught(BaseException):
    """What the reaper's guard lets pass."""


@pytest.mark.parametrize(("failure", "left"), [(RuntimeError, 1), (Uncaught, 3)])
def test_one_bad_row_does_not_keep_the_reaper_from_the_others_and_unguarded_it_would(
    fake, order, monkeypatch, failure, left
):
    batch = order(3)
    for job in batch.jobs.all():
        lifecycle.claim(job.pk)
    batch.jobs.update(lease_until="2000-01-01T00:00Z")
    bad = batch.jobs.first().pk
    expire = lifecycle.expire

    def fails_for_one(job):
        if job.pk == bad:
            raise failure("a row nobody can read")
        return expire(job)

    monkeypatch.setattr(lifecycle, "expire", fails_for_one)
    with contextlib.suppress(Uncaught):
        reaper.sweep()
    assert states(batch)["running"] == left


def in_thread(act):
    """The act's answer from a thread with a database connection of its own."""
    from concurrent.futures import ThreadPoolExecutor

    from django.db import connection

    def work():
        try:
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result()
