"""Several numbers a row on one scale, each series with a shape of its own, and a line to compare them with."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from radiorate.results.figures import scale

WIDTH, LABEL, LEFT, RIGHT = 640, 104, 122, 620
TOP, ROW, BELOW, KEY_ROW, KEY_COLUMN = 8, 24, 26, 22, 150
SHAPES = (  # around 0, 0: circle, square, diamond, two triangles, cross
    "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0z",
    "M-4-4h8v8h-8z",
    "M0-6l5 6l-5 6l-5-6z",
    "M0-5l5 9h-10z",
    "M0 5l5-9h-10z",
    "M-5-2h3v-3h4v3h3v4h-3v3h-4v-3h-3z",
)


@dataclass(frozen=True)
class Mark:
    """One number as drawn; series counts from 1, and again from 1 when the shapes are used up."""

    x: float
    series: int
    shape: str
    title: str


@dataclass(frozen=True)
class Figure:
    """All positions of the plot, in units of its view box."""

    title: str
    description: str
    height: float
    bottom: float
    rows: list[tuple[str, float, list[Mark]]]  # label, y, marks
    key: list[tuple[float, float, int, str, str]]  # x, y, series, shape, label
    reference: float
    ticks: list[tuple[float, str]]
    axis_y: float
    width: int = WIDTH
    label_x: int = LABEL
    left: int = LEFT
    right: int = RIGHT


def draw(
    rows: Sequence[tuple[str, Sequence[float | None]]],
    series: Sequence[str],
    *,
    title: str,
    description: str,
    reference: float,
    bounds: tuple[float, float],
    tick: Callable[[float], str],
) -> Figure:
    """The plot of rows (label, a number or None for each series)."""
    numbers = [number for _, values in rows for number in values if number is not None]
    to_x, ticks = scale.around([*numbers, reference], LEFT, RIGHT, bounds)
    drawn = []
    for index, (label, values) in enumerate(rows):
        marks = [
            Mark(
                to_x(value),
                place % len(SHAPES) + 1,
                SHAPES[place % len(SHAPES)],
                f"{label}, {series[place]}: {tick(value)}",
            )
            for place, value in enumerate(values)
            if value is not None
        ]
        drawn.append((label, TOP + ROW * (index + 0.5), marks))
    bottom = TOP + ROW * len(rows)
    columns = (RIGHT - LABEL) // KEY_COLUMN
    key = [
        (
            float(LABEL + KEY_COLUMN * (place % columns)),
            float(bottom + BELOW + KEY_ROW * (place // columns) + 10),
            place % len(SHAPES) + 1,
            SHAPES[place % len(SHAPES)],
            label,
        )
        for place, label in enumerate(series)
    ]
    return Figure(
        title=title,
        description=description,
        height=bottom + BELOW + KEY_ROW * -(-len(series) // columns) + 4,
        bottom=bottom,
        rows=drawn,
        key=key,
        reference=to_x(reference),
        ticks=[(to_x(value), tick(value)) for value in ticks],
        axis_y=bottom + 17,
    )
