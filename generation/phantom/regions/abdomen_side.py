"""The abdomen from the side, from the domes of the diaphragm to the wings of the hip bones; it looks to the left."""

from __future__ import annotations

import numpy as np

from generation.phantom.projection import Exposure
from generation.phantom.regions.spine_side import draw_column
from generation.phantom.regions.thorax import ribbon
from generation.phantom.regions.trunk import UNIT_MM
from generation.phantom.regions.trunk_side import CIRCLE, draw_trunk_side
from generation.phantom.scene import Patient, Scene
from generation.phantom.shapes import path, smooth
from generation.phantom.sketch import Sketch

UPPER_CURVE = "662,-946 646,-640 606,-276"
UPPER_NAMES = ["T2", "T3", "T4", "T5", "T6", "T7", "T8", "T9"]
LIVER = "170,-290 340,-240 500,-180 640,-110 690,-30 620,80 460,150 280,160 90,110 10,-20 50,-180"
HEART = "120,-240 260,-250 400,-280 480,-400 440,-560 320,-680 160,-720 80,-500"
STOMACH = "190,-215 300,-215 400,-160 420,-80 340,-20 230,-30 160,-110"
BOWEL = path("110,150 190,220 330,230 70,330 150,400 280,430 80,520 220,600 90,640 150,720 300,700 390,560")
RIBS = [
    "720,-860 810,-780 800,-640 650,-480 430,-340 150,-260",
    "710,-750 805,-670 795,-530 645,-380 430,-240 170,-170",
    "700,-640 800,-560 790,-420 640,-280 430,-150 200,-90",
    "690,-530 800,-450 790,-310 660,-170 450,-20 230,60",
    "680,-420 790,-340 780,-210 660,-70 480,70 300,160",
    "670,-310 770,-240 750,-120 640,10 480,140",
]


def draw_side(patient: Patient) -> Scene:
    """The abdomen; in a right lateral it looks to the right."""
    flip_at = 465.0 if patient.view_position == "RL" else None
    pen = Sketch(patient, (-270, -500, 1200, 840), UNIT_MM, variety=0.010, flip_at=flip_at)
    random = patient.stream("abdomen side")
    draw_trunk_side(pen)
    sizes = np.column_stack([np.linspace(82, 108, 8), np.linspace(64, 80, 8), np.linspace(11, 18, 8)])
    draw_column(pen, UPPER_CURVE, UPPER_NAMES, sizes, [], slant=0.7)
    for number, text in enumerate(RIBS):
        for side, shift in zip(("right", "left"), random.normal(0, 14, (2, 2)), strict=True):
            line = smooth(path(text) + shift, closed=False, steps=4)
            pen.bone(f"{side} rib {5 + number}", ribbon(line, 36.0), rind=0.7, thickness=0.35, spongy=0.3, grain=0)
    pen.body("liver", path(LIVER) + random.normal(0, 10, 2), 0.22, 34, 4)
    pen.body("heart", HEART, 0.4, 50, 6)
    pen.body("stomach", path(STOMACH) + random.normal(0, 18, 2), -float(random.uniform(0.1, 0.35)), 22, 3, mottle=0.12)
    for number, place in enumerate(BOWEL):
        if random.random() < 0.3:
            continue
        for bubble in range(int(random.integers(1, 4))):
            middle = place + random.normal(0, 26, 2)
            corners = middle + random.uniform(26, 74, (8, 1)) * CIRCLE * (1.2, 1)
            depth = -float(random.uniform(0.08, 0.28))
            pen.body(f"loop {number} {bubble}", corners, depth, 14, 2.5, mottle=0.25)
    pen.body("fat of the belly", "-60,-200 -90,100 -110,400 -70,700 -20,860 -200,860 -220,-200", -0.06, 10, 4)
    exposure = Exposure(
        photons=9000, scatter=0.45, levelling=0.7, sharpening=0.55, blur=0.75, gamma=1.4, lift=0.18, toe=0.05
    )
    return pen.scene(exposure, "-190,-400 1140,-440 -190,800 1140,200", 0.8, grain_mm=1.1)
