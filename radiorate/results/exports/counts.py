"""counts.csv: how many of something readers saw, where the rubric says how many there should be."""

from radiorate.results.exports import (
    CRITERION,
    KIND,
    REASON,
    REPEAT,
    SHOWING,
    STATUS,
    SUBMITTED_AT,
    Column,
    Export,
    of_image,
    of_side,
    scored,
    side,
)

EXPORT = Export(
    row="one presentation, image and count that the rubric asks for",
    columns=(
        *SHOWING,
        KIND,
        REPEAT,
        *of_image(of_side),
        side("score"),
        CRITERION,
        Column("seen", "integer", "the number seen; empty unless status is scored", "score.value"),
        Column(
            "expected",
            "integer",
            "the number that this region has",
            "(SELECT (expected ->> shown.body_part)::int FROM criterion WHERE criterion.id = score.criterion_id)",
        ),
        STATUS,
        REASON,
        SUBMITTED_AT,
    ),
    source=scored("count"),
)
