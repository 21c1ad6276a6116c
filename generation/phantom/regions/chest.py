"""The chest from behind (PA), from the front as on the ward (AP), and from the side (LL, RL)."""

from __future__ import annotations

import numpy as np

from generation.phantom import defects
from generation.phantom.layers import Body, Lines
from generation.phantom.projection import Exposure
from generation.phantom.regions.thorax import HUMERUS, MIDDLE, draw_girdle, draw_ribs, vessels
from generation.phantom.regions.thorax_side import LUNGS, draw_thorax
from generation.phantom.regions.vertebrae import draw_vertebra
from generation.phantom.scene import Finding, Patient, Scene
from generation.phantom.shapes import path, smooth
from generation.phantom.sketch import Sketch, wider

BODY_PART = "chest"
WORDS = ("chest", "thorax", "lung", "lungs")
VIEWS = ("PA", "AP", "LL", "RL")
SIDED = False
DEFECTS = (*defects.OF_THE_PICTURE, "absent_breast_shadows", "missing_rib")
UNIT_MM = 0.39

RIGHT_LUNG = path(
    "348,116 385,140 404,185 408,240 398,290 394,350 392,430 384,520 372,600 372,660 382,728 372,742 330,736 "
    "270,733 190,755 130,792 96,836 80,838 72,760 70,600 79,480 92,380 115,290 150,220 200,162 258,126 308,112"
)
LEFT_LUNG = path(
    "572,118 534,142 514,185 516,240 526,275 541,300 538,335 526,362 540,400 566,440 602,505 634,580 654,655 "
    "656,725 644,768 662,772 712,780 752,800 788,844 804,848 812,830 820,760 826,600 818,480 802,380 772,290 "
    "732,220 684,165 632,132 604,118"
)
SKIN = (
    "382,-500 386,-60 380,0 350,45 270,80 120,115 -20,150 -130,200 -190,300 -190,420 -90,470 2,520 26,600 36,720 "
    "42,850 44,1000 40,1200 20,1700 896,1700 876,1200 872,1000 876,850 884,720 896,600 918,520 1010,470 1110,420 "
    "1110,300 1050,200 940,150 800,115 650,80 566,45 536,0 530,-60 534,-500"
)
ARM = "-120,220 -190,260 -250,420 -290,700 -330,1000 -360,1900 -170,1900 -110,1000 -60,760 -20,600 2,500 -40,380"
MUSCLES = "60,100 250,100 100,260 60,480 -20,520 -120,300"
TRACHEA = (
    "456,-80 450,60 452,180 450,270 440,318 404,372 396,366 424,312 444,316 462,330 478,318 516,362 522,352 "
    "484,302 480,250 482,180 480,60 482,-80"
)
BREAST = path("110,430 230,430 320,520 345,640 300,740 200,775 95,740 40,640 52,520")
PECTORAL = "90,300 240,280 330,360 300,440 180,470 90,440"


def lungs_of(patient: Patient) -> tuple[np.ndarray, np.ndarray]:
    """Control points of the right and the left lung of this person: breath and heart differ."""
    random = patient.stream("lungs")
    bedside = patient.view_position == "AP"
    breath = random.normal(-26 if bedside else 0, 22)
    heart = random.normal(26 if bedside else 0, 15)
    made = []
    for lung, share in ((RIGHT_LUNG, -0.35), (LEFT_LUNG, 1.4)):
        points = lung.copy()
        points[:, 1] += breath * np.clip((points[:, 1] - 420) / 320, 0, 1)
        medial = np.clip(1 - np.abs(points[:, 0] - MIDDLE) / 240, 0, 1) * np.clip((points[:, 1] - 400) / 180, 0, 1)
        points[:, 0] += heart * share * medial
        made.append(points)
    return made[0], made[1]


def draw(patient: Patient) -> Scene:
    """The chest in the view ordered."""
    return front(patient) if patient.view_position in ("PA", "AP") else side(patient)


def side(patient: Patient) -> Scene:
    """From the side; it looks to the left in a left lateral, to the right in a right lateral."""
    flip_at = 145.0 if patient.view_position == "RL" else None
    pen = Sketch(patient, (-500, -40, 790, 1100), UNIT_MM, variety=0.009, flip_at=flip_at)
    draw_thorax(pen)
    depth = 0.3 if patient.sex == "F" else 0.1
    pen.body("side breast", "-330,420 -420,480 -470,590 -440,690 -330,740 -250,640", depth, 40, 3)
    tree = [
        stroke
        for number, outward in enumerate((-1.0, 1.0, 1.0))
        for stroke in vessels(patient.stream(f"side vessels {number}"), np.array([190.0, 400.0]), path(LUNGS), outward)
    ]
    pen.layers.append(
        Lines("vessels", [(pen.points(line), width, 0.6 * depth) for line, width, depth in tree], 0.5, fading=False)
    )
    pen.body("hila", "150,340 230,330 260,400 240,470 180,490 140,420", 0.35, 12, 4)
    exposure = Exposure(photons=2600, scatter=0.45, levelling=0.5, sharpening=0.5, blur=0.7, gamma=1.7)
    return pen.scene(exposure, "-400,20 -400,1000 700,60", 1.0, grain_mm=0.9)


