"""The lower leg from the knee joint to the ankle, from the front (AP) and from the side (LL, RL); in millimetres."""

from __future__ import annotations

import numpy as np

from generation.phantom import defects
from generation.phantom.projection import Exposure
from generation.phantom.regions import ankle, knee
from generation.phantom.regions.leg_side import draw_side
from generation.phantom.scene import Patient, Scene
from generation.phantom.shapes import path
from generation.phantom.sketch import Drawn, Sketch, wider

BODY_PART = "leg"
WORDS = ("leg", "legs", "lower leg", "tibia", "fibula", "shin", "calf")
VIEWS = ("AP", "LL", "RL")
SIDED = True
DEFECTS = (*defects.OF_JOINTS, *defects.OF_BONES, *defects.OF_THE_PICTURE, "missing_fibula")

# What lies between the ends, which the knee's and the ankle's drawings already hold: (medial, lateral) borders.
TIBIA_SHAFT = path("-14.2,150 -13.4,190 -12.8,235 -13.6,265"), path("13.0,262 12.4,235 13.0,190 13.8,150")
FIBULA_SHAFT = path("29.0,150 26.8,190 23.6,240 19.6,285"), path("29.4,285 33.2,240 36.8,190 38.2,150")
SKIN = (
    "62,-260 60,-60 60,-20 64,10 72,45 76,85 75,120 69,165 58,220 47,275 41,315 37,342 38,360 41,376 39,392 35,408 "
    "34,430 44,560 -84,560 -62,430 -54,405 -46,382 -42,368 -40,352 -36,328 -34,300 -36,260 -41,215 -50,170 -58,125 "
    "-60,85 -57,45 -57,10 -62,-30 -66,-80 -72,-260"
)


def at_knee(drawn: Drawn) -> np.ndarray:
    """Points of the right knee's drawing as a left leg's; the tibial plateau comes to lie at y = 0."""
    points = path(drawn) if isinstance(drawn, str) else drawn
    return (points - (363, 665)) * (-knee.UNIT_MM, knee.UNIT_MM)


def at_ankle(drawn: Drawn) -> np.ndarray:
    """Points of the left ankle's drawing on the leg's; the roof of the joint comes to lie at y = 350."""
    points = path(drawn) if isinstance(drawn, str) else drawn
    return (points - (448, 460)) * 0.088 + (0, 350)


def whole(upper: np.ndarray, shaft: tuple[np.ndarray, np.ndarray], lower: np.ndarray) -> np.ndarray:
    """The outline of a long bone: down its medial border, round the lower end and up again."""
    head, foot = at_knee(upper), at_ankle(lower)
    turn = int(np.argmax(head[:, 1]))
    near = head[:, 1] < 115
    return np.vstack([head[:turn][near[:turn]], shaft[0], foot[foot[:, 1] > 305], shaft[1], head[turn:][near[turn:]]])


def draw(patient: Patient) -> Scene:
    """The leg in the view ordered."""
    return front(patient) if patient.view_position == "AP" else draw_side(patient)


def front(patient: Patient) -> Scene:
    """The left leg from the front: the fibula at the right of the picture."""
    pen = Sketch(patient, (-90, -45, 90, 415), 1.0, variety=0.008)
    flesh = patient.body["flesh"]
    pen.flesh("skin", wider(pen.outline(SKIN), 2, 0.55 + 0.45 * flesh), radius_mm=52 * flesh, thickness=0.85)
    gap = (0, patient.stream("leg").normal(0, 0.7))
    draw_leg(pen, at_knee(knee.FEMUR) - gap)
    exposure = Exposure(photons=9000, scatter=0.18, levelling=0.35, sharpening=0.5, blur=0.7, gamma=1.35)
    return pen.scene(exposure, "72,330 74,290 -70,300 -68,260", 0.5, drawn_side="L", grain_mm=0.85)


def draw_leg(pen: Sketch, femur: np.ndarray | None = None) -> None:
    """All but the skin, with a thigh bone drawn here or, where there is none, elsewhere."""
    random = pen.patient.stream(f"leg {pen.side}".strip())
    pen.body("calf medial", "-44,30 -20,10 4,60 0,140 -14,210 -28,225 -40,165 -46,90", 0.18, 22, 6)
    pen.body("calf lateral", "20,10 54,25 60,90 54,165 40,235 26,250 22,150", 0.20, 22, 6)
    pen.body("heel", at_ankle("120,900 300,820 700,820 850,940 900,1300 900,2400 0,2400 60,1200"), 0.8, 24, 6)
    foot(pen)
    if femur is not None:
        pen.bone("femur", femur, thickness=0.62, spongy=0.40, grain=0.07, flow=["-8,-200 -8,0"])
    pen.bone("patella", at_knee(knee.PATELLA) - (0, 1.5), rind=0.4, thickness=0.24, spongy=0.60, grain=0.05)
    pen.bone(
        "tibia",
        whole(knee.TIBIA, TIBIA_SHAFT, path(ankle.TIBIA)),
        rind=0.45,
        cortex=5.2,
        shaft="1,12 0,345",
        thickness=0.75,
        spongy=0.34,
        hollow=0.75,
        grain=0.12,
        flow=["28,0 12,60 8,200 8,300 12,352", "0,0 0,352", "-28,0 -12,60 -8,200 -8,300 -18,352"],
    )
    pen.bone(
        "fibula",
        whole(knee.FIBULA, FIBULA_SHAFT, path(ankle.FIBULA)) + random.normal(0, (0.5, 0.7)),
        cortex=3.2,
        shaft="38,40 24,345",
        thickness=0.85,
        spongy=0.26,
        hollow=0.75,
        grain=0.10,
    )
    pen.line(at_knee("402,657 425,678 460,687 505,689 548,683"), 1.6, 0.34)
    pen.line(at_knee("120,672 200,678 262,668 285,648"), 1.4, 0.18)
    pen.line(at_knee("180,752 270,745 340,766 420,764 520,756"), 1.2, 0.08)
    pen.line(at_ankle("196,640 226,590 250,530 268,490 300,462 345,457 400,466 470,472 540,471 592,462"), 1.4, 0.22)
    pen.line(at_ankle("262,560 278,516 310,496 360,494 430,505 500,505 560,499 604,500 626,520"), 1.1, 0.14)
    pen.line(at_ankle("330,410 400,400 470,392 540,402 590,420"), 1.2, 0.08)
    # The tibia comes first: bones that fuse keep the first one's shaft, and the femur's lies outside the picture.
    pen.joint("tibia", "femur", at_knee("380,580 440,600 560,600 575,660 550,740 430,740 395,690"))
    pen.joint("tibia", "femur", at_knee("120,590 200,600 320,580 320,670 260,720 130,730 110,660"))
    pen.joint("tibia", "talus", at_ankle("285,500 310,440 400,430 590,430 600,480 560,520 400,520 310,515"))


def foot(pen: Sketch) -> None:
    """The foot seen end on, as far as a plate for the leg shows it."""
    pen.bone("calcaneus", at_ankle(ankle.CALCANEUS), thickness=0.40, spongy=0.24, grain=0.07)
    for number, text in enumerate(ankle.FOREFOOT):
        pen.bone(f"forefoot {number}", at_ankle(text), thickness=0.55, spongy=0.22, grain=0.05)
    pen.bone("navicular", at_ankle(ankle.NAVICULAR), rind=0.4, thickness=0.30, spongy=0.24, grain=0.07)
    pen.bone("talus", at_ankle(ankle.TALUS), rind=0.45, thickness=0.70, spongy=0.36, grain=0.09, flow=["0,350 0,390"])
