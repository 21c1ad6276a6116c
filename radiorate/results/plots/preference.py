"""How readily each generator's images were believed real."""

from math import exp

from radiorate.results import wording
from radiorate.results.figures import interval
from radiorate.results.plots import Plot, Source, Table

HEADING = "Believed real: ranking"


def plot(source: Source) -> Plot | None:
    """Abilities in logits against real images, best first; the chance to be named rather than a real image beside."""
    found = source.found.get("preference")
    if not found or not found["abilities"] or source.found["n"]["pairs"] < wording.FEWEST_PAIRS:
        return None
    names = [name for name, ability in found["abilities"].items() if ability is not None and name != "real"]
    rows, lines = [], []
    for name in sorted(names, key=lambda each: (-found["abilities"][each], each)):
        ability, ends = found["abilities"][name], found["intervals"].get(name) or {"low": None, "high": None}
        beats = 1 / (1 + exp(-ability))
        limits = wording.coefficient({"value": ability, **ends})
        text = f"{wording.signed(ability)} {limits[1]}".strip()
        rows.append(interval.Row(name, ability, ends["low"], ends["high"], text))
        lines.append([name, ability, ends["low"], ends["high"], beats])
    if not rows:
        return None
    told = [number for row in rows for number in (row.value, row.low, row.high) if number is not None]
    figure = interval.draw(
        rows,
        title="How readily generators are believed real",
        description="; ".join(f"{row.label} {row.text}" for row in rows) + ". 0 is as readily as a real image.",
        reference=0.0,
        bounds=(min(*told, -1.0), max(*told, 1.0)),
        tick=lambda value: wording.signed(value, 1),
    )
    caption = (
        "Bradley-Terry ability in logits, 95 % interval, readers and pairs resampled; dashed line = a real image. "
        "Left = believed real less readily; the table has the share against a real image, sides alike."
    )
    if found.get("penalised"):
        caption += " No finite estimate exists without the half win each pairing was given."
    if source.found["n"]["readers"] < wording.MANY_READERS:
        caption += f" {wording.NARROW}"
    head = ["Generator", "Ability", "95 % from", "to", "Share against real"]
    return Plot(HEADING, caption, "interval", figure, Table(head, lines))
