"""What a job costs beside its provider's time (claim, attempt, decoding, storing), against a task that does nothing.

    python bench/jobs.py [JOBS]

One worker slot, a provider that has its picture at once (bench/providers/instant.py), commits that reach the disk.
Prints milliseconds of either task from its message to the next, those in which its worker used the processor, and their
ratios, for small and for full-size pictures; and what the statements and commits of a job take when nothing else is
done, which no worker can be faster than. At last how long after its launch a lone job starts, against a lone task
of Celery: half of them sooner, and nineteen of twenty.
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
QUEUE = "instant"
# Of a job: it is claimed; the attempt stands before anything is sent; the image is there, and the job's end.
COMMITS = 3


@shared_task(name="bench.nothing")
def nothing(number: int) -> None:
    """The floor."""


@shared_task(name="bench.mark")
def mark() -> None:
    """Tell that all messages before this one are done."""
    broker().lpush(DONE, 1)


def main(jobs: int = 60) -> None:
    os.environ["PROVIDER_PACKAGES"] = "generation.providers,bench.providers"
    with ground(), worker() as process:
        floor = median(jobs, "bench.nothing", lambda: range(jobs), process)
        print(f"a task that does nothing      {floor[0]:7.2f} ms, processor {floor[1]:6.2f} ms")
        for side in SIDES:
            cost = median(jobs, "generation.tasks.run_job", lambda side=side: ordered(jobs, side), process)
            ratios = f"{cost[0] / floor[0]:6.1f} x, processor {cost[1] / floor[1]:6.1f} x"
            print(f"a job, {side:>4} x {side:<4} pixels   {cost[0]:7.2f} ms, processor {cost[1]:6.2f} ms   {ratios}")
        statements, alone = statements_alone(jobs)
        words = f"its {statements} statements, {COMMITS} commits"
        print(f"{words:<30}{alone[0]:7.2f} ms, processor {alone[1]:6.2f} ms   {alone[0] / floor[0]:6.1f} x")
        tasks, starts = starts_of_tasks(jobs), starts_of_jobs(jobs)
        for words, at in (("half of them sooner", 0.5), ("19 of 20 sooner", 0.95)):
            task, job = (sorted(found)[int(at * (len(found) - 1))] for found in (tasks, starts))
            print(f"start, {words:<22} {task:7.2f} ms a task, {job:7.2f} ms a job   {job / task:6.1f} x")


def median(
    count: int, task: str, arguments: Callable[[], object], process: "subprocess.Popen[bytes]"
) -> tuple[float, float]:
    """Of several rounds."""
    rounds = [milliseconds(count, task, arguments, process) for _ in range(ROUNDS)]
    return statistics.median(wall for wall, _ in rounds), statistics.median(cpu for _, cpu in rounds)


def milliseconds(
    count: int, task: str, arguments: Callable[[], object], process: "subprocess.Popen[bytes]"
) -> tuple[float, float]:
    """Milliseconds a message, from the first to the mark behind the last, and those of the processor in the worker.

    What is ordered is ordered before.
    """
    from celery import current_app

    values = list(arguments())
    begin, used = time.perf_counter(), cpu_seconds(process)
    for value in values:
        current_app.send_task(task, args=[value], queue=QUEUE)
    current_app.send_task("bench.mark", queue=QUEUE)
    assert broker().blpop([DONE], timeout=600), "the worker did not come to the end"
    wall = time.perf_counter() - begin
    return wall * 1000 / count, (cpu_seconds(process) - used) * 1000 / count


def statements_alone(count: int) -> tuple[int, tuple[float, float]]:
    """How many statements a job is, and the milliseconds of that many small ones in as many commits as it has."""
    from django.db import connection, transaction

    from generation import runner

    seen: list[str] = []

    def see(execute: Callable[..., object], sql: str, *rest: object) -> object:
        seen.append(sql)
        return execute(sql, *rest)

    (job_id,) = ordered(1, SIDES[0])
    with connection.execute_wrapper(see):
        runner.run(job_id)
    begin, used = time.perf_counter(), time.process_time()
    for _ in range(count):
        for number in range(COMMITS):
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("UPDATE generation_spendinglimit SET id = id")
                for _ in range(len(seen[number::COMMITS]) - 1):
                    cursor.execute("SELECT 1")
    took = time.perf_counter() - begin, time.process_time() - used
    return len(seen), (took[0] * 1000 / count, took[1] * 1000 / count)


def starts_of_tasks(count: int) -> list[float]:
    """Milliseconds from sending a task to its first line, one at a time."""
    from celery import current_app

    found = []
    for _ in range(count):
        begin = time.perf_counter()
        current_app.send_task("bench.mark", queue=QUEUE)
        broker().blpop([DONE], timeout=60)
        found.append((time.perf_counter() - begin) * 1000)
    return found


def starts_of_jobs(count: int) -> list[float]:
    """Milliseconds from sending a job that is committed to its claim, one at a time."""
    from generation import sending
    from generation.models import Job

    found = []
    for job_id in ordered(count, SIDES[0]):
        begin = time.perf_counter()
        sending.send([job_id])
        while Job.objects.get(pk=job_id).state == Job.State.QUEUED:
            pass
        found.append((time.perf_counter() - begin) * 1000)
        while Job.objects.get(pk=job_id).state == Job.State.RUNNING:
            time.sleep(0.01)
    return found


def cpu_seconds(process: "subprocess.Popen[bytes]") -> float:
    """User and system time of all threads of the worker, from the scheduler."""
    tasks = Path(f"/proc/{process.pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9


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
def worker() -> Iterator["subprocess.Popen[bytes]"]:
    """One slot that knows the tasks of this file; ready when it has done a first one."""
    paths = os.pathsep.join([str(PROJECT), str(PROJECT / "bench")])
    os.environ |= {"PYTHONPATH": paths, "LOG_LEVEL": "WARNING", "PYTHONWARNINGS": "ignore"}
    argv = [sys.executable, "-m", "celery", "-A", "radiorate", "-q", "worker", "-P", "threads", "-c", "1"]
    argv += ["-Q", QUEUE, "-I", "jobs", "--without-mingle", "--without-gossip"]
    process = subprocess.Popen(argv, cwd=PROJECT, stdout=subprocess.DEVNULL)
    try:
        milliseconds(1, "bench.nothing", lambda: [0], process)
        yield process
    finally:
        process.terminate()
        process.wait()


def broker() -> object:
    import redis
    from django.conf import settings

    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=700)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
