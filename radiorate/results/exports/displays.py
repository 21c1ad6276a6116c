"""displays.csv: what readers could tell apart on which screen, checked before their sessions."""

from radiorate.results.exports import READER, STUDY, Column, Export, utc

EXPORT = Export(
    row="one display check",
    columns=(
        STUDY,
        READER,
        Column("session", "integer", "the session it came before, 1 or more", "display.session"),
        Column("dark_seen", "text", "true where 5 % was seen on black", "display.dark_seen::text"),
        Column("bright_seen", "text", "true where 95 % was seen on white", "display.bright_seen::text"),
        Column(
            "window_width", "integer", "CSS pixels; empty where the page ran without scripts", "display.window_width"
        ),
        Column("window_height", "integer", "likewise", "display.window_height"),
        Column("screen_width", "integer", "likewise", "display.screen_width"),
        Column("screen_height", "integer", "likewise", "display.screen_height"),
        Column("pixel_ratio", "number", "device pixels to a CSS pixel", "display.pixel_ratio"),
        Column("checked_at", "time", "when, UTC", utc("display.checked_at")),
    ),
    source="""FROM study
        JOIN studies_reader reader ON reader.study_id = study.id
        JOIN reading_displaycheck display ON display.reader_id = reader.id
        ORDER BY reader.number, display.id""",
)
