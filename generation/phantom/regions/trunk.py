"""The trunk below the ribs from the front: hips, sacrum, lumbar spine and bowel, for the regions that show them."""

from __future__ import annotations

import numpy as np

from generation.phantom.regions.thorax import along, ribbon
from generation.phantom.regions.vertebrae import draw_vertebra
from generation.phantom.shapes import path, smooth
from generation.phantom.sketch import Sketch, wider

UNIT_MM = 0.29
MIDDLE = 620.0

# The right half, at the left of the picture; the other half is its mirror image in the line x = MIDDLE.
ILIUM = (
    "92,220 96,180 112,140 150,103 200,80 260,67 320,68 375,82 418,112 452,156 480,205 500,255 516,298 505,330 "
    "486,360 478,400 452,412 420,420 396,440 386,470 386,520 396,575 412,625 430,670 440,710 448,745 445,790 "
    "425,800 390,780 350,750 300,690 255,620 226,588 205,550 196,505 196,450 190,410 172,372 140,335 112,290 "
    "96,250"
)
ISCHIUM = (
    "352,700 400,690 440,705 452,740 440,775 437,800 448,830 470,860 500,876 524,868 532,845 560,835 590,860 "
    "596,880 560,905 545,930 515,944 475,938 430,915 390,885 366,850 352,800 346,750"
)
PUBIS = (
    "405,640 432,668 455,705 500,752 545,773 585,774 606,780 610,815 602,860 590,885 566,880 550,858 534,845 "
    "515,828 480,800 450,778 430,755 405,720 392,680"
)
FEMUR = path(
    "205,650 220,612 258,590 298,590 336,612 360,650 364,692 350,728 322,756 290,772 262,790 244,825 234,858 "
    "250,872 266,895 262,925 240,950 218,985 206,1040 204,1200 204,1600 204,2000 92,2000 92,1600 92,1200 92,1040 "
    "86,960 70,900 40,850 18,800 20,745 36,700 62,676 94,676 112,690 116,712 140,713 170,705 196,692"
)
# The principal compressive group from the calcar into the head, the tensile arcade over the neck, and the shaft.
FEMUR_FLOW = [
    "215,1000 232,850 262,740 300,600",
    "225,900 270,730 325,620",
    "80,900 70,790 130,720 220,650 330,660",
    "150,2000 150,1100",
    "100,1000 150,870 200,800",
]
SACRUM = (
    "478,176 540,172 580,190 620,202 660,190 700,172 762,176 782,210 772,262 748,312 730,362 704,420 680,480 "
    "655,525 640,560 620,585 600,560 585,525 560,480 536,420 510,362 492,312 468,262 458,210"
)
SKIN = (
    "-30,-1500 -40,-800 -44,-300 -40,-100 -50,60 -75,250 -100,450 -118,650 -125,800 -115,1000 -95,1300 -60,2100 "
    "1300,2100 1335,1300 1355,1000 1365,800 1358,650 1340,450 1315,250 1290,60 1280,-100 1284,-300 1280,-800 "
    "1270,-1500"
)
THICK = "390,250 430,230 480,260 510,300 490,350 470,400 420,415 350,470 300,560 230,570 215,500 300,400"
ACETABULUM = "235,585 300,560 370,570 430,650 445,740 400,780 360,760 375,690 345,625 300,600"
# Plates of the hip seen on edge: roof, pelvic brim, ilioischial line, teardrop, rims, crests: line, width in mm, depth.
PLATES = [
    ("214,592 232,578 262,566 300,563 335,574 360,600", 4.0, 0.40),
    ("380,440 386,480 388,530 400,585 420,640 440,690 470,725 510,757 575,776", 3.0, 0.30),
    ("390,480 398,560 404,620 418,690 432,745 440,800", 1.8, 0.20),
    ("352,750 352,762 366,775 385,772 398,750 398,710 388,650", 2.0, 0.22),
    ("200,630 228,680 262,720 300,750 355,775", 1.5, 0.14),
    ("222,590 262,636 310,690 358,735", 1.6, 0.14),
    ("160,250 178,300 190,340 204,420", 2.6, 0.14),
    ("112,680 108,720 120,742 156,776", 2.0, 0.16),
    ("92,170 110,140 150,113 210,92 280,80 350,88 410,120 450,170", 2.0, 0.12),
    ("512,340 480,300 455,330 448,380 464,416", 2.2, 0.16),
    ("500,250 470,270 440,330 440,400", 2.0, 0.10),
    ("244,800 236,830 234,858", 2.0, 0.12),
]
BOWEL = path(
    "270,220 330,330 980,250 930,380 720,540 820,520 560,640 640,40 450,60 880,60 600,-150 350,-120 900,-180 "
    "300,-420 420,-560 860,-480 980,-600 760,-700 350,-260"
)


