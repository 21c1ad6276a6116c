"""choices.csv: which image was believed real, and how surely."""

from radiorate.results.exports import BOTH_IMAGES, KIND, REPEAT, SECONDS, SHOWING, SIDES, SUBMITTED_AT, Column, Export

EXPORT = Export(
    row="one presentation",
    columns=(
        *SHOWING,
        KIND,
        REPEAT,
        *SIDES,
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
    source=f"""{BOTH_IMAGES}
        ORDER BY shown.place""",
)
