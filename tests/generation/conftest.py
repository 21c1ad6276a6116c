"""Workers that order from the fake service, with timings short enough to wait for.

What needs the settings is imported inside functions: this file is read before the settings are loaded.
"""

import threading
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from tests.conftest import Program

PACKAGES = ["generation.providers", "tests.generation.providers"]
TIMINGS = {"LEASE_SECONDS": 3, "RESEND_SECONDS": 1, "SWEEP_SECONDS": 1}


@pytest.fixture
def fake(settings) -> Iterator[Any]:
    """The fake service, with short timings and the fake provider known in this process."""
    from tests.generation.fake_service import FakeService

    settings.PROVIDER_PACKAGES = PACKAGES
    for name, value in TIMINGS.items():
        setattr(settings, name, value)
    with FakeService() as service:
        yield service


@pytest.fixture
def generator(fake, db) -> Any:
    from tests import factories

    return factories.generator(name="fake-1", provider="fake", options={"url": fake.url})


@pytest.fixture
def start_fake_worker(fake, start_worker) -> Callable[..., Program]:
    """A real worker with the same short timings, which knows the fake provider."""

    def start(**env: object) -> Program:
        return start_worker(**{**TIMINGS, "PROVIDER_PACKAGES": ",".join(PACKAGES), **env})

    return start


@pytest.fixture
def order(generator) -> Callable[..., Any]:
    """Launch a batch of n images from the fake service."""
    from generation import batches
    from tests import factories

    def launch(n: int = 1, budget: str = "100", prompt: str = "An X-ray of the hand") -> Any:
        return batches.launch(
            generator=generator,
            collection=factories.collection("synthetic"),
            orders=[batches.JobSpec(prompt=prompt)] * n,
            budget_usd=Decimal(budget),
            actor=factories.admin(),
        )

    return launch


@pytest.fixture
def sweeping(transactional_db) -> Iterator[None]:
    """The reaper at work in the background, as beat would have it."""
    from django.db import connection

    from generation import reaper

    stop, failures = threading.Event(), []

    def work() -> None:
        try:
            while not stop.wait(0.3):
                reaper.sweep()
        except Exception as failure:  # else it would end unseen, and the jobs wait for ever
            failures.append(failure)
        connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    yield
    stop.set()
    thread.join()
    assert not failures
