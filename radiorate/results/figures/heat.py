"""Where on an image pins lie: a grid of cells in five fixed classes."""

from collections.abc import Mapping
from dataclasses import dataclass

CELLS = 12  # a side
CELL, GAP = 18, 1
CLASSES = ((0, "0"), (1, "1-2"), (3, "3-5"), (6, "6-9"), (10, "10+"))  # smallest count, label


@dataclass(frozen=True)
class Cell:
    x: int
    y: int
    level: int  # index in CLASSES


@dataclass(frozen=True)
class Figure:
    """All positions of the plot, in units of its view box."""

    title: str
    description: str
    cells: list[Cell]
    key: list[tuple[int, int, str]]  # level, y, label
    width: int = CELLS * CELL + 90
    height: int = CELLS * CELL
    cell: int = CELL - GAP
    key_x: int = CELLS * CELL + 20
    key_text_x: int = CELLS * CELL + 46


def draw(counts: Mapping[tuple[int, int], int], *, title: str, description: str) -> Figure:
    """The plot of pins by (column, row) of the grid, counted from the top left."""
    cells = []
    for row in range(CELLS):
        for column in range(CELLS):
            count = counts.get((column, row), 0)
            level = max(index for index, (least, _) in enumerate(CLASSES) if count >= least)
            cells.append(Cell(column * CELL, row * CELL, level))
    key = [(index, 10 + 26 * index, label) for index, (_, label) in enumerate(CLASSES)]
    return Figure(title, description, cells, key)
