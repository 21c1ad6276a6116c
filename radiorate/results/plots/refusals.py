"""How often generators refused an order, by the finding it named."""

from radiorate.results import wording
from radiorate.results.figures import interval
from radiorate.results.plots import Plot, Source, Table, Value, limits
from radiorate.results.statistics import proportions
from radiorate.results.summary import Flow

HEADING = "Refused orders"
MOST_ROWS = 24  # of the figure; the table has all


def plot(source: Source) -> Plot | None:
    """Share refused of the orders that were answered, by generator and finding, most refused first."""
    flow: Flow | None = source.flow
    if flow is None or not any(refused for *_, refused in flow.refusals):
        return None
    found = []
    for generator, word, answered, refused in flow.refusals:
        share = dict(proportions.proportion(refused, answered))
        found.append((f"{generator}: {word or 'no finding named'}", refused, answered, share))
    found.sort(key=lambda each: (-each[3]["value"], each[0]))
    rows = [
        interval.Row(label, *limits(share), f"{refused} of {answered}")
        for label, refused, answered, share in found[:MOST_ROWS]
    ]
    lines: list[list[Value]] = [[label, refused, answered, *limits(share)] for label, refused, answered, share in found]
    left_out = len(lines) - len(rows)
    caption = "Orders refused of those answered, by generator and finding asked for; Wilson's 95 % interval."
    if left_out:
        caption += f" The {left_out} least refused stand in the table alone."
    figure = interval.draw(
        rows,
        title=HEADING,
        description="; ".join(f"{row.label} {row.text}" for row in rows),
        reference=0.0,
        bounds=(0.0, 1.0),
        tick=wording.percent,
    )
    head = ["Generator: finding", "Refused", "Answered", "Share", "95 % from", "to"]
    return Plot(HEADING, caption, "interval", figure, Table(head, lines))
