"""A study's ratings as arrays: what every figure, table and analysis is computed from, from SQL or from CSV alike."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

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
    mode: str = ""  # how the synthetic image was made
    patient_sex: str = ""  # as the real image's source states it


@dataclass(frozen=True)
class Marks:
    """Defects pinned at first showings; each array is (marks,). A box stands for its centre."""

    tag: np.ndarray  # text
    reader: np.ndarray  # index
    pair: np.ndarray  # index
    origin: np.ndarray  # REAL or SYNTHETIC
    x: np.ndarray  # 0..1 of the image as shown, from the left
    y: np.ndarray  # 0..1, from the top

    def __len__(self) -> int:
        return len(self.tag)

    def chosen(self, which: np.ndarray) -> "Marks":
        """Those of a boolean mask."""
        return Marks(*(getattr(self, each.name)[which] for each in fields(self)))


@dataclass(frozen=True)
class Repeats:
    """Hidden repeats beside the first showing; each array is (repeats,), one entry an image and criterion."""

    criterion: np.ndarray  # index
    reader: np.ndarray  # index
    pair: np.ndarray  # index
    first: np.ndarray  # score
    again: np.ndarray  # score


@dataclass(frozen=True)
class Dataset:
    """The main pairs of a study but withdrawn ones, as first shown, dense; readers and pairs in order of their codes.

    scores: (criteria, readers, pairs, 2), last axis real, synthetic; nan where there is no score
    status: likewise, NONE (no row), SCORED, NOT_ASSESSABLE or MISSING
    believed: (readers, pairs), LEFT, RIGHT, BOTH, NEITHER; -1 where there is no answer
    real_is_left: (readers, pairs) bool; confidence, seconds: (readers, pairs), nan where there is no answer
    session: (readers, pairs), 0 where nothing was shown; place: (readers, pairs), 0.. in the order in which the reader
    answered, -1 where nothing was shown
    counted: by count, (readers, pairs, 2): 1 where the number seen is the expected one, 0 where not, nan no answer
    preferred: by preference, (readers, pairs): LEFT, RIGHT, BOTH for equal, -1 no answer
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
    session: np.ndarray
    place: np.ndarray
    repeats: Repeats
    marks: Marks
    counted: dict[str, np.ndarray] = field(default_factory=dict)
    preferred: dict[str, np.ndarray] = field(default_factory=dict)

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
SHOWING_COLUMNS = ("reader", "pair", "session", "milliseconds")  # first showings; time of the answer, may be nan
MARK_COLUMNS = ("reader", "pair", "origin", "x", "y")


