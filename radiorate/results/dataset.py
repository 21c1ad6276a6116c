"""A study's ratings as arrays: what every figure, table and analysis is computed from, from SQL or from CSV alike."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from django.db import connection
from numpy.typing import ArrayLike

from radiorate.results.exports import GENERATOR_SQL, MAKING_SQL
from radiorate.studies.models import Criterion, Pair, Study

REAL, SYNTHETIC = 0, 1
NONE, SCORED, NOT_ASSESSABLE, MISSING = 0, 1, 2, 3
LEFT, RIGHT, BOTH, NEITHER = 0, 1, 2, 3


@dataclass(frozen=True)
class Scale:
    """A criterion's key and range."""

    key: str
    minimum: int = 1
    maximum: int = 5

    @property
    def grades(self) -> range:
        return range(self.minimum, self.maximum + 1)


@dataclass(frozen=True)
class PairFacts:
    """What a main pair is, apart from its pixels."""

    code: str
    generator: str = ""
    body_part: str = ""
    view_position: str = ""


@dataclass(frozen=True)
class Repeats:
    """Hidden repeats beside the first showing; each array is (repeats,), one entry an image and criterion."""

    criterion: np.ndarray  # index
    reader: np.ndarray  # index
    first: np.ndarray  # score
    again: np.ndarray  # score


@dataclass(frozen=True)
class Dataset:
    """The main pairs of a study but withdrawn ones, as first shown, dense; readers and pairs in order of their codes.

    scores: (criteria, readers, pairs, 2), last axis real, synthetic; nan where there is no score
    status: likewise, NONE (no row), SCORED, NOT_ASSESSABLE or MISSING
    believed: (readers, pairs), LEFT, RIGHT, BOTH, NEITHER; -1 where there is no answer
    real_is_left: (readers, pairs) bool; confidence, seconds: (readers, pairs), nan where there is no answer
    """

    study: str
    simulated: bool
    readers: tuple[str, ...]
    pairs: tuple[PairFacts, ...]
    criteria: tuple[Scale, ...]
    scores: np.ndarray
    status: np.ndarray
    believed: np.ndarray
    real_is_left: np.ndarray
    confidence: np.ndarray
    seconds: np.ndarray
    repeats: Repeats
    marks: dict[str, tuple[int, int]]  # tag: pins on real, on synthetic images

    @property
    def correct(self) -> np.ndarray:
        """(readers, pairs): 1 where the real image was named, 0 where the other, 0.5 undecided, nan no answer."""
        decided = self.believed <= RIGHT
        hit = (self.believed == LEFT) == self.real_is_left
        return np.where(self.believed < 0, np.nan, np.where(decided, hit, 0.5))

    @property
    def signed_confidence(self) -> np.ndarray:
        """(readers, pairs): confidence that left is real, negative for right, 0 undecided, nan no answer."""
        sign = np.select([self.believed == LEFT, self.believed == RIGHT], [1.0, -1.0], 0.0)
        return np.where(self.believed < 0, np.nan, sign * np.nan_to_num(self.confidence))


# Columns of the tables `assemble` takes; indices count in the lists given beside them.
SCORE_COLUMNS = ("reader", "pair", "criterion", "origin", "value", "status", "repeat")
CHOICE_COLUMNS = ("reader", "pair", "real_is_left", "believed", "confidence", "seconds", "repeat")


