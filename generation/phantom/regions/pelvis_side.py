"""The pelvis from the side: both hips over each other, the sacrum behind; it looks to the left."""

from __future__ import annotations

import numpy as np

from generation.phantom.projection import Exposure
from generation.phantom.regions.trunk import UNIT_MM
from generation.phantom.regions.trunk_side import CIRCLE, draw_spine_side
from generation.phantom.scene import Patient, Scene
from generation.phantom.shapes import path, smooth
from generation.phantom.sketch import Sketch

# The hip bone on the flat: its wing, then the column down to the ischium, and the pubis in front.
WING = (
    "296,850 330,790 400,730 490,695 590,690 680,724 740,790 752,850 716,890 690,950 640,990 584,1010 552,1050 "
    "560,1110 520,1150 430,1150 360,1120 344,1050 352,990 326,940 304,900"
)
COLUMN = (
    "344,1060 380,1010 470,990 552,1030 562,1080 588,1130 596,1190 620,1250 616,1310 576,1350 520,1342 480,1300 "
    "470,1240 430,1200 370,1170 340,1120"
)
PUBIS = "350,1090 390,1130 400,1180 350,1210 300,1250 270,1300 236,1300 216,1262 224,1216 264,1172 310,1120"
RAMUS = "226,1270 268,1284 350,1300 440,1310 520,1310 560,1340 500,1366 400,1346 300,1326 236,1306"
FEMUR = (
    "336,1104 346,1056 380,1026 424,1020 464,1034 490,1062 516,1072 544,1100 552,1150 540,1210 516,1270 496,1330 "
    "486,1400 476,1550 470,1750 470,2300 374,2300 372,1750 376,1550 384,1400 384,1320 376,1250 366,1200 344,1150"
)
FLOW = ["430,1700 430,1300 410,1050", "390,1500 400,1240 440,1120", "470,1500 490,1260 520,1110"]
COCCYX = "650,1128 684,1130 690,1160 676,1196 650,1226 630,1240 622,1224 640,1196 650,1160"
SKIN = (
    "-60,-700 -130,100 -140,400 -110,650 -60,850 10,1040 90,1200 150,1320 170,1450 170,1700 180,2300 "
    "740,2300 760,1700 800,1540 900,1470 1020,1400 1110,1290 1150,1160 1150,1020 1110,880 1050,740 1020,600 1015,400 "
    "1030,100 1050,-700"
)
SACRAL = ["500,808 546,796 592,768", "560,872 600,870 634,850", "618,948 646,950 672,938", "652,1026 674,1030 694,1022"]
CREST = "570,726 620,738 676,790 700,830 730,880 736,930 728,980 716,1020 700,1010 690,960 660,896 616,808"
PLATES = [
    ("300,850 350,780 420,726 500,698 590,694 680,728 744,800", 2.8, 0.22),
    ("560,1006 570,940 600,860 640,800", 2.4, 0.17),
    ("352,1090 372,1030 420,1006 470,1012 510,1050", 3.2, 0.41),
    ("640,988 590,1010 556,1050 562,1100 584,1130", 2.2, 0.24),
    ("360,1120 330,1060 380,960 470,880 560,850", 2.2, 0.17),
    ("226,1216 222,1270 244,1300", 2.2, 0.24),
]


def draw_side(patient: Patient) -> Scene:
    """The pelvis from the last lumbar vertebrae to the thighs; in a right lateral it looks to the right."""
    flip_at = 510.0 if patient.view_position == "RL" else None
    pen = Sketch(patient, (-190, 480, 1210, 1600), UNIT_MM, variety=0.010, flip_at=flip_at)
    random, flesh = patient.stream("pelvis side"), patient.body["flesh"]
    pen.flesh("skin", pen.outline(SKIN), radius_mm=140, thickness=0.62 * flesh, planes=0.012)
    pen.body("buttock", "760,700 900,760 1040,900 1100,1100 1040,1290 880,1380 720,1300 700,1000", 0.18, 50, 10)
    pen.body("bladder", "250,1080 300,1000 380,960 450,1000 440,1090 380,1150 290,1150", 0.08, 20, 5)
    for number, place in enumerate(path("600,960 580,1080 240,700 180,860 300,620")):
        if random.random() < 0.7:
            corners = place + random.normal(0, 18, 2) + random.uniform(20, 46, (8, 1)) * CIRCLE
            pen.body(f"gas {number}", corners, -float(random.uniform(0.10, 0.28)), 12, 2.5, mottle=0.25)
    draw_spine_side(pen)
    pen.bone("crest of the sacrum", CREST, rind=1.2, thickness=0.6, spongy=0.26, grain=0.06)
    for text in SACRAL:
        pen.line(text, 2.4, 0.26)
    pen.bone("coccyx", COCCYX, rind=0.6, thickness=0.6, spongy=0.26, grain=0.05)
    # The side away from the plate is larger, and no pelvis lies quite true: the two halves never cover each other.
    lean = random.normal((10, -8), (12, 8))
    for side, shift, size in (("near", np.zeros(2), 1.0), ("far", lean, 1.04)):
        draw_half(pen, side, shift, size)
    # The hips lie over each other: a joint lost there can't be seen, so only those of the last vertebra are offered.
    pen.joint("L5 body", "sacrum", "430,690 470,680 540,660 556,684 500,708 440,728")
    pen.joints = [joint for joint in pen.joints if joint.second in ("sacrum", "L5 body")]
    exposure = Exposure(
        photons=8000, scatter=0.45, levelling=0.7, sharpening=0.8, blur=0.65, gamma=1.45, lift=0.16, toe=0.05
    )
    return pen.scene(exposure, "0,1480 1040,1540 20,1400", 0.8, grain_mm=1.05)


def draw_half(pen: Sketch, side: str, shift: np.ndarray, size: float) -> None:
    """Hip bone and femur of one side, moved and magnified about the hip."""
    hip = np.array([424, 1104])

    def here(text: str) -> np.ndarray:
        return (path(text) - hip) * size + hip + shift

    pen.bone(f"{side} wing", here(WING), rind=1.2, thickness=0.085, spongy=0.8, grain=0.14)
    pen.bone(f"{side} ischium", here(COLUMN), rind=1.4, thickness=0.18, spongy=0.36, grain=0.09)
    pen.bone(f"{side} pubis", here(PUBIS), rind=0.9, thickness=0.35, spongy=0.36, grain=0.08)
    pen.bone(f"{side} ramus", here(RAMUS), rind=0.8, thickness=0.3, spongy=0.30, grain=0.05)
    turn = pen.patient.stream(f"{side} thigh").normal(0, 0.07)
    matrix = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])

    def leg(text: str) -> np.ndarray:
        return (path(text) - hip) @ matrix * size + hip + shift

    pen.bone(
        f"{side} femur",
        leg(FEMUR),
        rind=0.9,
        cortex=5.5,
        shaft=leg("430,1200 422,2200"),
        thickness=0.50,
        spongy=0.24,
        hollow=0.3,
        grain=0.10,
        flow=[leg(line) for line in FLOW],
    )
    head = hip + 88 * np.column_stack([np.cos(np.linspace(-3.6, 0.6, 14)), np.sin(np.linspace(-3.6, 0.6, 14))])
    pen.line((head - hip) * size + hip + shift, 2.0, 0.28)
    for text, width_mm, depth in PLATES:
        pen.line(smooth(here(text), closed=False, steps=3), width_mm, depth)
