"""The sheet on which an edit is sent where a model has sizes of its own, and the way back from it.

A picture that is none of the model's sizes is laid in the middle of one of them, the rest of it black and not to be
changed. It is enlarged by a whole factor where the model would see it small, which loses nothing: a pixel becomes a
block, and a block of the answer is averaged. Only where none of the sizes holds it is it sent smaller.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

import numpy as np
from PIL import Image as Picture

from generation.masking import CHANGE, KEEP
from generation.provider import Capabilities, Order, Sizes

ENOUGH = 0.5  # of the sheet: a picture that fills less is enlarged on a sheet that it fills better
PARTS = 256  # a picture too large is sent at so many of these parts of its size as one of the model's holds


@dataclass(frozen=True)
class Sheet:
    """A picture of `picture` pixels lies at left, top on a sheet, there `drawn` pixels large; widths before heights."""

    width: int
    height: int
    left: int
    top: int
    drawn: tuple[int, int]
    picture: tuple[int, int]

    @property
    def is_smaller(self) -> bool:
        """Whether the picture is sent with fewer pixels than it has."""
        return self.drawn[0] < self.picture[0]

    def lay(self, picture: np.ndarray) -> np.ndarray:
        """The sheet with this picture on it, black around; uint8 of shape (height, width)."""
        return self._around(_resized(picture, self.drawn, Picture.Resampling.LANCZOS), 0)

    def lay_mask(self, mask: np.ndarray) -> np.ndarray:
        """The mask of the sheet: what lies under a pixel to change in part is to change, what is around is to keep."""
        drawn = _resized(mask, self.drawn, Picture.Resampling.BOX if self.is_smaller else Picture.Resampling.NEAREST)
        return self._around(np.where(drawn > 0, np.uint8(CHANGE), np.uint8(KEEP)), KEEP)

    def inside(self, sheet: np.ndarray) -> np.ndarray:
        """The part of a sheet on which the picture lies, as large as it is there."""
        across, down = self.drawn
        return sheet[self.top : self.top + down, self.left : self.left + across]

    def cut(self, sheet: np.ndarray) -> np.ndarray:
        """The picture on a sheet, at its own size."""
        way = Picture.Resampling.LANCZOS if self.is_smaller else Picture.Resampling.BOX
        return _resized(self.inside(sheet), self.picture, way)

    def _around(self, drawn: np.ndarray, level: int) -> np.ndarray:
        below, right = self.height - self.top - drawn.shape[0], self.width - self.left - drawn.shape[1]
        return np.pad(drawn, ((self.top, below), (self.left, right)), constant_values=level)


def sheet_of(order: Order, can: Capabilities) -> Sheet | None:
    """The sheet on which this edit is sent; None where it is sent as it is, or no size can take it."""
    sizes = can.sizes.get(order.mode)
    size = order.width, order.height
    return None if sizes is None or sizes.holds(*size) else _fitting(*size, sizes)


def words(sheets: Sequence[Sheet]) -> list[str]:
    """Sentences on what is done to the pictures of a batch, one for each way."""
    sentences = []
    for is_smaller in (False, True):
        of_this_way = Counter(sheet for sheet in sheets if sheet.is_smaller == is_smaller)
        if not of_this_way:
            continue
        one = of_this_way.most_common(1)[0][0]
        images = of_this_way.total()
        picture, drawn, size = (f"{w} × {h}" for w, h in (one.picture, one.drawn, (one.width, one.height)))
        what = f"{images} image{'s are' if images > 1 else ' is'}"
        if is_smaller:
            way = f"{what} larger than any size it edits: sent smaller, and what comes back is enlarged"
            such = f"{picture} pixels as {drawn} on {size}"
        else:
            way = f"{what} laid on a sheet of a size it edits, and cut out of the answer again"
            such = f"{picture} pixels on {size}" + ("" if drawn == picture else f", enlarged to {drawn}")
        sentences.append(f"{way} (as {such}). Outside the mask every pixel stays the source's own.")
    return sentences


def _fitting(width: int, height: int, sizes: Sizes) -> Sheet | None:
    found: list[tuple[float, int, int, tuple[int, int], tuple[int, int]]] = []
    for times in count(1):
        drawn = width * times, height * times
        size = sizes.least(*drawn)
        if size is None:
            break
        # Of the sheets that are filled enough the smallest, which costs least; else the one that is filled best.
        filled, area = math.prod(drawn), math.prod(size)
        found.append((-min(ENOUGH, filled / area), area, -filled, size, drawn))
    for part in range(PARTS - 1, 0, -1) if not found else ():
        drawn = max(1, width * part // PARTS), max(1, height * part // PARTS)
        if size := sizes.least(*drawn):
            found.append((0, 0, 0, size, drawn))
            break
    if not found:
        return None
    *_, size, drawn = min(found)
    return Sheet(*size, (size[0] - drawn[0]) // 2, (size[1] - drawn[1]) // 2, drawn, (width, height))


def _resized(levels: np.ndarray, size: tuple[int, int], way: Picture.Resampling) -> np.ndarray:
    if levels.shape == size[::-1]:
        return levels
    return np.asarray(Picture.fromarray(levels).resize(size, way))
