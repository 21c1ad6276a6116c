"""Synthetic minus real by criterion."""

from radiorate.results import wording
from radiorate.results.figures import interval
from radiorate.results.plots import Plot, Source, Table, limits

HEADING = "Score, synthetic minus real"
HEAD = ["Criterion", "Difference", "95 % from", "to", "Standard error", "df", "Readers", "Pairs", "Random", "Method"]


def plot(source: Source) -> Plot | None:
    """The mean differences with their intervals."""
    if not source.criteria:
        return None
    rows, lines = [], []
    for key, criterion in source.criteria.items():
        gap = criterion["difference"]
        shown = gap["pairs"] >= wording.FEWEST_PAIRS
        value, low, high = limits(gap, shown, -1)
        rows.append(interval.Row(source.label(key), value, low, high, wording.difference(gap)))
        error, df = (gap[name] if shown else None for name in ("standard_error", "df"))
        told = (gap["readers"], gap["pairs"], gap["random"] or "", gap["method"] or "")
        lines.append([source.label(key), value, low, high, error, df, *told])
    first = next(iter(source.criteria.values()))
    gap = first["difference"]
    caption = (
        f"Mean difference on a {first['minimum']}-{first['maximum']} scale, 95 % interval, "
        f"{wording.generality(gap['readers'], gap['random'])}. Left = synthetic worse."
    )
    span = float(max(each["maximum"] - each["minimum"] for each in source.criteria.values()))
    figure = interval.draw(
        rows,
        title=HEADING,
        description="; ".join(f"{row.label} {row.text}" for row in rows),
        reference=0.0,
        bounds=(-span, span),
        tick=lambda value: wording.signed(value, 1),
    )
    return Plot(HEADING, caption, "interval", figure, Table(HEAD, lines))
