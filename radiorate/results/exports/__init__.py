"""What leaves as CSV: one module a file, each an `Export` of named columns over one SELECT.

The rows go from PostgreSQL to the file as they are (COPY), so pseudonyms, times and the spreadsheet guard are SQL here.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast

from radiorate import registry
from radiorate.spreadsheet import FORMULA_STARTS
from radiorate.studies.models import Study

_FORMULA_STARTS = ", ".join(f"chr({ord(sign)})" for sign in FORMULA_STARTS)


def guarded(text: str) -> str:
    """SQL of a text that no spreadsheet computes: an apostrophe before a formula's first sign; NULL when empty."""
    return f"CASE WHEN left({text}, 1) IN ({_FORMULA_STARTS}) THEN '''' || {text} ELSE nullif({text}, '') END"


def utc(time: str) -> str:
    """SQL of a time as RFC 3339 in UTC, to the millisecond."""
    return f"""to_char({time} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')"""


# The name an image's maker goes by: the generator's, or the collection's where the images came from elsewhere.
GENERATOR_SQL = "coalesce(generator.name, left(regexp_replace(collection.name, '[^A-Za-z0-9_-]+', '-', 'g'), 64))"

# How an image came to be, beside its row `image`; all but the collection may be missing.
MAKING_SQL = """
        JOIN images_collection collection ON collection.id = image.collection_id
        LEFT JOIN generation_output output ON output.image_id = image.id
        LEFT JOIN generation_attempt attempt ON attempt.id = output.attempt_id
        LEFT JOIN generation_job job ON job.id = attempt.job_id
        LEFT JOIN generation_batch batch ON batch.id = job.batch_id
        LEFT JOIN generation_generator generator ON generator.id = batch.generator_id"""

# Every order for the study's synthetic collections, with its batch and generator.
BATCHES = """FROM study
        JOIN studies_study_synthetic_collections wanted ON wanted.study_id = study.id
        JOIN generation_batch batch ON batch.collection_id = wanted.collection_id
        JOIN images_collection collection ON collection.id = batch.collection_id
        JOIN generation_generator generator ON generator.id = batch.generator_id
        JOIN generation_job job ON job.batch_id = batch.id"""

# Tables every export may draw on. Text is guarded here, once a row of these and not once a row of the file.
_TABLES = f"""
    study AS MATERIALIZED (
        SELECT id, {guarded("slug")} AS code, protocol_hash, simulated FROM studies_study WHERE id = {{study:d}}
    ),
    image AS MATERIALIZED (
        SELECT image.id,
               'I' || left(encode(sha256(convert_to(study.protocol_hash || image.id, 'UTF8')), 'hex'), 12) AS code,
               collection.origin,
               CASE collection.origin WHEN 'synthetic' THEN {guarded(GENERATOR_SQL)} END AS generator,
               {guarded("image.body_part")} AS body_part, nullif(image.view_position, '') AS view_position,
               attempt.id AS attempt_id, job.id AS job_id, generator.id AS generator_id
        FROM study
        JOIN (
            SELECT study_id, first_id AS id FROM studies_pair UNION SELECT study_id, second_id FROM studies_pair
        ) paired ON paired.study_id = study.id
        JOIN images_image image ON image.id = paired.id {MAKING_SQL}
    ),
    criterion AS MATERIALIZED (
        SELECT criterion.id, {guarded("criterion.key")} AS key, criterion.kind, criterion.expected
        FROM studies_criterion criterion JOIN studies_study ON studies_study.rubric_id = criterion.rubric_id
        WHERE studies_study.id = {{study:d}}
    ),
    shown AS MATERIALIZED (
        SELECT rating.id AS rating_id, study.code AS study, {guarded("reader.code")} AS reader, assignment.session,
               {guarded("pair.code")} AS pair, pair.kind,
               CASE WHEN assignment.repeat_of_id IS NULL THEN 0 ELSE
                   row_number() OVER (PARTITION BY assignment.repeat_of_id
                                      ORDER BY assignment.session, assignment.position) END AS repeat,
               CASE assignment.first_side WHEN 'left' THEN pair.first_id ELSE pair.second_id END AS left_id,
               CASE assignment.first_side WHEN 'left' THEN pair.second_id ELSE pair.first_id END AS right_id,
               {guarded("pair.body_part")} AS body_part, rating.believed_real, rating.confidence,
               {guarded("rating.comment")} AS comment, rating.seconds, {utc("rating.submitted_at")} AS submitted_at,
               row_number() OVER (ORDER BY reader.number, assignment.session, assignment.position) AS place
        FROM study
        JOIN studies_pair pair ON pair.study_id = study.id
            AND NOT EXISTS (SELECT FROM studies_pairwithdrawal withdrawal WHERE withdrawal.pair_id = pair.id)
        JOIN studies_assignment assignment ON assignment.pair_id = pair.id
        JOIN studies_reader reader ON reader.id = assignment.reader_id
        JOIN reading_rating rating ON rating.assignment_id = assignment.id
    )"""  # noqa: S608  (no outside text)


@dataclass(frozen=True)
class Column:
    """A column of a file: name, type (text, integer, number, time), what it holds, and its SQL."""

    name: str
    type: str
    meaning: str
    sql: str


