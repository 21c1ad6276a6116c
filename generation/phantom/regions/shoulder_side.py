"""The shoulder along the blade (the Y view): the lateral view of the shoulder that needs no raised arm."""

from __future__ import annotations

import numpy as np

from generation.phantom.projection import Exposure
from generation.phantom.regions.thorax import ribbon
from generation.phantom.scene import Patient, Scene
from generation.phantom.shapes import path, smooth
from generation.phantom.sketch import Sketch

UNIT_MM = 0.25

HUMERUS = (
    "288,400 296,360 320,326 356,308 396,304 436,314 466,344 478,390 474,430 456,470 440,510 432,570 430,650 424,800 "
    "410,1000 396,1200 380,2200 280,2200 296,1200 312,1000 330,850 346,700 346,600 338,540 322,500 300,466 290,430"
)
# The blade on edge: its body, and the two arms that end in acromion and coracoid.
STEM = (
    "372,420 400,374 440,340 484,344 512,380 536,430 536,462 506,508 470,556 446,610 436,680 446,740 466,810 484,870 "
    "494,930 480,962 454,960 430,908 404,844 388,780 380,680 376,560 370,480"
)
ACROMION = (
    "216,292 222,272 250,244 286,204 314,194 338,198 360,220 400,232 440,226 470,250 440,290 450,330 420,376 396,372 "
    "360,338 324,304 296,282 256,296"
)
CORACOID = "470,262 500,240 534,222 566,240 600,272 624,300 612,322 576,320 540,312 508,314 490,340 476,366 452,340"
UPPER_EDGE = "424,300 450,236 490,190 530,120 570,70 600,40 618,44 612,84 576,140 540,186 490,246 466,330 440,340"
CLAVICLE = (
    "376,176 396,138 432,118 480,124 540,130 640,130 740,156 840,176 1300,210 1300,280 860,250 740,212 640,190 "
    "540,186 470,200 430,212 396,198"
)
RIB = path("1900,60 1300,20 1050,30 900,56 760,90 660,150 610,260 590,380 600,520 670,650 800,790 1000,930 1300,1060")
SKIN = (
    "560,-500 430,-60 340,10 250,80 176,180 112,320 82,480 66,640 72,800 102,920 148,1030 200,1130 250,1240 "
    "300,2200 1800,2200 1800,-500"
)
PLATES = [
    ("400,376 412,440 426,520 434,600 430,700 446,780 470,840 486,890", 2.4, 0.30),
    ("484,350 500,420 488,480 460,540 440,610 430,680", 2.2, 0.26),
    ("346,490 376,500 384,620 382,720 394,820", 1.6, 0.12),
    ("286,280 320,230 336,200", 2.0, 0.16),
    ("300,284 340,318 380,352 402,374", 2.0, 0.24),
    ("336,204 380,238 420,232 470,206 520,168", 2.0, 0.20),
    ("500,316 520,306 560,316 610,324", 1.8, 0.22),
    ("490,250 536,224 580,254 620,296", 1.6, 0.16),
    ("420,300 440,240 500,180 560,90 606,42", 1.6, 0.16),
    ("356,400 364,440 384,470 420,490 450,476", 1.4, 0.12),
    ("436,270 452,330 456,400 448,470", 1.6, 0.12),
]


def draw_side(patient: Patient) -> Scene:
    """The right shoulder, the arm at the left of the picture and the ribs at the right; a left one lies mirrored."""
    pen = Sketch(patient, (20, -10, 780, 1010), UNIT_MM)
    random, flesh = patient.stream("shoulder side"), patient.body["flesh"]
    pen.flesh("skin", pen.outline(SKIN), radius_mm=95 * flesh, thickness=0.62, planes=0.02)
    pen.body("deltoid", "130,500 170,340 260,240 320,320 330,520 260,640 200,780 140,740", 0.08, 24, 6)
    pen.body("arm", "200,760 260,690 340,660 520,640 540,900 520,2200 260,2200 220,1000", 0.26, 24, 6)
    pen.body("lung", "690,240 800,190 1500,180 1500,1900 760,1900 700,1100 640,800 620,560 640,360", -1.0, 60, 4)
    for number in range(8):
        # Near ribs run from the spine to the front across the lung; at their bend the beam passes along them.
        shift = (-14 * min(number, 3) + 26 * max(0, number - 4) + random.normal(0, 6), 112 * number - 130)
        line = smooth(np.add(RIB, shift), closed=False, steps=4)
        pen.bone(
            f"rib {number}", ribbon(line, np.linspace(44, 52, len(line))), rind=1.1, thickness=0.55, spongy=0.3, grain=0
        )
        pen.line(np.add(path("640,170 600,260 580,380 590,520"), shift), 4.0, 0.16)
    pen.bone(
        "clavicle", CLAVICLE, rind=0.7, cortex=2.4, shaft="480,155 1500,240", thickness=0.8, spongy=0.34, grain=0.08
    )
    pen.bone("upper edge", UPPER_EDGE, rind=0.9, thickness=0.40, spongy=0.26, grain=0.05)
    pen.bone("acromion", ACROMION, rind=0.9, thickness=0.50, spongy=0.38, grain=0.10)
    pen.bone("coracoid", CORACOID, rind=0.9, thickness=0.50, spongy=0.36, grain=0.07)
    pen.bone("blade", STEM, rind=1.0, thickness=0.50, spongy=0.24, grain=0.06)
    lift = random.normal(0, (5, 6))
    pen.bone(
        "humerus",
        path(HUMERUS) + lift,
        rind=0.5,
        cortex=5.0,
        shaft="380,440 345,1900",
        thickness=0.80,
        spongy=0.28,
        hollow=0.35,
        grain=0.09,
        flow=["350,900 350,560 330,400", "410,900 410,560 440,400", "380,1900 385,700 390,320"],
    )
    for text, width_mm, depth in PLATES:
        pen.line(text, width_mm, depth)
    # The glenoid is seen face on behind the head, so only the collar bone's joint can be seen to be lost.
    pen.joint("acromion", "clavicle", "330,190 370,150 420,190 440,226 400,240 350,226")
    exposure = Exposure(photons=3600, scatter=0.40, levelling=0.6, sharpening=0.55, blur=0.7, gamma=1.4)
    return pen.scene(exposure, "60,140 40,60 130,60", 0.6, drawn_side="R", grain_mm=0.85)
