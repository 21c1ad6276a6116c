"""The head from the side (LL, RL) and from the front (AP, PA)."""

from __future__ import annotations

import numpy as np

from generation.phantom import defects
from generation.phantom.projection import Exposure
from generation.phantom.regions.head_front import SKIN as SKIN_FRONT
from generation.phantom.regions.head_front import both, draw_head
from generation.phantom.scene import Finding, Patient, Scene
from generation.phantom.shapes import Points
from generation.phantom.sketch import Sketch

BODY_PART = "head"
WORDS = ("head", "skull", "cranium")
VIEWS = ("LL", "RL", "AP", "PA")
SIDED = False
DEFECTS = (*defects.OF_THE_PICTURE, "missing_vertebra")

VAULT = (
    "790,392 788,340 775,290 750,240 715,200 660,163 590,138 500,122 430,112 360,122 300,155 255,205 228,260 "
    "215,320 212,385 218,435 240,480 275,525 320,565 370,590 420,582 470,566 530,548 590,520 630,470 650,440 "
    "700,424 760,420 782,412"
)
SKIN = (
    "180,1500 235,1030 290,880 348,760 345,690 310,620 255,545 222,480 205,420 203,330 215,260 245,195 295,140 "
    "360,108 430,98 510,108 600,125 670,150 725,190 765,240 790,300 801,360 799,400 794,425 801,455 830,510 "
    "855,558 845,590 806,602 812,622 838,640 830,665 800,674 803,692 786,715 780,750 755,785 700,802 640,806 "
    "606,832 595,870 610,920 660,960 760,1010 900,1500"
)
MANDIBLE = (
    "538,545 552,528 566,548 580,540 600,556 596,620 606,672 650,694 700,706 742,690 756,660 764,690 750,744 "
    "726,764 690,754 640,728 590,706 560,680 546,630"
)
MAXILLA = "610,560 640,540 700,556 752,560 772,590 770,625 740,640 660,640 612,620"
PETROUS = "396,548 430,506 470,482 520,490 566,512 545,545 490,562 430,574"
PHARYNX = "548,570 574,548 580,610 566,700 580,780 596,860 606,940 580,940 570,860 556,780 546,690"
SINUSES = [
    ("frontal sinus", "764,404 780,380 788,408 780,430 766,424", -0.22),
    ("maxillary sinus", "640,520 700,498 736,530 716,574 660,572", -0.26),
    ("sphenoid sinus", "556,486 600,470 618,500 596,520 562,514", -0.20),
    ("orbit", "690,440 740,436 764,470 748,500 700,490", -0.12),
    ("mastoid cells", "400,520 440,500 460,540 430,566 402,556", -0.16),
]
# Floor of the front fossa, sella, clivus, orbital rims, palate, ear, sutures and grooves: width in mm, optical depth.
PLATES = [
    ("592,456 640,442 700,412 770,394", 1.8, 0.34),
    ("510,470 524,446 536,440 532,466 546,476 566,470 582,456 598,452", 1.8, 0.30),
    ("546,478 530,510 512,560", 2.0, 0.26),
    ("760,440 752,470 758,500 752,530", 1.6, 0.26),
    ("690,436 684,470 694,505", 1.4, 0.18),
    ("620,556 680,552 760,556", 2.0, 0.30),
    ("640,520 690,540 720,575", 1.2, 0.18),
    ("600,470 612,520 620,580", 1.3, 0.18),
    ("470,508 490,500 500,520 484,532 470,520", 1.4, 0.26),
    ("630,720 690,746 728,756", 2.2, 0.20),
    ("300,470 340,540 372,580", 1.6, 0.14),
    ("566,128 580,190 572,250 584,330 576,400", 1.0, -0.06),
    ("268,200 310,270 360,330 372,420", 1.0, -0.06),
    ("560,450 540,380 500,300 450,230", 1.4, -0.07),
    ("540,380 470,330 400,310 330,300", 1.2, -0.06),
    ("555,420 600,330 640,260", 1.1, -0.05),
]


def draw(patient: Patient) -> Scene:
    """The head in the view ordered."""
    return front(patient) if patient.view_position in ("AP", "PA") else side(patient)


def front(patient: Patient) -> Scene:
    """The head from the front or from behind, right side at the left of the picture; it lies nearer in the one."""
    larger = 1.04 if patient.view_position == "AP" else 1.0
    pen = Sketch(patient, (-112, -18, 112, 258), 1 / larger, variety=0.008)
    pen.flesh("skin", pen.outline(both(SKIN_FRONT)), radius_mm=70, thickness=0.62, planes=0.012)
    draw_head(pen)
    exposure = Exposure(photons=4500, scatter=0.3, levelling=0.45, sharpening=0.5, blur=0.65, gamma=1.25, lift=0.12)
    return pen.scene(exposure, "-96,20 96,20 -96,230", 0.5, grain_mm=0.9)


