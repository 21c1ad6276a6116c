"""What a job costs beside its provider's time (claim, attempt, decoding, storing), against a task that does nothing.

    python bench/jobs.py [JOBS]

One worker slot, a provider that has its picture at once (bench/providers/instant.py), commits that reach the disk.
Prints milliseconds of either task from its message to the next, and their ratio, for small and for full-size pictures.
"""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from celery import shared_task
from reading_ground import PROJECT, ground

SIDES = (128, 1024)
ROUNDS = 3
DONE = "bench:done"


@shared_task(name="bench.nothing")
def nothing(number: int) -> None:
    """The floor."""


@shared_task(name="bench.mark")
def mark() -> None:
    """Tell that all messages before this one are done."""
    broker().lpush(DONE, 1)


def main(jobs: int = 60) -> None:
    with ground(), worker():
        floor = statistics.median(milliseconds(jobs, "bench.nothing", lambda: range(jobs)) for _ in range(ROUNDS))
        print(f"a task that does nothing      {floor:7.2f} ms")
        for side in SIDES:
            cost = statistics.median(
                milliseconds(jobs, "generation.tasks.run_job", lambda side=side: ordered(jobs, side))
                for _ in range(ROUNDS)
            )
            print(f"a job, {side:>4} x {side:<4} pixels   {cost:7.2f} ms   {cost / floor:6.1f} x")


def milliseconds(count: int, task: str, arguments: Callable[[], object]) -> float:
    """Milliseconds a message, from the first to the mark behind the last; what is ordered is ordered before."""
    from celery import current_app

    values = list(arguments())
    begin = time.perf_counter()
    for value in values:
        current_app.send_task(task, args=[value], queue="providers")
    current_app.send_task("bench.mark", queue="providers")
    assert broker().blpop([DONE], timeout=600), "the worker did not come to the end"
    return (time.perf_counter() - begin) * 1000 / count


def ordered(count: int, side: int) -> list[int]:
    """The ids of that many jobs that wait, and their pictures where the provider finds them."""
    from django.conf import settings

    from generation.models import Job
    from tests import factories

    folder = Path(settings.VAR) / "pictures"
    folder.mkdir(exist_ok=True)
    generator = factories.generator(provider="instant", options={"folder": str(folder)})
    batch = factories.batch(jobs=count, generator=generator, budget_usd=100)
    for job in batch.jobs.all():
        (folder / f"{job.seed}.png").write_bytes(factories.png(size=(side, side)))
    return list(Job.objects.filter(batch=batch).values_list("pk", flat=True))


@contextmanager
def worker() -> Iterator[None]:
    """One slot that knows the tasks of this file; ready when it has done a first one."""
    paths = os.pathsep.join([str(PROJECT), str(PROJECT / "bench")])
    packages = "generation.providers,bench.providers"
    os.environ |= {"PYTHONPATH": paths, "PROVIDER_PACKAGES": packages, "LOG_LEVEL": "WARNING"}
    argv = [sys.executable, "-m", "celery", "-A", "radiorate", "-q", "worker", "-P", "threads", "-c", "1"]
    argv += ["-Q", "providers", "-I", "jobs", "--without-mingle", "--without-gossip"]
    process = subprocess.Popen(argv, cwd=PROJECT, stdout=subprocess.DEVNULL)
    try:
        milliseconds(1, "bench.nothing", lambda: [0])
        yield
    finally:
        process.terminate()
        process.wait()


def broker() -> object:
    import redis
    from django.conf import settings

    return redis.Redis.from_url(settings.REDIS_URL)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
