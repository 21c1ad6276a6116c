"""choices.csv: which image was believed real, and how surely."""

from radiorate.results.exports import KIND, REPEAT, SECONDS, SHOWING, SUBMITTED_AT, Column, Export

EXPORT = Export(
    row="one presentation",
    columns=(
        *SHOWING,
        KIND,
        REPEAT,
        Column("left_image", "text", "code of the image on the left", "left_image.code"),
        Column("right_image", "text", "code of the image on the right", "right_image.code"),
        Column("left_origin", "text", "real or synthetic", "left_image.origin"),
        Column("right_origin", "text", "real or synthetic", "right_image.origin"),
        Column("left_generator", "text", "who made the left image; empty when it is real", "left_image.generator"),
        Column("right_generator", "text", "who made the right image; empty when it is real", "right_image.generator"),
        Column("body_part", "text", "region shown", "shown.body_part"),
        Column("believed_real", "text", "left, right, both or neither", "shown.believed_real"),
        Column("confidence", "integer", "1 (guessing) to 5 (certain)", "shown.confidence"),
        SUBMITTED_AT,
        SECONDS,
        Column(
            "exposed_ms",
            "integer",
            "how long the images could be seen where the study limits it, by the page's clock; empty where it does not",
            "(SELECT round((event.client_times ->> 'exposed_ms')::numeric) FROM reading_ratingevent event"
            " JOIN reading_rating rating ON rating.event_id = event.id WHERE rating.id = shown.rating_id)",
        ),
        Column("comment", "text", "the reader's words", "shown.comment"),
        Column(
            "pair_scores",
            "text",
            'scales asked once a pair, as JSON {"key": value}; empty where the rubric has none',
            "(SELECT jsonb_object_agg(criterion.key, score.value)::text FROM reading_score score"
            " JOIN criterion ON criterion.id = score.criterion_id AND criterion.kind = 'scale'"
            " WHERE score.rating_id = shown.rating_id AND score.side = '')",
        ),
    ),
    source="""FROM shown
        JOIN image left_image ON left_image.id = shown.left_id
        JOIN image right_image ON right_image.id = shown.right_id
        ORDER BY shown.place""",
)
