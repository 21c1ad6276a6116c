"""key.csv: which image a code stands for. It unblinds the other files, so it wants a reason."""

from radiorate.results.exports import STUDY, Column, Export, guarded

EXPORT = Export(
    row="one image of one pair",
    columns=(
        STUDY,
        Column("pair", "text", "the pair's code", guarded("listed.code")),
        Column("image", "text", "the image's code in this study", "image.code"),
        Column("image_id", "text", "the image's own id, a UUID, as in addresses of the library", "image.id"),
        Column("origin", "text", "real or synthetic", "image.origin"),
    ),
    source="""FROM study JOIN (
            SELECT study_id, code, first_id AS image_id FROM studies_pair
            UNION ALL SELECT study_id, code, second_id FROM studies_pair
        ) listed ON listed.study_id = study.id
        JOIN image ON image.id = listed.image_id
        ORDER BY listed.code, image.code""",
    needs_reason=True,
)
