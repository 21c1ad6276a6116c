"""ratings.csv: the scores on scales."""

from radiorate.results.exports import (
    CRITERION,
    KIND,
    REASON,
    REPEAT,
    SECONDS,
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
    row="one presentation, image and criterion; a criterion that does not apply has no row",
    columns=(
        *SHOWING,
        KIND,
        REPEAT,
        *of_image(of_side),
        Column("view_position", "text", "AP, PA, LL, RL or empty", of_side("view_position")),
        side("score"),
        CRITERION,
        Column("value", "integer", "the score, higher is better; empty unless status is scored", "score.value"),
        STATUS,
        REASON,
        SUBMITTED_AT,
        SECONDS,
    ),
    source=scored("scale"),
)
