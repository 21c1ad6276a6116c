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
    """Nobody restarts an idle worker: it finds the broker again, also one that only fell silent for a while.

    One that has not yet confirmed a message when the broker dies ends itself (kombu 5.7), and must be started again.
    """
    start_fake_worker(LEASE_SECONDS=60)
    for _ in range(5 if os.environ.get("SLOW") else 2):
        redis_server.kill()
        redis_server.start()
        batch = order(1)
        eventually(lambda batch=batch: is_ended(batch))
        eventually(_is_all_confirmed)
    os.kill(redis_server.pid, signal.SIGSTOP)
    time.sleep(2)
    os.kill(redis_server.pid, signal.SIGCONT)
    batch = order(1)
    eventually(lambda: is_ended(batch))
    assert states(batch) == {"succeeded": 1}


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


def _is_all_confirmed() -> bool:
    return sending.waiting("fake") == 0 and not _redis().exists("unacked")


def _empty_the_queue() -> None:
    _redis().flushall()


def _redis() -> Any:
    import redis
    from django.conf import settings

    return redis.Redis.from_url(settings.REDIS_URL)
