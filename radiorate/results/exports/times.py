"""times.csv: when each answer was begun, given and stored, by the page's clock and by the server's."""

from radiorate.results.exports import REPEAT, SHOWING, Column, Export, utc


def _told(name: str, meaning: str) -> Column:
    """A time the page told; empty where it told none."""
    column = name.removeprefix("t_").removesuffix("_ms") + "_ms"
    return Column(column, "number", meaning, f"(event.client_times ->> '{name}')::numeric")


EXPORT = Export(
    row="one stored answer; of those to one presentation the last version counts",
    columns=(
        *SHOWING,
        REPEAT,
        Column("version", "integer", "1, and one more each time the answer was changed", "event.version"),
        Column("sent_at", "time", "when the server sent the pair, UTC", utc("presentation.shown_at")),
        Column("received_at", "time", "when the server stored the answer, UTC", utc("event.received_at")),
        _told("t_shown", "milliseconds of the page's clock when both images were drawn"),
        _told("t_first_input", "of the same clock, when the first answer was chosen"),
        _told("t_submit", "of the same clock, when the answer was sent"),
        _told("hidden_ms", "milliseconds in which the pair could not be seen: paused, or another tab in front"),
        _told("idle_ms", "milliseconds of gaps over 30 s in which nothing was touched; part of the time on the pair"),
    ),
    source="""FROM shown
        JOIN reading_rating rating ON rating.id = shown.rating_id
        JOIN reading_presentation presentation ON presentation.assignment_id = rating.assignment_id
        JOIN reading_ratingevent event ON event.presentation_id = presentation.id
        ORDER BY shown.place, event.version""",
)
