"""closing.csv: what readers suspected, asked after their last pair."""

from radiorate.results.exports import READER, STUDY, Column, Export, guarded, utc

EXPORT = Export(
    row="one answer to a closing question",
    columns=(
        STUDY,
        READER,
        Column(
            "question",
            "text",
            "noticed (asked before the others), share (of synthetic images, in percent), clues, beyond (cues outside"
            " the pictures: any is a breach of blinding) or aids (anything used but the eyes)",
            "closing.question",
        ),
        Column("answer", "text", "the reader's words or number", guarded("closing.answer")),
        Column("answered_at", "time", "when, UTC", utc("closing.answered_at")),
    ),
    source="""FROM study
        JOIN studies_reader reader ON reader.study_id = study.id
        JOIN reading_closinganswer closing ON closing.reader_id = reader.id
        ORDER BY reader.number, closing.id""",
)
