"""Workers killed at random moments: whatever was at work, the books agree with the service's ledger afterwards."""

import os
import signal
import time
from pathlib import Path

import numpy as np
import pytest

from generation.models import Attempt, Job
from radiorate.images import checkup
from tests.conftest import Program, eventually
from tests.generation.test_faults import assert_books_agree
from tests.generation.test_runner import USD

ANSWERS = ["slow"] * 6 + ["image"] * 4 + ["job"] * 3 + ["refusal", "throttled", "unavailable", "broken", "drop", "half"]
WHOLE = 10  # one kill of so many takes the whole worker, which needs seconds to come back; the others one process of it


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kills", [4, pytest.param(200, marks=pytest.mark.slow)])
def test_random_kills_buy_nothing_twice_and_lose_no_job(fake, order, start_fake_worker, sweeping, kills):
    random = np.random.default_rng(20261124)
    fake.script = ["wait", *map(str, random.choice(ANSWERS, size=4 * kills)), "image"]
    worker = start_fake_worker()
    launched, hit = [], 0
    for number in range(kills):
        launched.append(order(2))
        eventually(lambda: len(fake.calls) > 0)  # the first kill hits a call at work for sure
        time.sleep(random.uniform(0.05, 1.5))
        if number % WHOLE:
            kill_one(worker, random)
        else:
            worker.kill()
        fake.gate.set()
        hit += Attempt.objects.filter(outcome="begun", ended_at=None).exists()
        assert spent_usd() >= USD * len(fake.billed), "less is shown than the service has billed"
        if number % WHOLE == 0:
            worker.start()
    unfinished = Job.objects.filter(state__in=["queued", "running"])
    eventually(lambda: not unfinished.exists(), 120 + 2 * kills)
    for batch in launched:
        assert_books_agree(fake, batch)
    assert Job.objects.count() == 2 * kills
    assert spent_usd() >= USD * len(fake.billed)
    assert {finding.problem for finding in checkup.findings()} <= {"orphan"}
    # Few kills may by chance all but the first fall between two calls.
    assert hit > (kills // 4 if kills > 100 else 0), "the kills missed the calls at work"


def kill_one(worker: Program, random: np.random.Generator) -> None:
    """One process of the pool, as the kernel does where memory is short; the worker forks another at once."""
    children = Path(f"/proc/{worker.pid}/task/{worker.pid}/children")
    os.kill(int(random.choice(eventually(lambda: children.read_text().split()))), signal.SIGKILL)


def spent_usd():
    return Attempt.objects.all().most_usd()