def assemble(
    *,
    study: str,
    simulated: bool,
    readers: Sequence[str],
    pairs: Sequence[PairFacts],
    criteria: Sequence[Scale],
    scores: ArrayLike,
    choices: ArrayLike,
    marks: dict[str, tuple[int, int]],
) -> Dataset:
    """The dataset of two tables of numbers, (rows, SCORE_COLUMNS) and (rows, CHOICE_COLUMNS), main pairs only.

    Readers and pairs without any rating are left out, so that a study and its export give one and the same dataset.
    """
    score = np.asarray(scores, dtype=float).reshape(-1, len(SCORE_COLUMNS))
    choice = np.asarray(choices, dtype=float).reshape(-1, len(CHOICE_COLUMNS))
    kept_readers, (score[:, 0], choice[:, 0]) = _kept(readers, score[:, 0], choice[:, 0])
    kept_pairs, (score[:, 1], choice[:, 1]) = _kept([pair.code for pair in pairs], score[:, 1], choice[:, 1])

    first = score[score[:, 6] == 0]
    reader, pair, criterion, origin = (first[:, column].astype(int) for column in range(4))
    shape = (len(criteria), len(kept_readers), len(kept_pairs), 2)
    values, status = np.full(shape, np.nan), np.full(shape, NONE, dtype=np.int8)
    values[criterion, reader, pair, origin] = first[:, 4]
    status[criterion, reader, pair, origin] = first[:, 5]

    again = score[(score[:, 6] > 0) & np.isfinite(score[:, 4])]
    reader, pair, criterion, origin = (again[:, column].astype(int) for column in range(4))
    before = values[criterion, reader, pair, origin]
    both = np.isfinite(before)
    repeats = Repeats(criterion[both], reader[both], before[both], again[both, 4])

    shown = choice[choice[:, 6] == 0]
    cell = shown[:, 0].astype(int), shown[:, 1].astype(int)
    believed = np.full(shape[1:3], -1, dtype=np.int8)
    real_is_left = np.zeros(shape[1:3], dtype=bool)
    confidence, seconds = np.full(shape[1:3], np.nan), np.full(shape[1:3], np.nan)
    real_is_left[cell], believed[cell], confidence[cell], seconds[cell] = shown[:, 2:6].T
    return Dataset(
        study=study,
        simulated=simulated,
        readers=tuple(readers[index] for index in kept_readers),
        pairs=tuple(pairs[index] for index in kept_pairs),
        criteria=tuple(criteria),
        scores=values,
        status=status,
        believed=believed,
        real_is_left=real_is_left,
        confidence=confidence,
        seconds=seconds,
        repeats=repeats,
        marks=dict(sorted(marks.items())),
    )


def _kept(codes: Sequence[str], *columns: np.ndarray) -> tuple[list[int], list[np.ndarray]]:
    """The indices that occur, in the order of their codes, and the columns renumbered by that order."""
    occurring = sorted({int(index) for column in columns for index in np.unique(column)}, key=codes.__getitem__)
    place = np.full(len(codes) + 1, -1.0)
    place[occurring] = np.arange(len(occurring))
    return occurring, [place[column.astype(int)] for column in columns]


def load(study: Study) -> Dataset:
    """The study's dataset; the number of queries depends on nothing."""
    readers = list(study.readers.values_list("pk", "code"))
    criteria = list(
        study.rubric.criteria.filter(kind=Criterion.Kind.SCALE, target=Criterion.Target.EACH)
        .order_by("position", "pk")
        .values_list("pk", "key", "minimum", "maximum")
    )
    pairs = _pairs(study)
    scores = _numbers(SCORES_SQL.format(study=study.pk), len(SCORE_COLUMNS))
    choices = _numbers(CHOICES_SQL.format(study=study.pk), len(CHOICE_COLUMNS))
    for table, column, keys in (
        (scores, 0, [pk for pk, _ in readers]),
        (choices, 0, [pk for pk, _ in readers]),
        (scores, 1, [pk for pk, *_ in pairs]),
        (choices, 1, [pk for pk, *_ in pairs]),
        (scores, 2, [pk for pk, *_ in criteria]),
    ):
        table[:, column] = _positions(table[:, column], keys)
    with connection.cursor() as cursor:
        cursor.execute(MARKS_SQL, [study.pk])
        marks = {tag: (real, synthetic) for tag, real, synthetic in cursor.fetchall()}
    return assemble(
        study=study.slug,
        simulated=study.simulated,
        readers=[code for _, code in readers],
        pairs=[PairFacts(*facts) for _, *facts in pairs],
        criteria=[Scale(key, minimum, maximum) for _, key, minimum, maximum in criteria],
        scores=scores,
        choices=choices,
        marks=marks,
    )


