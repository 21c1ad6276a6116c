"""Workers killed at random moments: whatever was at work, the books agree with the service's ledger afterwards."""

import time

import numpy as np
import pytest

from generation.models import Attempt, Job
from radiorate.images import checkup
from tests.conftest import eventually
from tests.generation.test_faults import assert_books_agree
from tests.generation.test_runner import USD

ANSWERS = ["slow"] * 6 + ["image"] * 4 + ["job"] * 3 + ["refusal", "throttled", "unavailable", "broken", "drop", "half"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kills", [2, pytest.param(200, marks=pytest.mark.slow)])
def test_random_kills_buy_nothing_twice_and_lose_no_job(fake, order, start_fake_worker, sweeping, kills):
    random = np.random.default_rng(20261124)
    fake.script = ["wait", *map(str, random.choice(ANSWERS, size=8 * kills)), "image"]
    worker = start_fake_worker()
    launched, hit = [], 0
    for _ in range(kills):
        launched.append(order(4))
        eventually(lambda: len(fake.calls) > 0)  # the first kill hits a call at work for sure
        time.sleep(random.uniform(0.05, 1.5))
        worker.kill()
        fake.gate.set()
        hit += Attempt.objects.filter(outcome="begun", ended_at=None).count()
        assert spent_usd() >= USD * len(fake.billed), "less is shown than the service has billed"
        worker.start()
    unfinished = Job.objects.filter(state__in=["queued", "running"])
    eventually(lambda: not unfinished.exists(), 120 + 5 * kills)
    for batch in launched:
        assert_books_agree(fake, batch)
    assert Job.objects.count() == 4 * kills
    assert spent_usd() >= USD * len(fake.billed)
    assert {finding.problem for finding in checkup.findings()} <= {"orphan"}
    assert hit > (30 if kills > 100 else 0), "the kills missed the calls at work"


def spent_usd():
    return Attempt.objects.all().most_usd()
