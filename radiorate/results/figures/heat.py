"""Where on images pins lie: maps in rows and columns, each a grid of cells in five fixed classes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from radiorate.results.defects import CELLS

WIDTH, CELL = 640, 10  # least width; side of a cell
SIDE, COLUMN, ROW, TOP, LABEL = CELLS * CELL, 136, 152, 22, 96
CLASSES = ((0, "0"), (1, "1-2"), (3, "3-5"), (6, "6-9"), (10, "10+"))  # smallest count, label
KEY_COLUMN = 58


@dataclass(frozen=True)
class Map:
    """Pins by (column, row) of the grid, counted from the top left."""

    row: str
    column: str
    counts: Mapping[tuple[int, int], int]
    note: str


@dataclass(frozen=True)
class Cell:
    x: int
    y: int
    level: int  # index in CLASSES
    title: str


@dataclass(frozen=True)
class Drawn:
    """A map as drawn; cells without pins are the ground."""

    x: int
    y: int
    note: str
    cells: list[Cell]


@dataclass(frozen=True)
class Figure:
    """All positions of the plot, in units of its view box."""

    title: str
    description: str
    width: int
    height: int
    rows: list[tuple[str, float]]  # label, y
    columns: list[tuple[str, float]]  # label, x
    maps: list[Drawn]
    key: list[tuple[int, int, int, str]]  # level, x, y, label
    side: int = SIDE
    cell: int = CELL - 1
    label_x: int = LABEL - 12


def draw(maps: Sequence[Map], *, title: str, description: str) -> Figure:
    """The maps; rows and columns stand in the order in which they first come."""
    rows, columns = (list(dict.fromkeys(getattr(each, name) for each in maps)) for name in ("row", "column"))
    drawn = [
        Drawn(
            LABEL + COLUMN * columns.index(each.column),
            TOP + ROW * rows.index(each.row),
            each.note,
            [_cell(place, count) for place, count in sorted(each.counts.items()) if count],
        )
        for each in maps
    ]
    bottom = TOP + ROW * len(rows)
    return Figure(
        title=title,
        description=description,
        width=max(LABEL + COLUMN * len(columns), WIDTH),
        height=bottom + 26,
        rows=[(name, TOP + ROW * index + SIDE / 2 + 4) for index, name in enumerate(rows)],
        columns=[(name, LABEL + COLUMN * index + SIDE / 2) for index, name in enumerate(columns)],
        maps=drawn,
        key=[(level, LABEL + KEY_COLUMN * level, bottom + 6, label) for level, (_, label) in enumerate(CLASSES)],
    )


def _cell(place: tuple[int, int], count: int) -> Cell:
    level = max(index for index, (least, _) in enumerate(CLASSES) if count >= least)
    column, row = place
    return Cell(column * CELL, row * CELL, level, f"{count} in column {column + 1}, row {row + 1}")