def draw_hip(pen: Sketch, femur: np.ndarray = FEMUR) -> None:
    """Hip bone and femur of one side."""
    turn = pen.patient.stream(f"hip {pen.side}").normal(0, 0.02)
    matrix = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])

    def leg(points: np.ndarray) -> np.ndarray:
        return (points - (285, 680)) @ matrix + (285, 674)

    flat = ["130,150 260,330 330,560", "400,130 400,400 330,560", "260,590 330,650 400,700"]
    pen.bone("ilium", ILIUM, rind=1.0, thickness=0.28, spongy=0.60, grain=0.09, flow=flat)
    pen.body("thick ilium", THICK, 0.42, 16, 9, mottle=0.12)
    pen.body("acetabulum", ACETABULUM, 0.34, 12, 4, mottle=0.10)
    pen.bone("ischium", ISCHIUM, rind=0.9, thickness=0.95, spongy=0.40, grain=0.09)
    pen.bone("pubis", PUBIS, rind=0.9, thickness=0.85, spongy=0.40, grain=0.09)
    pen.bone(
        "femur",
        leg(femur),
        rind=0.5,
        cortex=5.5,
        shaft=leg(path("150,760 148,1800")),
        thickness=0.74,
        spongy=0.34,
        hollow=0.3,
        grain=0.11,
        flow=[leg(path(line)) for line in FEMUR_FLOW],
    )
    for line, width_mm, depth in PLATES:
        pen.line(line, width_mm, depth)
    pen.joint("femur", "ilium", "215,590 260,560 320,560 365,600 385,680 370,740 330,730 340,650 290,610 235,625")
    pen.body("muscles", "180,420 100,600 -40,700 -60,1000 60,1100 200,800", 0.16, 24, 6)


def draw_bowel(pen: Sketch) -> None:
    """Gas and stool, wherever they are today."""
    random = pen.patient.stream("bowel")
    for number, place in enumerate(BOWEL):
        if random.random() < 0.3:
            continue
        centre = place + random.normal(0, 35, 2)
        for bubble in range(int(random.integers(1, 5))):
            angles = np.linspace(0, 2 * np.pi, 9)[:-1]
            radii = random.uniform(15, 48) * (1 + random.normal(0, 0.22, 8))
            shape = (
                centre
                + random.normal(0, 38, 2)
                + np.column_stack([1.25 * radii * np.cos(angles), radii * np.sin(angles)])
            )
            pen.body(f"gas {number} {bubble}", shape, -float(random.uniform(0.08, 0.30)), 14, 2.2, mottle=0.25)


def draw_lower_ribs(pen: Sketch) -> None:
    """The last four ribs of one side."""
    random = pen.patient.stream(f"lower ribs {pen.side}")
    for number, (root, reach, drop) in enumerate(
        [(-930, 540, 420), (-815, 540, 400), (-700, 470, 360), (-580, 290, 210)]
    ):
        fall = drop + random.normal(0, 20)
        knots = [
            (70, root),
            (0.3 * reach, root + 0.10 * fall),
            (0.6 * reach, root + 0.36 * fall),
            (0.85 * reach, root + 0.68 * fall),
            (reach, root + fall),
        ]
        line = smooth(np.multiply(knots, (-1, 1)) + np.array([MIDDLE, 0]), closed=False, steps=3)
        widths = 42 * along(line, [0, 0.2, 0.8, 1], [0.8, 1, 0.9, 0.5])
        pen.bone(f"rib {9 + number}", ribbon(line, widths), rind=0.8, thickness=0.5, spongy=0.3, grain=0)


def draw_trunk(pen: Sketch, vertebrae: int) -> None:
    """Skin, bowel, spine with that many vertebrae above the sacrum, and both hips."""
    flesh = pen.patient.body["flesh"]
    skin = wider(pen.outline(SKIN), MIDDLE, 1 + 0.25 * (flesh - 1))
    pen.flesh("skin", skin, radius_mm=150, thickness=0.60 * flesh, planes=0.012)
    pen.body("cleft", "612,900 628,900 636,1100 650,2100 590,2100 604,1100", -0.4, 6, 3)
    pen.body("between the thighs", "480,1000 560,960 680,960 760,1000 760,2100 480,2100", -0.3, 30, 12)
    pen.body("bladder", "520,690 560,650 620,640 680,650 720,690 700,745 620,765 540,745", 0.12, 18, 2.5)
    draw_bowel(pen)
    draw_spine(pen, vertebrae)
    for half in pen.other_side(MIDDLE, "left", "right"):
        draw_hip(half)


def draw_spine(pen: Sketch, vertebrae: int) -> None:
    """The sacrum and that many vertebrae above it."""
    pen.bone("sacrum", SACRUM, rind=0.45, thickness=0.36, spongy=0.32, grain=0.08)
    for row, (y, inner, outer) in enumerate([(245, 62, 108), (305, 52, 92), (370, 42, 76), (430, 34, 62)]):
        for sign in (-1, 1):
            arc = [(sign * inner, y + 12), (sign * (inner + outer) / 2, y - 8), (sign * outer, y + 16 + 4 * row)]
            pen.line(np.add(arc, (MIDDLE, 0)), 2.4, 0.17)
    pen.line("620,185 616,260 623,330 620,400 622,490", 4.0, 0.14)
    bottom, below = 170.0, "sacrum"
    for number in range(vertebrae):
        height = 98 - 2.5 * max(0, number - 2)
        name = f"L{5 - number}" if number < 5 else f"T{17 - number}"
        width = 186 - 6 * number
        draw_vertebra(pen, name, MIDDLE, bottom - height, bottom, width, grain=0.07)
        if number:
            gap = np.array([(-0.42, 6), (0.42, 6), (0.42, 36), (-0.42, 36)]) * (width, 1) + (MIDDLE, bottom - 8)
            pen.joint(f"{name} body", below, gap)
        bottom, below = bottom - height - 28 + 1.2 * number, f"{name} body"
