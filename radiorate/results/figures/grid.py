"""Numbers in cells of rows and columns, in five classes of one ink; those that reach a goal have a frame."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

WIDTH, LABEL, TOP, ROW, BELOW = 640, 96, 44, 34, 30
BOUNDS = (0.5, 0.7, 0.8, 0.9)  # between the classes, in shares
KEYS = ("under 50 %", "50-70 %", "70-80 %", "80-90 %", "90 % and more")
KEY_COLUMN = 106


@dataclass(frozen=True)
class Cell:
    """A cell as drawn; ink says which text colour can be read on it."""

    x: float
    y: float
    level: int
    text: str
    title: str
    is_enough: bool
    ink: str


@dataclass(frozen=True)
class Figure:
    """All positions of the plot, in units of its view box."""

    title: str
    description: str
    height: int
    cell_width: float
    cells: list[Cell]
    rows: list[tuple[float, str]]  # y, label
    columns: list[tuple[float, str]]  # x, label
    key: list[tuple[float, int, str]]  # x, level, label
    key_y: int
    across: str
    up: str
    middle: float
    width: int = WIDTH
    cell_height: int = ROW - 4
    label_x: int = LABEL - 12


def draw(
    rows: Sequence[int],
    columns: Sequence[int],
    shares: Callable[[int, int], tuple[float, str, bool]],
    *,
    title: str,
    description: str,
    across: str,
    up: str,
) -> Figure:
    """The plot; shares gives of a row and a column the share that makes the class, its words, and if it suffices."""
    step = (WIDTH - LABEL) / len(columns)
    cells = []
    for line, row in enumerate(rows):
        for place, column in enumerate(columns):
            share, words, is_enough = shares(row, column)
            level = sum(share >= bound for bound in BOUNDS)
            text = f"{100 * share:.0f} %"
            ink = "low" if level < 2 else "high"
            cells.append(Cell(round(LABEL + step * place, 1), TOP + ROW * line, level, text, words, is_enough, ink))
    bottom = TOP + ROW * len(rows)
    return Figure(
        title=title,
        description=description,
        height=bottom + BELOW,
        cell_width=round(step - 4, 1),
        cells=cells,
        rows=[(TOP + ROW * line + ROW / 2 + 2, str(row)) for line, row in enumerate(rows)],
        columns=[(round(LABEL + step * (place + 0.5) - 2, 1), str(column)) for place, column in enumerate(columns)],
        key=[(float(LABEL + KEY_COLUMN * level), level, label) for level, label in enumerate(KEYS)],
        key_y=bottom + 8,
        across=across,
        up=up,
        middle=LABEL + (WIDTH - LABEL) / 2,
    )
