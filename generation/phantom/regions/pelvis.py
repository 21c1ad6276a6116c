"""The pelvis from the front (AP)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from generation.phantom import defects
from generation.phantom.layers import Body, Bone, Flesh, Lines
from generation.phantom.projection import Exposure
from generation.phantom.regions.vertebrae import vertebra
from generation.phantom.scene import Joint, Patient, Scene, outline
from generation.phantom.shapes import smooth

BODY_PART = "pelvis"
WORDS = ("pelvis", "pelvic", "hip", "hips")
VIEWS = ("AP",)
SIDED = False
DEFECTS = (*defects.OF_JOINTS, *defects.OF_BONES, *defects.OF_THE_PICTURE)
UNIT_MM = 0.29
MIDDLE = 620.0

# The right half, at the left of the picture; the other half is its mirror image in the line x = MIDDLE.
ILIUM = [
    (92, 220), (96, 180), (112, 140), (150, 103), (200, 80), (260, 67), (320, 68), (375, 82), (418, 112), (452, 156), (480, 205),
    (500, 255), (516, 298), (505, 330), (486, 360), (478, 400), (452, 412), (420, 420), (396, 440), (386, 470), (386, 520),
    (396, 575), (412, 625), (430, 670), (440, 710), (448, 745), (445, 790), (425, 800), (390, 780), (350, 750), (300, 690),
    (255, 620), (226, 588), (205, 550), (196, 505), (196, 450), (190, 410), (172, 372), (140, 335), (112, 290), (96, 250),
]  # fmt: skip
ISCHIUM = [
    (352, 700), (400, 690), (440, 705), (452, 740), (440, 775), (437, 800), (448, 830), (470, 860), (500, 876), (524, 868),
    (532, 845), (560, 835), (590, 860), (596, 880), (560, 905), (545, 930), (515, 944), (475, 938), (430, 915), (390, 885),
    (366, 850), (352, 800), (346, 750),
]  # fmt: skip
PUBIS = [
    (405, 640), (432, 668), (455, 705), (500, 752), (545, 773), (585, 774), (606, 780), (610, 815), (602, 860), (590, 885),
    (566, 880), (550, 858), (534, 845), (515, 828), (480, 800), (450, 778), (430, 755), (405, 720), (392, 680),
]  # fmt: skip
FEMUR = [
    (205, 650), (220, 612), (258, 590), (298, 590), (336, 612), (360, 650), (364, 692), (350, 728), (322, 756), (290, 772),
    (262, 790), (244, 825), (234, 858), (250, 872), (266, 895), (262, 925), (240, 950), (218, 985), (206, 1040), (204, 1200),
    (204, 1600), (204, 2000), (92, 2000), (92, 1600), (92, 1200), (92, 1040), (86, 960), (70, 900), (40, 850), (18, 800), (20, 745),
    (36, 700), (62, 676), (94, 676), (112, 690), (116, 712), (140, 713), (170, 705), (196, 692),
]  # fmt: skip
SACRUM = [
    (496, 170), (540, 168), (620, 205), (700, 168), (744, 170), (770, 200), (758, 260), (735, 310), (722, 360), (700, 420), (680, 480),
    (655, 525), (640, 560), (620, 585), (600, 560), (585, 525), (560, 480), (540, 420), (518, 360), (505, 310), (482, 260), (470, 200),
]  # fmt: skip


def mirror(points: list | np.ndarray) -> np.ndarray:
    """The same on the other side of the body."""
    other = np.asarray(points, float).copy()
    other[:, 0] = 2 * MIDDLE - other[:, 0]
    return other[::-1]


def curve(points: list, warp: Callable, left: bool) -> np.ndarray:
    """An open curve of one side."""
    return warp(smooth(mirror(points) if left else points, closed=False))


def half(patient: Patient, warp: Callable, left: bool) -> tuple[list, list]:
    """Hip bone and femur of one side, and the lines seen on end."""
    body = patient.body
    side = "left" if left else "right"
    dense, cortex = body["density"], body["cortex"]
    turn = patient.stream(f"hip {side}").normal(0, 0.02)

    def here(points: list) -> np.ndarray:
        return outline(mirror(points) if left else points, warp)

    def open_curve(points: list) -> np.ndarray:
        return curve(points, warp, left)

    def leg(points: list) -> np.ndarray:
        centre = np.array([285.0, 680.0])
        matrix = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
        return (np.asarray(points, float) - centre) @ matrix + centre

    # Principal compressive group from the calcar up into the head, tensile arcade from the trochanter over the neck.
    flow = [open_curve(leg(line)) for line in (
        [(215, 1000), (232, 850), (262, 740), (300, 600)], [(225, 900), (270, 730), (325, 620)],
        [(80, 900), (70, 790), (130, 720), (220, 650), (330, 660)], [(150, 2000), (150, 1100)], [(100, 1000), (150, 870), (200, 800)],
    )]  # fmt: skip
    flat = [
        open_curve(line)
        for line in (
            [(130, 150), (260, 330), (330, 560)],
            [(400, 130), (400, 400), (330, 560)],
            [(260, 590), (400, 700)],
        )
    ]
    femur = Bone(
        f"{side} femur", [here(leg(FEMUR))], 0.8, 6.5 * cortex,
        (warp(mirror(leg([(150, 830)])) if left else leg([(150, 830)]))[0], warp(mirror(leg([(148, 1900)])) if left else leg([(148, 1900)]))[0]),
        thickness=0.80, spongy=0.34 * dense, hollow=0.25, grain=0.12, flow=flow,
    )  # fmt: skip
    ilium = Bone(
        f"{side} ilium", [here(ILIUM)], 1.3 * cortex, thickness=0.24, spongy=0.50 * dense, grain=0.10, flow=flat
    )
    ischium = Bone(f"{side} ischium", [here(ISCHIUM)], 1.0 * cortex, thickness=0.75, spongy=0.34 * dense, grain=0.10)
    pubis = Bone(f"{side} pubis", [here(PUBIS)], 1.0 * cortex, thickness=0.65, spongy=0.34 * dense, grain=0.10)
    back = Body(
        f"{side} thick ilium",
        [
            here(
                [
                    (390, 250),
                    (430, 230),
                    (480, 260),
                    (510, 300),
                    (490, 350),
                    (470, 400),
                    (420, 415),
                    (350, 470),
                    (300, 560),
                    (230, 570),
                    (215, 500),
                    (300, 400),
                ]
            )
        ],
        0.34 * dense,
        14,
        7,
        mottle=0.10,
    )
    acetabulum = Body(
        f"{side} acetabulum",
        [
            here(
                [
                    (235, 585),
                    (300, 560),
                    (370, 570),
                    (430, 650),
                    (445, 740),
                    (400, 780),
                    (360, 760),
                    (375, 690),
                    (345, 625),
                    (300, 600),
                ]
            )
        ],
        0.30 * dense,
        10,
        4,
        mottle=0.08,
    )
    strokes = [
        (open_curve([(220, 588), (245, 572), (285, 562), (325, 568), (352, 588)]), 3.2, 0.28 * cortex),
        (open_curve([(388, 480), (388, 530), (400, 585), (420, 640), (440, 690), (470, 725), (510, 757), (560, 774)]), 2.6, 0.22 * cortex),
        (open_curve([(398, 560), (404, 620), (418, 690), (432, 745), (440, 790)]), 1.6, 0.16 * cortex),
        (open_curve([(352, 762), (366, 775), (385, 772), (398, 750), (398, 710), (388, 660)]), 1.8, 0.18),
        (open_curve([(205, 640), (228, 680), (262, 720), (300, 750), (345, 770)]), 1.3, 0.10),
        (open_curve([(222, 590), (262, 636), (310, 690), (352, 730)]), 1.4, 0.09),
        (open_curve([(165, 262), (178, 300), (190, 340), (200, 400)]), 2.2, 0.10),
        (open_curve([(112, 690), (108, 720), (120, 742), (146, 770)]), 1.8, 0.12),
        (open_curve([(100, 150), (150, 113), (210, 92), (280, 80), (350, 88), (405, 116)]), 1.2, 0.08),
        (open_curve([(505, 330), (480, 300), (455, 330), (448, 380), (462, 410)]), 1.8, 0.10),
    ]  # fmt: skip
    return [femur, ilium, back, acetabulum, ischium, pubis], strokes


def gas(patient: Patient, warp: Callable) -> list[Body]:
    """Bowel gas and stool, wherever it is today."""
    random = patient.stream("bowel")
    places = [
        (270, 220, 70),
        (330, 330, 60),
        (980, 250, 60),
        (930, 380, 50),
        (720, 540, 70),
        (820, 520, 45),
        (560, 640, 60),
        (640, 40, 60),
        (450, 60, 60),
        (880, 60, 60),
        (600, -150, 90),
        (350, -120, 90),
        (900, -180, 90),
    ]
    bodies = []
    for number, (x, y, size) in enumerate(places):
        if random.random() < 0.3:
            continue
        centre = np.array([x, y]) + random.normal(0, 35, 2)
        for bubble in range(int(random.integers(1, 5))):
            angles = np.linspace(0, 2 * np.pi, 9)[:-1]
            radii = size * random.uniform(0.25, 0.75) * (1 + random.normal(0, 0.22, 8))
            spot = centre + random.normal(0, size * 0.6, 2)
            points = spot + np.column_stack([radii * np.cos(angles) * 1.25, radii * np.sin(angles)])
            bodies.append(
                Body(
                    f"gas {number} {bubble}",
                    [outline(points, warp)],
                    -float(random.uniform(0.12, 0.42)),
                    9,
                    1.8,
                    mottle=0.25,
                )
            )
    return bodies


def draw(patient: Patient) -> Scene:
    """The pelvis from the front, right side of the body at the left of the picture."""
    box = (-20.0, -40.0, 1260.0, 1090.0)
    body = patient.body
    warp = patient.warp(box, 0.008)
    dense = body["density"]
    right, lines_right = half(patient, warp, left=False)
    left, lines_left = half(patient, warp, left=True)
    sacrum = Bone("sacrum", [outline(SACRUM, warp)], 1.0, thickness=0.32, spongy=0.28 * dense, grain=0.08)
    strokes = lines_right + lines_left
    spine: list = []
    for number, (top, bottom, width) in enumerate(
        [(96, 168, 200), (-8, 84, 192), (-112, -20, 184), (-216, -124, 176), (-318, -228, 170)]
    ):
        bones, lines = vertebra(f"L{5 - number}", warp, MIDDLE, top, bottom, width, dense)
        spine += bones
        strokes += lines
    for row, (y, inner, outer) in enumerate([(245, 62, 108), (305, 52, 92), (370, 42, 76), (430, 34, 62)]):
        for sign in (-1, 1):
            arc = [
                (MIDDLE + sign * inner, y + 12),
                (MIDDLE + sign * (inner + outer) / 2, y - 8),
                (MIDDLE + sign * outer, y + 16 + 4 * row),
            ]
            strokes.append((warp(smooth(arc, closed=False)), 2.0, 0.13))
    crest = [(MIDDLE, 190), (MIDDLE - 4, 260), (MIDDLE + 3, 330), (MIDDLE, 400), (MIDDLE + 2, 470)]
    strokes.append((warp(smooth(crest, closed=False)), 4.0, 0.12))
    flesh = body["flesh"]
    skin = [
        (20, -800), (18, -300), (22, -100), (10, 60), (-30, 250), (-70, 450), (-105, 650), (-120, 800), (-110, 1000), (-90, 1300), (-60, 2100),
        (1300, 2100), (1330, 1300), (1350, 1000), (1360, 800), (1345, 650), (1310, 450), (1270, 250), (1230, 60), (1218, -100), (1222, -300), (1220, -800),
    ]  # fmt: skip
    skin = outline(skin, warp)
    skin[:, 0] = MIDDLE + (skin[:, 0] - MIDDLE) * (1 + 0.25 * (flesh - 1))
    cleft = [(612, 900), (628, 900), (636, 1100), (650, 2100), (590, 2100), (604, 1100)]
    thigh_gap = [(480, 1000), (560, 960), (680, 960), (760, 1000), (760, 2100), (480, 2100)]
    bladder = [(520, 690), (560, 650), (620, 640), (680, 650), (720, 690), (700, 745), (620, 765), (540, 745)]
    layers = [
        Flesh("skin", [skin], radius_mm=92 * flesh, thickness=0.85, planes=0.025),
        Body("cleft", [outline(cleft, warp)], -0.5, 6, 2),
        Body("between the thighs", [outline(thigh_gap, warp)], -0.5, 30, 10),
        Body("bladder", [outline(bladder, warp)], 0.12, 18, 2.5),
        Body("right muscles", [outline([(180, 420), (100, 600), (-40, 700), (-60, 1000), (60, 1100), (200, 800)], warp)], 0.16, 20, 5),
        Body("left muscles", [outline(mirror([(180, 420), (100, 600), (-40, 700), (-60, 1000), (60, 1100), (200, 800)]), warp)], 0.16, 20, 5),
        *gas(patient, warp), *right, *left, sacrum, *spine,
        Lines("lines", strokes, blur_mm=0.7),
    ]  # fmt: skip
    joints = []
    for side in ("right", "left"):
        place = [
            (215, 590),
            (260, 560),
            (320, 560),
            (365, 600),
            (385, 680),
            (370, 740),
            (330, 730),
            (340, 650),
            (290, 610),
            (235, 625),
        ]
        joints.append(
            Joint(f"{side} femur", f"{side} ilium", outline(mirror(place) if side == "left" else place, warp))
        )
    return Scene(
        box, UNIT_MM * body["size"], layers,
        Exposure(photons=5000, scatter=0.45, levelling=0.55, sharpening=0.5, blur=0.7, gamma=1.25),
        marker_places=[(20, 560), (1222, 560), (30, 1060), (1210, 1060)],
        joints=joints,
        grain_mm=0.8,
    )  # fmt: skip
