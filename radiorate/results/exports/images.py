"""images.csv: what was shown and how it came to be."""

from radiorate.results.exports import STUDY, Column, Export, guarded

EXPORT = Export(
    row="one image of the study's pairs",
    columns=(
        STUDY,
        Column("image", "text", "the image's code in this study, as in ratings.csv", "image.code"),
        Column("origin", "text", "real or synthetic", "image.origin"),
        Column("modality", "text", "DICOM modality: CR, DX, ...", guarded("facts.modality")),
        Column("body_part", "text", "region shown", "image.body_part"),
        Column("view_position", "text", "AP, PA, LL, RL or empty", "image.view_position"),
        Column("laterality", "text", "L, R, B, U or empty", "nullif(facts.laterality, '')"),
        Column("patient_sex", "text", "F, M, O or empty", "nullif(facts.patient_sex, '')"),
        Column("pathology", "text", "as the source states it", guarded("facts.pathology")),
        Column("width", "integer", "pixels of the original", "facts.width"),
        Column("height", "integer", "pixels of the original", "facts.height"),
        Column("state", "text", "available, held or withdrawn", "facts.state"),
        Column("state_reason", "text", "why it is held or was withdrawn", guarded("facts.state_reason")),
        Column("sha256", "text", "SHA-256 of the original file", "facts.sha256"),
        Column("collection", "text", "the collection it stands in", guarded("collection.name")),
        Column("source", "text", "where the collection comes from", guarded("collection.source")),
        Column(
            "licence",
            "text",
            "under which the image may be used",
            guarded("coalesce(nullif(facts.licence, ''), collection.licence)"),
        ),
        Column("attribution", "text", "whom to name", guarded("facts.attribution")),
        Column("generator", "text", "who made the image; empty exactly when it is real", "image.generator"),
        Column(
            "provider",
            "text",
            "the generator's provider; empty for images from elsewhere",
            guarded("generator.provider"),
        ),
        Column("model", "text", "the model that was asked for", guarded("generator.model")),
        Column("mode", "text", "text_to_image, inpainting, outpainting or variation", "job.mode"),
        Column("prompt", "text", "word for word", guarded("job.prompt")),
        Column("seed", "integer", "as ordered", "job.seed"),
        Column("attempts", "integer", "paid calls begun for this image", "attempt.number"),
        Column("cost_usd", "number", "of the call that gave it, in US dollars", "attempt.actual_usd"),
    ),
    source="""FROM study CROSS JOIN image
        JOIN images_image facts ON facts.id = image.id
        JOIN images_collection collection ON collection.id = facts.collection_id
        LEFT JOIN generation_attempt attempt ON attempt.id = image.attempt_id
        LEFT JOIN generation_job job ON job.id = image.job_id
        LEFT JOIN generation_generator generator ON generator.id = image.generator_id
        ORDER BY image.code""",
)
