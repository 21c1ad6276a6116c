"""ratings.csv: the scores."""

from radiorate.results.exports import (
    KIND,
    REPEAT,
    SECONDS,
    SHOWING,
    SUBMITTED_AT,
    Column,
    Export,
    guarded,
    of_image,
    side,
)


def of_side(column: str) -> str:
    """SQL of a fact about the image on the score's side."""
    return f"CASE score.side WHEN 'left' THEN shown.left_{column} ELSE shown.right_{column} END"


EXPORT = Export(
    row="one presentation, image and criterion; a criterion that does not apply has no row",
    columns=(
        *SHOWING,
        KIND,
        REPEAT,
        *of_image(of_side),
        Column("view_position", "text", "AP, PA, LL, RL or empty", of_side("view_position")),
        side("score"),
        Column(
            "criterion",
            "text",
            "the criterion's key in the rubric",
            "(SELECT key FROM criterion WHERE criterion.id = score.criterion_id)",
        ),
        Column("value", "integer", "the score, higher is better; empty unless status is scored", "score.value"),
        Column(
            "status",
            "text",
            "scored or not_assessable",
            "CASE WHEN score.value IS NULL THEN 'not_assessable' ELSE 'scored' END",
        ),
        Column("reason", "text", "why the image could not be assessed, in the reader's words", guarded("score.reason")),
        SUBMITTED_AT,
        SECONDS,
    ),
    # Ratings are put in order, and each one's few scores as they are fetched: sorting all finished rows would double
    # the time. No join may follow, or the order would be the planner's.
    source="""FROM (
            SELECT shown.*,
                   left_image.code AS left_code, left_image.origin AS left_origin,
                   left_image.generator AS left_generator, left_image.body_part AS left_body_part,
                   left_image.view_position AS left_view_position,
                   right_image.code AS right_code, right_image.origin AS right_origin,
                   right_image.generator AS right_generator, right_image.body_part AS right_body_part,
                   right_image.view_position AS right_view_position
            FROM shown
            JOIN image left_image ON left_image.id = shown.left_id
            JOIN image right_image ON right_image.id = shown.right_id
            ORDER BY place
        ) shown
        CROSS JOIN LATERAL (
            SELECT * FROM reading_score
            WHERE reading_score.rating_id = shown.rating_id AND reading_score.side <> ''
            ORDER BY reading_score.side, reading_score.criterion_id
        ) score""",
)
