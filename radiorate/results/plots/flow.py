"""The flow of images, from the order to the rating."""

from radiorate.results.figures import stream
from radiorate.results.plots import Plot, Source, Table, Value
from radiorate.results.summary import Flow

HEADING = "Flow of images"
LOST = {"refused": "refused", "failed": "failed", "cancelled": "cancelled", "unknown": "unsettled"}


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
    brought = flow.images["synthetic"]["collected"] - delivered
    return [f"+ {brought} brought in"] if brought > 0 else []


def _stages(flow: Flow, origin: str) -> list[stream.Stage | None]:
    told = flow.images[origin]
    lost = [f"{told['held']} held"] if told["held"] else []
    grounds = [f"{of[origin]} {why}" for why, of in flow.grounds.items() if of[origin]]
    lost += grounds or ([f"{told['withdrawn']} withdrawn"] if told["withdrawn"] else [])
    spare = told["collected"] - told["held"] - told["withdrawn"] - told["paired"]
    lost += [f"{spare} not drawn"] if spare > 0 else []
    unrated = told["paired"] - told["rated"]
    return [
        stream.Stage("In the collections", told["collected"], lost),
        stream.Stage("In pairs", told["paired"], [f"{unrated} not rated yet"] if unrated else []),
        stream.Stage("Rated", told["rated"]),
    ]
