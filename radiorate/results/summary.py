"""Everything the dashboard shows, as plain numbers: progress, flow of images, and the analysis."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection

from radiorate.results import analysis, course, dataset, exports
from radiorate.studies.models import Study


@dataclass(frozen=True)
class ReaderProgress:
    """A reader's work so far; `kappa` compares hidden repeats with first showings, all criteria together."""

    code: str
    done: int
    planned: int
    median_seconds: float | None
    is_removed: bool
    kappa: float | None

    @property
    def is_done(self) -> bool:
        return 0 < self.planned <= self.done


@dataclass(frozen=True)
class Flow:
    """What became of the images: orders by the state of their job, and the images of the study's collections."""

    orders: dict[str, int]
    images: dict[str, dict[tuple[str, str], int]]  # origin: (fate, ground of a withdrawal): how many, as in flow.csv
    refusals: list[tuple[str, str, int, int]]  # generator, finding asked for, orders answered, of these refused

    @property
    def ordered(self) -> int:
        return sum(self.orders.values())


@dataclass(frozen=True)
class Summary:
    """A study's results. While it is sealed, `analysis` holds agreement over all images and nothing by origin."""

    study: Study
    readers: list[ReaderProgress]
    median_seconds: float | None
    flow: Flow
    analysis: dict[str, Any]

    @property
    def done(self) -> int:
        return sum(reader.done for reader in self.readers)

    @property
    def planned(self) -> int:
        return sum(reader.planned for reader in self.readers)


def summarise(study: Study, found: dict[str, Any]) -> Summary:
    """The numbers as they stand now beside an analysis; the count of queries depends on nothing."""
    median, readers = progress(study, found)
    return Summary(study, readers, median, flow(study), found)


def sealed_analysis(ratings: dataset.Dataset) -> dict[str, Any]:
    """What may be known before the seal is broken: counts and agreement, real and synthetic images together.

    Nothing in it changes when the two images of any pair change their origins.
    """
    weights = analysis.draws(np.random.default_rng(analysis.SEED), len(ratings.pairs), analysis.RESAMPLES)
    n = analysis.counts(ratings)
    return {
        "repeats": analysis.plain(analysis.repeats_by_reader(ratings)),
        "time": analysis.plain(course.timing(ratings)),
        "n": {key: n[key] for key in ("readers", "pairs", "scores", "not_assessable", "missing", "choices")},
        "criteria": {
            scale.key: {
                "agreement": {"all": analysis.plain(analysis.agree(ratings.scores[index], scale.grades, weights))}
            }
            for index, scale in enumerate(ratings.criteria)
        },
    }


def progress(study: Study, found: dict[str, Any]) -> tuple[float | None, list[ReaderProgress]]:
    """(the median seconds a pair, the readers by number)."""
    with connection.cursor() as cursor:
        cursor.execute(PROGRESS_SQL, [study.pk])
        *rows, total = cursor.fetchall()
    kappas = {code: repeats["weighted_kappa"] for code, repeats in found["repeats"].items()}
    return total[3], [
        ReaderProgress(code, done, planned, seconds, is_removed, kappas.get(code))
        for code, done, planned, seconds, is_removed in rows
    ]


def flow(study: Study) -> Flow:
    """The flow of the images of the study's collections: the rows of flow.csv."""
    orders: dict[str, int] = {}
    images: dict[str, dict[tuple[str, str], int]] = {origin: {} for origin in analysis.ORIGINS}
    with connection.cursor() as cursor:
        cursor.execute(exports.find("flow").query(study))
        for _, what, origin, fate, reason, count, *_ in cursor.fetchall():
            if what == "order":
                orders[fate] = count
            else:
                images[origin][fate, reason or ""] = count
        cursor.execute(REFUSALS_SQL, [study.pk])
        refusals = cursor.fetchall()
    return Flow(orders, images, refusals)


# One row a reader and, last, one for all together.
PROGRESS_SQL = """
    SELECT reader.code, count(rating.id),
           count(assignment.id) FILTER (WHERE rating.id IS NOT NULL
               OR (withdrawal.id IS NULL AND first.state <> 'withdrawn' AND second.state <> 'withdrawn')),
           percentile_cont(0.5) WITHIN GROUP (ORDER BY rating.seconds::float8), reader.removed_at IS NOT NULL
    FROM studies_reader reader
    LEFT JOIN (
        studies_assignment assignment
        JOIN studies_pair pair ON pair.id = assignment.pair_id AND pair.kind <> 'practice'
    ) ON assignment.reader_id = reader.id
    LEFT JOIN images_image first ON first.id = pair.first_id
    LEFT JOIN images_image second ON second.id = pair.second_id
    LEFT JOIN studies_pairwithdrawal withdrawal ON withdrawal.pair_id = pair.id
    LEFT JOIN reading_rating rating ON rating.assignment_id = assignment.id
    WHERE reader.study_id = %s
    GROUP BY GROUPING SETS ((reader.number, reader.code, reader.removed_at), ())
    ORDER BY grouping(reader.number), reader.number
"""

REFUSALS_SQL = """
    SELECT generator.name, job.pathology, count(*), count(*) FILTER (WHERE job.state = 'refused')
    FROM generation_job job
    JOIN generation_batch batch ON batch.id = job.batch_id
    JOIN generation_generator generator ON generator.id = batch.generator_id
    WHERE batch.collection_id IN (SELECT collection_id FROM studies_study_synthetic_collections WHERE study_id = %s)
        AND job.state IN ('succeeded', 'refused')
    GROUP BY generator.name, job.pathology
    ORDER BY generator.name, job.pathology
"""