def front(patient: Patient) -> Scene:
    """From the front or from behind, right side of the body at the left of the picture."""
    pen = Sketch(patient, (-5, -20, 925, 1100), UNIT_MM, variety=0.009)
    flesh = patient.body["flesh"]
    upright = patient.view_position == "PA"
    trunk = wider(pen.outline(SKIN), MIDDLE, 1 + 0.12 * (flesh - 1))
    arms = [half.outline(ARM) for half in pen.other_side(MIDDLE, "left", "right")]
    pen.flesh("skin", trunk, *arms, radius_mm=125, thickness=0.46 * flesh**0.7, planes=0.015)
    draw_chest(pen, upright)
    exposure = Exposure(
        photons=2600 if upright else 1600,
        scatter=0.35 if upright else 0.6,
        levelling=0.45,
        sharpening=0.5,
        blur=0.7,
        gamma=1.45,
    )
    return pen.scene(exposure, "40,60 876,60 880,1010 36,1010", 1.2, grain_mm=0.9)


def draw_chest(pen: Sketch, upright: bool, vertebrae: int = 20, humerus: str = HUMERUS) -> None:
    """All but the skin, with that many vertebrae, the first two of the neck."""
    random, dense = pen.patient.stream("chest"), 1.0  # bones are thinner than true: the beam is hard here
    air = -1.20 * (1 + random.normal(0, 0.04))
    right, left = lungs_of(pen.patient)
    for name, lung in (("right lung", right), ("left lung", left)):
        pen.body(name, lung, air, 36, 0.7, mottle=0.012)
    pen.body("lung behind the heart", "500,400 560,440 640,600 640,745 560,740 500,745", -0.26, 24, 6)
    pen.body("right lung behind the dome", "110,790 200,745 330,730 378,735 372,800 240,830 96,880", -0.15, 14, 7)
    pen.body("left lung behind the dome", "520,750 640,760 720,775 790,850 796,890 640,830 520,800", -0.14, 14, 7)
    pen.body("mediastinum", "415,120 500,120 530,300 520,420 560,560 590,720 400,720 390,560 405,300", 0.26, 30, 9)
    pen.body("heart", "400,480 520,440 600,520 640,640 636,745 520,760 400,745 385,620", 0.14, 40, 5)
    pen.body("right hilum", "372,360 350,390 335,440 330,500 345,520 372,470 390,420", 0.36, 9, 3)
    pen.body("left hilum", "535,350 566,372 590,400 584,440 560,450 540,420", 0.32, 9, 3)
    pen.body("trachea", TRACHEA, -0.28, 7, 1.6)
    bubble = path("610,800 640,790 664,815 660,862 628,876 592,862 586,826") + random.normal(0, 14, 2)
    pen.body("stomach bubble", bubble, -0.42 * random.uniform(0.5, 1.2), 12, 2, mottle=0.1)
    top = -110.0
    for number in range(vertebrae):
        height = 46 + 1.45 * number
        draw_vertebra(
            pen,
            f"vertebra {number}",
            MIDDLE + 3 * np.sin(number / 3),
            top,
            top + height,
            74 + 1.7 * number,
            0.34 * dense,
        )
        top += height + 7
    for half in pen.other_side(MIDDLE, "left", "right"):
        half.body("muscles", MUSCLES, 0.14, 40, 10)
        draw_breast(half)
        draw_ribs(half, dense)
        draw_girdle(half, dense, upright, humerus)
    tree = vessels(pen.patient.stream("right vessels"), np.array([348.0, 420.0]), smooth(right), -1.0)
    tree += vessels(pen.patient.stream("left vessels"), np.array([556.0, 402.0]), smooth(left), 1.0)
    pen.layers.append(
        Lines("vessels", [(pen.points(line), width, depth) for line, width, depth in tree], blur_mm=0.5, fading=False)
    )


def draw_breast(pen: Sketch) -> None:
    """The shadow of a breast, or of a man's chest muscle."""
    if pen.patient.sex != "F":
        pen.body("pectoral", PECTORAL, 0.10, 40, 10)
        return
    size = pen.patient.stream("breasts").uniform(0.8, 1.2)
    sag = pen.patient.stream(f"breast {pen.side}").normal(0, 14)
    pen.body("breast", (BREAST - (195, 560)) * size + (195, 560 + sag), 0.50 * size, 36, 2.0)


def absent_breast_shadows(scene: Scene, random: np.random.Generator) -> Finding:
    """A woman's chest without the shadows of her breasts; the place is that of the right one."""
    gone = [layer for layer in scene.layers if isinstance(layer, Body) and layer.name.endswith(" breast")]
    scene.layers = [layer for layer in scene.layers if not any(layer is body for body in gone)]
    return Finding("absent_breast_shadows", "F17", gone[0].outlines[0])


def missing_rib(scene: Scene, random: np.random.Generator) -> Finding:
    """One rib is left out on one side, so that the count is wrong."""
    name = f"{random.choice(['right', 'left'])} rib {random.integers(4, 9)} "
    return defects.without("missing_rib", name)(scene, random)


OWN_DEFECTS = {"absent_breast_shadows": absent_breast_shadows, "missing_rib": missing_rib}
