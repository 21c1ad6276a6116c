"""What the figures show: one module a figure, made of the analysis, or of the flow of images where it is known."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from radiorate import registry
from radiorate.results import wording
from radiorate.spreadsheet import guarded

FIRST = ("flow", "difference", "accuracy", "distribution", "vgc", "roc", "defects")  # as they are read; then the rest

Json = dict[str, Any]
Value = str | int | float | None


@dataclass(frozen=True)
class Table:
    """Head and rows; the first cell of a row names it. Numbers are shown short and leave as they are."""

    head: Sequence[str]
    rows: Sequence[Sequence[Value]]

    @property
    def shown(self) -> list[list[str]]:
        """The cells as they are printed."""
        return [[_printed(value) for value in row] for row in self.rows]

    def as_csv(self) -> str:
        """The table with every digit, safe in spreadsheets."""
        stream = io.StringIO()
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(self.head)
        for row in self.rows:
            writer.writerow([guarded(value) if isinstance(value, str) else value for value in row])
        return stream.getvalue()


def _printed(value: Value) -> str:
    if value is None:
        return wording.UNKNOWN
    return wording.plain(value, 3) if isinstance(value, float) else str(value)


@dataclass(frozen=True)
class Plot:
    """A figure with its words and the same numbers as a table; drawing names its template."""

    heading: str
    caption: str
    drawing: str
    figure: Any
    table: Table

    @property
    def template(self) -> str:
        return f"results/figures/{self.drawing}.html"


@dataclass(frozen=True)
class Source:
    """What figures are made of: an analysis, the words for its criteria, and the flow of images where it is known."""

    found: Json
    labels: Mapping[str, str] = field(default_factory=dict)
    flow: Any = None  # a summary.Flow

    def label(self, key: str) -> str:
        """A criterion's name as the rubric has it, or made of its key."""
        return self.labels.get(key) or key.replace("_", " ").capitalize()

    @property
    def criteria(self) -> Json:
        """The analysis of each criterion; empty while nothing may be told by origin, or nothing is rated."""
        is_told = "discrimination" in self.found and self.found["n"]["pairs"]
        return self.found["criteria"] if is_told else {}


def names() -> tuple[str, ...]:
    """The figures there are."""
    return registry.names(__name__)


def make(name: str, source: Source) -> Plot | None:
    """One figure; None where there is nothing to draw. Raises KeyError for another name."""
    plot: Any = registry.load(__name__, name, "plot")
    made: Plot | None = plot(source)
    return made


def make_all(source: Source) -> dict[str, Plot]:
    """All figures there is something for, by name, in the order in which they are read."""
    ordered = sorted(names(), key=lambda name: FIRST.index(name) if name in FIRST else len(FIRST))
    made = {name: make(name, source) for name in ordered}
    return {name: plot for name, plot in made.items() if plot is not None}


def limits(found: Json, shown: bool = True, sign: int = 1) -> tuple[float | None, float | None, float | None]:
    """Value and limits as drawn, the sign turned where asked; None where there are too few pairs to show."""
    low, high = (found["low"], found["high"]) if sign > 0 else (found["high"], found["low"])
    values = (found["value"], low, high)
    value, low, high = (None if not shown or each is None else sign * each + 0.0 for each in values)
    return value, low, high
