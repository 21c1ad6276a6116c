"""Curves in the unit square: operating points joined by straight lines, beside the diagonal of chance."""

from collections.abc import Sequence
from dataclasses import dataclass

from radiorate.results.figures import strip
from radiorate.results.figures.scale import Scale

WIDTH, HEIGHT = 640, 340
LEFT, RIGHT, TOP, BOTTOM = 52, 332, 10, 290
KEY, KEY_TOP, KEY_ROW = 356, 30, 24
TICKS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


@dataclass(frozen=True)
class Curve:
    """Points in the unit square, [across, up]; a label makes a line of the key, and none a thin line."""

    label: str
    points: Sequence[Sequence[float]]
    text: str = ""  # beside the label


@dataclass(frozen=True)
class Line:
    """A curve as drawn: its path, and a mark of its own at each operating point where it is in the key."""

    curve: Curve
    series: int  # 1.. in the key, 0 for a thin line
    path: str
    marks: list[tuple[float, float]]
    shape: str = ""
    key_y: float = 0.0


@dataclass(frozen=True)
class Figure:
    """All positions of the plot, in units of its view box."""

    title: str
    description: str
    across: str
    up: str
    lines: list[Line]
    ticks: list[tuple[float, float, str]]  # x, y, label
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = RIGHT
    top: int = TOP
    bottom: int = BOTTOM
    key_x: int = KEY


def draw(curves: Sequence[Curve], *, title: str, description: str, across: str, up: str) -> Figure:
    """The plot; thin curves lie below the named ones."""
    to_x, to_y = Scale(0, 1, LEFT, RIGHT), Scale(0, 1, BOTTOM, TOP)
    lines, series = [], 0
    for curve in sorted(curves, key=lambda each: bool(each.label)):
        placed = [(to_x(x), to_y(y)) for x, y in curve.points]
        path = "M" + "L".join(f"{x} {y}" for x, y in placed) if placed else ""
        if not curve.label:
            lines.append(Line(curve, 0, path, []))
            continue
        kind = series % len(strip.SHAPES)
        lines.append(Line(curve, kind + 1, path, placed[1:-1], strip.SHAPES[kind], KEY_TOP + KEY_ROW * series))
        series += 1
    ticks = [(to_x(value), to_y(value), f"{value:.1f}") for value in TICKS]
    return Figure(title, description, across, up, lines, ticks)