def side(patient: Patient) -> Scene:
    """From the side; it looks to the right in a right lateral, to the left in a left lateral."""
    pen = Sketch(
        patient, (130, 60, 910, 960), 0.32, variety=0.010, flip_at=520.0 if patient.view_position == "LL" else None
    )
    flesh = patient.body["flesh"]
    pen.flesh("skin", pen.outline(SKIN), radius_mm=70, thickness=0.80 * (0.7 + 0.3 * flesh), planes=0.012)
    pen.body("pharynx", PHARYNX, -0.5, 6, 1.5)
    pen.bone("vault", VAULT, rind=6.0, thickness=0.26, spongy=0.02, grain=0)
    pen.body("walls", VAULT, 0.25, 60, 2, mottle=0.05)
    pen.bone("petrous bone", PETROUS, rind=1.6, thickness=0.7, spongy=0.5, grain=0)
    pen.body("cells of the petrous bone", PETROUS, 0.25, 12, 3, mottle=0.5)
    pen.bone("maxilla", MAXILLA, rind=0.6, thickness=0.55, spongy=0.30, grain=0.05)
    pen.bone("mandible", MANDIBLE, rind=1.5, thickness=0.85, spongy=0.28, grain=0.06)
    draw_teeth(pen)
    pen.body("cheek", "640,470 720,450 760,500 740,570 660,580 620,530", 0.16, 14, 6, mottle=0.3)
    pen.body("behind the jaw", "560,540 640,500 640,700 590,690", 0.12, 12, 5, mottle=0.2)
    for name, text, depth in SINUSES:
        pen.body(name, text, depth, 7, 1.2)
    for text, width_mm, depth in PLATES:
        pen.line(text, width_mm, depth)
    draw_neck(pen)
    exposure = Exposure(photons=4500, scatter=0.3, levelling=0.45, sharpening=0.5, blur=0.65, gamma=1.25, lift=0.12)
    return pen.scene(exposure, "180,120 850,120 840,830", 0.5, grain_mm=0.9)


def draw_teeth(pen: Sketch) -> None:
    """Two rows of teeth, left and right nearly one upon the other."""
    for row, (height, root) in enumerate([(634, -1), (664, 1)]):
        for number in range(8):
            random = pen.patient.stream(f"tooth {row} {number}")
            x, width = 622 + 19.5 * number - 3 * row + random.normal(0, 1), (22 if number < 3 else 15) / 2
            y, length = height - root * 2 - 0.4 * number, 30 + 1.5 * number
            crown = [
                (-width, 0),
                (-width, 12),
                (width, 12),
                (width, 0),
                (0.5 * width, -length),
                (-0.5 * width, -length),
            ]
            shape = np.multiply(crown, (1, -root)) + np.array([x, y])
            pen.bone(f"tooth {row} {number}", shape, rind=1.2, thickness=1.1, spongy=0.5, grain=0)


def draw_neck(pen: Sketch) -> None:
    """Atlas, axis and the vertebrae below, with their arches and spines at the back."""
    centres = [(512, 606), (506, 652), (502, 700), (506, 748), (512, 794), (508, 840), (496, 888)]
    for number, (x, y) in enumerate(centres):
        lean = 0.06 * (number - 2) + pen.patient.stream(f"neck {number}").normal(0, 0.03)
        matrix = np.array([[np.cos(lean), np.sin(lean)], [-np.sin(lean), np.cos(lean)]])

        def here(points: Points, matrix: np.ndarray = matrix, at: tuple[float, float] = (x, y)) -> np.ndarray:
            return np.asarray(points, float) @ matrix + at

        long = 1.0 + 0.09 * number
        body = [(-24, -19), (0, -17), (24, -18), (22, 0), (26, 19), (0, 17), (-24, 19), (-22, 0)]
        arch = [
            (-24, -12),
            (-46, -16),
            (-60, -4),
            (-90 * long, 14),
            (-96 * long, 30),
            (-70 * long, 24),
            (-50, 16),
            (-26, 10),
        ]
        if number:
            pen.bone(f"C{number + 1} body", here(body), rind=0.7, thickness=0.8, spongy=0.3, grain=0.07)
        pen.bone(f"C{number + 1} arch", here(arch), rind=0.8, thickness=0.7, spongy=0.28, grain=0.05)


def missing_vertebra(scene: Scene, random: np.random.Generator) -> Finding:
    """One vertebra of the neck is left out."""
    return defects.without("missing_vertebra", f"C{random.integers(3, 6)} ")(scene, random)


OWN_DEFECTS = {"missing_vertebra": missing_vertebra}
