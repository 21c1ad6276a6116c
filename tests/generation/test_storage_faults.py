"""A storage that fails after the purchase: the bytes are stored again, never bought again."""

import errno

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage

from generation import batches, progress, runner
from generation.models import Batch, Output
from radiorate.images import checkup
from tests import factories
from tests.generation.observing import states
from tests.generation.test_runner import USD, run_all

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def failures(monkeypatch) -> list[str]:
    """How the next stores fail, in order: away, full (half is written), or deaf (all is written, and no word of it)."""
    waiting: list[str] = []
    save = FileSystemStorage._save

    def unreliable(storage, name, content):
        fault = waiting.pop(0) if waiting else ""
        if fault == "away":
            raise OSError(errno.EIO, "no answer")
        if fault == "full":
            data = content.read()
            save(storage, name, ContentFile(data[: len(data) // 2]))
            raise OSError(errno.ENOSPC, "no space left on device")
        kept = save(storage, name, content)
        if fault == "deaf":
            raise OSError(errno.EIO, "the connection was closed")
        return kept

    monkeypatch.setattr(FileSystemStorage, "_save", unreliable)
    monkeypatch.setattr(runner, "STORE_WAIT_SECONDS", 0.01)
    return waiting


def test_paid_bytes_outlive_a_storage_that_fails_in_every_way(fake, order, failures):
    batch = order()
    failures += ["away", "full", "deaf", "away"]
    run_all(batch)
    assert not failures, "the storage has not failed as it should"
    assert (states(batch), len(fake.calls)) == ({"succeeded": 1}, 1)
    with Output.objects.get().image.original.open() as stored:
        assert stored.read() == factories.png(seed=1, size=(128, 160))
    assert {finding.problem for finding in checkup.findings()} <= {"orphan"}


def test_a_storage_that_stays_away_leaves_the_money_on_record(fake, order, failures, monkeypatch):
    """Without the patience a person has to say what was charged, and the image must be bought again."""
    monkeypatch.setattr(runner, "STORE_PATIENCE_SECONDS", 0)
    batch = order()
    failures += ["away"]
    run_all(batch)
    assert (states(batch), progress.of(Batch.objects.with_progress().get()).most_usd) == ({"unknown": 1}, USD)
    batches.settle(list(batch.jobs.all()), factories.admin(), was_charged=True, order_again=True)
    failures.clear()
    monkeypatch.setattr(runner, "STORE_PATIENCE_SECONDS", 60)
    run_all(batch)
    assert len(fake.billed) == 2
