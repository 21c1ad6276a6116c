"""jobs.csv: every order for the study's synthetic collections, whatever became of it."""

from radiorate.results.exports import BATCHES, STUDY, Column, Export, guarded, utc

EXPORT = Export(
    row="one order of one image, delivered or not",
    columns=(
        STUDY,
        Column("batch", "integer", "the batch's number on this installation", "batch.id"),
        Column("job", "integer", "1 or more, the place in the batch", "job.number"),
        Column("protocol", "text", "the experiment; empty for a free prompt", guarded("batch.protocol")),
        Column("collection", "text", "where its image was to go", guarded("collection.name")),
        Column("generator", "text", "who was asked", guarded("generator.name")),
        Column("provider", "text", "the generator's provider", guarded("generator.provider")),
        Column("model", "text", "the model that was asked for", guarded("generator.model")),
        Column("mode", "text", "text_to_image, inpainting, outpainting or variation", "job.mode"),
        Column("prompt", "text", "word for word", guarded("job.prompt")),
        Column("prompt_source", "text", "stated in a publication, assumed, or free", guarded("job.prompt_source")),
        Column("body_part", "text", "region asked for", guarded("job.body_part")),
        Column("view_position", "text", "AP, PA, LL, RL or empty", "nullif(job.view_position, '')"),
        Column("pathology", "text", "finding asked for; empty for none", guarded("job.pathology")),
        Column("seed", "integer", "as ordered", "job.seed"),
        Column("width", "integer", "pixels ordered", "job.width"),
        Column("height", "integer", "pixels ordered", "job.height"),
        Column("state", "text", "queued, running, succeeded, refused, failed, cancelled or unknown", "job.state"),
        Column("state_reason", "text", "why, where there is a reason", guarded("job.state_reason")),
        Column(
            "attempts", "integer", "paid calls begun", "(SELECT count(*) FROM generation_attempt WHERE job_id = job.id)"
        ),
        Column("finished_at", "time", "when it was settled, UTC", utc("job.finished_at")),
        Column(
            "image",
            "text",
            "code of its image where that stands in a pair of the study",
            "image.code",
        ),
    ),
    source=f"{BATCHES} LEFT JOIN image ON image.job_id = job.id ORDER BY batch.id, job.number",
)
