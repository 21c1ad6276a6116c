"""Masks: which pixels an inpainting order may change, drawn from shapes that fit a picture of any size.

A mask's shape is plain data: {"shapes": [...]}, each of them one of
{"kind": "rectangle", "x", "y", "width", "height"}, {"kind": "polygon", "points": [[x, y], ...]} and
{"kind": "brush", "points": [[x, y], ...], "radius"}. x and width are shares 0..1 of the picture's width, y and height
of its height; a radius is a share of the longer side.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np

CHANGE, KEEP = 255, 0
MOST_SHAPES, MOST_POINTS, MOST_RADIUS = 200, 20_000, 0.2
KINDS = {"rectangle": ("x", "y", "width", "height"), "polygon": (), "brush": ("radius",)}
FEWEST_POINTS = {"rectangle": 0, "polygon": 3, "brush": 1}


def problems(shape: Any) -> list[str]:
    """Sentences on what is wrong with a mask's shape; empty when it can be drawn."""
    shapes = shape.get("shapes") if isinstance(shape, Mapping) else None
    if not isinstance(shapes, list) or not all(isinstance(one, Mapping) for one in shapes):
        return ["The mask is no list of shapes."]
    if not 1 <= len(shapes) <= MOST_SHAPES:
        return [f"A mask has from 1 to {MOST_SHAPES} shapes, not {len(shapes)}."]
    sentences = [sentence for one in shapes if (sentence := _problem(one))]
    if sum(len(one.get("points") or ()) for one in shapes if not sentences) > MOST_POINTS:
        sentences.append(f"A mask has at most {MOST_POINTS} points.")
    return list(dict.fromkeys(sentences))


def share(shape: Mapping[str, Any], width: int, height: int) -> float:
    """The share of the picture's pixels that may change, 0..1."""
    return _share(json.dumps(shape, sort_keys=True), width, height)


def draw(shape: Mapping[str, Any], width: int, height: int) -> np.ndarray:
    """The mask, uint8 of shape (height, width): 255 where a pixel's centre lies in any of the shapes, else 0."""
    inside = np.zeros((height, width), bool)
    for one in shape["shapes"]:
        if one["kind"] == "rectangle":
            x, y, right, bottom = one["x"], one["y"], one["x"] + one["width"], one["y"] + one["height"]
            inside |= _polygon(np.array([(x, y), (right, y), (right, bottom), (x, bottom)]) * (width, height), inside)
        elif one["kind"] == "polygon":
            inside |= _polygon(np.array(one["points"], float) * (width, height), inside)
        else:
            points = np.array(one["points"], float) * (width, height)
            _brush(points, one["radius"] * max(width, height), inside)
    return np.where(inside, np.uint8(CHANGE), np.uint8(KEEP))


def _problem(one: Mapping[str, Any]) -> str:
    kind = one.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        return f"A mask is made of rectangles, polygons and brush strokes; “{str(kind)[:40]}” is none of them."
    points = one.get("points") or []
    if not isinstance(points, list) or not all(isinstance(point, list) and len(point) == 2 for point in points):
        return f"The points of a {kind} are pairs of numbers."
    if len(points) < FEWEST_POINTS[kind]:
        return f"A {kind} has at least {FEWEST_POINTS[kind]} points."
    numbers: list[Any] = [one.get(name) for name in KINDS[kind]] + [number for point in points for number in point]
    if not all(isinstance(number, int | float) and not isinstance(number, bool) for number in numbers):
        return f"A number of a {kind} is missing."
    if not all(math.isfinite(number) and 0 <= number <= 1 for number in numbers):
        return f"The numbers of a {kind} are shares of the picture, from 0 to 1."
    # Each piece of a stroke is measured over its surroundings: wide ones would take minutes.
    if kind == "brush" and not 0 < one["radius"] <= MOST_RADIUS:
        return f"A brush has a radius, of at most {MOST_RADIUS:.0%} of the longer side."
    return ""


@lru_cache(maxsize=256)
def _share(shape: str, width: int, height: int) -> float:
    # Thousands of orders share a mask: it is measured once.
    return float((draw(json.loads(shape), width, height) == CHANGE).mean())


def _polygon(points: np.ndarray, like: np.ndarray) -> np.ndarray:
    """Pixels inside the closed polygon by the even-odd rule; points in pixels, shape (n, 2)."""
    height, width = like.shape
    centres = np.arange(height) + 0.5
    crossings = np.zeros((height, width + 1), np.int32)
    for (x0, y0), (x1, y1) in pairwise([*points, points[0]]):
        rows = np.flatnonzero((centres >= min(y0, y1)) & (centres < max(y0, y1)))
        if len(rows):
            x = x0 + (centres[rows] - y0) * (x1 - x0) / (y1 - y0)
            np.add.at(crossings, (rows, np.clip(np.ceil(x - 0.5), 0, width).astype(int)), 1)
    return np.cumsum(crossings, axis=1)[:, :width] % 2 == 1


def _brush(points: np.ndarray, radius: float, inside: np.ndarray) -> None:
    """Set the pixels whose centre is no further than the radius from the stroke; both in pixels."""
    height, width = inside.shape
    for start, end in pairwise([*points, points[-1]]):
        # Only the segment's surroundings are measured: a stroke has hundreds of segments.
        left, top = np.clip(np.floor(np.minimum(start, end) - radius), 0, (width, height)).astype(int)
        right, bottom = np.clip(np.ceil(np.maximum(start, end) + radius), 0, (width, height)).astype(int)
        x = np.arange(left, right)[None, :] + 0.5 - start[0]
        y = np.arange(top, bottom)[:, None] + 0.5 - start[1]
        across, down = end - start
        along = np.clip((x * across + y * down) / max(across * across + down * down, 1e-12), 0, 1)
        inside[top:bottom, left:right] |= np.hypot(x - along * across, y - along * down) <= radius
