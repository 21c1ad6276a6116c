"""What the chest is made of besides its outlines: ribs, shoulder girdle, and the vessels of the lungs."""

from __future__ import annotations

import numpy as np

from generation.phantom.layers import Stroke
from generation.phantom.shapes import path, smooth
from generation.phantom.sketch import Sketch

MIDDLE = 458.0
CLAVICLE = path("402,276 340,246 262,214 180,196 95,188 10,178 -80,150")
BLADE = path("110,178 60,205 34,260 48,360 66,470 84,560 70,600 46,560 8,450 -40,350 -70,270 -60,215 -20,190 40,180")
BLADE_SPINE = path("92,224 20,200 -60,178 -130,168")
HUMERUS = (
    "-192,262 -170,216 -128,196 -86,214 -64,258 -82,306 -122,340 -150,440 -196,900 -236,1500 -300,1500 -256,900 "
    "-208,440 -194,330"
)
WALL = np.array(
    [
        (60, 104),
        (110, 187),
        (160, 252),
        (220, 297),
        (290, 330),
        (380, 352),
        (480, 364),
        (600, 371),
        (760, 372),
        (900, 368),
        (1100, 356),
    ]
)


def ribbon(line: np.ndarray, widths: np.ndarray | float) -> np.ndarray:
    """Control points around a line, round at its ends."""
    direction = np.gradient(line, axis=0)
    direction /= np.hypot(direction[:, 0], direction[:, 1])[:, None] + 1e-9
    width = np.broadcast_to(widths, len(line))[:, None]
    across = np.column_stack([-direction[:, 1], direction[:, 0]]) * (width / 2)
    start, end = line[:1] - direction[:1] * width[:1] * 0.4, line[-1:] + direction[-1:] * width[-1:] * 0.4
    return np.vstack([start, line + across, end, (line - across)[::-1]])


def along(line: np.ndarray, places: list[float], values: list[float]) -> np.ndarray:
    """Values given at shares of a line's length, for each of its points."""
    return np.interp(np.linspace(0, 1, len(line)), places, values)


def draw_ribs(pen: Sketch, dense: float) -> None:
    """Ten ribs of one side, each in a hind and a fore part, because both are seen."""
    random = pen.patient.stream(f"ribs {pen.side}")
    slope = 1 + pen.patient.stream("ribs").normal(0, 0.10)
    for number in range(1, 11):
        root = 82 + 61 * number + random.normal(0, 4)
        drop = (28 + 13.5 * number) * slope
        turn = root + drop
        outer = float(np.interp(turn, WALL[:, 0], WALL[:, 1])) - 8
        hind = [
            (34, root + 6),
            (95, root - 14 + number),
            (0.42 * outer + 30, root - 8 + 0.12 * drop),
            (0.78 * outer, root + 0.44 * drop),
            (0.95 * outer, turn - 20),
            (0.995 * outer, turn + 8),
            (outer - 2, turn + 40),
        ]
        end = 0.36 + 0.035 * max(0, number - 4) + (0.14 if number == 1 else 0)
        fall = (96 if number > 2 else 62) * slope + 7 * number
        fore = [
            (outer - 4, turn - 6),
            (0.985 * outer, turn + 0.30 * fall),
            (0.86 * outer, turn + 0.58 * fall),
            (0.66 * outer, turn + 0.85 * fall),
            (end * outer, turn + fall),
        ]
        width = 30 + 0.6 * number
        line = smooth(np.array(hind) * (-1, 1) + (MIDDLE, 0), closed=False, steps=3)
        shape = ribbon(line, width * along(line, [0, 0.15, 0.75, 1], [0.5, 0.92, 0.95, 0.45]))
        pen.bone(f"rib {number} hind", shape, rind=0.8, thickness=0.50 * dense, spongy=0.30, grain=0)
        if number < 8:
            line = smooth(np.array(fore) * (-1, 1) + (MIDDLE, 0), closed=False, steps=3)
            shape = ribbon(line, width * along(line, [0, 0.15, 0.75, 1], [0.40, 0.90, 1.0, 0.6]))
            pen.bone(f"rib {number} fore", shape, rind=0.7, thickness=0.32 * dense, spongy=0.30, grain=0)