def _pairs(study: Study) -> list[tuple[int, str, str, str, str]]:
    """(id, code, generator, body part, view position) of the main pairs; body part and view are the real image's."""
    with connection.cursor() as cursor:
        cursor.execute(PAIRS_SQL, [study.pk])
        return cursor.fetchall()


def _numbers(query: str, columns: int) -> np.ndarray:
    """The rows of a query of numbers as floats (rows, columns); COPY, because fetching rows costs 20 times as much."""
    with connection.cursor() as cursor, cursor.copy(f"COPY ({query}) TO STDOUT (DELIMITER ' ', NULL 'nan')") as copy:
        text = b"".join(copy)
    return np.fromstring(text.decode("ascii"), sep=" ").reshape(-1, columns)


def _positions(values: np.ndarray, keys: Iterable[int]) -> np.ndarray:
    """Where each value stands in the list of keys."""
    keys = np.fromiter(keys, dtype=float)
    order = np.argsort(keys)
    return order[np.searchsorted(keys, values, sorter=order)].astype(float)


_MAIN = f"""
    FROM reading_rating rating
    JOIN studies_assignment assignment ON assignment.id = rating.assignment_id
    JOIN studies_pair pair ON pair.id = assignment.pair_id AND pair.kind = '{Pair.Kind.MAIN}'
        AND NOT EXISTS (SELECT FROM studies_pairwithdrawal withdrawal WHERE withdrawal.pair_id = pair.id)
"""

SCORES_SQL = f"""
    SELECT assignment.reader_id, assignment.pair_id, score.criterion_id, (score.side <> assignment.first_side)::int,
           score.value, CASE WHEN score.value IS NULL THEN {NOT_ASSESSABLE} ELSE {SCORED} END,
           (assignment.repeat_of_id IS NOT NULL)::int
    {_MAIN}
    JOIN reading_score score ON score.rating_id = rating.id AND score.side <> ''
        AND score.criterion_id IN (SELECT id FROM studies_criterion WHERE kind = '{Criterion.Kind.SCALE}')
    WHERE pair.study_id = {{study:d}}
"""  # noqa: S608

CHOICES_SQL = f"""
    SELECT assignment.reader_id, assignment.pair_id, (assignment.first_side = 'left')::int,
           array_position(ARRAY['left', 'right', 'both', 'neither'], rating.believed_real::text) - 1,
           rating.confidence, rating.seconds, (assignment.repeat_of_id IS NOT NULL)::int
    {_MAIN}
    WHERE pair.study_id = {{study:d}}
"""

PAIRS_SQL = f"""
    SELECT pair.id, pair.code, {GENERATOR_SQL}, first.body_part, first.view_position
    FROM studies_pair pair
    JOIN images_image first ON first.id = pair.first_id
    JOIN images_image image ON image.id = pair.second_id {MAKING_SQL}
    WHERE pair.study_id = %s AND pair.kind = '{Pair.Kind.MAIN}'
        AND NOT EXISTS (SELECT FROM studies_pairwithdrawal withdrawal WHERE withdrawal.pair_id = pair.id)
"""  # noqa: S608

MARKS_SQL = f"""
    SELECT mark.tag, count(*) FILTER (WHERE mark.side = assignment.first_side),
           count(*) FILTER (WHERE mark.side <> assignment.first_side)
    {_MAIN}
    JOIN reading_mark mark ON mark.rating_id = rating.id
    WHERE pair.study_id = %s AND assignment.repeat_of_id IS NULL
    GROUP BY mark.tag
"""
