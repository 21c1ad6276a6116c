"""A flow diagram: boxes below each other in columns, and beside each arrow what was left out on the way."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, BOX_WIDTH, BOX_HEIGHT, LINE, SHORTEST = 640, 150, 38, 15, 30


@dataclass(frozen=True)
class Stage:
    """A box: what it is, how many, and the lines of what was left out between it and the next box."""

    label: str
    count: int
    lost: Sequence[str] = ()


@dataclass(frozen=True)
class Box:
    """A stage as drawn, with the arrow that leaves it; the last box has none."""

    stage: Stage
    x: float
    y: float
    arrow_end: float | None
    lost: list[tuple[float, str]]  # y, line


@dataclass(frozen=True)
class Figure:
    """All positions of the plot, in units of its view box."""

    title: str
    description: str
    height: float
    boxes: list[Box]
    headings: list[tuple[float, str]]
    width: int = WIDTH
    box_width: int = BOX_WIDTH
    box_height: int = BOX_HEIGHT
    middle: float = BOX_WIDTH / 2


def draw(columns: Sequence[tuple[str, Sequence[Stage | None]]], *, title: str, description: str) -> Figure:
    """The diagram of columns (heading, one stage or None for each row); stages of one row stand side by side."""
    count = len(columns[0][1])
    tops, y = [], 26.0
    for row in range(count):
        tops.append(y)
        lost = max(len(stage.lost) for _, stages in columns if (stage := stages[row]) is not None)
        y += BOX_HEIGHT + max(SHORTEST, LINE * lost + 14)
    boxes = []
    for place, (_, stages) in enumerate(columns):
        for row, stage in enumerate(stages):
            if stage is not None:
                end = tops[row + 1] if row + 1 < count else None
                begin = tops[row] + BOX_HEIGHT + 20
                lines = [(begin + LINE * index, line) for index, line in enumerate(stage.lost)]
                boxes.append(Box(stage, _x(place, len(columns)), tops[row], end, lines))
    height = tops[-1] + BOX_HEIGHT + 4
    headings = [(_x(place, len(columns)) + BOX_WIDTH / 2, heading) for place, (heading, _) in enumerate(columns)]
    return Figure(title, description, height, boxes, headings)


def _x(place: int, columns: int) -> float:
    return 4 + place * WIDTH / columns
