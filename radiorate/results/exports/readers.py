"""readers.csv: who read, as far as a code may say it."""

from radiorate.results.exports import READER, STUDY, Column, Export, guarded, utc

EXPORT = Export(
    row="one reader",
    columns=(
        STUDY,
        READER,
        Column("years", "integer", "of experience", "reader.years"),
        Column("subspecialty", "text", "as the reader, or who enrolled her, put it", guarded("reader.subspecialty")),
        Column(
            "ai_exposure",
            "text",
            "images made by AI: none (knowingly looked at), some, often (looked at, or judged in a study), maker"
            " (worked on making or detecting them); empty where it was not asked",
            "nullif(reader.ai_exposure, '')",
        ),
        Column("profiled_at", "time", "when the reader said so herself, UTC; empty: never", utc("reader.profiled_at")),
        Column("removed_at", "time", "when she was taken out of the study, UTC", utc("reader.removed_at")),
    ),
    source="""FROM study
        JOIN studies_reader reader ON reader.study_id = study.id
        ORDER BY reader.number""",
)
