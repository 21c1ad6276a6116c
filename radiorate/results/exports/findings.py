"""findings.csv: what readers saw on each image before its finding was told, in studies that ask it first."""

from radiorate.results.exports import KIND, REPEAT, SHOWING, Column, Export, guarded, of_image, side, utc

EXPORT = Export(
    row="one image of a rated presentation, in studies that ask first what is seen",
    columns=(
        *SHOWING,
        KIND,
        REPEAT,
        *of_image("image.{}".format),
        side("finding"),
        Column(
            "seen", "text", "the finding seen, in the reader's words or of the study's list", guarded("finding.words")
        ),
        Column(
            "pathology", "text", "what the image is meant to show, as its source states it", guarded("own.pathology")
        ),
        Column("answered_at", "time", "when, UTC", utc("finding.answered_at")),
    ),
    source="""FROM shown
        JOIN reading_rating rating ON rating.id = shown.rating_id
        JOIN reading_finding finding ON finding.assignment_id = rating.assignment_id
        JOIN image ON image.id = CASE finding.side WHEN 'left' THEN shown.left_id ELSE shown.right_id END
        JOIN images_image own ON own.id = image.id
        ORDER BY shown.place, finding.side""",
)
