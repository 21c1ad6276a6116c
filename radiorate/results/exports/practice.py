"""practice.csv: how near readers came to the expected scores before they went on."""

from radiorate.results.exports import READER, STUDY, Column, Export, utc

EXPORT = Export(
    row="one attempt at the practice of a study that asks for agreement",
    columns=(
        STUDY,
        READER,
        Column("attempt", "integer", "1 or more", "attempt.number"),
        Column("met", "integer", "scores within one level of the expected ones", "attempt.met"),
        Column("expected", "integer", "expected scores", "attempt.expected"),
        Column("needed", "number", "the share of them that the study asks for", "design.practice_agreement"),
        Column(
            "enough",
            "text",
            "true where that share was met",
            "(attempt.met >= design.practice_agreement * attempt.expected)::text",
        ),
        Column("let_pass_at", "time", "when an admin let the reader go on without it, UTC", utc("pass.passed_at")),
        Column("ended_at", "time", "when, UTC", utc("attempt.ended_at")),
    ),
    source="""FROM study
        JOIN studies_study design ON design.id = study.id
        JOIN studies_reader reader ON reader.study_id = study.id
        JOIN reading_practiceattempt attempt ON attempt.reader_id = reader.id
        LEFT JOIN reading_practicepass pass ON pass.reader_id = reader.id
        ORDER BY reader.number, attempt.number""",
)
