"""The lumbar spine from the front (AP) and from the side (LL, RL)."""

from __future__ import annotations

from generation.phantom import defects
from generation.phantom.projection import Exposure
from generation.phantom.regions.trunk import MIDDLE, UNIT_MM, draw_lower_ribs, draw_trunk
from generation.phantom.regions.trunk_side import draw_trunk_side
from generation.phantom.scene import Patient, Scene
from generation.phantom.sketch import Sketch

BODY_PART = "lumbar spine"
WORDS = ("lumbar spine", "lumbar", "spine", "spinal")
VIEWS = ("AP", "LL", "RL")
SIDED = False
DEFECTS = (*defects.OF_JOINTS, *defects.OF_BONES, *defects.OF_THE_PICTURE, "missing_vertebra")
OWN_DEFECTS = {"missing_vertebra": defects.one_without("missing_vertebra", "L2 ", "L3 ", "L4 ")}


def draw(patient: Patient) -> Scene:
    """The spine from the last ribs to the sacrum, in the view ordered."""
    return front(patient) if patient.view_position == "AP" else side(patient)


def front(patient: Patient) -> Scene:
    """From the front, right side of the body at the left of the picture."""
    pen = Sketch(patient, (230, -560, 1010, 400), UNIT_MM, variety=0.012)
    draw_trunk(pen, vertebrae=10)
    for half in pen.other_side(MIDDLE, "left", "right"):
        half.body("psoas", "560,-560 520,-300 470,-60 430,130 560,150 590,-100 590,-560", 0.14, 14, 2.5)
        draw_lower_ribs(half)
    pen.joints = [joint for joint in pen.joints if joint.first in ("L4 body", "L3 body", "L2 body", "L1 body")]
    exposure = Exposure(
        photons=4500, scatter=0.5, levelling=0.5, sharpening=0.5, blur=0.7, gamma=1.25, lift=0.2, toe=0.07
    )
    return pen.scene(exposure, "260,330 980,330 270,-500 970,-500", 0.7, grain_mm=1.0)


def side(patient: Patient) -> Scene:
    """From the side; it looks to the left in a left lateral, to the right in a right lateral."""
    flip_at = 560.0 if patient.view_position == "RL" else None
    pen = Sketch(patient, (300, -160, 860, 1010), UNIT_MM, variety=0.012, flip_at=flip_at)
    draw_trunk_side(pen)
    exposure = Exposure(
        photons=5000, scatter=0.55, levelling=0.65, sharpening=0.55, blur=0.7, gamma=1.55, lift=0.16, toe=0.04
    )
    return pen.scene(exposure, "340,960 820,-110 350,-90", 0.7, grain_mm=1.0)
