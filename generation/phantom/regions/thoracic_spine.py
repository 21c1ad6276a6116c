"""The thoracic spine from the front (AP) and from the side (LL, RL)."""

from __future__ import annotations

import numpy as np

from generation.phantom import defects
from generation.phantom.projection import Exposure
from generation.phantom.regions.chest import SKIN, TRACHEA, UNIT_MM, lungs_of
from generation.phantom.regions.thorax import MIDDLE, draw_ribs
from generation.phantom.regions.thorax_side import NAMES, SHOWN, draw_thorax
from generation.phantom.regions.vertebrae import draw_vertebra
from generation.phantom.scene import Finding, Patient, Scene
from generation.phantom.sketch import Sketch, wider

BODY_PART = "thoracic spine"
WORDS = ("thoracic spine", "dorsal spine", "thoracic", "t-spine")
VIEWS = ("AP", "LL", "RL")
SIDED = False
DEFECTS = (*defects.OF_JOINTS, *defects.OF_BONES, *defects.OF_THE_PICTURE, "missing_rib", "missing_vertebra")


def draw(patient: Patient) -> Scene:
    """The spine from the neck to the first lumbar vertebrae, in the view ordered."""
    return front(patient) if patient.view_position == "AP" else side(patient)


def front(patient: Patient) -> Scene:
    """From the front, right side of the body at the left of the picture."""
    pen = Sketch(patient, (230, 10, 690, 850), UNIT_MM, variety=0.009)
    random, flesh = patient.stream("thoracic spine"), patient.body["flesh"]
    pen.flesh("skin", wider(pen.outline(SKIN), MIDDLE, 1 + 0.12 * (flesh - 1)), radius_mm=125, thickness=0.7 * flesh)
    air = -1.0 * (1 + random.normal(0, 0.04))
    for name, lung in zip(("right lung", "left lung"), lungs_of(patient), strict=True):
        pen.body(name, lung, air, 36, 0.7, mottle=0.04)
    pen.body("mediastinum", "415,120 500,120 530,300 520,420 560,560 590,720 400,720 390,560 405,300", 0.30, 30, 9)
    pen.body("heart", "400,480 520,440 600,520 640,640 636,745 520,760 400,745 385,620", 0.30, 40, 8)
    pen.body(
        "below the diaphragm", "60,790 200,745 330,730 458,745 640,760 740,780 830,850 850,1300 60,1300", 0.5, 50, 10
    )
    pen.body("trachea", TRACHEA, -0.34, 7, 1.6)
    draw_straight(pen)
    for half in pen.other_side(MIDDLE, "left", "right"):
        draw_ribs(half, 1.2)
        half.body("muscles", "380,-200 300,100 330,500 350,900 440,900 440,-200", 0.10, 30, 8)
    exposure = Exposure(photons=3500, scatter=0.45, levelling=0.6, sharpening=0.5, blur=0.7, gamma=1.15, lift=0.16)
    return pen.scene(exposure, "260,60 660,60 250,820 670,820", 0.9, grain_mm=1.0)


def side(patient: Patient) -> Scene:
    """From the side; it looks to the left in a left lateral, to the right in a right lateral."""
    flip_at = 400.0 if patient.view_position == "RL" else None
    pen = Sketch(patient, (150, 20, 690, 930), UNIT_MM, variety=0.010, flip_at=flip_at)
    draw_thorax(pen)
    exposure = Exposure(photons=4000, scatter=0.5, levelling=0.65, sharpening=0.5, blur=0.7, gamma=1.3, lift=0.14)
    return pen.scene(exposure, "660,880 200,880 650,80", 0.8, grain_mm=1.0)


def draw_straight(pen: Sketch) -> None:
    """The vertebrae one below the other, bent a little to one side as most people's are."""
    random = pen.patient.stream("column")
    bend, phase = random.normal(0, 5), random.uniform(0, 2 * np.pi)
    top, above = -110.0, ""
    for number, name in enumerate(NAMES):
        height, width = 46 + 1.45 * number, 70 + 1.9 * number
        x = MIDDLE + bend * np.sin(number / 3 + phase)
        draw_vertebra(pen, name, x, top, top + height, width, 0.85, grain=0.07)
        if above in SHOWN and f"{name} body" in SHOWN:
            gap = np.array([(-0.46, -14), (0.46, -14), (0.46, 8), (-0.46, 8)]) * (width, 1) + (x, top)
            pen.joint(above, f"{name} body", gap)
        top, above = top + height + 7, f"{name} body"


def missing_rib(scene: Scene, random: np.random.Generator) -> Finding:
    """One rib is left out on one side, so that the count is wrong."""
    name = f"{random.choice(['right', 'left'])} rib {random.integers(3, 9)} "
    return defects.without("missing_rib", name)(scene, random)


def missing_vertebra(scene: Scene, random: np.random.Generator) -> Finding:
    """One vertebra is left out."""
    return defects.without("missing_vertebra", f"T{random.integers(3, 11)} ")(scene, random)


OWN_DEFECTS = {"missing_rib": missing_rib, "missing_vertebra": missing_vertebra}
