"""The lower leg from the side, the front at the left of the picture; drawn in millimetres."""

from __future__ import annotations

import numpy as np

from generation.phantom.projection import Exposure
from generation.phantom.regions import foot_side, knee
from generation.phantom.scene import Patient, Scene
from generation.phantom.shapes import path
from generation.phantom.sketch import Drawn, Sketch, wider

TURN = np.arctan2(540, 1260)  # by which the shin leans in the knee's drawing
# What lies between the ends, which the knee's and the foot's drawings hold: (hind, front) borders.
TIBIA_SHAFT = path("2.5,150 2,200 2.5,250 3.5,296"), path("-24.5,296 -27,250 -29.5,200 -31,150")
FIBULA_SHAFT = path("26.5,150 22,200 15.5,250 9.5,296"), path("-4,296 2.5,250 9.5,200 13.5,150")
SKIN = (
    "51,-218 -26,-87 -45,-65 -51,-40 -52,-25 -50,0 -45,20 -38,64 -38,110 -39,150 -37,200 -35,250 -35,297 -40,334 "
    "-46,350 -58,361 -85,372 -130,390 -190,402 -200,420 -150,425 -60,425 0,432 16,433 36,428 46,405 46,380 43,356 "
    "42,305 45,280 52,250 62,215 74,170 81,130 84,90 86,63 92,31 104,13 138,-28 200,-110 260,-218"
)


def at_knee(drawn: Drawn) -> np.ndarray:
    """Points of the knee's drawing, turned so that the shin stands upright; the plateau comes to lie at y = 0."""
    points = path(drawn) if isinstance(drawn, str) else drawn
    cosine, sine = np.cos(TURN), np.sin(TURN)
    return (points - (420, 660)) @ np.array([[cosine, sine], [-sine, cosine]]) * knee.UNIT_MM


def at_ankle(drawn: Drawn) -> np.ndarray:
    """Points of the foot's drawing on the leg's; the roof of the joint comes to lie at y = 350."""
    points = path(drawn) if isinstance(drawn, str) else drawn
    return (points - (1144, 262)) * foot_side.UNIT_MM + (-10, 350)


def whole(upper: np.ndarray, shaft: tuple[np.ndarray, np.ndarray], lower: str) -> np.ndarray:
    """The outline of a long bone: down its hind border, round the lower end and up again."""
    head, foot = at_knee(upper), at_ankle(lower)[::-1]
    turn = int(np.argmax(head[:, 1]))
    near = head[:, 1] < 112
    return np.vstack([head[:turn][near[:turn]], shaft[0], foot[foot[:, 1] > 308], shaft[1], head[turn:][near[turn:]]])


def draw_side(patient: Patient) -> Scene:
    """The leg from the side, the knee bent."""
    pen = Sketch(patient, (-98, -58, 98, 418), 1.0, variety=0.008)
    random, flesh = patient.stream("leg"), patient.body["flesh"]
    pen.flesh("skin", wider(pen.outline(SKIN), 0, 0.75 + 0.25 * flesh), radius_mm=50 * flesh, thickness=0.85)
    pen.body("calf", "30,30 60,50 74,100 70,160 48,230 36,262 24,220 20,120", 0.24, 22, 6, mottle=0.03)
    pen.body("tendon", "36,250 44,290 42,350 38,352 36,300 30,256", 0.14, 5, 1)
    for name, text, thickness in (
        ("cuneiforms", foot_side.CUNEIFORMS, 0.62),
        ("cuboid", foot_side.CUBOID, 0.55),
        ("navicular", foot_side.NAVICULAR, 0.70),
        ("calcaneus", foot_side.CALCANEUS, 0.62),
    ):
        pen.bone(name, at_ankle(text), thickness=thickness, spongy=0.32, grain=0.08)
    pen.bone("talus", at_ankle(foot_side.TALUS), rind=0.6, thickness=0.70, spongy=0.36, grain=0.09)
    # The tibia comes before the femur: bones that fuse keep the first one's shaft, and the femur's lies outside.
    pen.bone(
        "tibia",
        whole(knee.TIBIA_SIDE, TIBIA_SHAFT, foot_side.TIBIA),
        rind=0.45,
        cortex=5.6,
        shaft="-14,40 -10,345",
        thickness=0.78,
        spongy=0.34,
        hollow=0.75,
        grain=0.11,
        flow=["-24,10 -20,120 -16,345", "14,10 -4,120 -4,345"],
    )
    femur = at_knee(knee.FEMUR_SIDE)
    pen.bone("femur", femur, rind=0.4, thickness=0.62, spongy=0.36, grain=0.07)
    pen.bone("condyle", at_knee(knee.CONDYLE), rind=0.7, thickness=0.30, spongy=0.12, grain=0.08)
    pen.bone("patella", at_knee(knee.PATELLA_SIDE), rind=0.9, thickness=0.85, spongy=0.40, grain=0.07)
    pen.bone(
        "fibula",
        whole(knee.FIBULA_SIDE, FIBULA_SHAFT, foot_side.FIBULA) + random.normal(0, (0.6, 0.6)),
        cortex=3.0,
        shaft="24,40 2,330",
        thickness=0.75,
        spongy=0.26,
        hollow=0.7,
        grain=0.08,
    )
    pen.line(at_knee("280,512 300,513 340,506 390,470 450,432 462,380 470,300"), 2.0, 0.24)
    pen.line(at_knee("320,655 345,652 420,640 500,626 545,640 565,660 556,740"), 1.7, 0.28)
    pen.line(at_ankle("1070,282 1110,265 1150,255 1190,261 1222,276 1246,288"), 1.4, 0.24)
    pen.line(at_ankle("1062,318 1085,290 1120,277 1155,273 1195,285 1230,314"), 1.2, 0.16)
    pen.line(at_ankle("1150,470 1185,448 1214,418"), 1.8, 0.22)
    pen.joint("tibia", "femur", at_knee("330,570 420,580 520,560 545,610 500,680 400,680 340,640"))
    roof = "1075,285 1110,262 1155,255 1200,262 1240,285 1230,305 1190,282 1150,272 1110,276 1085,292"
    pen.joint("tibia", "talus", at_ankle(roof))
    exposure = Exposure(photons=9000, scatter=0.18, levelling=0.35, sharpening=0.5, blur=0.7, gamma=1.35)
    drawn_side = "R" if patient.view_position == "RL" else "L"
    return pen.scene(exposure, "-76,120 -76,200 -74,270", 0.5, drawn_side=drawn_side, grain_mm=0.85)
