"""The trunk below the ribs from the side, for the regions that show it; it looks to the left."""

from __future__ import annotations

import numpy as np

from generation.phantom.regions.spine_side import draw_column
from generation.phantom.regions.thorax import ribbon
from generation.phantom.shapes import path, smooth
from generation.phantom.sketch import Sketch

WING = "380,770 480,710 600,690 740,720 810,800 800,950 720,1110 600,1250 440,1350 360,1250 390,1050 360,900"
CREST = "380,810 460,740 580,702 700,710 790,770"
CIRCLE = np.column_stack([np.cos(np.arange(8) * np.pi / 4), np.sin(np.arange(8) * np.pi / 4)])
NAMES = ["T10", "T11", "T12", "L1", "L2", "L3", "L4", "L5"]
CURVE = "600,-260 568,-60 520,160 478,380 468,560 500,740 560,900"
SACRUM = (
    "424,720 460,708 512,684 562,690 574,728 612,808 656,898 688,988 696,1068 680,1138 652,1134 "
    "660,1068 642,998 602,918 542,848 482,788 436,748"
)
SKIN = (
    "170,-1500 150,-900 40,-500 -60,-200 -120,100 -140,400 -100,700 -40,900 20,1200 60,1900 1300,1900 1290,1400 "
    "1240,1100 1140,860 1060,700 1030,560 1025,400 1035,160 1050,-100 1050,-500 1040,-900 1040,-1500"
)


def draw_trunk_side(pen: Sketch) -> None:
    """Skin, lung bases, bowel gas, the wings of both hip bones, and the spine from the last ribs to the sacrum."""
    random, flesh = pen.patient.stream("lumbar side"), pen.patient.body["flesh"]
    pen.flesh("skin", pen.outline(SKIN), radius_mm=150, thickness=0.75 * flesh, planes=0.012)
    lung = path(
        "860,-1500 860,-700 900,-300 880,-80 760,-40 640,-110 500,-170 340,-230 180,-280 160,-700 190,-1500"
    ) + random.normal(0, 14, 2)
    pen.body("lung", lung, -0.75, 26, 3, mottle=0.05)
    for number, place in enumerate(path("250,120 330,330 200,480 320,600 240,760")):
        if random.random() < 0.6:
            corners = place + random.normal(0, 34, 2) + random.uniform(24, 58, (8, 1)) * CIRCLE
            pen.body(f"gas {number}", corners, -float(random.uniform(0.08, 0.26)), 14, 2.5, mottle=0.25)
    for shift in random.normal(0, 14, (2, 2)):
        pen.body(f"hip bone {shift[0]:.2f}", path(WING) + shift, 0.15, 40, 8, mottle=0.08)
        pen.line(smooth(path(CREST), closed=False) + shift, 3.0, 0.09)
    draw_spine_side(pen)


def draw_spine_side(pen: Sketch) -> None:
    """Sacrum, the vertebrae from T10 on, and the last two ribs."""
    pen.bone("sacrum", SACRUM, rind=0.8, thickness=0.55, spongy=0.30, grain=0.07)
    heights = np.array([82, 86, 90, 94, 96, 97, 97, 96])
    discs = np.array([18, 20, 24, 28, 32, 36, 38, 34])
    sizes = np.column_stack([np.linspace(112, 130, 8), heights, discs])
    draw_column(pen, CURVE, NAMES, sizes, ["L1", "L2", "L3", "L4", "L5"])
    for number, rib in enumerate(("600,-180 560,-60 470,70 400,150", "640,-60 600,40 540,120")):
        pen.bone(
            f"rib {11 + number}", ribbon(smooth(path(rib), closed=False, steps=4), 34), rind=0.8, thickness=0.5, grain=0
        )
