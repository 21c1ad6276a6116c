"""The pixels of an edit: what a provider is sent, and what its answer and the source make together.

Pictures are uint8 arrays of shape (height, width), masks likewise: 255 = change, 0 = keep.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from PIL import Image as Picture

from generation.masking import CHANGE, KEEP
from generation.provider import Pad
from generation.sheets import Sheet
from radiorate.images.rendition import windowed

GRID = 16  # pixels: generators work on blocks, and would trim or resample any other size
# Grey levels of 255. A lossy file is no repainting: of a phantom's pixels, 0.1 % moved further as a JPEG of quality 90
# (0.45 % at 85, 0.01 % as a WebP of quality 90), and a redrawn radiograph moves most of them.
TOLERANCE = 8


def working_size(width: int, height: int, most_width: int, most_height: int) -> tuple[int, int]:
    """Width and height at which a source is edited: it fits the given frame, on the grid, and isn't enlarged."""
    scale = min(1.0, most_width / width, most_height / height)
    sides = ((width, most_width), (height, most_height))
    across, down = (max(1, min(round(side * scale / GRID), most // GRID)) * GRID for side, most in sides)
    return across, down


def on_grid(pad: Pad) -> Pad:
    """The pad with each side rounded up to the grid, so that steps meet without resampling."""
    return Pad(**{side: math.ceil(pixels / GRID) * GRID for side, pixels in vars(pad).items()})


def working_picture(levels: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """The source as it is edited, from grey levels of shape (height, width), uint8 or uint16.

    Eight bits stay as they are: somebody has chosen their window, and a step that follows another must find its own
    pixels again. Deeper ones get the window of every rendition.
    """
    if levels.dtype == np.uint8 and levels.shape == size[::-1]:
        return levels
    resized = np.asarray(Picture.fromarray(levels.astype(np.float32)).resize(size, Picture.Resampling.LANCZOS))
    return np.rint(np.clip(resized, 0, 255)).astype(np.uint8) if levels.dtype == np.uint8 else windowed(resized)


def extended(source: np.ndarray, pad: Pad) -> tuple[np.ndarray, np.ndarray]:
    """The canvas of an outpainting order, black around the source, and its mask: everything but the source."""
    sides = ((pad.top, pad.bottom), (pad.left, pad.right))
    canvas = np.pad(source, sides)
    return canvas, np.pad(np.full_like(source, KEEP), sides, constant_values=CHANGE)


@dataclass(frozen=True)
class Composite:
    """The edited picture, and what had to be done to the delivered one.

    changed_outside: share of the pixels to keep that came back changed, 0..1, before they were put back.
    resampled_from: width and height of the delivered picture where they were not those ordered.
    """

    pixels: np.ndarray
    changed_outside: float
    resampled_from: tuple[int, int] | None


def composite(canvas: np.ndarray, mask: np.ndarray, delivered: np.ndarray, sheet: Sheet | None = None) -> Composite:
    """The delivered picture where the mask allows a change, the canvas' own pixels everywhere else, each exactly.

    delivered: grey levels of any size, uint8 or uint16; of the sheet on which the canvas was sent, where there is one.
    """
    if delivered.dtype == np.uint16:
        delivered = np.rint(delivered / 257).astype(np.uint8)
    ordered = (sheet.width, sheet.height) if sheet else canvas.shape[::-1]
    resampled_from = None
    if delivered.shape != ordered[::-1]:
        resampled_from = delivered.shape[1], delivered.shape[0]
        delivered = working_picture(delivered, ordered)
    if sheet is None:
        share = changed_outside(canvas, mask, delivered)
    else:  # what came is held against what went out, before anything is resampled
        share = changed_outside(*map(sheet.inside, (sheet.lay(canvas), sheet.lay_mask(mask), delivered)))
        delivered = sheet.cut(delivered)
    return Composite(np.where(mask == CHANGE, delivered, canvas), share, resampled_from)


def changed_outside(canvas: np.ndarray, mask: np.ndarray, delivered: np.ndarray) -> float:
    """The share of the pixels to keep that differ by more than TOLERANCE; 0 where none is to be kept."""
    kept = mask == KEEP
    if not kept.any():
        return 0.0
    apart = np.abs(canvas[kept].astype(np.int16) - delivered[kept])
    return float((apart > TOLERANCE).mean())


def distance(width: int, height: int, inside: tuple[int, int, int, int]) -> np.ndarray:
    """How far each pixel is from a rectangle, in whole pixels between centres, uint16 of shape (height, width).

    inside: left, top, right and bottom of the rectangle in pixels; 0 within it.
    """
    left, top, right, bottom = inside
    x, y = np.arange(width)[None, :], np.arange(height)[:, None]
    across = np.maximum(np.maximum(left - x, x - (right - 1)), 0)
    down = np.maximum(np.maximum(top - y, y - (bottom - 1)), 0)
    return np.minimum(np.rint(np.hypot(across, down)), 65535).astype(np.uint16)
