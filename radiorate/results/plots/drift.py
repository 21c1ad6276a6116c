"""Whether scores and recognition moved while readers read."""

from radiorate.results import wording
from radiorate.results.figures import panels
from radiorate.results.plots import Json, Plot, Source, Table, limits

HEADING = "Drift"
HEAD = ["Of", "Part", "Mean", "95 % from", "to", "Readers", "Pairs"]


def plot(source: Source) -> Plot | None:
    """Mean score by criterion, and share correct: by session where there are several, else by quarter."""
    found = source.found.get("drift")
    if not found or source.found["n"]["pairs"] < wording.FEWEST_PAIRS:
        return None
    by_session = len(found["session"]) > 1
    parts = found["session"] if by_session else found["quarter"]
    if len(parts) < 2:
        return None
    drawn, lines = [], []
    for key, criterion in source.criteria.items():
        told = [(part["part"], part["scores"][key]) for part in parts]
        drawn.append(_panel(source.label(key), told, (float(criterion["minimum"]), float(criterion["maximum"])), False))
        lines += [_line(source.label(key), *each) for each in told]
    told = [(part["part"], part["correct"]) for part in parts]
    drawn.append(_panel("Real image named", told, (0.0, 1.0), True))
    lines += [_line("Real image named", *each) for each in told]
    if all(step.value is None for panel in drawn for step in panel.steps):  # no part has pairs enough
        return None
    seconds = [
        [f"Median seconds, {part['part']}", part["part"], part["seconds"], None, None, None, None] for part in parts
    ]
    word = "session" if by_session else "quarter of what each reader has read"
    first, last = parts[0], parts[-1]
    description = f"From the first to the last {word}: " + "; ".join(
        f"{panel.title} {wording.number(panel.steps[0].value)} to {wording.number(panel.steps[-1].value)}"
        for panel in drawn
    )
    caption = f"Mean score of both images, and share correct, by {word}; 95 % interval. Exploratory."
    if first["seconds"] is not None and last["seconds"] is not None:
        caption += f" Median time a pair: {first['seconds']:.0f} s in the first, {last['seconds']:.0f} s in the last."
    figure = panels.draw(drawn, title=f"Scores and share correct by {word}", description=description)
    return Plot(HEADING, caption, "panels", figure, Table(HEAD, [*lines, *seconds]))


def _panel(title: str, told: list[tuple[int, Json]], bounds: tuple[float, float], is_share: bool) -> panels.Panel:
    steps = [panels.Step(str(part), *limits(mean, mean["pairs"] >= wording.FEWEST_PAIRS)) for part, mean in told]
    return panels.Panel(title, steps, bounds, wording.percent if is_share else lambda value: wording.plain(value, 1))


def _line(label: str, part: int, mean: Json) -> list[str | int | float | None]:
    shown = limits(mean, mean["pairs"] >= wording.FEWEST_PAIRS)
    return [label, part, *shown, mean["readers"], mean["pairs"]]
