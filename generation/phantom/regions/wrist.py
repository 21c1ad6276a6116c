"""The wrist, dorsopalmar (PA) and from the side (LL, RL)."""

from __future__ import annotations

from generation.phantom import defects
from generation.phantom.projection import Exposure
from generation.phantom.regions.carpus import draw_carpus
from generation.phantom.regions.hand import FINGER_WIDTHS, PALM, RAYS, UNIT_MM
from generation.phantom.regions.rays import draw_ray
from generation.phantom.regions.wrist_side import draw_side
from generation.phantom.scene import Patient, Scene
from generation.phantom.sketch import Sketch

BODY_PART = "wrist"
WORDS = ("wrist", "wrists", "carpus", "scaphoid")
VIEWS = ("PA", "LL", "RL")
SIDED = True
DEFECTS = (*defects.OF_JOINTS, *defects.OF_BONES, *defects.OF_THE_PICTURE, "missing_carpal")
OWN_DEFECTS = {"missing_carpal": defects.one_without("missing_carpal", "lunate", "capitate", "scaphoid")}


def draw(patient: Patient) -> Scene:
    """The wrist in the view ordered."""
    return front(patient) if patient.view_position == "PA" else draw_side(patient)


def front(patient: Patient) -> Scene:
    """The wrist between the metacarpals and the forearm; drawn as a left one."""
    pen = Sketch(patient, (70, 840, 610, 1500), UNIT_MM, variety=0.014)
    flesh = patient.body["flesh"] ** 0.5
    skins = [pen.outline(PALM)]
    for name, parts in RAYS.items():
        turn = patient.stream(f"spread {name}").normal(0, 0.02)
        skins.append(draw_ray(pen, name, parts, FINGER_WIDTHS[name] * flesh, turn, grain=0.09))
    pen.joints.clear()  # the knuckles are out of sight
    draw_carpus(pen)
    pen.flesh("skin", *skins, radius_mm=13 * flesh, thickness=0.95)
    pen.body("forearm", "200,1260 440,1260 450,1900 180,1900", 0.22 * flesh, 18, 5)
    exposure = Exposure(photons=7000, scatter=0.12, levelling=0.40, sharpening=0.55, blur=0.7, gamma=1.2)
    return pen.scene(
        exposure, "110,1420 580,1400 570,1250", 0.45, drawn_side="L", grain_mm=0.9, complete=("left", "top", "right")
    )
