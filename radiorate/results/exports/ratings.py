"""ratings.csv: the scores."""

from radiorate.results.exports import Column, Export, guarded


def of_side(column: str) -> str:
    """SQL of a fact about the image on the score's side."""
    return f"CASE score.side WHEN 'left' THEN shown.left_{column} ELSE shown.right_{column} END"


EXPORT = Export(
    row="one presentation, image and criterion; a criterion that does not apply has no row",
    columns=(
        Column("study", "text", "the study's name in addresses", "shown.study"),
        Column("reader", "text", "the reader's code", "shown.reader"),
        Column("session", "integer", "1 or more", "shown.session"),
        Column("pair", "text", "the pair's code", "shown.pair"),
        Column(
            "kind", "text", "main (a real and a synthetic image), control (two of one origin) or practice", "shown.kind"
        ),
        Column("repeat", "integer", "0 = first showing, 1 or more = hidden repeats", "shown.repeat"),
        Column("image", "text", "the image's code in this study; key.csv says which image it is", of_side("code")),
        Column("origin", "text", "real or synthetic", of_side("origin")),
        Column("generator", "text", "who made the image; empty exactly when it is real", of_side("generator")),
        Column("body_part", "text", "region shown", of_side("body_part")),
        Column("view_position", "text", "AP, PA, LL, RL or empty", of_side("view_position")),
        Column("side", "text", "left or right, where the image stood", "score.side"),
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
        Column("submitted_at", "time", "when the current answer came in, UTC", "shown.submitted_at"),
        Column("seconds", "number", "time on the pair, pauses taken out", "shown.seconds"),
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
