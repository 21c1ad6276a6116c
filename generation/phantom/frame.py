"""The way from a region's drawing units to the pixels of one picture."""

from __future__ import annotations

from dataclasses import astuple, dataclass, replace
from typing import Literal, TypeAlias

import numpy as np

Box: TypeAlias = tuple[float, float, float, float]  # left, top, right, bottom


@dataclass(frozen=True)
class Margins:
    """How far a wider picture reaches beyond a frame, in pixels a side."""

    left: int = 0
    top: int = 0
    right: int = 0
    bottom: int = 0

    def __add__(self, other: Margins) -> Margins:
        return Margins(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))

    def inner(self, width: int, height: int) -> tuple[slice, slice]:
        """Rows and columns of the frame of this size in the wider picture."""
        return slice(self.top, self.top + height), slice(self.left, self.left + width)

    def around(self, picture: np.ndarray, mode: Literal["constant", "edge"] = "constant") -> np.ndarray:
        """The picture in the middle of a wider one, with zeros or its own edge around it."""
        return np.pad(picture, ((self.top, self.bottom), (self.left, self.right)), mode)


NO_MARGINS = Margins()


@dataclass(frozen=True)
class Frame:
    """Where a drawing lands: rotated about its centre, perhaps mirrored, scaled and moved.

    centre in drawing units goes to `target` in pixels; scale in pixels a unit; unit_mm: millimetres a unit.
    """

    width: int
    height: int
    centre: tuple[float, float]
    target: tuple[float, float]
    scale: float
    unit_mm: float
    angle: float = 0.0
    mirrored: bool = False

    @property
    def mm(self) -> float:
        """Millimetres a pixel."""
        return self.unit_mm / self.scale

    def pixels(self, points: np.ndarray) -> np.ndarray:
        """Points in drawing units, shape (n, 2), as pixel coordinates."""
        offset = np.asarray(points, float) - self.centre
        if self.mirrored:
            offset = offset * (-1.0, 1.0)
        cosine, sine = np.cos(self.angle), np.sin(self.angle)
        turned = offset @ np.array([[cosine, sine], [-sine, cosine]])
        return turned * self.scale + self.target

    def share(self, points: np.ndarray) -> np.ndarray:
        """Points in drawing units as shares 0..1 of the picture, kept inside it."""
        return np.clip(self.pixels(points) / (self.width, self.height), 0.0, 1.0)

    def moved(self, right: float, down: float) -> Frame:
        """The same frame with the drawing shifted by shares of the picture."""
        x, y = self.target
        return replace(self, target=(x + right * self.width, y + down * self.height))

    def widened(self, beyond: Margins) -> Frame:
        """The same drawing at the same scale in a picture that reaches further."""
        x, y = self.target
        width, height = beyond.left + self.width + beyond.right, beyond.top + self.height + beyond.bottom
        return replace(self, width=width, height=height, target=(x + beyond.left, y + beyond.top))


def fitted(box: Box, unit_mm: float, width: int, height: int) -> Frame:
    """The frame that shows the box as large as the picture allows; a picture of another shape may trim it a little."""
    left, top, right, bottom = box
    across, along = width / (right - left), height / (bottom - top)
    scale = min(max(across, along), 1.06 * min(across, along))
    return Frame(width, height, ((left + right) / 2, (top + bottom) / 2), (width / 2, height / 2), scale, unit_mm)
