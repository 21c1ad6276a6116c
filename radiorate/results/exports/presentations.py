"""presentations.csv: every showing, answered or not, and its times."""

from radiorate.results.exports import READER, STUDY, Column, Export, guarded, utc

EXPORT = Export(
    row="one showing of a planned pair; a pair that was opened twice, or answered anew, has several",
    columns=(
        STUDY,
        READER,
        Column("session", "integer", "1 or more", "assignment.session"),
        Column("position", "integer", "1 or more, the place in the session", "assignment.position"),
        Column("pair", "text", "the pair's code", guarded("pair.code")),
        Column("kind", "text", "main, control or practice", "pair.kind"),
        Column("is_repeat", "text", "true for a hidden repeat", "(assignment.repeat_of_id IS NOT NULL)::text"),
        Column(
            "first_side",
            "text",
            "where the pair's first image stood; in a main pair the real one",
            "assignment.first_side",
        ),
        Column("presentation", "text", "the showing's id, a UUID", "presentation.id"),
        Column("shown_at", "time", "when the page went out, UTC", utc("presentation.shown_at")),
        Column("answered_at", "time", "when an answer came in, UTC; empty where none did", utc("event.received_at")),
        Column("version", "integer", "of the rating that this answer made, 1 or more", "event.version"),
        Column(
            "client_times",
            "text",
            "the browser's own times as JSON, in milliseconds; times.csv has them in columns",
            "nullif((event.client_times - 'views')::text, '{}')",
        ),
    ),
    source="""FROM study
        JOIN studies_reader reader ON reader.study_id = study.id
        JOIN studies_assignment assignment ON assignment.reader_id = reader.id
        JOIN studies_pair pair ON pair.id = assignment.pair_id
        JOIN reading_presentation presentation ON presentation.assignment_id = assignment.id
        LEFT JOIN reading_ratingevent event ON event.presentation_id = presentation.id
        ORDER BY reader.number, assignment.session, assignment.position, presentation.shown_at, presentation.id""",
)
