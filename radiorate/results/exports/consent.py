"""consent.csv: who agreed to the study's text, and when."""

from radiorate.results.exports import READER, STUDY, Column, Export, utc

EXPORT = Export(
    row="one reader who agreed",
    columns=(
        STUDY,
        READER,
        Column(
            "text_sha256", "text", "SHA-256 of the text agreed to; the protocol has the text", "consent.text_sha256"
        ),
        Column("agreed_at", "time", "when, UTC", utc("consent.agreed_at")),
    ),
    source="""FROM study
        JOIN studies_reader reader ON reader.study_id = study.id
        JOIN reading_consent consent ON consent.reader_id = reader.id
        ORDER BY reader.number""",
)
