"""ratings.csv: the scores."""

from radiorate.results.exports import Column, Export, guarded

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
        Column("image", "text", "the image's code in this study; key.csv says which image it is", "image.code"),
        Column("origin", "text", "real or synthetic", "image.origin"),
        Column("generator", "text", "who made the image; empty exactly when it is real", "image.generator"),
        Column("body_part", "text", "region shown", "image.body_part"),
        Column("view_position", "text", "AP, PA, LL, RL or empty", "image.view_position"),
        Column("side", "text", "left or right, where the image stood", "score.side"),
        Column("criterion", "text", "the criterion's key in the rubric", "criterion.key"),
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
    # Each rating's few scores are sorted as they are fetched: sorting all finished rows would double the time.
    source="""FROM (SELECT * FROM shown ORDER BY place) shown
        CROSS JOIN LATERAL (
            SELECT * FROM reading_score
            WHERE reading_score.rating_id = shown.rating_id
            ORDER BY reading_score.side, reading_score.criterion_id
        ) score
        JOIN criterion ON criterion.id = score.criterion_id
        JOIN image ON image.id = CASE score.side WHEN 'left' THEN shown.left_id WHEN 'right' THEN shown.right_id END""",
)