# Columns of more than one file: over the tables `study` and `reader`, then over a row of `shown`.
STUDY = Column("study", "text", "the study's name in addresses", "study.code")
READER = Column("reader", "text", "the reader's code", guarded("reader.code"))
SHOWING = (
    Column("study", "text", "the study's name in addresses", "shown.study"),
    Column("reader", "text", "the reader's code", "shown.reader"),
    Column("session", "integer", "1 or more", "shown.session"),
    Column("pair", "text", "the pair's code", "shown.pair"),
)
KIND = Column(
    "kind", "text", "main (a real and a synthetic image), control (two of one origin) or practice", "shown.kind"
)
REPEAT = Column("repeat", "integer", "0 = first showing, 1 or more = hidden repeats", "shown.repeat")
SUBMITTED_AT = Column("submitted_at", "time", "when the current answer came in, UTC", "shown.submitted_at")
SECONDS = Column("seconds", "number", "time on the pair, pauses taken out", "shown.seconds")
SIMULATED = Column("simulated", "text", "always true: a program made these ratings, no person", "'true'")


def of_image(sql: Callable[[str], str]) -> tuple[Column, ...]:
    """What is told of the one image a row is about; sql gives its code, origin, generator and body_part."""
    return (
        Column("image", "text", "the image's code in this study; key.csv says which image it is", sql("code")),
        Column("origin", "text", "real or synthetic", sql("origin")),
        Column("generator", "text", "who made the image; empty exactly when it is real", sql("generator")),
        Column("body_part", "text", "region shown", sql("body_part")),
    )


# What is told of the two images of a row of `shown`, and where it comes from.
SIDES = (
    Column("left_image", "text", "code of the image on the left", "left_image.code"),
    Column("right_image", "text", "code of the image on the right", "right_image.code"),
    Column("left_origin", "text", "real or synthetic", "left_image.origin"),
    Column("right_origin", "text", "real or synthetic", "right_image.origin"),
    Column("left_generator", "text", "who made the left image; empty when it is real", "left_image.generator"),
    Column("right_generator", "text", "who made the right image; empty when it is real", "right_image.generator"),
    Column("body_part", "text", "region shown", "shown.body_part"),
)
BOTH_IMAGES = """FROM shown
        JOIN image left_image ON left_image.id = shown.left_id
        JOIN image right_image ON right_image.id = shown.right_id"""


def of_side(column: str) -> str:
    """SQL of a fact about the image on the side of `score`, over a row of `shown` with both images' facts."""
    return f"CASE score.side WHEN 'left' THEN shown.left_{column} ELSE shown.right_{column} END"


def scored(kind: str) -> str:
    """SQL of the scores of one kind of criterion, one row an image, by place; `shown` has both images' facts.

    Ratings are put in order, and each one's few scores as they are fetched: sorting all finished rows would double the
    time. No join may follow, or the order would be the planner's. The criteria are an array, looked up once: IN would
    join them again for each rating.
    """
    return f"""FROM (
            SELECT shown.*,
                   left_image.code AS left_code, left_image.origin AS left_origin,
                   left_image.generator AS left_generator, left_image.body_part AS left_body_part,
                   left_image.view_position AS left_view_position,
                   right_image.code AS right_code, right_image.origin AS right_origin,
                   right_image.generator AS right_generator, right_image.body_part AS right_body_part,
                   right_image.view_position AS right_view_position
            {BOTH_IMAGES}
            ORDER BY place
        ) shown
        CROSS JOIN LATERAL (
            SELECT * FROM reading_score
            WHERE reading_score.rating_id = shown.rating_id AND reading_score.side <> ''
                AND reading_score.criterion_id = ANY (ARRAY(SELECT id FROM criterion WHERE kind = '{kind}'))
            ORDER BY reading_score.side, reading_score.criterion_id
        ) score"""  # noqa: S608


CRITERION = Column(
    "criterion",
    "text",
    "the criterion's key in the rubric",
    "(SELECT key FROM criterion WHERE criterion.id = score.criterion_id)",
)
STATUS = Column(
    "status",
    "text",
    "scored or not_assessable",
    "CASE WHEN score.value IS NULL THEN 'not_assessable' ELSE 'scored' END",
)
REASON = Column("reason", "text", "why the image could not be assessed, in the reader's words", guarded("score.reason"))


def side(row: str) -> Column:
    """Where that image stood."""
    return Column("side", "text", "left or right, where the image stood", f"{row}.side")


@dataclass(frozen=True)
class Export:
    """A file: what a row is, its columns, and the SELECT behind them over the tables above."""

    row: str
    columns: tuple[Column, ...]
    source: str  # FROM and ORDER BY
    needs_reason: bool = field(default=False)  # it links codes to images: only with a reason, which is recorded

    def query(self, study: Study) -> str:
        """The whole SELECT for one study, one snapshot; a simulated study's rows say so in a last column."""
        columns = [*self.columns, SIMULATED] if study.simulated else self.columns
        listed = ", ".join(f"{column.sql} AS {column.name}" for column in columns)
        tables = _TABLES.format(study=study.pk)
        return f"WITH {tables} SELECT {listed} {self.source}"


def names() -> tuple[str, ...]:
    """The files a study can be exported as, without `.csv`."""
    return registry.names(__name__)


def find(name: str) -> Export:
    """One export. Raises KeyError for another name."""
    return cast(Export, registry.load(__name__, name, "EXPORT"))
