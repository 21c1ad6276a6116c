"""Outlines: splines through control points, long bones from a profile, masks, and the thickness behind a mask."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from PIL import Image, ImageDraw

Points: TypeAlias = np.ndarray | Sequence[tuple[float, float]]


def smooth(points: Points, closed: bool = True, steps: int = 8) -> np.ndarray:
    """A Catmull-Rom spline through the control points, shape (n, 2).

    Chordal, so that a long stretch beside a short one makes no loop.
    """
    knots = np.asarray(points, float)
    ends = knots[:1] if closed else 2 * knots[-1:] - knots[-2:-1]
    start, end = knots, np.vstack([knots[1:], ends])
    length = np.maximum(np.hypot(*(end - start).T), 1e-9)[:, None]
    ahead = (end - start) / length
    behind, before = np.roll(ahead, 1, axis=0), np.roll(length, 1, axis=0)
    if not closed:
        behind[0] = ahead[0]
    slope = (ahead * before + behind * length) / (before + length)
    leaving, arriving = slope * length, np.roll(slope, -1, axis=0) * length
    t = (np.arange(steps) / steps)[None, :, None]
    start, end, leaving, arriving = (k[:, None, :] for k in (start, end, leaving, arriving))
    rise = t * t * (3 - 2 * t)
    curve = start + rise * (end - start) + t * (1 - t) * ((1 - t) * leaving - t * arriving)
    if closed:
        return curve.reshape(-1, 2)
    return np.vstack([curve[:-1].reshape(-1, 2), knots[-1]])


# Half-widths along a long bone: (position from base 0 to head 1, shares of the base, waist and head half-widths).
PROFILES: dict[str, list[tuple[float, float, float, float]]] = {
    "metacarpal": [
        (0.00, 0.62, 0, 0), (0.03, 0.95, 0, 0), (0.09, 1.0, 0, 0), (0.20, 0.55, 0.45, 0), (0.36, 0.08, 0.94, 0),
        (0.52, 0, 1.0, 0), (0.68, 0, 0.92, 0.08), (0.79, 0, 0.40, 0.60), (0.86, 0, 0, 0.96), (0.91, 0, 0, 1.0),
        (0.96, 0, 0, 0.82), (0.99, 0, 0, 0.45),
    ],
    "phalanx": [
        (0.00, 0.60, 0, 0), (0.015, 0.93, 0, 0), (0.07, 1.0, 0, 0), (0.15, 0.82, 0.14, 0), (0.30, 0.35, 0.62, 0),
        (0.50, 0, 1.02, 0), (0.68, 0, 0.98, 0.02), (0.82, 0, 0.30, 0.66), (0.90, 0, 0, 0.98), (0.95, 0, 0, 1.0),
        (0.99, 0, 0, 0.72), (1.0, 0, 0, 0.40), (0.98, 0, 0, 0.05),
    ],
    "tuft": [
        (0.00, 0.62, 0, 0), (0.02, 0.95, 0, 0), (0.09, 1.0, 0, 0), (0.22, 0.62, 0.40, 0), (0.42, 0.05, 0.96, 0),
        (0.60, 0, 1.0, 0), (0.72, 0, 0.55, 0.52), (0.80, 0, 0, 0.98), (0.88, 0, 0, 1.0), (0.95, 0, 0, 0.82),
        (0.99, 0, 0, 0.42),
    ],
}  # fmt: skip


def long_bone(
    base: Sequence[float],
    head: Sequence[float],
    widths: tuple[float, float, float],
    profile: str,
    random: np.random.Generator,
    bow: float = 0.0,
) -> np.ndarray:
    """The outline of a small long bone from base to head; widths: base, waist, head; bow: sideways sag in units."""
    start, end = np.asarray(base, float), np.asarray(head, float)
    axis = end - start
    across = np.array([-axis[1], axis[0]]) / np.hypot(*axis)
    sides = []
    for side in (1, -1):
        points = []
        for position, *shares in PROFILES[profile]:
            half = float(np.dot(shares, widths)) / 2 * (1 + 0.03 * random.standard_normal())
            sag = bow * np.sin(np.pi * position)
            points.append(start + position * axis + across * (side * half + sag))
        sides.append(points)
    return smooth(sides[0] + sides[1][::-1], steps=6)


def capsule(points: Points, widths: np.ndarray) -> np.ndarray:
    """The outline of a finger or toe: a centre line with a width at each point and a round tip at its end."""
    line = np.asarray(points, float)
    direction = np.gradient(line, axis=0)
    direction /= np.hypot(direction[:, 0], direction[:, 1])[:, None]
    across = np.column_stack([-direction[:, 1], direction[:, 0]])
    half = np.asarray(widths, float)[:, None] / 2
    angles = np.linspace(np.pi / 2, -np.pi / 2, 9)[1:-1, None]
    tip = line[-1] + half[-1] * (np.cos(angles) * direction[-1] + np.sin(angles) * across[-1])
    return smooth(np.vstack([line + half * across, tip, (line - half * across)[::-1]]), steps=4)


def mask(outlines: Sequence[np.ndarray], shape: tuple[int, int]) -> np.ndarray:
    """Boolean array of the shape, true inside any of the outlines given in pixels."""
    image = Image.new("1", (shape[1], shape[0]))
    draw = ImageDraw.Draw(image)
    for outline in outlines:
        draw.polygon([(float(x), float(y)) for x, y in outline], fill=1)
    return np.asarray(image)


def depth_inside(inside: np.ndarray, softness: float = 0.9) -> np.ndarray:
    """Distance in pixels to the outside, softened so that the middle ridge and the edge steps don't show."""
    from scipy import ndimage

    # A margin of outside would bend distances where a part leaves the picture: the crop's border is not an edge.
    distance = ndimage.distance_transform_edt(inside).astype(np.float32)
    return ndimage.gaussian_filter(distance, softness)


def local_radius(depth: np.ndarray) -> np.ndarray:
    """Half the local width of a part: the deepest depth near each pixel, smooth; same unit as depth."""
    from scipy import ndimage

    step = max(1, int(depth.max() / 8))
    coarse = depth[::step, ::step]
    reach = max(1, int(0.8 * depth.max() / step))
    highest = ndimage.maximum_filter(coarse, size=2 * reach + 1)
    return enlarge_like(ndimage.gaussian_filter(highest, reach * 0.6), depth.shape, step)


def enlarge_like(coarse: np.ndarray, shape: tuple[int, int], step: int) -> np.ndarray:
    """A field sampled every `step` pixels, brought back to the shape."""
    image = Image.fromarray(np.ascontiguousarray(coarse, np.float32))
    size = (coarse.shape[1] * step, coarse.shape[0] * step)
    return np.asarray(image.resize(size, Image.Resampling.BILINEAR))[: shape[0], : shape[1]]


def chord(depth: np.ndarray, radius: np.ndarray | float) -> np.ndarray:
    """Length of the ray through a rounded body at a depth below its outline; twice the radius on the plateau."""
    share = np.clip(depth / np.maximum(radius, 1e-3), 0.0, 1.0)
    return 2 * radius * np.sqrt(np.maximum(2 * share - share * share, 0.0))


def path(text: str) -> np.ndarray:
    """Points written as "x,y x,y ...", shape (n, 2)."""
    return np.array([point.split(",") for point in text.split()], float)
