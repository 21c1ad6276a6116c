"""The whole body from the front (AP), standing, from the head to the feet; put together in millimetres.

Head, chest, trunk and legs are those of their own regions, laid where they belong; forearms and hands are drawn here.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np

from generation.phantom import defects
from generation.phantom.frame import Frame
from generation.phantom.projection import Exposure
from generation.phantom.regions import chest, knee, leg, trunk
from generation.phantom.regions.head_front import SKIN as HEAD
from generation.phantom.regions.head_front import both, draw_head
from generation.phantom.regions.thorax import MIDDLE, ribbon
from generation.phantom.scene import Patient, Scene
from generation.phantom.shapes import path
from generation.phantom.sketch import Sketch

BODY_PART = "full body"
WORDS = ("full body", "full-body", "whole body", "whole-body", "the body")  # not "body": a foreign one has none
VIEWS = ("AP",)
SIDED = False
DEFECTS = (
    *defects.OF_THE_PICTURE,
    *("fused_joint", "absent_breast_shadows", "missing_fibula", "missing_rib", "missing_vertebra"),
)

# Where the origins of the regions' drawings lie: millimetres a unit, then x and y.
CHEST = (chest.UNIT_MM, -MIDDLE * chest.UNIT_MM, 247.0)
TRUNK = (trunk.UNIT_MM, -trunk.MIDDLE * trunk.UNIT_MM, 690.0)
KNEE = (125.0, 1315.0)  # of the left knee
VERTEBRAE, LUMBAR = 15, 5
BOX, VARIETY = (-372.0, -75.0, 372.0, 1865.0), 0.0025


def _joined(scale: float, at: tuple[float, float], drawn: tuple[float, float]) -> tuple[float, float, float]:
    """Where a drawing lies whose point `drawn` is that of the body at `at`."""
    return scale, at[0] - scale * drawn[0], at[1] - scale * drawn[1]


# Where the frontal drawings of regions lie in the body's; of paired limbs the side that is drawn.
PLACES = {
    "head": (1.0, 0.0, 0.0),
    "cervical spine": (1.0, 0.0, 0.0),
    "chest": CHEST,
    "thoracic spine": CHEST,
    **dict.fromkeys(("abdomen", "lumbar spine", "pelvis"), TRUNK),
    "shoulder": _joined(0.165, (-229.0, 349.0), (340.0, 330.0)),
    "knee": _joined(knee.UNIT_MM, (-KNEE[0], KNEE[1]), (363.0, 665.0)),
    "leg": (1.0, *KNEE),
    "ankle": _joined(0.088, (KNEE[0], KNEE[1] + 350), (448.0, 460.0)),
    "full body": (1.0, 0.0, 0.0),
}


def frame_in(body_part: str, frame: Frame, patient: Patient) -> Frame:
    """The frame in which the body is drawn where a region's own drawing lies in its frame."""
    scale, x, y = PLACES[body_part]
    across, down = scale * frame.centre[0] + x, scale * frame.centre[1] + y
    across = -across if frame.mirrored else across  # the other limb
    centre = patient.warp(BOX, VARIETY)([(across, down)])[0]
    return replace(
        frame,
        centre=(float(centre[0]), float(centre[1])),
        scale=frame.scale / scale,
        unit_mm=frame.unit_mm / scale,
        mirrored=False,
    )


# The right side, at the left of the picture.
SKIN = "-58,210 -60,250 -84,280 -150,300 -186,330 -176,470 -164,560 -156,640 -164,720 -184,800 -200,900 -200,960 -8,975"
THIGH = "-4,930 -22,1000 -50,1090 -62,1210 -190,1210 -194,1100 -202,1000 -202,880 -110,840"
SHIN = (
    "62,-260 60,-60 60,-20 64,10 72,45 76,85 75,120 69,165 58,220 47,275 41,315 37,342 38,360 41,376 45,395 54,430 "
    "56,462 38,478 -20,482 -56,474 -62,450 -52,420 -46,382 -42,368 -40,352 -36,328 -34,300 -36,260 -41,215 -50,170 "
    "-58,125 -60,85 -57,45 -57,10 -62,-30 -66,-80 -72,-260"
)
# The arm, in units of the chest's drawing.
ARM = (
    "20,190 -110,190 -190,250 -236,400 -270,700 -306,1000 -330,1150 -350,1400 -366,1640 -378,1760 -396,1900 -404,2060 "
    "-380,2200 -330,2210 -290,2080 -270,1900 -262,1720 -244,1500 -206,1250 -176,1050 -110,760 -40,560 40,420"
)
HUMERUS = (
    "-192,262 -170,216 -128,196 -86,214 -64,258 -82,306 -122,340 -150,440 -184,800 -206,1000 -208,1066 -232,1092 "
    "-262,1086 -290,1092 -312,1066 -290,990 -246,800 -208,440 -194,330"
)
FOREARM = (
    (
        "ulna",
        "-222,1070 -214,1104 -228,1200 -262,1560 -268,1690 -286,1706 -296,1690 -290,1560 -262,1200 -258,1104",
        0.5,
    ),
    (
        "radius",
        "-304,1104 -274,1104 -272,1150 -306,1480 -300,1690 -318,1722 -348,1716 -350,1660 -330,1400 -304,1200",
        0.5,
    ),
    ("carpus", "-288,1722 -322,1730 -348,1736 -352,1790 -330,1806 -296,1800 -282,1764", 0.6),
)
FINGERS = [(-352, -396, 1800, 1960), (-340, -384, 1808, 2130), (-326, -364, 1810, 2180), (-310, -340, 1808, 2150)]
FINGERS += [(-296, -314, 1804, 2090)]


