"""What readers were told about their answers is what PostgreSQL holds, whatever fails meanwhile."""

import contextlib
import os
import signal
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import redis
from django.conf import settings
from django.db import connections
from django.test import Client

from radiorate.local import Server
from radiorate.reading.models import RatingEvent
from tests.conftest import Program
from tests.reading.history import Answer, Proxy, Reader, Row, violations
from tests.reading.scene import reading_study


class Nemesis:
    """Kills a web worker, crashes and restarts PostgreSQL, stops Redis for a moment: in turn, `rounds` times each.

    It works in the tests' own thread: a PostgreSQL that another thread started would end with that thread.
    """

    def __init__(self, web: Program, postgres: Server, seed: int, pauses: tuple[float, float], rounds: int) -> None:
        self.web, self.postgres, self.pauses = web, postgres, pauses
        self.random = np.random.default_rng(seed)
        self.redis = redis.Redis.from_url(settings.REDIS_URL)
        self.acts = rounds * [self.kill_a_worker, self.crash_postgres, self.pause_redis]

    def work(self, readers: list[Reader]) -> Counter[str]:
        """What was done while the readers were at work."""
        done: Counter[str] = Counter()
        for act in self.acts:
            busy = [reader for reader in readers if reader.is_alive()]
            if busy:
                busy[0].join(self.random.uniform(*self.pauses))
                act()
                done[act.__name__] += 1
        return done

    def kill_a_worker(self) -> None:
        children = Path(f"/proc/{self.web.pid}/task/{self.web.pid}/children").read_text().split()
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(self.random.choice(children)), signal.SIGKILL)

    def crash_postgres(self) -> None:
        self.postgres.kill()
        self.postgres.start()

    def pause_redis(self) -> None:
        self.redis.client_pause(2000)


def rows() -> list[Row]:
    connections.close_all()  # they may be of before a crash
    found = RatingEvent.objects.values_list(
        "presentation__assignment_id", "version", "answers", "pk", "presentation__assignment__rating__event_id"
    )
    return [
        Row(assignment, version, answers["comment"], str(answers["scores"]["anatomy"]["left"]), pk == current)
        for assignment, version, answers, pk, current in found
    ]


def history(url: str, study: Any, seed: int, trouble: Callable[[list[Reader]], Any] = len) -> tuple[list[Answer], Any]:
    """What the study's readers were told, all reading at once through a door that loses every few answers.

    trouble: what is done meanwhile; its result is the second of the two.
    """
    proxy, readers = Proxy(url), []
    for number, reader in enumerate(study.readers.select_related("user"), 1):
        client = Client()
        client.force_login(reader.user)
        session = client.cookies["sessionid"].value
        readers.append(Reader(f"reader {number}", proxy.url, study.slug, session, 100 * seed + number))
    with contextlib.closing(proxy):
        for reader in readers:
            reader.start()
        done = trouble(readers)
        for reader in readers:
            reader.join(timeout=600)
    assert not [reader for reader in readers if reader.is_alive()], "a reader never came to the end"
    assert not [reader.failure for reader in readers if reader.failure]
    return [answer for reader in readers for answer in reader.answers], done


def check(web: Program, postgres: Server, seed: int, readers: int, pairs: int, unknown: int, **faults: Any) -> None:
    study = reading_study(pairs=pairs, readers=readers)
    answers, done = history(web.url, study, seed, Nemesis(web, postgres, seed, **faults).work)
    outcomes = Counter(answer.outcome for answer in answers)
    print(f"seed {seed}: {dict(outcomes)}, faults {dict(done)}")  # noqa: T201
    stored = rows()
    assert violations(answers, stored) == []
    assert len({row.assignment for row in stored}) == readers * pairs, "a pair was left out"
    assert outcomes["unknown"] >= unknown, "too little went wrong: the run proves nothing"
    assert len(done) == 3, "the readers were done before everything had failed once"


def test_no_answer_is_lost_or_doubled_in_a_short_run_of_faults(start_web, postgres_server, redis_server):
    web = start_web(DATABASE_POOL=4)
    check(web, postgres_server, seed=1, readers=3, pairs=15, unknown=4, pauses=(0.1, 0.3), rounds=1)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_answer_is_lost_or_doubled_by_eight_readers_of_sixty_pairs(start_web, postgres_server, redis_server, seed):
    web = start_web(DATABASE_POOL=4)
    check(web, postgres_server, seed, readers=8, pairs=60, unknown=30, pauses=(0.5, 2.5), rounds=6)


def test_control_a_server_that_does_not_know_repeats_is_found_out(start_web):
    web = start_web("tests.reading.faulty", UNGUARDED=1)
    answers, _ = history(web.url, reading_study(pairs=8, readers=2), seed=1)
    assert any("has 2 rows" in wrong for wrong in violations(answers, rows()))


SENT = [Answer("a", "4", "ok"), Answer("b", "3", "fail"), Answer("c", "2", "unknown")]
STORED = [Row(1, 1, "a", "4", True)]


@pytest.mark.parametrize("stored", [STORED, [*STORED, Row(2, 1, "c", "2", True)]])
def test_an_honest_history_passes(stored):
    assert violations(SENT, stored) == []


@pytest.mark.parametrize(
    ("forged", "sentence"),
    [
        ([], "a was ok and has 0 rows"),
        ([Row(1, 1, "a", "4", False), Row(1, 2, "a", "4", True)], "a was ok and has 2 rows"),
        ([*STORED, Row(2, 1, "b", "3", True)], "b was fail and has 1 rows"),
        ([*STORED, Row(2, 1, "c", "2", False), Row(2, 2, "c", "2", True)], "c was unknown and has 2 rows"),
        ([Row(1, 1, "a", "5", True)], "a holds another value than was sent"),
        ([*STORED, Row(2, 1, "z", "1", True)], "z was never sent"),
        ([Row(1, 2, "a", "4", True)], "the versions of 1 have a gap"),
        ([Row(1, 1, "a", "4", False)], "the current rating of 1 is not the last one"),
    ],
)
def test_control_a_forged_history_is_found_out(forged, sentence):
    assert sentence in violations(SENT, forged)
