"""The cervical spine from the side (LL, RL) and from the front (AP)."""

from __future__ import annotations

import itertools

import numpy as np

from generation.phantom import defects
from generation.phantom.projection import Exposure
from generation.phantom.regions.head_front import MANDIBLE, both
from generation.phantom.regions.thorax import ribbon
from generation.phantom.regions.vertebrae import draw_vertebra
from generation.phantom.scene import Finding, Patient, Scene
from generation.phantom.shapes import path, smooth
from generation.phantom.sketch import Sketch

BODY_PART = "cervical spine"
WORDS = ("cervical spine", "cervical", "neck")
VIEWS = ("LL", "RL", "AP")
SIDED = False
DEFECTS = (*defects.OF_JOINTS, *defects.OF_THE_PICTURE, "missing_vertebra")

BODIES = {
    "C2": "205,238 232,196 248,194 262,238 270,280 268,335 235,341 190,352 190,322 203,290",
    "C3": "205,372 262,361 264,398 262,430 225,440 183,454 190,418",
    "C4": "189,486 262,468 268,500 265,530 220,536 186,551 184,520",
    "C5": "192,582 265,560 272,596 275,620 230,627 194,644 190,612",
    "C6": "204,668 276,640 292,690 282,708 224,738 208,706",
    "C7": "228,762 300,728 322,790 312,806 248,838 236,800",
}
ARCHES = {
    "C1": "300,205 340,192 400,215 412,240 390,266 360,250 320,230",
    "C2": "270,262 310,300 380,306 440,342 440,388 400,400 350,380 300,370 270,330",
}
ARCH = path("266,380 292,384 318,410 360,434 402,458 414,484 352,470 318,474 296,452 268,430")
FACET = path("276,372 300,368 322,420 330,452 308,458 288,420")
SKULL = "236,-300 1200,-300 1200,60 900,120 680,188 560,206 430,216 380,190 330,162 280,180 244,150"
JAW = "-300,-300 80,-300 130,20 130,150 108,280 60,400 0,432 -300,470"
SHOULDERS = "-200,1240 0,1010 190,810 300,740 420,690 560,690 720,790 1000,920 1000,2200 -200,2200"
SKIN = (
    "-500,-500 -500,500 -120,520 40,500 128,520 118,600 146,700 178,800 100,860 40,920 -60,1060 -200,1300 "
    "-200,2200 1100,2200 1100,860 880,780 730,690 664,560 668,400 700,200 740,0 760,-500"
)


# From the front, in millimetres; the right half, at the left of the picture.
SKIN_FRONT = "-60,60 -58,200 -60,232 -66,256 -84,274 -130,292 -200,320 -260,380 -260,800 0,800"
PILLAR = "-13,0 -18,-4 -26,-5 -29,2 -28,10 -26,15 -27,21 -19,23 -13,18"
APEX = "-20,420 -20,330 -24,312 -34,300 -50,297 -66,308 -82,336 -96,420"
FIRST_RIB = "-16,292 -36,286 -58,298 -70,320 -62,344 -34,358"
CLAVICLE = "-14,350 -40,338 -80,322 -140,306"


def draw(patient: Patient) -> Scene:
    """The neck in the view ordered."""
    return front(patient) if patient.view_position == "AP" else side(patient)


def front(patient: Patient) -> Scene:
    """From the front, right side of the body at the left of the picture; the jaw hides the uppermost vertebrae."""
    pen = Sketch(patient, (-92, 168, 92, 378), 1.0, variety=0.008)
    flesh = patient.body["flesh"]
    pen.flesh("skin", pen.outline(both(SKIN_FRONT)), radius_mm=60 * flesh**0.5, thickness=0.80)
    pen.body("shoulders", both("-40,270 -90,284 -150,300 -260,390 -260,700 0,700 0,262"), 0.35 * flesh, 40, 8)
    pen.body("airway", "-7,196 -9,214 -4,232 -9,240 -10,300 -9,420 9,420 10,300 9,240 4,232 9,214 7,196", -0.34, 6, 1.5)
    pen.bone("jaw", both(MANDIBLE), rind=1.6, thickness=0.55, spongy=0.30, grain=0.05)
    pen.body("floor of the mouth", both("0,150 -40,150 -50,180 -30,206 0,214"), 0.45, 14, 6, mottle=0.1)
    names = [*[*BODIES][1:], "T1", "T2", "T3"]
    top = 200.0
    for number, name in enumerate(names):
        height, width = 13.0 + 0.75 * number, 31.0 + 0.9 * number
        draw_vertebra(pen, name, 1.2 * np.sin(number), top, top + height, width, 0.85, grain=0.07)
        if name in BODIES:
            for left in (False, True):
                points = path(PILLAR) * (-1 if left else 1, 1) + (0, top)
                pen.bone(f"{name} pillar {left:d}", points, rind=0.6, thickness=0.55, spongy=0.26, grain=0.06)
        if number:
            gap = np.array([(-0.45, -6), (0.45, -6), (0.45, 3), (-0.45, 3)]) * (width, 1) + (0, top)
            pen.joint(f"{names[number - 1]} body", f"{name} body", gap)
        top += height + 4.6 + 0.2 * number
    for half in pen.other_side(0, "left", "right"):
        half.body("top of the lung", APEX, -0.75, 20, 1.5)
        half.bone("first rib", ribbon(half_line(FIRST_RIB), 11.0), rind=0.8, thickness=0.55, spongy=0.3, grain=0)
        half.bone("clavicle", ribbon(half_line(CLAVICLE), 13.0), rind=1.2, thickness=0.55, spongy=0.3, grain=0)
    exposure = Exposure(photons=4500, scatter=0.3, levelling=0.55, sharpening=0.5, blur=0.7, gamma=1.2, lift=0.12)
    return pen.scene(exposure, "-76,186 76,186 -78,240", 0.5, grain_mm=0.85)


