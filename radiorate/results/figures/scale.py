"""A linear scale from numbers to pixels, with ticks at round numbers."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil, floor, log10


@dataclass(frozen=True)
class Scale:
    """Maps low..high to left..right, in SVG units."""

    low: float
    high: float
    left: float
    right: float

    def __call__(self, value: float) -> float:
        """The position of a value, held inside the plot, to a tenth of a unit."""
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return round(self.left + share * (self.right - self.left), 1)


def step(span: float, most: int) -> float:
    """The smallest of 1, 2, 5 times a power of ten that cuts the span into at most `most` parts."""
    power = 10 ** floor(log10(span / most))
    return next(factor * power for factor in (1, 2, 5, 10) if span / (factor * power) <= most * (1 + 1e-9))


def around(
    values: Iterable[float], left: float, right: float, bounds: tuple[float, float], most: int = 5
) -> tuple[Scale, list[float]]:
    """A scale that holds all values, within the bounds, and its ticks."""
    inside = [min(max(value, bounds[0]), bounds[1]) for value in values]
    low, high = min(inside), max(inside)
    width = step(max(high - low, (bounds[1] - bounds[0]) / 10), most)
    low, high = floor(low / width + 1e-9) * width, ceil(high / width - 1e-9) * width
    if high - low < width:
        high = low + width
    low, high = max(low, bounds[0]), min(high, bounds[1])
    ticks = [index * width for index in range(ceil(low / width - 1e-9), floor(high / width + 1e-9) + 1)]
    return Scale(low, high, left, right), ticks
