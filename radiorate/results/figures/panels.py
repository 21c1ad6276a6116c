"""Small plots side by side: a few steps from left to right, an estimate with its interval at each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from radiorate.results.figures.scale import Scale

COLUMNS, WIDTH = 3, 640
PANEL_WIDTH, PANEL_HEIGHT = 212, 150
LEFT, RIGHT, TOP, BOTTOM = 40, 200, 24, 118


@dataclass(frozen=True)
class Step:
    """An estimate; None is a gap."""

    label: str
    value: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Panel:
    """A small plot on a scale of its own."""

    title: str
    steps: Sequence[Step]
    bounds: tuple[float, float]
    tick: Callable[[float], str]


@dataclass(frozen=True)
class Drawn:
    """A panel as drawn, from its upper left corner."""

    title: str
    x: float
    y: float
    ticks: list[tuple[float, str]]
    labels: list[tuple[float, str]]
    path: str
    marks: list[tuple[float, float, float | None, float | None]]  # x, y, y of the low and of the high limit


@dataclass(frozen=True)
class Figure:
    """All positions of the plot, in units of its view box."""

    title: str
    description: str
    height: int
    panels: list[Drawn]
    width: int = WIDTH
    left: int = LEFT
    right: int = RIGHT
    bottom: int = BOTTOM


def draw(panels: Sequence[Panel], *, title: str, description: str) -> Figure:
    """The plots in rows of three."""
    drawn = [
        _panel(panel, PANEL_WIDTH * (place % COLUMNS), PANEL_HEIGHT * (place // COLUMNS))
        for place, panel in enumerate(panels)
    ]
    return Figure(title, description, PANEL_HEIGHT * -(-len(panels) // COLUMNS), drawn)


def _panel(panel: Panel, x: float, y: float) -> Drawn:
    low, high = panel.bounds
    to_y = Scale(low, high, BOTTOM, TOP)
    gap = (RIGHT - LEFT) / max(len(panel.steps), 1)
    across = [round(LEFT + gap * (index + 0.5), 1) for index in range(len(panel.steps))]

    def place(value: float | None) -> float | None:
        return None if value is None else to_y(value)

    marks = [
        (at, to_y(step.value), place(step.low), place(step.high))
        for at, step in zip(across, panel.steps, strict=True)
        if step.value is not None
    ]
    return Drawn(
        title=panel.title,
        x=x,
        y=y,
        ticks=[(to_y(value), panel.tick(value)) for value in (low, (low + high) / 2, high)],
        labels=list(zip(across, (step.label for step in panel.steps), strict=True)),
        path="M" + "L".join(f"{mark[0]} {mark[1]}" for mark in marks) if marks else "",
        marks=marks,
    )
