"""marks.csv: the defects readers pinned."""

from radiorate.results.exports import Column, Export, guarded

EXPORT = Export(
    row="one pin",
    columns=(
        Column("study", "text", "the study's name in addresses", "shown.study"),
        Column("reader", "text", "the reader's code", "shown.reader"),
        Column("session", "integer", "1 or more", "shown.session"),
        Column("pair", "text", "the pair's code", "shown.pair"),
        Column("repeat", "integer", "0 = first showing, 1 or more = hidden repeats", "shown.repeat"),
        Column("image", "text", "the image's code in this study", "image.code"),
        Column("origin", "text", "real or synthetic", "image.origin"),
        Column("generator", "text", "who made the image; empty exactly when it is real", "image.generator"),
        Column("body_part", "text", "region shown", "image.body_part"),
        Column("side", "text", "left or right, where the image stood", "mark.side"),
        Column("tag", "text", "the kind of defect", guarded("mark.tag")),
        Column("x", "number", "0 (left edge) to 1 of the image as shown", "mark.x"),
        Column("y", "number", "0 (top edge) to 1 of the image as shown", "mark.y"),
        Column("kind", "text", "main, control or practice", "shown.kind"),
    ),
    source="""FROM shown
        JOIN reading_mark mark ON mark.rating_id = shown.rating_id
        JOIN image ON image.id = CASE mark.side WHEN 'left' THEN shown.left_id ELSE shown.right_id END
        ORDER BY shown.place, mark.id""",
)
