"""A column of vertebrae from the side, shared by the regions that show a spine so; it looks to the left."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from generation.phantom.shapes import path, smooth
from generation.phantom.sketch import Sketch

# In shares of a body's depth and height, from its middle; the front is at the left.
BODY = path(
    "-0.50,-0.48 -0.2,-0.45 0.15,-0.45 0.49,-0.48 0.45,-0.2 0.44,0.1 0.49,0.48 0.15,0.45 -0.2,0.45 -0.52,0.49 "
    "-0.46,0.15 -0.45,-0.2"
)
ARCH = path(
    "0.42,-0.38 0.66,-0.34 0.78,-0.66 0.90,-0.64 0.92,-0.2 1.02,0.0 1.30,0.06 1.50,0.22 1.54,0.52 1.30,0.60 1.04,0.48 "
    "0.92,0.42 0.86,0.80 0.74,0.80 0.72,0.28 0.60,-0.02 0.42,-0.06"
)
PLATES = (path("-0.50,-0.47 0,-0.45 0.49,-0.47"), path("-0.51,0.48 0,0.45 0.49,0.47"))
GAP = path("-0.46,-0.92 0.44,-0.92 0.44,-0.42 -0.46,-0.42")  # up to the body above, over the highest disc


def draw_column(
    pen: Sketch, curve: str, names: Sequence[str], sizes: np.ndarray, shown: Sequence[str], slant: float = 0.0
) -> np.ndarray:
    """Draw the vertebrae along the curve, from above; gives their middles, shape (n, 2).

    sizes: depth and height of each body and of the disc below it, in drawing units, shape (n, 3).
    shown: names of those between which a joint may be lost; slant: how far down a spinous process points, as a share.
    """
    line = smooth(path(curve), closed=False, steps=24)
    lengths = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    slopes = np.gradient(line, axis=0)

    def on_the_curve(of: np.ndarray, at: float) -> np.ndarray:
        return np.array([np.interp(at, lengths, of[:, 0]), np.interp(at, lengths, of[:, 1])])

    middles, at = [], 0.0
    for number, (name, (depth, height, disc)) in enumerate(zip(names, sizes, strict=True)):
        at += height / 2
        middle, down = on_the_curve(line, at), on_the_curve(slopes, at)
        axes = np.array([[down[1], -down[0]], down]) / np.hypot(*down) * [[depth], [height]]
        random = pen.patient.stream(f"side {name}")

        def here(shares: np.ndarray, axes: np.ndarray = axes, middle: np.ndarray = middle) -> np.ndarray:
            return shares @ axes + middle

        arch = ARCH + np.column_stack([0 * ARCH[:, 0], slant * np.clip(ARCH[:, 0] - 0.9, 0, None)])
        pen.bone(f"{name} arch", here(arch), rind=0.8, thickness=0.5, spongy=0.26, grain=0.06)
        body = BODY + random.normal(0, 0.012, BODY.shape)
        pen.bone(f"{name} body", here(body), rind=0.8, thickness=0.95, spongy=0.34, grain=0.08)
        for plate in PLATES:
            pen.line(here(plate), 1.9, 0.18)
        if number and {names[number - 1], name} <= set(shown):
            pen.joint(f"{names[number - 1]} body", f"{name} body", here(GAP))
        middles.append(middle)
        at += height / 2 + disc
    return np.array(middles)
