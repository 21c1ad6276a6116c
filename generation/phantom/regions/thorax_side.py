"""The thorax from the side, shared by the chest and the thoracic spine; units of the chest's drawing."""

from __future__ import annotations

import numpy as np

from generation.phantom.regions.spine_side import draw_column
from generation.phantom.regions.thorax import ribbon
from generation.phantom.shapes import path, smooth
from generation.phantom.sketch import Sketch

NAMES = ["C5", "C6", "C7", *(f"T{number}" for number in range(1, 13)), "L1", "L2", "L3"]
SHOWN = [f"T{number} body" for number in range(2, 12)]
CURVE = "330,-120 352,-20 400,100 452,240 486,390 496,540 480,690 440,840 392,990 360,1140"
SKIN_SIDE = (
    "-40,-500 -60,-200 -160,-60 -280,60 -360,240 -400,460 -400,700 -380,1000 -360,1700 640,1700 630,1300 626,1000 "
    "632,800 640,600 630,400 596,200 540,60 490,-60 460,-200 450,-500"
)
LUNGS = (
    "60,90 -60,130 -180,260 -260,430 -290,600 -250,720 -120,740 20,730 160,780 280,850 400,920 500,960 540,860 560,700 "
    "560,520 530,340 470,200 380,110 240,60 140,60"
)

BREASTBONE = "-84,156 -60,150 -150,250 -240,380 -296,500 -330,640 -346,636 -326,490 -266,360 -178,240"


def draw_thorax(pen: Sketch) -> None:
    """Skin, lungs, heart, spine, both sides' ribs and the breastbone of a body that looks to the left."""
    random, flesh = pen.patient.stream("thoracic side"), pen.patient.body["flesh"]
    pen.flesh("skin", pen.outline(SKIN_SIDE), radius_mm=150, thickness=0.8 * flesh, planes=0.012)
    pen.body("shoulders", "-100,-160 520,-160 560,60 480,170 300,190 100,200 -100,200", 0.9 * flesh, 60, 14)
    pen.body("lungs", path(LUNGS) + random.normal(0, 10, 2), -1.5, 40, 2, mottle=0.025)
    pen.body("heart", "-170,470 -40,400 120,430 220,510 244,630 200,760 20,750 -140,730 -200,600", 0.7, 55, 8)
    pen.body("airway", "190,-100 230,-100 270,120 290,330 260,340 240,130", -0.22, 8, 2)
    heights = np.array([46 + 1.45 * number for number in range(len(NAMES))])
    sizes = np.column_stack([np.linspace(58, 92, len(NAMES)), heights, np.linspace(9, 18, len(NAMES))])
    middles = draw_column(pen, CURVE, NAMES, sizes, [name.removesuffix(" body") for name in SHOWN], slant=0.7)
    for number, root in enumerate(middles[3:14], start=1):
        for name, shift in zip(("right", "left"), random.normal(0, 9, (2, 2)), strict=True):
            fall = 60 + 20 * number
            knots = [(52, -14), (92, 10), (70, 0.35 * fall), (-70, 0.8 * fall), (-260, 1.25 * fall), (-480, 1.5 * fall)]
            line = smooth(np.array(knots) + root + shift, closed=False, steps=4)
            pen.bone(f"{name} rib {number} side", ribbon(line, 25.0), rind=0.7, thickness=0.35, spongy=0.3, grain=0)
    pen.bone("breastbone", BREASTBONE, rind=0.9, thickness=1.4, spongy=0.3, grain=0)
    pen.line("-20,150 -120,190 -220,300 -300,440 -340,590", 2.0, 0.05)
