"""The pelvis from the front (AP) and from the side (LL, RL)."""

from __future__ import annotations

from generation.phantom import defects
from generation.phantom.projection import Exposure
from generation.phantom.regions.pelvis_side import draw_side
from generation.phantom.regions.trunk import UNIT_MM, draw_trunk
from generation.phantom.scene import Patient, Scene
from generation.phantom.sketch import Sketch

BODY_PART = "pelvis"
WORDS = ("pelvis", "pelvic", "hip", "hips")
VIEWS = ("AP", "LL", "RL")
SIDED = False
DEFECTS = (*defects.OF_JOINTS, *defects.OF_BONES, *defects.OF_THE_PICTURE, "foreign_body")


def draw(patient: Patient) -> Scene:
    """The pelvis in the view ordered."""
    return front(patient) if patient.view_position == "AP" else draw_side(patient)


def front(patient: Patient) -> Scene:
    """The pelvis, right side of the body at the left of the picture."""
    pen = Sketch(patient, (-20, -150, 1260, 1150), UNIT_MM, variety=0.008)
    draw_trunk(pen, vertebrae=6)
    pen.joints = [joint for joint in pen.joints if "femur" in joint.first]
    exposure = Exposure(
        photons=5000, scatter=0.45, levelling=0.5, sharpening=0.5, blur=0.7, gamma=1.3, lift=0.2, toe=0.07
    )
    return pen.scene(exposure, "20,560 1222,560 30,1060 1210,1060", 0.8, grain_mm=1.1)
