"""marks.csv: the defects readers pinned."""

from radiorate.results.exports import KIND, REPEAT, SHOWING, Column, Export, guarded, of_image, side

EXPORT = Export(
    row="one pin",
    columns=(
        *SHOWING,
        REPEAT,
        *of_image("image.{}".format),
        side("mark"),
        Column("tag", "text", "the kind of defect", guarded("mark.tag")),
        Column("x", "number", "0 (left edge) to 1 of the image as shown", "mark.x"),
        Column("y", "number", "0 (top edge) to 1 of the image as shown", "mark.y"),
        Column("width", "number", "of a box whose upper left corner is x, y; empty for a point", "mark.width"),
        Column("height", "number", "of that box; empty for a point", "mark.height"),
        KIND,
    ),
    source="""FROM shown
        JOIN reading_mark mark ON mark.rating_id = shown.rating_id
        JOIN image ON image.id = CASE mark.side WHEN 'left' THEN shown.left_id ELSE shown.right_id END
        ORDER BY shown.place, mark.id""",
)
