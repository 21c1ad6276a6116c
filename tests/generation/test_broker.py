"""What the broker does to messages: it sends them twice, forgets them, goes away and comes back."""

import os
import signal
import threading
import time
from contextlib import contextmanager, suppress
from typing import Any

import pytest

from generation import reaper, sending
from tests.conftest import eventually
from tests.generation.observing import is_ended, states

pytestmark = pytest.mark.django_db(transaction=True)
IMPATIENT = {"DJANGO_SETTINGS_MODULE": "tests.generation.impatient", "LEASE_SECONDS": 60}


@pytest.mark.parametrize(("also", "is_guarded"), [("", True), ("tests.generation.unclaimed", False)])
def test_a_message_sent_again_during_a_long_call_buys_once_and_without_the_claim_would_not(
    fake, order, start_fake_worker, also, is_guarded
):
    """The control, without the claim, shows that the broker did send it again."""
    fake.script, fake.delay_seconds = ["slow"], 5
    start_fake_worker(**IMPATIENT, ALSO_IMPORTED=also)
    batch = order(1)
    if is_guarded:
        eventually(lambda: is_ended(batch), 40)
        eventually(lambda: sending.waiting("fake") == 0)
        assert (states(batch), len(fake.calls)) == ({"succeeded": 1}, 1)
    else:
        eventually(lambda: len(fake.calls) > 1, 40)


def test_new_work_starts_after_every_restart_of_the_broker(fake, order, start_fake_worker, redis_server, sweeping):
    """Nobody restarts the worker: it finds the broker again, also one that only fell silent for a while."""
    start_fake_worker(LEASE_SECONDS=60)
    for _ in range(5 if os.environ.get("SLOW") else 2):
        redis_server.kill()
        redis_server.start()
        batch = order(1)
        eventually(lambda batch=batch: is_ended(batch))
    os.kill(redis_server.pid, signal.SIGSTOP)
    time.sleep(2)
    os.kill(redis_server.pid, signal.SIGCONT)
    batch = order(1)
    eventually(lambda: is_ended(batch))
    assert states(batch) == {"succeeded": 1}


def test_a_worker_that_did_not_look_for_the_broker_again_would_end(fake, order, start_fake_worker, redis_server):
    """Control of the test above."""
    worker = start_fake_worker(**IMPATIENT, LOOKS_AGAIN="0")
    redis_server.kill()
    eventually(lambda: worker.is_over)
    redis_server.start()
    assert states(order(1)) == {"queued": 1}
    assert "Shutting down" in worker.output


@pytest.mark.parametrize(("also", "is_guarded"), [("", True), ("tests.generation.giving_back", False)])
def test_a_worker_at_work_outlives_the_broker_and_would_not_if_it_gave_messages_back(
    fake, order, start_fake_worker, redis_server, sweeping, also, is_guarded
):
    fake.script, fake.delay_seconds = ["slow"], 3
    worker = start_fake_worker(**IMPATIENT, ALSO_IMPORTED=also)
    busy = order(1)
    eventually(lambda: fake.calls)
    redis_server.kill()
    redis_server.start()
    if not is_guarded:
        eventually(lambda: "Unrecoverable error" in worker.output)
        return
    late = order(1)
    eventually(lambda: is_ended(busy) and is_ended(late))
    assert (states(busy), states(late), len(fake.calls)) == ({"succeeded": 1}, {"succeeded": 1}, 2)
    assert "Unrecoverable" not in worker.output


@pytest.mark.parametrize(("is_locked", "messages"), [(True, 5), (False, 10)])
def test_two_reapers_send_once_and_without_their_lock_would_send_twice(fake, order, monkeypatch, is_locked, messages):
    batch = order(5)
    _empty_the_queue()
    batch.jobs.update(sent_at=None)
    both_looked, send = threading.Barrier(2), sending.send

    def after_both_looked(job_ids):
        with suppress(threading.BrokenBarrierError):
            both_looked.wait(timeout=1 if is_locked else 20)
        return send(job_ids)

    @contextmanager
    def not_alone():
        yield True

    monkeypatch.setattr(sending, "send", after_both_looked)
    if not is_locked:
        monkeypatch.setattr(reaper, "_alone", not_alone)
    reapers = [threading.Thread(target=_sweep) for _ in range(2)]
    for thread in reapers:
        thread.start()
    for thread in reapers:
        thread.join()
    assert sending.waiting("fake") == messages


def _sweep() -> None:
    from django.db import connection

    reaper.sweep()
    connection.close()


def _empty_the_queue() -> None:
    _redis().flushall()


def _redis() -> Any:
    import redis
    from django.conf import settings

    return redis.Redis.from_url(settings.REDIS_URL)