def half_line(text: str) -> np.ndarray:
    return smooth(path(text), closed=False, steps=4)


def side(patient: Patient) -> Scene:
    """From the side; it looks to the left in a left lateral, to the right in a right lateral."""
    flip_at = 315.0 if patient.view_position == "RL" else None
    pen = Sketch(patient, (-60, 20, 690, 960), 0.25, variety=0.012, flip_at=flip_at)
    flesh = patient.body["flesh"]
    pen.flesh("skin", pen.outline(SKIN), radius_mm=62 * flesh, thickness=0.80)
    pen.body("shoulders", SHOULDERS, 1.3 * flesh, 45, 5)
    pen.body(
        "airway",
        "140,140 165,200 150,400 132,520 142,640 168,790 188,796 168,640 162,520 186,380 190,200",
        -0.45,
        6,
        1.5,
    )
    pen.bone("skull", SKULL, rind=4.0, thickness=0.30, spongy=0.10, grain=0)
    pen.body("base of the skull", "236,-300 480,-300 470,120 380,180 300,170 246,140", 0.45, 20, 10, mottle=0.12)
    pen.bone("jaw", JAW, rind=2.0, thickness=0.30, spongy=0.2, grain=0.05)
    for number, (name, text) in enumerate(ARCHES.items()):
        pen.bone(f"{name} arch", text, rind=0.9, thickness=0.8 - 0.1 * number, spongy=0.3, grain=0.06)
    pen.bone(
        "C1 front arch", "180,170 198,142 216,150 210,192 194,196", rind=0.8, thickness=1.2, spongy=0.4, grain=0.05
    )
    for number in range(5):
        shift = np.array([4 + 7.0 * number, 98.0 * number]) + pen.patient.stream(f"arch {number}").normal(0, 3, 2)
        name = f"C{number + 3}"
        pen.bone(f"{name} arch", ARCH + shift, rind=0.8, thickness=0.7, spongy=0.26, grain=0.06)
        pen.bone(f"{name} facet", FACET + shift, rind=0.8, thickness=1.0, spongy=0.26, grain=0.06)
    for name, text in BODIES.items():
        points = path(text) + pen.patient.stream(f"body {name}").normal(0, 2, 2)
        pen.bone(f"{name} body", points, rind=0.8, thickness=0.95, spongy=0.34, grain=0.08)
    names = list(BODIES)
    for number, (upper, lower) in enumerate(itertools.pairwise(names)):
        low, high = path(BODIES[upper]), path(BODIES[lower])
        top, bottom = low[:, 1].max() - 22, high[:, 1].min() + 26
        left, right = 194 + 6 * number, 262 + 6 * number
        pen.joint(
            f"{upper} body",
            f"{lower} body",
            np.array([(left, top), (right, top - 14), (right, bottom - 8), (left, bottom + 8)]),
        )
    exposure = Exposure(photons=4500, scatter=0.3, levelling=0.6, sharpening=0.5, blur=0.7, gamma=1.2, lift=0.12)
    return pen.scene(exposure, "20,640 620,480 0,720", 0.5, grain_mm=0.85)


def missing_vertebra(scene: Scene, random: np.random.Generator) -> Finding:
    """One vertebra is left out."""
    return defects.without("missing_vertebra", f"C{random.integers(3, 7)} ")(scene, random)


OWN_DEFECTS = {"missing_vertebra": missing_vertebra}
