"""The abdomen from the front (AP) and from the side (LL, RL)."""

from __future__ import annotations

from generation.phantom import defects
from generation.phantom.projection import Exposure
from generation.phantom.regions.abdomen_side import draw_side
from generation.phantom.regions.trunk import MIDDLE, UNIT_MM, draw_lower_ribs, draw_trunk
from generation.phantom.scene import Patient, Scene
from generation.phantom.sketch import Sketch

BODY_PART = "abdomen"
WORDS = ("abdomen", "abdominal", "belly")
VIEWS = ("AP", "LL", "RL")
SIDED = False
DEFECTS = (*defects.OF_JOINTS, *defects.OF_THE_PICTURE)
PSOAS = "560,-560 520,-300 470,-60 430,130 560,150 590,-100 590,-560"
KIDNEY = "400,-640 440,-690 490,-680 510,-600 490,-520 500,-440 470,-370 420,-370 380,-440 370,-550"


def draw(patient: Patient) -> Scene:
    """The abdomen in the view ordered."""
    return front(patient) if patient.view_position == "AP" else draw_side(patient)


def front(patient: Patient) -> Scene:
    """The abdomen, right side of the body at the left of the picture."""
    pen = Sketch(patient, (-20, -900, 1260, 620), UNIT_MM, variety=0.008)
    draw_trunk(pen, vertebrae=11)
    for half in pen.other_side(MIDDLE, "left", "right"):
        half.body("psoas", PSOAS, 0.12, 14, 2.5)
        half.body("kidney", KIDNEY, 0.10, 16, 3)
        draw_lower_ribs(half)
    pen.body("liver", "60,-1300 560,-1300 560,-760 420,-620 260,-420 150,-330 80,-380 50,-700", 0.16, 40, 4)
    pen.body("stomach", "720,-900 860,-960 1010,-900 1040,-780 940,-640 800,-600 730,-700", -0.22, 26, 4, mottle=0.1)
    exposure = Exposure(
        photons=5000, scatter=0.5, levelling=0.5, sharpening=0.5, blur=0.75, gamma=1.25, lift=0.2, toe=0.07
    )
    return pen.scene(exposure, "20,500 1222,500 30,-820 1210,-820", 0.8, grain_mm=1.1)
