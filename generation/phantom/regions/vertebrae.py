"""Vertebrae from the front, shared by the regions that show a spine."""

from __future__ import annotations

import numpy as np

from generation.phantom.sketch import Sketch

PROCESS = np.array([(0.85, 0.30), (1.25, 0.22), (1.66, 0.12), (1.72, 0.24), (1.3, 0.46), (0.85, 0.58)])
SPINE = np.array([(0, 0.45), (-0.07, 0.75), (-0.10, 0.98), (0, 1.06), (0.10, 0.98), (0.07, 0.75), (0, 0.45)])
BODY = np.array(
    [
        (-1, 0.05),
        (-0.5, 0.0),
        (0, 0.04),
        (0.5, 0.0),
        (1, 0.05),
        (0.92, 0.3),
        (0.90, 0.55),
        (0.97, 0.95),
        (0.5, 1.0),
        (0, 0.96),
        (-0.5, 1.0),
        (-0.97, 0.95),
        (-0.90, 0.55),
        (-0.92, 0.3),
    ]
)


def draw_vertebra(
    pen: Sketch, name: str, x: float, top: float, bottom: float, width: float, dense: float = 1.0, grain: float = 0.0
) -> None:
    """Body, transverse processes, pedicles and spinous process of a vertebra whose middle is x."""
    random = pen.patient.stream(f"vertebra {name}")
    size = np.array([width / 2, bottom - top])
    corner = np.array([x + random.normal(0, 0.015 * width), top])
    lean = random.normal(0, 0.02)

    def here(shares: np.ndarray) -> np.ndarray:
        points = shares * size + corner
        points[:, 1] += lean * (points[:, 0] - x)
        return points

    wobble = random.normal(0, 0.012, BODY.shape)
    pen.bone(f"{name} body", here(BODY + wobble), rind=0.7 * dense, thickness=0.95, spongy=0.34 * dense, grain=grain)
    for side in (-1, 1):
        process = here(PROCESS * (side * random.normal(1, 0.06), 1))
        pen.bone(f"{name} process {side}", process, rind=0.5 * dense, thickness=0.7, spongy=0.3 * dense, grain=grain)
        angles = np.linspace(0, 2 * np.pi, 20)
        pen.line(
            here(np.column_stack([side * 0.66 + 0.14 * np.cos(angles), 0.38 + 0.20 * np.sin(angles)])),
            2.0,
            0.20 * dense,
        )
    pen.line(here(SPINE), 2.4, 0.30 * dense)
    pen.line(here(np.array([(-1, 0.06), (0, 0.03), (1, 0.06)])), 1.9, 0.20 * dense)
    pen.line(here(np.array([(-0.97, 0.96), (0, 0.98), (0.97, 0.96)])), 1.9, 0.20 * dense)
