"""The flow of images, from the order to the rating."""

from radiorate.images.models import Ground
from radiorate.results.figures import stream
from radiorate.results.plots import Plot, Source, Table, Value
from radiorate.results.summary import Flow

HEADING = "Flow of images"
LOST = {"refused": "refused", "failed": "failed", "cancelled": "cancelled", "unknown": "unsettled"}
GROUNDS = {**dict(Ground.choices), "": "withdrawn, reason not of the list", "pair": "in a withdrawn pair"}
DRAWN = ("withdrawn_later", "not_rated", "rated")


def plot(source: Source) -> Plot | None:
    """Every order and every image of the study's collections; none is left out."""
    flow: Flow | None = source.flow
    if flow is None:
        return None
    waiting = flow.orders.get("queued", 0) + flow.orders.get("running", 0)
    lost = [f"{flow.orders[state]} {word}" for state, word in LOST.items() if flow.orders.get(state)]
    lost += [f"{waiting} waiting"] if waiting else []
    delivered = flow.orders.get("succeeded", 0)
    ordered = [
        stream.Stage("Ordered", flow.ordered, lost),
        stream.Stage("Delivered", delivered, _elsewhere(flow, delivered)),
    ]
    columns: list[tuple[str, list[stream.Stage | None]]] = [
        ("Real", [None, None, *_stages(flow, "real")] if flow.ordered else _stages(flow, "real")),
        ("Synthetic", [*ordered, *_stages(flow, "synthetic")] if flow.ordered else _stages(flow, "synthetic")),
    ]
    lines: list[list[Value]] = [
        [stage.label, heading.lower(), stage.count, "; ".join(stage.lost)]
        for heading, stages in columns
        for stage in stages
        if stage is not None
    ]
    figure = stream.draw(
        columns,
        title=HEADING,
        description="; ".join(f"{origin}, {label}: {count}" for label, origin, count, _ in lines),
    )
    caption = "From the order to the rating; none is left out. Beside an arrow: what did not go on, and why."
    return Plot(HEADING, caption, "stream", figure, Table(["Stage", "Origin", "Images", "Not gone on"], lines))


def _elsewhere(flow: Flow, delivered: int) -> list[str]:
    """Images of the collections that no order of this site delivered."""
    brought = sum(flow.images["synthetic"].values()) - delivered
    return [f"+ {brought} brought in"] if brought > 0 else []


def _stages(flow: Flow, origin: str) -> list[stream.Stage | None]:
    fates = flow.images[origin]

    def count(*chosen: str) -> int:
        return sum(number for (fate, _), number in fates.items() if fate in chosen)

    def lost(fate: str) -> list[str]:
        return [f"{count(fate)} {fate.replace('_', ' ')}"] if count(fate) else []

    def withdrawn(chosen: str) -> list[str]:
        return [f"{number} {GROUNDS[ground]}" for (fate, ground), number in fates.items() if fate == chosen]

    before = [*lost("held"), *withdrawn("withdrawn"), *lost("not_drawn")]
    return [
        stream.Stage("In the collections", sum(fates.values()), before),
        stream.Stage("In pairs", count(*DRAWN), [*withdrawn("withdrawn_later"), *lost("not_rated")]),
        stream.Stage("Rated", count("rated")),
    ]
