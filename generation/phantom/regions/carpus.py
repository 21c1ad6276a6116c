"""The carpal bones and the ends of radius and ulna, shared by the hand and the wrist; units of the hand's drawing."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from generation.phantom.layers import Bone
from generation.phantom.scene import Joint, Patient, outline

# Drawn large, on a grid of its own; `place` brings it onto the hand's.
CARPALS = {
    "lunate": [
        (297, 598), (325, 560), (358, 532), (388, 516), (440, 526), (486, 530), (499, 560), (490, 610), (476, 652),
        (430, 660), (370, 656), (325, 632),
    ],
    "scaphoid": [
        (494, 640), (498, 585), (515, 545), (555, 518), (582, 478), (592, 420), (590, 362), (615, 334), (660, 345),
        (700, 370), (730, 415), (745, 470), (735, 510), (712, 545), (670, 590), (610, 622), (550, 642),
    ],
    "capitate": [
        (478, 212), (500, 186), (545, 178), (585, 190), (606, 230), (608, 280), (590, 330), (600, 380), (592, 430),
        (572, 468), (530, 494), (480, 496), (430, 486), (390, 460), (380, 430), (402, 380), (438, 320), (460, 270),
    ],
    "hamate": [
        (206, 172), (250, 138), (310, 126), (380, 125), (425, 150), (428, 220), (418, 290), (402, 350), (385, 402),
        (355, 424), (322, 400), (297, 345), (280, 292), (240, 240),
    ],
    "triquetrum": [
        (172, 430), (158, 478), (188, 506), (203, 540), (242, 562), (282, 548), (330, 505), (360, 468), (345, 440),
        (310, 418), (272, 388), (220, 398),
    ],
    "pisiform": [(145, 380), (155, 330), (190, 305), (235, 298), (270, 320), (288, 370), (296, 420), (272, 462), (215, 474), (165, 440)],
    "trapezium": [
        (722, 228), (768, 216), (830, 240), (868, 290), (888, 335), (884, 388), (850, 418), (800, 428), (758, 412),
        (722, 372), (700, 330), (702, 270),
    ],
    "trapezoid": [(622, 260), (646, 226), (700, 212), (748, 232), (766, 290), (752, 342), (716, 362), (668, 345), (628, 318)],
}  # fmt: skip
RADIUS = [
    (345, 715), (400, 706), (500, 680), (600, 650), (680, 605), (722, 560), (755, 517), (785, 530), (803, 600), (808, 690),
    (792, 790), (770, 880), (740, 960), (712, 1060), (694, 1200), (684, 1500), (680, 2200), (430, 2200), (424, 1500),
    (418, 1200), (412, 1050), (402, 930), (385, 850), (352, 775),
]  # fmt: skip
ULNA = [
    (160, 582), (178, 600), (185, 640), (215, 662), (260, 655), (308, 668), (319, 720), (306, 790), (284, 860), (272, 930),
    (272, 1050), (274, 1500), (276, 2200), (138, 2200), (138, 1500), (136, 1050), (122, 910), (92, 825), (66, 752), (70, 700),
    (106, 668), (112, 626), (136, 588),
]  # fmt: skip
HOOK = [(305, 190), (325, 155), (362, 142), (402, 152), (418, 190), (412, 232), (385, 258), (345, 258), (315, 232)]
MEETINGS = [
    ("capitate", "hamate", [(425, 170), (470, 200), (450, 280), (405, 360), (385, 400), (370, 350), (410, 270)]),
    ("lunate", "scaphoid", [(480, 530), (520, 540), (515, 600), (505, 650), (470, 650), (482, 600)]),
    ("scaphoid", "capitate", [(590, 345), (625, 345), (610, 420), (590, 500), (520, 535), (520, 485), (575, 430)]),
    ("trapezium", "trapezoid", [(700, 225), (745, 225), (770, 290), (750, 360), (700, 350), (690, 290)]),
    ("lunate", "capitate", [(395, 460), (470, 490), (540, 485), (500, 545), (440, 540), (390, 525)]),
]


def place(points: list[tuple[float, float]]) -> np.ndarray:
    """From the carpus grid to the hand's units."""
    return np.asarray(points, float) * 0.4022 + (138.6, 893.0)


def carpal_bones(patient: Patient, warp: Callable) -> tuple[list[Bone], list[Joint], list]:
    """The eight carpal bones, the joints that could fuse, and lines seen on end."""
    body = patient.body
    bones = []
    for name, points in CARPALS.items():
        random = patient.stream(f"carpal {name}")
        knots = place(points)
        middle = knots.mean(axis=0)
        knots = middle + (knots - middle) * (1 + random.normal(0, 0.025, (len(knots), 1)) * 0.6) * (
            1.09 + random.normal(0, 0.02)
        )
        shape = outline(knots, warp)
        bones.append(
            Bone(
                name, [shape], shell_mm=0.5 * body["cortex"], thickness=1.15, spongy=0.42 * body["density"], grain=0.12
            )
        )
    joints = [Joint(first, second, warp(place(points)), "F03") for first, second, points in MEETINGS]
    hook = outline(place(HOOK), warp)
    return bones, joints, [(np.vstack([hook, hook[:1]]), 0.9, 0.13)]


def forearm_bones(patient: Patient, warp: Callable) -> list[Bone]:
    """The ends of radius and ulna."""
    body = patient.body
    radius = Bone(
        "radius",
        [outline(place(RADIUS), warp)],
        shell_mm=0.45,
        cortex_mm=2.6 * body["cortex"],
        shaft=(warp(place([(560, 760)]))[0], warp(place([(555, 2900)]))[0]),
        thickness=0.72,
        spongy=0.33 * body["density"],
        hollow=0.3,
        grain=0.15,
    )
    ulna = Bone(
        "ulna",
        [outline(place(ULNA), warp)],
        shell_mm=0.4,
        cortex_mm=2.3 * body["cortex"],
        shaft=(warp(place([(200, 740)]))[0], warp(place([(205, 2900)]))[0]),
        thickness=0.85,
        spongy=0.30 * body["density"],
        hollow=0.3,
        grain=0.15,
    )
    return [radius, ulna]
