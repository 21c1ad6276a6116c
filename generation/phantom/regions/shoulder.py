"""The shoulder from the front (AP, turned so that the joint space is open) and along the blade (LL, RL: the Y view)."""

from __future__ import annotations

import numpy as np

from generation.phantom import defects
from generation.phantom.projection import Exposure
from generation.phantom.regions.shoulder_side import draw_side
from generation.phantom.regions.thorax import ribbon
from generation.phantom.scene import Patient, Scene
from generation.phantom.shapes import path, smooth
from generation.phantom.sketch import Sketch

BODY_PART = "shoulder"
WORDS = ("shoulder", "shoulders", "glenohumeral")
VIEWS = ("AP", "LL", "RL")
SIDED = True
DEFECTS = (*defects.OF_JOINTS, *defects.OF_BONES, *defects.OF_THE_PICTURE, "missing_joint_surface", "foreign_body")

HUMERUS = (
    "198,2200 200,1100 208,950 228,850 240,750 244,650 243,560 232,500 215,450 203,410 197,350 196,312 212,292 "
    "245,270 264,245 300,222 350,213 400,222 450,250 485,295 500,340 498,390 485,424 455,440 425,460 405,500 "
    "388,560 372,650 358,800 350,1000 345,1200 342,2200"
)
BLADE = (
    "474,232 500,203 545,198 590,235 650,250 720,240 830,280 870,500 810,760 720,930 670,965 630,900 592,760 "
    "560,600 532,480 514,434 516,380 511,330 498,284 476,256"
)
NECK = "500,215 560,210 640,260 680,330 640,420 560,470 520,440 522,380 516,320"
ACROMION = "272,160 280,136 320,118 400,98 500,90 586,86 606,108 570,132 490,152 420,165 350,167 292,172"
CORACOID = "470,238 482,214 512,202 560,214 602,244 592,290 540,276 498,262"
CLAVICLE = (
    "402,84 440,54 500,42 560,55 610,85 680,100 780,100 1100,60 1100,130 780,165 680,152 620,140 580,108 520,92 450,102"
)
RIB = path("980,300 820,390 690,520 600,700 556,880 545,1060")
SKIN = (
    "-10,2200 10,1200 34,950 42,850 36,700 34,600 44,480 64,380 100,270 160,180 250,105 350,50 480,0 600,-50 "
    "740,-130 830,-260 870,-700 1700,-700 1700,2200"
)


def draw(patient: Patient) -> Scene:
    """The shoulder in the view ordered."""
    return front(patient) if patient.view_position == "AP" else draw_side(patient)


def front(patient: Patient) -> Scene:
    """The right shoulder from the front: the arm at the left of the picture."""
    pen = Sketch(patient, (-20, -60, 800, 960), 0.165)
    random, flesh = patient.stream("shoulder"), patient.body["flesh"]
    pen.flesh("skin", pen.outline(SKIN), radius_mm=62 * flesh, thickness=0.70)
    pen.body("deltoid", "60,420 140,240 260,160 300,260 240,600 180,850 90,800", 0.18, 14, 3)
    pen.body("lung", "800,430 960,330 1300,300 1300,1500 600,1500 620,1000 690,700", -0.9, 40, 3)
    for number in range(4):
        line = smooth(np.add(RIB, (70 * number + random.normal(0, 6), 120 * number - 60)), closed=False, steps=3)
        pen.bone(
            f"rib {number}", ribbon(line, np.linspace(34, 40, len(line))), rind=0.9, thickness=0.5, spongy=0.3, grain=0
        )
    pen.bone("blade", BLADE, rind=1.3, thickness=0.10, spongy=0.4, grain=0.05)
    pen.body("neck of the blade", NECK, 0.30, 10, 3)
    pen.bone("coracoid", CORACOID, rind=1.0, thickness=0.6, spongy=0.36, grain=0.06)
    pen.bone("acromion", ACROMION, rind=0.9, thickness=0.5, spongy=0.36, grain=0.08)
    pen.bone("clavicle", CLAVICLE, rind=0.6, cortex=2.2, shaft="560,80 1300,95", thickness=0.8, spongy=0.34, grain=0.08)
    lift = (random.normal(0, 4), random.normal(0, 7))
    pen.bone(
        "humerus",
        path(HUMERUS) + lift,
        rind=0.45,
        cortex=5.0,
        shaft="310,400 275,1900",
        thickness=0.85,
        spongy=0.32,
        hollow=0.35,
        grain=0.09,
        flow=["330,700 380,450 440,250", "270,700 240,450 260,270", "300,1500 310,600"],
    )
    pen.line("498,240 512,290 520,340 522,390 518,432", 2.2, 0.34)
    pen.line("476,250 484,300 492,350 508,430", 1.3, 0.12)
    pen.line(path("262,246 320,222 360,218 420,236 470,276 494,340") + lift, 1.2, 0.14)
    pen.line(path("262,262 250,300 262,360 290,420") + lift, 1.4, 0.08)
    pen.line("280,164 340,140 420,112 520,100 590,98", 1.8, 0.18)
    pen.joint("humerus", "blade", "482,280 500,300 524,330 526,410 505,430 492,400 496,340")
    exposure = Exposure(photons=3200, scatter=0.35, levelling=0.55, sharpening=0.5, blur=0.7, gamma=1.35)
    return pen.scene(exposure, "30,60 60,150 20,20", 0.6, drawn_side="R", grain_mm=0.85)
