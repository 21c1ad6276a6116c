"""Ordinal scores as stacked bars around the middle grade: low grades to the left, high ones to the right."""

from collections.abc import Sequence
from dataclasses import dataclass

from radiorate.results.figures.scale import Scale

WIDTH, LABEL, GROUP, LEFT, RIGHT, TEXT = 640, 104, 176, 184, 560, 632
TOP, BAR, ROW, GAP = 6, 15, 20, 10
COLOURS = 5


@dataclass(frozen=True)
class Bar:
    """How often each grade was given, worst first, to images of one group."""

    label: str
    group: str
    counts: Sequence[int]


@dataclass(frozen=True)
class Segment:
    """One grade of a bar as drawn; `colour` is 1 (worst) to 5 (best)."""

    x: float
    width: float
    colour: int
    title: str


@dataclass(frozen=True)
class Drawn:
    """A bar as drawn; the label stands at the first bar of its criterion only."""

    bar: Bar
    label: str
    n: int
    y: float
    text_y: float
    segments: list[Segment]


@dataclass(frozen=True)
class Figure:
    """All positions of the plot, in units of its view box."""

    title: str
    description: str
    height: float
    bottom: float
    zero: float
    bars: list[Drawn]
    width: int = WIDTH
    bar_height: int = BAR
    label_x: int = LABEL
    group_x: int = GROUP
    text_x: int = TEXT


def draw(bars: Sequence[Bar], *, title: str, description: str) -> Figure:
    """The plot; all bars share one scale, and a bar without scores has no segments."""
    reach = max([max(_left(bar), 1 - _left(bar)) for bar in bars if sum(bar.counts)], default=1)
    to_x = Scale(-reach, reach, LEFT, RIGHT)
    drawn, y = [], float(TOP)
    for index, bar in enumerate(bars):
        is_first = index == 0 or bars[index - 1].label != bar.label
        y += GAP if is_first and index else 0
        drawn.append(
            Drawn(bar, bar.label if is_first else "", sum(bar.counts), y, y + BAR * 0.78, _segments(bar, to_x))
        )
        y += ROW
    return Figure(title=title, description=description, height=y + 4, bottom=y, zero=to_x(0), bars=drawn)


def _left(bar: Bar) -> float:
    """The share of a bar that lies left of the middle: the grades below it, and half of a middle grade."""
    total, middle = sum(bar.counts), len(bar.counts) // 2
    below = sum(bar.counts[:middle])
    return (below + (bar.counts[middle] / 2 if len(bar.counts) % 2 else 0)) / total


def _segments(bar: Bar, to_x: Scale) -> list[Segment]:
    total = sum(bar.counts)
    if not total:
        return []
    segments, begin = [], -_left(bar)
    for place, count in enumerate(bar.counts):
        end = begin + count / total
        if count:
            colour = 1 + round(place * (COLOURS - 1) / (len(bar.counts) - 1))
            left = to_x(begin)
            words = f"{bar.label}, {bar.group}: grade {place + 1} of {len(bar.counts)}, {count} of {total}"
            segments.append(Segment(left, round(to_x(end) - left, 1), colour, words))
        begin = end
    return segments
