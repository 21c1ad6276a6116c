"""The chest from behind (PA) and, as on the ward, from the front (AP)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from generation.phantom import defects
from generation.phantom.layers import Body, Bone, Flesh, Lines
from generation.phantom.projection import Exposure
from generation.phantom.regions.vertebrae import vertebra
from generation.phantom.scene import Finding, Patient, Scene, outline
from generation.phantom.shapes import smooth

BODY_PART = "chest"
WORDS = ("chest", "thorax", "lung", "lungs")
VIEWS = ("PA", "AP")
SIDED = False
DEFECTS = (*defects.OF_THE_PICTURE, "absent_breast_shadows", "missing_rib")
UNIT_MM = 0.39
MIDDLE = 458.0

RIGHT_LUNG = [
    (348, 116), (385, 140), (404, 185), (408, 240), (398, 290), (394, 350), (392, 430), (384, 520), (372, 600), (372, 660), (382, 728),
    (372, 742), (330, 736), (270, 733), (190, 755), (120, 800), (84, 868), (74, 860), (70, 760), (70, 600), (79, 480), (92, 380),
    (115, 290), (150, 220), (200, 162), (258, 126), (308, 112),
]  # fmt: skip
LEFT_LUNG = [
    (572, 118), (534, 142), (514, 185), (516, 240), (526, 275), (541, 300), (538, 335), (526, 362), (540, 400), (566, 440), (602, 505),
    (634, 580), (654, 655), (656, 725), (644, 768), (662, 772), (712, 780), (756, 806), (792, 856), (802, 892), (812, 880), (820, 760),
    (826, 600), (818, 480), (802, 380), (772, 290), (732, 220), (684, 165), (632, 132), (604, 118),
]  # fmt: skip
SKIN = [
    (382, -500), (386, -60), (380, 0), (350, 45), (270, 80), (120, 115), (-20, 150), (-130, 200), (-190, 300), (-190, 420), (-90, 470),
    (2, 520), (26, 600), (36, 720), (42, 850), (44, 1000), (40, 1200), (20, 1700), (896, 1700), (876, 1200), (872, 1000), (876, 850),
    (884, 720), (896, 600), (918, 520), (1010, 470), (1110, 420), (1110, 300), (1050, 200), (940, 150), (800, 115), (650, 80), (566, 45),
    (536, 0), (530, -60), (534, -500),
]  # fmt: skip
ARM = [
    (-190, 250),
    (-60, 300),
    (-8, 430),
    (-14, 520),
    (-40, 700),
    (-90, 950),
    (-160, 1250),
    (-420, 1250),
    (-330, 600),
    (-260, 300),
]


def mirror(points: list | np.ndarray) -> np.ndarray:
    """The same on the other side of the body."""
    other = np.asarray(points, float).copy()
    other[:, 0] = 2 * MIDDLE - other[:, 0]
    return other[::-1]


def band(line: np.ndarray, widths: np.ndarray | float) -> np.ndarray:
    """The outline of a ribbon along a line."""
    direction = np.gradient(line, axis=0)
    direction /= np.hypot(direction[:, 0], direction[:, 1])[:, None] + 1e-9
    across = np.column_stack([-direction[:, 1], direction[:, 0]]) * (np.broadcast_to(widths, len(line))[:, None] / 2)
    return np.vstack([line + across, (line - across)[::-1]])


def wall(y: float) -> float:
    """How far the chest wall is from the middle at a height."""
    heights = [60, 110, 160, 220, 290, 380, 480, 600, 760, 900, 1100]
    return float(np.interp(y, heights, [120, 205, 272, 318, 350, 374, 386, 394, 396, 392, 380]))


def ribs(patient: Patient, warp: Callable, dense: float) -> list[Bone]:
    """Ten pairs of ribs, each in a hind and a fore part, because both are seen."""
    random = patient.stream("ribs")
    slope = 1 + random.normal(0, 0.10)
    made = []
    for number in range(1, 11):
        root = 82 + 61 * number
        drop = (28 + 13.5 * number) * slope
        turn = root + drop
        for sign, side in ((-1, "right"), (1, "left")):
            shift = random.normal(0, 4)
            outer = wall(turn) - 3
            hind = [
                (40, root + 4),
                (95, root - 14 + number),
                (0.42 * outer + 30, root - 8 + 0.12 * drop),
                (0.80 * outer, root + 0.48 * drop),
                (0.97 * outer, turn - 14),
                (outer, turn + 14),
            ]
            end = 0.36 + 0.035 * max(0, number - 4) + (0.14 if number == 1 else 0)
            fall = (96 if number > 2 else 62) * slope + 7 * number
            fore = [
                (outer, turn - 16),
                (0.985 * outer, turn + 0.22 * fall),
                (0.86 * outer, turn + 0.55 * fall),
                (0.66 * outer, turn + 0.85 * fall),
                (end * outer, turn + fall),
            ]
            thick = 30 + 0.6 * number
            for part, points in (("hind", hind), ("fore", fore)):
                if part == "fore" and number > 8:
                    continue
                line = smooth([(MIDDLE + sign * x, y + shift) for x, y in points], closed=False, steps=6)
                taper = np.interp(
                    np.linspace(0, 1, len(line)),
                    [0, 0.15, 0.8, 1],
                    [0.72, 0.95, 1.0, 0.9] if part == "hind" else [0.85, 1, 1.08, 1.15],
                )
                made.append(
                    Bone(
                        f"rib {number} {side} {part}", [warp(band(line, thick * taper))], shell_mm=0.8 * patient.body["cortex"],
                        thickness=0.30 if part == "hind" else 0.22, spongy=0.34 * dense, grain=0.05,
                    )
                )  # fmt: skip
    return made


def shoulder_girdle(patient: Patient, warp: Callable, dense: float, upright: bool) -> list[Bone]:
    """Clavicles, shoulder blades and the heads of the humeri."""
    random = patient.stream("girdle")
    made = []
    lift = random.normal(0, 10) - (0 if upright else 18)
    clavicle = [(402, 276), (340, 246), (262, 214), (180, 196), (95, 188), (10, 178), (-80, 150)]
    blade = [
        (110, 178),
        (60, 205),
        (34, 260),
        (48, 360),
        (66, 470),
        (84, 560),
        (70, 600),
        (46, 560),
        (8, 450),
        (-40, 350),
        (-70, 270),
        (-60, 215),
        (-20, 190),
        (40, 180),
    ]
    inward = 0.0 if upright else 60.0
    for name, flip in (("right", False), ("left", True)):
        tilt = lift + random.normal(0, 5)
        line = smooth([(x, y + tilt * (0.4 + 0.6 * (402 - x) / 480)) for x, y in clavicle], closed=False)
        shape = band(line, np.interp(np.linspace(0, 1, len(line)), [0, 0.12, 0.5, 1], [44, 34, 26, 32]))
        here = np.array([(x + inward * np.clip((y - 150) / 300, 0, 1), y + tilt) for x, y in blade])
        head = np.array([(-128 + 66 * np.cos(a), 262 + tilt + 66 * np.sin(a)) for a in np.linspace(0, 6, 14)])
        spine = band(
            smooth([(96, 214 + tilt), (20, 196 + tilt), (-60, 176 + tilt), (-130, 168 + tilt)], closed=False), 30.0
        )
        for part, points, closed, thick, shell in (
            ("clavicle", shape, False, 0.42, 1.2), ("blade", here, True, 0.05, 1.0), ("spine of the blade", spine, False, 0.22, 0.9), ("humerus", head, True, 0.5, 0.8),
        ):  # fmt: skip
            drawn = mirror(points) if flip else np.asarray(points)
            outlined = outline(drawn, warp) if closed else warp(drawn)
            made.append(
                Bone(
                    f"{name} {part}",
                    [outlined],
                    shell * patient.body["cortex"],
                    thickness=thick,
                    spongy=0.30 * dense,
                    grain=0.05,
                )
            )
    return made


def inside(outline: np.ndarray, point: np.ndarray) -> bool:
    """Whether a point lies within a closed outline."""
    x, y = outline[:, 0], outline[:, 1]
    nx, ny = np.roll(x, -1), np.roll(y, -1)
    crossing = (y > point[1]) != (ny > point[1])
    with np.errstate(divide="ignore", invalid="ignore"):
        at = x + (point[1] - y) / (ny - y) * (nx - x)
    return bool(np.count_nonzero(crossing & (point[0] < at)) % 2)


def vessels(random: np.random.Generator, hilum: np.ndarray, lung: np.ndarray, outward: float) -> list:
    """Pulmonary vessels: a tree from the hilum that thins and forks towards the wall."""
    strokes: list = []
    # Angles from straight up over sideways to straight down; the lower lobe has the larger and straighter ones.
    branches = []
    for angle in np.concatenate([np.linspace(-75, 20, 8), np.linspace(15, 88, 11), random.uniform(-60, 85, 6)]):
        turned = np.radians(angle + random.normal(0, 6))
        low = angle > 15
        branches.append((hilum + random.normal(0, 14, 2), turned, (4.6 if low else 3.4) * random.uniform(0.6, 1.1), 0))
    while branches:
        start, angle, width, level = branches.pop()
        length = 64 * 0.86**level * random.uniform(0.7, 1.3)
        steps = 5
        points = [start]
        bend = random.normal(0, 0.10)
        for _ in range(steps):
            angle += bend / steps + random.normal(0, 0.04)
            points.append(points[-1] + (length / steps) * np.array([outward * np.cos(angle), np.sin(angle)]))
        line = np.array(points)
        strokes.append((line, width, 0.030 + 0.036 * width))
        if level < 6 and width > 0.45 and (level < 1 or inside(lung, line[-1])):
            first, second = random.uniform(0.10, 0.34), random.uniform(0.30, 0.75)
            sign = random.choice([-1, 1])
            branches.append((line[-1], angle - sign * first * 0.7, width * 0.80, level + 1))
            branches.append(
                (
                    line[-1] if random.random() < 0.5 else line[3],
                    angle + sign * second,
                    width * random.uniform(0.45, 0.66),
                    level + 1,
                )
            )
    return strokes


def lungs_of(patient: Patient) -> tuple[np.ndarray, np.ndarray]:
    """Control points of the right and the left lung of this person: breath, heart size and build differ."""
    random = patient.stream("lungs")
    bedside = patient.view_position == "AP"
    breath = random.normal(-26 if bedside else 0, 22)
    heart = random.normal(26 if bedside else 0, 15)
    made = []
    for lung, left in ((RIGHT_LUNG, False), (LEFT_LUNG, True)):
        points = np.asarray(lung, float)
        low = np.clip((points[:, 1] - 420) / 320, 0, 1)
        points[:, 1] += breath * low
        medial = np.clip(1 - np.abs(points[:, 0] - MIDDLE) / 240, 0, 1) * np.clip((points[:, 1] - 400) / 180, 0, 1)
        points[:, 0] += (heart if left else -0.25 * heart) * medial * 1.4
        made.append(points)
    return made[0], made[1]


def draw(patient: Patient) -> Scene:
    """The chest, right side of the body at the left of the picture."""
    box = (-5.0, -20.0, 925.0, 1100.0)
    body = patient.body
    warp = patient.warp(box, 0.009)
    random = patient.stream("chest")
    upright = patient.view_position == "PA"
    dense, flesh = 0.55 * body["density"], body["flesh"]  # the beam is harder here: bone counts for less
    right, left = (outline(points, warp) for points in lungs_of(patient))
    spine: list = []
    strokes: list = []
    top = -110.0
    for number in range(16):
        height = 46 + 1.5 * number
        bones, lines = vertebra(
            f"vertebra {number}",
            warp,
            MIDDLE + 3 * np.sin(number / 3),
            top,
            top + height,
            74 + 1.7 * number,
            dense * 0.8,
        )
        spine += [bone for bone in bones if bone.name.endswith("body")]
        strokes += lines
        top += height + 7
    right_hilum, left_hilum = np.array([348.0, 420.0]), np.array([556.0, 402.0])
    tree = vessels(patient.stream("right vessels"), right_hilum, right, -1.0) + vessels(
        patient.stream("left vessels"), left_hilum, left, 1.0
    )
    tree = [(warp(line), width, depth) for line, width, depth in tree]
    air = -1.62 * (1 + random.normal(0, 0.04))
    skin = outline(SKIN, warp)
    skin[:, 0] = MIDDLE + (skin[:, 0] - MIDDLE) * (1 + 0.12 * (flesh - 1))
    trachea = [
        (456, -80),
        (450, 60),
        (452, 180),
        (450, 270),
        (440, 318),
        (404, 372),
        (396, 366),
        (424, 312),
        (444, 316),
        (462, 330),
        (478, 318),
        (516, 362),
        (522, 352),
        (484, 302),
        (480, 250),
        (482, 180),
        (480, 60),
        (482, -80),
    ]
    bubble = np.array(
        [(610, 800), (640, 790), (664, 815), (660, 862), (628, 876), (592, 862), (586, 826)]
    ) + random.normal(0, 14, 2)
    layers = [
        Flesh("skin", [skin], radius_mm=84 * flesh**0.7, thickness=0.98, planes=0.02),
        Flesh("arms", [outline(ARM, warp), outline(mirror(ARM), warp)], radius_mm=40 * flesh, thickness=0.8),
        Body("right lung", [right], air, 34, 0.9, mottle=0.022),
        Body("left lung", [left], air, 34, 0.9, mottle=0.022),
        Body("lung behind the heart", [outline([(500, 400), (560, 440), (640, 600), (640, 745), (560, 740), (500, 745)], warp)], -0.34, 24, 6),
        Body("right lung behind the dome", [outline([(110, 790), (200, 745), (330, 730), (378, 735), (372, 800), (240, 830), (96, 880)], warp)], -0.20, 14, 7),
        Body("left lung behind the dome", [outline([(520, 750), (640, 760), (720, 775), (790, 850), (796, 890), (640, 830), (520, 800)], warp)], -0.18, 14, 7),
        Body("mediastinum", [outline([(415, 120), (500, 120), (530, 300), (520, 420), (560, 560), (590, 720), (400, 720), (390, 560), (405, 300)], warp)], 0.42, 30, 9),
        Body("heart", [outline([(400, 480), (520, 440), (600, 520), (640, 640), (636, 745), (520, 760), (400, 745), (385, 620)], warp)], 0.26, 40, 5),
        Body("right hilum", [outline([(372, 360), (350, 390), (335, 440), (330, 500), (345, 520), (372, 470), (390, 420)], warp)], 0.30, 9, 4),
        Body("left hilum", [outline([(535, 350), (566, 372), (590, 400), (584, 440), (560, 450), (540, 420)], warp)], 0.28, 9, 4),
        Body("trachea", [outline(trachea, warp)], -0.22, 7, 1.6),
        Body("stomach bubble", [outline(bubble, warp)], -0.42 * random.uniform(0.5, 1.2), 12, 2, mottle=0.1),
        Body("right muscles", [outline([(60, 100), (250, 100), (100, 260), (60, 480), (-20, 520), (-120, 300)], warp)], 0.22, 40, 10),
        Body("left muscles", [outline(mirror([(60, 100), (250, 100), (100, 260), (60, 480), (-20, 520), (-120, 300)]), warp)], 0.22, 40, 10),
        *breasts(patient, warp), *spine, *ribs(patient, warp, dense), *shoulder_girdle(patient, warp, dense, upright),
        Lines("vessels", tree, blur_mm=0.75),
        Lines("spine", [(line, width, depth * 0.7) for line, width, depth in strokes], blur_mm=0.9),
    ]  # fmt: skip
    return Scene(
        box, UNIT_MM * body["size"], layers,
        Exposure(photons=1500 if upright else 800, scatter=0.35 if upright else 0.6, levelling=0.38, sharpening=0.5, blur=0.7, gamma=0.95),
        marker_places=[(40, 60), (876, 60), (880, 1010), (36, 1010)],
        grain_mm=0.9,
    )  # fmt: skip


def breasts(patient: Patient, warp: Callable) -> list[Body]:
    """The shadows of the breasts, or of the chest muscles of a man."""
    random = patient.stream("breasts")
    if patient.sex != "F":
        fold = [(90, 300), (240, 280), (330, 360), (300, 440), (180, 470), (90, 440)]
        return [
            Body(f"{side} pectoral", [outline(points, warp)], 0.10, 40, 10)
            for side, points in (("right", fold), ("left", mirror(fold)))
        ]
    size = random.uniform(0.8, 1.2)
    made = []
    for side in ("right", "left"):
        sag = random.normal(0, 14)
        shape = np.array(
            [(110, 430), (230, 430), (320, 520), (345, 640), (300, 740), (200, 775), (95, 740), (40, 640), (52, 520)],
            float,
        )
        middle = np.array([195, 560])
        shape = middle + (shape - middle) * (size, size) + (0, sag)
        made.append(
            Body(f"{side} breast", [outline(mirror(shape) if side == "left" else shape, warp)], 0.42 * size, 46, 3.0)
        )
    return made


def absent_breast_shadows(scene: Scene, random: np.random.Generator) -> Finding:
    """A woman's chest without the shadows of her breasts; the place is that of the right one."""
    gone = [layer for layer in scene.layers if layer.name.endswith(" breast")]
    scene.layers = [layer for layer in scene.layers if not any(layer is body for body in gone)]
    return Finding("absent_breast_shadows", "F17", gone[0].outlines[0])


def missing_rib(scene: Scene, random: np.random.Generator) -> Finding:
    """One rib is left out on one side, so that the count is wrong."""
    name = f"rib {random.integers(4, 9)} {random.choice(['right', 'left'])}"
    gone = [bone for bone in scene.bones if bone.name.startswith(name)]
    scene.layers = [layer for layer in scene.layers if not any(layer is bone for bone in gone)]
    return Finding("missing_rib", "F24", gone[0].outlines[0])


OWN_DEFECTS = {"absent_breast_shadows": absent_breast_shadows, "missing_rib": missing_rib}