def draw(patient: Patient) -> Scene:
    """The body from the front, right side at the left of the picture."""
    pen = Sketch(patient, BOX, 1.0, variety=VARIETY)
    halves = pen.other_side(0, "right", "left")
    limbs = [half.placed(1.0, sign * KNEE[0], KNEE[1]) for sign, half in zip((1, -1), halves, strict=True)]
    ribs = pen.placed(*CHEST)
    hips = pen.placed(*TRUNK).other_side(trunk.MIDDLE, "left", "right")
    skins = [pen.outline(both(HEAD.split(" -100,292")[0] + " -66,330 0,330")), pen.outline(both(SKIN))]
    skins += [half.outline(path(THIGH)) for half in pen.other_side(0, "left", "right")]
    skins += [limb.outline(SHIN) for limb in limbs]
    skins += [half.outline(ARM) for half in ribs.other_side(MIDDLE, "left", "right")]
    flesh = patient.body["flesh"]
    pen.flesh("skin", *skins, radius_mm=105, thickness=0.46 * flesh**0.7, planes=0.012)
    chest.draw_chest(ribs, patient.view_position == "PA", VERTEBRAE, HUMERUS)
    for half in ribs.other_side(MIDDLE, "left", "right"):
        draw_forearm(half)
    trunk.draw_bowel(pen.placed(*TRUNK))
    trunk.draw_spine(pen.placed(*TRUNK), LUMBAR)
    pen.joints.clear()
    for half in hips:
        trunk.draw_hip(half, femur())
    for limb in limbs:
        leg.draw_leg(limb)
    draw_head(pen, vertebrae=4)
    exposure = Exposure(photons=7000, scatter=0.35, levelling=0.65, sharpening=0.5, blur=0.7, gamma=1.25, lift=0.14)
    return pen.scene(exposure, "-300,60 300,60 -300,1500", 0.8, grain_mm=1.4)


def femur() -> np.ndarray:
    """The right thigh bone in units of the trunk's drawing: its upper end from there, its lower end from the knee's."""
    upper = trunk.FEMUR
    low = np.flatnonzero(upper[:, 1] > 1300)
    end = (knee.FEMUR[::-1] - (363, 665)) * knee.UNIT_MM + (-KNEE[0], KNEE[1])
    end = (end[(end[:, 1] > 1180)] - TRUNK[1:]) / TRUNK[0]
    return np.vstack([upper[: low[0]], end, upper[low[-1] + 1 :]])


def draw_forearm(pen: Sketch) -> None:
    """Forearm and hand of one side, from the elbow down."""
    for name, outline, thickness in FOREARM:
        pen.bone(name, outline, rind=0.6, thickness=thickness, spongy=0.3, grain=0)
    for number, (base, tip, top, bottom) in enumerate(FINGERS):
        cuts = np.array([0.0, 0.44, 0.72, 0.88, 1.0])[: 5 if number else 4]
        for bone, (start, end) in enumerate(pairwise(cuts)):
            shares = np.linspace(start / cuts[-1] + 0.02, end / cuts[-1] - 0.02, 4)[:, None]
            line = np.array([base, top]) + shares * np.array([tip - base, bottom - top])
            pen.bone(f"finger {number} {bone}", ribbon(line, 16.0), rind=0.5, thickness=0.5, spongy=0.3, grain=0)


OWN_DEFECTS = {
    "absent_breast_shadows": chest.absent_breast_shadows,
    "missing_fibula": defects.one_without("missing_fibula", "right fibula", "left fibula"),
    "missing_rib": chest.missing_rib,
    "missing_vertebra": defects.one_without("missing_vertebra", "L2 ", "L3 ", "L4 "),
}
