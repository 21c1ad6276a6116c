"""The analysis of a study or a part of it as it stands, kept until a rating, an image or this program changes."""

import hashlib
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cache as remembered
from pathlib import Path
from typing import Any

from django.core.cache import cache
from django.db import connection
from redis.exceptions import RedisError

import radiorate
from radiorate.results import complete, dataset, filters, summary
from radiorate.results.filters import Filters
from radiorate.studies.models import Study

KEPT_SECONDS = 7 * 24 * 3600
ASKED_SECONDS = 120  # a worker that has not answered by then is asked again
MOST_AT_ONCE = 100_000  # scores a page analyses itself, in about a second; more are a worker's

PAIRS = dataset.PAIRS_SQL.replace("%s", "%(study)s")

Json = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """An analysis, and what the filters of the whole study may be."""

    found: Json
    choices: dict[str, list[str]]


@dataclass(frozen=True)
class Waiting:
    """A worker is at it; share in 0..1 of the work is done."""

    share: float


def ask(study: Study, chosen: Filters) -> Answer | Waiting:
    """The kept analysis, or a new one: made at once where that takes a second, else by a worker."""
    from radiorate.results import tasks

    if study.is_sealed:
        chosen = Filters()  # a part could tell which image is real
    key, scores = _version(study, chosen)
    with suppress(RedisError):
        if (kept := cache.get(key)) is not None:
            return Answer(*kept)
        if scores > MOST_AT_ONCE:
            if cache.add(f"{key}:asked", True, ASKED_SECONDS):
                tasks.analyse.delay(study.pk, asdict(chosen))
            return Waiting(cache.get(f"{key}:share", 0.0))
    return make(study, chosen)


def make(study: Study, chosen: Filters) -> Answer:
    """The analysis made now, and kept under the version of the data it began with."""
    key, _ = _version(study, chosen)

    def told(share: float) -> None:
        with suppress(RedisError):
            cache.set(f"{key}:share", share, ASKED_SECONDS)

    ratings = dataset.load(study)
    told(0.1)
    if study.is_sealed:
        answer = Answer(summary.sealed_analysis(ratings), {})
    else:
        part = filters.select(ratings, chosen)
        answer = Answer(complete.analyse(part, told=told), filters.choices(ratings))
    with suppress(RedisError):
        cache.set(key, (answer.found, answer.choices), KEPT_SECONDS)
    return answer


def _version(study: Study, chosen: Filters) -> tuple[str, int]:
    """(the name of the analysis of these data by this program, about how many scores it is of)."""
    with connection.cursor() as cursor:
        cursor.execute(VERSION_SQL, {"study": study.pk})
        ratings, events, pairs = cursor.fetchone()
        cursor.execute("SELECT count(*) FROM studies_criterion WHERE rubric_id = %s", [study.rubric_id])
        criteria = cursor.fetchone()[0]
    told = (study.pk, study.slug, study.simulated, study.is_sealed, ratings, events, pairs, chosen, _program())
    return f"analysis:{hashlib.sha256(repr(told).encode()).hexdigest()}", 2 * ratings * criteria


@remembered
def _program() -> str:
    """A checksum of this room's code: what an older program found is not what this one finds."""
    found = hashlib.sha256(radiorate.__version__.encode())
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        found.update(path.read_bytes())
    return found.hexdigest()


# Events only ever come, each with a number of its own: their sum changes with every answer, in whatever order they end.
VERSION_SQL = f"""
    WITH answer AS (
        SELECT rating.event_id
        FROM reading_rating rating
        JOIN studies_assignment assignment ON assignment.id = rating.assignment_id
        JOIN studies_pair pair ON pair.id = assignment.pair_id
        WHERE pair.study_id = %(study)s
    )
    SELECT (SELECT count(*) FROM answer), (SELECT coalesce(sum(event_id), 0) FROM answer),
           (SELECT md5(string_agg(facts::text, ',' ORDER BY facts::text)) FROM ({PAIRS}) facts)
"""  # noqa: S608  (no outside text)
