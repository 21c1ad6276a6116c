"""withdrawn.csv: the pairs taken out while the study was open, with all that was rated of them."""

from radiorate.results.exports import READER, STUDY, Column, Export, guarded, utc

EXPORT = Export(
    row="one rating of a pair withdrawn after opening, or the pair alone if nobody rated it; no other file has it",
    columns=(
        STUDY,
        Column("pair", "text", "the pair's code", guarded("pair.code")),
        Column("kind", "text", "main, control or practice", "pair.kind"),
        Column("reason", "text", "why it was withdrawn", guarded("withdrawal.reason")),
        Column("withdrawn_at", "time", "when, UTC", utc("withdrawal.withdrawn_at")),
        READER,
        Column("session", "integer", "1 or more", "assignment.session"),
        Column("first_side", "text", "where the pair's first image stood; in a main pair the real one", "rated.side"),
        Column("submitted_at", "time", "when the current answer came in, UTC", utc("rated.submitted_at")),
        Column("answers", "text", "all of it as JSON, as it was sent", "rated.answers"),
    ),
    source="""FROM study
        JOIN studies_pair pair ON pair.study_id = study.id
        JOIN studies_pairwithdrawal withdrawal ON withdrawal.pair_id = pair.id
        LEFT JOIN (
            SELECT assignment.id, assignment.pair_id, assignment.reader_id, assignment.first_side AS side,
                   rating.submitted_at, event.answers::text AS answers
            FROM studies_assignment assignment
            JOIN reading_rating rating ON rating.assignment_id = assignment.id
            JOIN reading_ratingevent event ON event.id = rating.event_id
        ) rated ON rated.pair_id = pair.id
        LEFT JOIN studies_assignment assignment ON assignment.id = rated.id
        LEFT JOIN studies_reader reader ON reader.id = rated.reader_id
        ORDER BY pair.code, reader.number, assignment.session, assignment.position""",
)