def draw_girdle(pen: Sketch, dense: float, upright: bool, humerus: str = HUMERUS) -> None:
    """Clavicle, shoulder blade and head of the humerus of one side; who stands turns the blades outwards."""
    tilt = pen.patient.stream("girdle").normal(0, 10) - (0 if upright else 18)
    tilt += pen.patient.stream(f"girdle {pen.side}").normal(0, 5)
    line = smooth(
        CLAVICLE + np.column_stack([0 * CLAVICLE[:, 0], tilt * (0.4 + 0.6 * (402 - CLAVICLE[:, 0]) / 480)]),
        closed=False,
        steps=3,
    )
    pen.bone(
        "clavicle",
        ribbon(line, along(line, [0, 0.12, 0.5, 1], [44, 34, 26, 32])),
        rind=1.2,
        thickness=0.55 * dense,
        spongy=0.3,
        grain=0,
    )
    inward = 0.0 if upright else 60.0
    blade = BLADE + np.column_stack([inward * np.clip((BLADE[:, 1] - 150) / 300, 0, 1), np.full(len(BLADE), tilt)])
    pen.bone("blade", blade, rind=1.4, thickness=0.10 * dense, spongy=0.3, grain=0)
    line = smooth(np.add(BLADE_SPINE, (0, tilt)), closed=False, steps=3)
    pen.bone(
        "spine of the blade",
        ribbon(line, np.linspace(10, 40, len(line))),
        rind=0.9,
        thickness=0.35 * dense,
        grain=0,
    )
    pen.bone(
        "humerus",
        np.add(path(humerus), (0, tilt)),
        rind=0.5,
        cortex=3.0,
        shaft=path("-150,330 -240,1300"),
        thickness=0.45 * dense,
        grain=0,
    )


def inside(outline: np.ndarray, point: np.ndarray) -> bool:
    """Whether a point lies within a closed outline."""
    x, y = outline[:, 0], outline[:, 1]
    nx, ny = np.roll(x, -1), np.roll(y, -1)
    crossing = (y > point[1]) != (ny > point[1])
    with np.errstate(divide="ignore", invalid="ignore"):
        at = x + (point[1] - y) / (ny - y) * (nx - x)
    return bool(np.count_nonzero(crossing & (point[0] < at)) % 2)


def vessels(random: np.random.Generator, hilum: np.ndarray, lung: np.ndarray, outward: float) -> list[Stroke]:
    """Pulmonary vessels: trees from the hilum that thin and fork towards the wall; outward is -1 or 1."""
    strokes: list[Stroke] = []
    branches = []
    for angle in np.concatenate([np.linspace(-78, 10, 7), np.linspace(22, 84, 8), random.uniform(-70, 84, 5)]):
        turned = np.radians(angle + random.normal(0, 6))
        # They leave along the height of the hilum, the lower and larger ones lower, not from one point.
        start = np.add(hilum, (outward * random.normal(6, 7), 0.62 * angle + random.normal(0, 10)))
        branches.append((start, turned, (4.4 if angle > 15 else 3.2) * random.uniform(0.55, 1.1), 0))
    while branches:
        start, angle, width, level = branches.pop()
        length = 58 * 0.88**level * random.uniform(0.7, 1.3)
        points = [start]
        bend = random.normal(0, 0.22) / 5
        for _ in range(5):
            angle += bend + random.normal(0, 0.06)
            points.append(points[-1] + length / 5 * np.array([outward * np.cos(angle), np.sin(angle)]))
        line = np.array(points)
        strokes.append((line, width, 0.030 + 0.042 * width))
        if level < 7 and width > 0.40 and (level < 1 or inside(lung, line[-1])):
            near, far, sign = random.uniform(0.07, 0.24), random.uniform(0.30, 0.75), random.choice([-1, 1])
            fork = line[-1] if random.random() < 0.5 else line[3]
            branches.append((line[-1], angle - sign * near, width * 0.80, level + 1))
            branches.append((fork, angle + sign * far, width * random.uniform(0.45, 0.66), level + 1))
    return strokes
