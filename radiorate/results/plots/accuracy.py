"""Share of real images named, by reader and for all, against chance."""

from radiorate.results import wording
from radiorate.results.figures import interval
from radiorate.results.plots import Plot, Source, Table, limits

HEAD = [
    "Reader",
    "Share correct",
    "95 % from",
    "to",
    "Trials",
    "AUC of the confidence",
    "AUC from",
    "AUC to",
    "d′",
    "Interval",
]


def plot(source: Source) -> Plot | None:
    """The shares with their intervals; the line is guessing."""
    found = source.found.get("discrimination")
    if not found or not found["trials"]:
        return None
    rows, lines = [], []
    for code, reader in found["by_reader"].items():
        shown = reader["trials"] >= wording.FEWEST_PAIRS
        rows.append(interval.Row(code, *limits(reader, shown), wording.share(reader, reader["trials"])))
        area = limits(reader["auc"], shown)
        lines.append([code, *limits(reader, shown), reader["trials"], *area, reader["d_prime"], "Wilson"])
    total, left = found["accuracy"], found["share_left"]
    enough = total["pairs"] >= wording.FEWEST_PAIRS
    text = wording.share(total, total["pairs"])
    rows.append(interval.Row("All", *limits(total, enough), text, is_total=True))
    how = f"{total['random']} random, {total['method']}" if total["method"] else ""
    lines.append(["All", *limits(total, enough), found["trials"], *limits(found["auc"], enough), None, how])
    caption = (
        "Share correct by reader, 95 % interval; dashed line = guessing. "
        f"All: {wording.generality(total['readers'], total['random'])}."
    )
    if found["undecided"]:
        caption += f" {found['undecided']} undecided, counted as half."
    if left["value"] is not None:
        caption += f" The left image was named in {wording.share(left, found['trials'])}."
    figure = interval.draw(
        rows,
        title="Share of real images named, by reader",
        description="; ".join(f"{row.label} {row.text}" for row in rows),
        reference=0.5,
        bounds=(0.0, 1.0),
        tick=wording.percent,
    )
    return Plot("Which one is real?", caption, "interval", figure, Table(HEAD, lines))
