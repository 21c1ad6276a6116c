"""What the worker of image services makes of its 32 slots while a service takes its time, and what a slot costs.

    python bench/slots.py [SECONDS]

The worker of the Procfile, and tests/generation/fake_service.py, which answers each order after SECONDS (5). Prints the
share of the slots' time in which a call was open, over four waves of orders from the first call to the last answer, and
the worker's memory in the middle of a wave, beside that with one call open, a slot.
"""

import os
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from reading_ground import PROJECT, ground

SLOTS, WAVES = 32, 4


def main(seconds: float = 5) -> None:
    with ground():
        from tests.generation.fake_service import FakeService

        with FakeService() as service, worker() as process:
            service.script, service.delay_seconds = ["slow"], seconds
            launch(service.url, 2)
            until(lambda: ended() == 2)  # what is loaded once is loaded
            launch(service.url, 1)
            until(lambda: len(service.calls) == 3)
            time.sleep(seconds / 2)
            one = kilobytes(process)
            until(lambda: ended() == 3)
            launch(service.url, SLOTS * WAVES)
            until(lambda: len(service.calls) == 3 + SLOTS + SLOTS)
            time.sleep(seconds / 2)
            many = kilobytes(process)
            until(lambda: ended() == 3 + SLOTS * WAVES)
            calls = service.calls[3:]
            took = max(call.at for call in calls) + seconds - min(call.at for call in calls)
            print(f"{SLOTS} slots, calls of {seconds:g} s: efficiency {WAVES * seconds / took:.2f}")
            print(f"memory: {one / 1000:.0f} MB with one call open, {(many - one) / (SLOTS - 1):.0f} kB more a slot")


def launch(url: str, count: int) -> None:
    """A batch whose jobs are sent at once."""
    from generation import sending
    from tests import factories

    generator = factories.generator(provider="distant", options={"url": url})
    factories.batch(jobs=count, generator=generator, budget_usd=100)
    while waiting := list(sending.unsent().values_list("pk", flat=True)):
        sending.send(waiting)


def ended() -> int:
    from generation.models import Job

    assert not Job.objects.filter(state__in=["failed", "unknown", "cancelled"]).exists()
    return Job.objects.filter(state="succeeded").count()


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 300
    while not condition():
        assert time.monotonic() < deadline, "the worker did not come so far"
        time.sleep(0.05)


def kilobytes(process: "subprocess.Popen[bytes]") -> int:
    """Memory that is the worker's alone, and its share of what it has in common with others."""
    lines = Path(f"/proc/{process.pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


@contextmanager
def worker() -> Iterator["subprocess.Popen[bytes]"]:
    """As the Procfile starts it; ready when it takes work."""
    lines = (line.split(": ", 1) for line in (PROJECT / "Procfile").read_text().splitlines())
    command = shlex.split(dict(lines)["worker-services"])
    variables = dict(word.split("=") for word in command if "=" in word)
    argv = [sys.executable, *command[command.index("-m") :]]
    os.environ["PROVIDER_PACKAGES"] = "generation.providers,bench.providers"
    quiet = {"PYTHONPATH": str(PROJECT), "PYTHONWARNINGS": "ignore"}
    process = subprocess.Popen(argv, cwd=PROJECT, env={**os.environ, **quiet, **variables}, stdout=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    main(*map(float, sys.argv[1:]))
