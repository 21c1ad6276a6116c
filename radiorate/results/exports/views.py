"""views.csv: what readers did to see the images."""

from radiorate.results.exports import REPEAT, SHOWING, Column, Export, of_image, side

EXPORT = Export(
    row="one change of how an image was seen; changes of one kind within a second are one row",
    columns=(
        *SHOWING,
        REPEAT,
        *of_image("image.{}".format),
        side("told"),
        Column("milliseconds", "integer", "since both images were drawn", "told.milliseconds"),
        Column("act", "text", "zoom, pan, window, invert or magnify", "told.act"),
        Column(
            "value",
            "number",
            "what it came to: zoom (1 fits), point in the middle (0 left edge to 1), window width, 1 on or 0 off",
            "told.value",
        ),
        Column(
            "second_value", "number", "of a pan 0 (top edge) to 1, of a window its level; else empty", "told.second"
        ),
    ),
    source="""FROM shown
        JOIN reading_rating rating ON rating.id = shown.rating_id
        JOIN reading_ratingevent event ON event.id = rating.event_id
        CROSS JOIN LATERAL (
            SELECT (view ->> 0)::bigint AS milliseconds, view ->> 1 AS side, view ->> 2 AS act,
                   (view ->> 3)::numeric AS value, (view ->> 4)::numeric AS second, place
            FROM jsonb_array_elements(event.client_times -> 'views') WITH ORDINALITY AS listed(view, place)
        ) told
        JOIN image ON image.id = CASE told.side WHEN 'left' THEN shown.left_id ELSE shown.right_id END
        ORDER BY shown.place, told.place""",
)
