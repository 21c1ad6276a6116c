"""attempts.csv: every paid call for the study's synthetic collections, refusals too."""

from radiorate.results.exports import BATCHES, STUDY, Column, Export, guarded, utc

EXPORT = Export(
    row="one paid call",
    columns=(
        STUDY,
        Column("batch", "integer", "the batch's number, as in jobs.csv", "batch.id"),
        Column("job", "integer", "the order's place in the batch, as in jobs.csv", "job.number"),
        Column("attempt", "integer", "1 or more, in its order", "attempt.number"),
        Column("generator", "text", "who was asked", guarded("generator.name")),
        Column(
            "outcome",
            "text",
            "begun, delivered, refused, rejected, throttled, unavailable or lost",
            "attempt.outcome",
        ),
        Column("refusal_stage", "text", "input or output, of a refusal", guarded("attempt.refusal_stage")),
        Column("code", "text", "the provider's code of a refusal or an error", guarded("attempt.code")),
        Column("message", "text", "the provider's words", guarded("attempt.message")),
        Column("request_id", "text", "the provider's id of the call", guarded("attempt.provider_request_id")),
        Column("reserved_usd", "number", "set aside before the call, in US dollars", "attempt.reserved_usd"),
        Column("actual_usd", "number", "what it cost; empty where nobody knows", "attempt.actual_usd"),
        Column("begun_at", "time", "UTC", utc("attempt.begun_at")),
        Column("ended_at", "time", "UTC", utc("attempt.ended_at")),
    ),
    source=f"{BATCHES} JOIN generation_attempt attempt ON attempt.job_id = job.id "
    "ORDER BY batch.id, job.number, attempt.number",
)
