"""Time on a pair, by reader."""

from radiorate.results.figures import interval
from radiorate.results.plots import Json, Plot, Source, Table

HEADING = "Time on a pair"


def plot(source: Source) -> Plot | None:
    """Median and quartiles of each reader; it says nothing of what was real."""
    found = source.found.get("time")
    if not found or not found["all"]["n"]:
        return None
    rows = [_row(code, each) for code, each in found["by_reader"].items()]
    rows.append(_row("All", found["all"], is_total=True))
    lines = [
        [row.label, each["n"], each["lower_quartile"], each["median"], each["upper_quartile"]]
        for row, each in zip(rows, [*found["by_reader"].values(), found["all"]], strict=True)
    ]
    longest = max(row.high or 0.0 for row in rows)
    figure = interval.draw(
        rows,
        title=HEADING,
        description="; ".join(f"{row.label} {row.text}" for row in rows),
        reference=found["all"]["median"],
        bounds=(0.0, max(1.0, 1.25 * longest)),
        tick=lambda value: f"{value:.0f} s",
    )
    caption = "Median and quartiles of the seconds, pauses taken out; dashed line = median of all readings."
    table = Table(["Reader", "Readings", "Lower quartile, s", "Median, s", "Upper quartile, s"], lines)
    return Plot(HEADING, caption, "interval", figure, table)


def _row(label: str, found: Json, is_total: bool = False) -> interval.Row:
    low, middle, high = (found[key] for key in ("lower_quartile", "median", "upper_quartile"))
    text = f"{middle:.0f} s [{low:.0f}, {high:.0f}], n = {found['n']}"
    return interval.Row(label, middle, low, high, text, is_total)