def assemble(
    *,
    study: str,
    simulated: bool,
    readers: Sequence[str],
    pairs: Sequence[PairFacts],
    criteria: Sequence[Scale],
    scores: ArrayLike,
    choices: ArrayLike,
    showings: ArrayLike = (),
    marks: ArrayLike = (),
    tags: Sequence[str] = (),
    counts: Iterable[tuple[Any, ...]] = (),
    preferences: Iterable[tuple[Any, ...]] = (),
) -> Dataset:
    """The dataset of tables of numbers with the columns above, main pairs only; tags: one a row of marks.

    counts: (reader's code, pair's code, criterion, origin, right or nan); preferences: (codes, criterion, outcome).

    Readers and pairs without any rating are left out, so that a study and its export give one and the same dataset.
    """
    showing = np.asarray(showings, dtype=float).reshape(-1, len(SHOWING_COLUMNS))
    mark = np.asarray(marks, dtype=float).reshape(-1, len(MARK_COLUMNS)).round(6)
    score = np.asarray(scores, dtype=float).reshape(-1, len(SCORE_COLUMNS))
    choice = np.asarray(choices, dtype=float).reshape(-1, len(CHOICE_COLUMNS))
    tables = (score, choice, showing, mark)
    kept_readers, kept_pairs = _keep(readers, 0, tables), _keep([pair.code for pair in pairs], 1, tables)

    first = score[score[:, 6] == 0]
    reader, pair, criterion, origin = (first[:, column].astype(int) for column in range(4))
    shape = (len(criteria), len(kept_readers), len(kept_pairs), 2)
    codes = [readers[index] for index in kept_readers], [pairs[index].code for index in kept_pairs]
    values, status = np.full(shape, np.nan), np.full(shape, NONE, dtype=np.int8)
    values[criterion, reader, pair, origin] = first[:, 4]
    status[criterion, reader, pair, origin] = first[:, 5]

    again = score[(score[:, 6] > 0) & np.isfinite(score[:, 4])]
    reader, pair, criterion, origin = (again[:, column].astype(int) for column in range(4))
    before = values[criterion, reader, pair, origin]
    both = np.isfinite(before)
    repeats = Repeats(criterion[both], reader[both], pair[both], before[both], again[both, 4])

    shown = choice[choice[:, 6] == 0]
    cell = shown[:, 0].astype(int), shown[:, 1].astype(int)
    believed = np.full(shape[1:3], -1, dtype=np.int8)
    real_is_left = np.zeros(shape[1:3], dtype=bool)
    confidence, seconds = np.full(shape[1:3], np.nan), np.full(shape[1:3], np.nan)
    real_is_left[cell], believed[cell], confidence[cell], seconds[cell] = shown[:, 2:6].T
    session = np.zeros(shape[1:3], dtype=int)
    session[showing[:, 0].astype(int), showing[:, 1].astype(int)] = showing[:, 2]
    order = np.lexsort((mark[:, 4], mark[:, 3], np.asarray(tags, dtype=str), mark[:, 2], mark[:, 1], mark[:, 0]))
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
        session=session,
        place=_places(showing, shape[1:3]),
        repeats=repeats,
        # In an order of their own: rows come in any.
        marks=Marks(np.asarray(tags, dtype=str), *(mark[:, n].astype(int) for n in range(3)), *mark[:, 3:].T).chosen(
            order
        ),
        counted=_by_criterion(counts, *codes, np.full(shape[1:], np.nan)),
        preferred=_by_criterion(preferences, *codes, np.full(shape[1:3], -1, dtype=np.int8)),
    )


def _by_criterion(
    rows: Iterable[tuple[Any, ...]], readers: Sequence[str], pairs: Sequence[str], blank: np.ndarray
) -> dict[str, np.ndarray]:
    """The last value of each row by criterion, in its place of an array like `blank` over readers and pairs."""
    reader_at, pair_at = ({code: index for index, code in enumerate(codes)} for codes in (readers, pairs))
    found: dict[str, np.ndarray] = {}
    for reader, pair, criterion, *place, value in rows:
        if reader in reader_at and pair in pair_at:
            found.setdefault(criterion, blank.copy())[(reader_at[reader], pair_at[pair], *place)] = value
    return dict(sorted(found.items()))


def _keep(codes: Sequence[str], column: int, tables: Sequence[np.ndarray]) -> list[int]:
    """The indices that occur among scores and choices, in the order of their codes; the tables are renumbered by it."""
    occurring = sorted(
        {int(index) for table in tables[:2] for index in np.unique(table[:, column])}, key=codes.__getitem__
    )
    place = np.full(len(codes) + 1, -1.0)
    place[occurring] = np.arange(len(occurring))
    for table in tables:
        table[:, column] = place[table[:, column].astype(int)]
    return occurring


