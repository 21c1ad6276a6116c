"""Vertebrae from the front, shared by the regions that show a spine."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from generation.phantom.layers import Bone
from generation.phantom.scene import outline
from generation.phantom.shapes import smooth


def vertebra(
    name: str, warp: Callable, x: float, top: float, bottom: float, width: float, dense: float
) -> tuple[list, list]:
    """A vertebra from the front: body, transverse processes, pedicles, spinous process; x is its middle."""
    h = bottom - top
    w = width / 2
    body = [
        (x - w, top + 4), (x - 0.5 * w, top + 0), (x, top + 3), (x + 0.5 * w, top), (x + w, top + 4), (x + 0.92 * w, top + 0.3 * h),
        (x + 0.90 * w, top + 0.55 * h), (x + w, bottom - 3), (x + 0.5 * w, bottom), (x, bottom - 3), (x - 0.5 * w, bottom),
        (x - w, bottom - 3), (x - 0.90 * w, top + 0.55 * h), (x - 0.92 * w, top + 0.3 * h),
    ]  # fmt: skip
    bones = [Bone(f"{name} body", [outline(body, warp)], 0.8, thickness=0.55, spongy=0.24 * dense, grain=0.08)]
    for sign in (-1, 1):
        process = [
            (x + sign * a * w, top + b * h)
            for a, b in ((0.85, 0.30), (1.25, 0.22), (1.66, 0.12), (1.72, 0.24), (1.3, 0.46), (0.85, 0.58))
        ]
        bones.append(
            Bone(f"{name} process {sign}", [outline(process, warp)], 0.6, thickness=0.5, spongy=0.3 * dense, grain=0.06)
        )
    strokes = []
    angles = np.linspace(0, 2 * np.pi, 24)
    for sign in (-1, 1):
        ring = np.column_stack(
            [x + sign * 0.66 * w + 0.15 * w * np.cos(angles), top + 0.38 * h + 0.20 * h * np.sin(angles)]
        )
        strokes.append((warp(ring), 2.0, 0.16 * dense))
    spine = np.array(
        [
            (x, top + 0.45 * h),
            (x - 0.07 * w, top + 0.75 * h),
            (x - 0.10 * w, top + 0.98 * h),
            (x, top + 1.06 * h),
            (x + 0.10 * w, top + 0.98 * h),
            (x + 0.07 * w, top + 0.75 * h),
            (x, top + 0.45 * h),
        ]
    )
    strokes.append((warp(smooth(spine, closed=False)), 1.8, 0.20 * dense))
    strokes.append((warp(np.array([(x - w, top + 3), (x + w, top + 3)])), 1.6, 0.12 * dense))
    strokes.append((warp(np.array([(x - w, bottom - 2), (x + w, bottom - 2)])), 1.6, 0.12 * dense))
    return bones, strokes
