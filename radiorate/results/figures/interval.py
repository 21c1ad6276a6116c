"""Estimates with their intervals, one a row, and a line to compare them with."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from radiorate.results.figures import scale

WIDTH, LABEL, GAP, RIGHT, TEXT = 640, 128, 18, 452, 470
LETTER, LONGEST = 7.6, 30  # about the width of one; labels with more letters are cut
TOP, ROW, BELOW = 8, 27, 26


@dataclass(frozen=True)
class Row:
    """An estimate; value None is shown by its text alone, limits None as a point. The total is an open ring."""

    label: str
    value: float | None
    low: float | None
    high: float | None
    text: str
    is_total: bool = False

    @property
    def name(self) -> str:
        """The label as far as there is room for it."""
        return self.label if len(self.label) <= LONGEST else f"{self.label[: LONGEST - 1]}…"

    @property
    def beside(self) -> str:
        """The text as far as there is room for it; why there is no interval stands in the description and the table."""
        estimate, reason, _ = self.text.partition(", no interval:")
        return f"{estimate}, no interval" if reason else self.text


@dataclass(frozen=True)
class Mark:
    """A row as drawn."""

    row: Row
    y: float
    middle: float | None = None
    left: float | None = None
    right: float | None = None


@dataclass(frozen=True)
class Figure:
    """All positions of the plot, in units of its view box."""

    title: str
    description: str
    height: int
    bottom: float
    marks: list[Mark]
    reference: float
    ticks: list[tuple[float, str]] = field(default_factory=list)
    label_x: float = LABEL
    width: int = WIDTH
    text_x: int = TEXT


def draw(
    rows: Sequence[Row],
    *,
    title: str,
    description: str,
    reference: float,
    bounds: tuple[float, float],
    tick: Callable[[float], str],
) -> Figure:
    """The plot; what lies beyond the bounds (the ends of the scale, 0 and 1 for shares) is cut there."""
    label_x = max(LABEL, LETTER * min(LONGEST, max((len(row.label) for row in rows), default=0)))
    numbers = [number for row in rows for number in (row.value, row.low, row.high) if number is not None]
    to_x, ticks = scale.around([*numbers, reference] if numbers else bounds, label_x + GAP, RIGHT, bounds)
    marks = [
        Mark(
            row,
            TOP + ROW * index + ROW / 2,
            *(None if number is None else to_x(number) for number in (row.value, row.low, row.high)),
        )
        for index, row in enumerate(rows)
    ]
    bottom = TOP + ROW * len(rows)
    return Figure(
        title=title,
        description=description,
        height=bottom + BELOW,
        bottom=bottom,
        marks=marks,
        reference=to_x(reference),
        label_x=label_x,
        ticks=[(to_x(value), tick(value)) for value in ticks],
    )