def _places(showing: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Which of its answers each was to a reader, 0.., by session and time; of one time by pair."""
    reader, pair = showing[:, 0].astype(int), showing[:, 1].astype(int)
    order = np.lexsort((pair, showing[:, 3], showing[:, 2], reader))
    counted = np.bincount(reader, minlength=shape[0])
    begins = np.repeat(np.cumsum(counted) - counted, counted)
    place = np.full(shape, -1)
    place[reader[order], pair[order]] = np.arange(len(order)) - begins
    return place


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
    answers = _numbers(CHOICES_SQL.format(study=study.pk), len(CHOICE_COLUMNS) + 2)
    with connection.cursor() as cursor:
        cursor.execute(MARKS_SQL, [study.pk])
        pinned = cursor.fetchall()
        cursor.execute(COUNTS_SQL, [study.pk])
        counts = cursor.fetchall()
        cursor.execute(PREFERENCES_SQL, [study.pk])
        preferences = cursor.fetchall()
    marks = np.array([row[1:] for row in pinned], dtype=float).reshape(-1, len(MARK_COLUMNS))
    for table in (scores, answers, marks):
        table[:, 0] = _positions(table[:, 0], [pk for pk, _ in readers])
        table[:, 1] = _positions(table[:, 1], [pk for pk, *_ in pairs])
    scores[:, 2] = _positions(scores[:, 2], [pk for pk, *_ in criteria])
    return assemble(
        study=study.slug,
        simulated=study.simulated,
        readers=[code for _, code in readers],
        pairs=[PairFacts(*facts) for _, *facts in pairs],
        criteria=[Scale(key, minimum, maximum) for _, key, minimum, maximum in criteria],
        scores=scores,
        choices=answers[:, : len(CHOICE_COLUMNS)],
        showings=answers[answers[:, 6] == 0][:, [0, 1, 7, 8]],
        marks=marks,
        tags=[tag for tag, *_ in pinned],
        counts=counts,
        preferences=preferences,
    )


def _pairs(study: Study) -> list[tuple[Any, ...]]:
    """(id, then the fields of PairFacts) of the main pairs; body part, view and sex are the real image's."""
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
           rating.confidence, rating.seconds, (assignment.repeat_of_id IS NOT NULL)::int, assignment.session,
           floor(extract(epoch FROM rating.submitted_at) * 1000)::bigint
    {_MAIN}
    WHERE pair.study_id = {{study:d}}
"""  # noqa: S608

PAIRS_SQL = f"""
    SELECT pair.id, pair.code, {GENERATOR_SQL}, first.body_part, first.view_position,
           coalesce(job.mode, ''), first.patient_sex
    FROM studies_pair pair
    JOIN images_image first ON first.id = pair.first_id
    JOIN images_image image ON image.id = pair.second_id {MAKING_SQL}
    WHERE pair.study_id = %s AND pair.kind = '{Pair.Kind.MAIN}'
        AND NOT EXISTS (SELECT FROM studies_pairwithdrawal withdrawal WHERE withdrawal.pair_id = pair.id)
"""  # noqa: S608

MARKS_SQL = f"""
    SELECT mark.tag, assignment.reader_id, assignment.pair_id, (mark.side <> assignment.first_side)::int,
           mark.x + coalesce(mark.width, 0) / 2, mark.y + coalesce(mark.height, 0) / 2
    {_MAIN}
    JOIN reading_mark mark ON mark.rating_id = rating.id
    WHERE pair.study_id = %s AND assignment.repeat_of_id IS NULL
"""

_FIRST_SHOWN = f"""{_MAIN}
    JOIN studies_reader reader ON reader.id = assignment.reader_id
    JOIN reading_score score ON score.rating_id = rating.id
    JOIN studies_criterion criterion ON criterion.id = score.criterion_id
    WHERE pair.study_id = %s AND assignment.repeat_of_id IS NULL
"""

COUNTS_SQL = f"""
    SELECT reader.code, pair.code, criterion.key, (score.side <> assignment.first_side)::int,
           coalesce((score.value = (criterion.expected ->> pair.body_part)::int)::int::float8, 'nan')
    {_FIRST_SHOWN} AND criterion.kind = '{Criterion.Kind.COUNT}'
"""

PREFERENCES_SQL = f"""
    SELECT reader.code, pair.code, criterion.key, (ARRAY[{LEFT}, {BOTH}, {RIGHT}])[score.value]
    {_FIRST_SHOWN} AND criterion.kind = '{Criterion.Kind.PREFERENCE}'
"""
