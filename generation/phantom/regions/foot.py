"""The foot, dorsoplantar (AP) and from the side (LL, RL)."""

from __future__ import annotations

import numpy as np

from generation.phantom import defects
from generation.phantom.projection import Exposure
from generation.phantom.regions import foot_side
from generation.phantom.regions.rays import Part, draw_ray
from generation.phantom.scene import Patient, Scene
from generation.phantom.sketch import Sketch

BODY_PART = "foot"
WORDS = ("foot", "feet", "toe", "toes", "forefoot")
VIEWS = ("AP", "LL", "RL")
SIDED = True
DEFECTS = (*defects.OF_JOINTS, *defects.OF_BONES, *defects.OF_THE_PICTURE)

RAYS = {
    "first toe": [
        Part("metatarsal", (208, 792), (136, 378), (126, 80, 120)),
        Part("proximal", (137, 370), (143, 188), (116, 80, 98)),
        Part("distal", (150, 180), (166, 60), (102, 58, 84)),
    ],
    "second toe": [
        Part("metatarsal", (312, 858), (268, 362), (74, 42, 76)),
        Part("proximal", (268, 352), (274, 220), (74, 40, 54)),
        Part("middle", (276, 206), (280, 136), (60, 46, 54)),
        Part("distal", (286, 130), (291, 70), (54, 32, 48)),
    ],
    "third toe": [
        Part("metatarsal", (368, 876), (358, 386), (70, 40, 72)),
        Part("proximal", (358, 378), (378, 262), (68, 38, 52)),
        Part("middle", (371, 252), (367, 192), (56, 42, 50)),
        Part("distal", (368, 184), (372, 122), (46, 28, 37)),
    ],
    "fourth toe": [
        Part("metatarsal", (436, 900), (449, 420), (70, 42, 76)),
        Part("proximal", (443, 414), (448, 292), (66, 36, 50)),
        Part("middle", (446, 283), (440, 238), (52, 44, 48)),
        Part("distal", (438, 228), (428, 168), (46, 28, 34)),
    ],
    "fifth toe": [
        Part("metatarsal", (488, 940), (556, 515), (70, 42, 74)),
        Part("proximal", (541, 510), (554, 380), (62, 34, 46)),
        Part("middle", (550, 371), (548, 338), (42, 35, 38)),
        Part("distal", (532, 332), (512, 285), (38, 25, 29)),
    ],
}
TOE_WIDTHS = {"first toe": 182, "second toe": 112, "third toe": 92, "fourth toe": 90, "fifth toe": 96}
TARSALS = {
    "calcaneus": (
        "300,1135 340,1124 415,1135 421,1180 402,1260 392,1350 352,1480 340,1900 130,1900 140,1450 190,1300 250,1180"
    ),
    "talus": (
        "150,1180 148,1150 175,1120 230,1094 280,1100 303,1122 306,1160 350,1255 384,1284 384,1340 350,1450 "
        "332,1600 330,1900 160,1900 152,1450 136,1350 150,1290 132,1245"
    ),
    "navicular": (
        "112,1042 120,1002 160,981 210,973 270,985 312,1006 330,1040 322,1090 300,1113 270,1101 230,1090 190,1095 "
        "150,1116 116,1098"
    ),
    "cuboid": "402,896 440,915 470,942 466,1010 442,1080 414,1120 342,1120 322,1062 342,1012 388,980",
    "lateral cuneiform": "324,882 388,892 398,960 380,1008 322,1004 306,985 328,930",
    "intermediate cuneiform": "262,868 300,862 330,880 334,960 300,986 246,960 250,910",
    "medial cuneiform": "152,824 200,801 245,800 256,850 246,920 236,954 180,966 146,974 130,920 140,868",
}
THICKNESS = {"calcaneus": 0.32, "talus": 0.42}
MALLEOLI = (
    "60,1440 90,1420 125,1372 150,1420 168,1480 160,1900 55,1900",
    "372,1480 396,1390 425,1366 447,1390 446,1480 442,1900 360,1900",
)
SKIN = (
    "66,200 46,330 42,450 66,600 78,760 78,900 86,1050 78,1200 60,1320 42,1450 40,2100 474,2100 476,1450 468,1300 "
    "492,1200 506,1050 536,930 574,800 606,660 618,560 602,470 540,400 470,330 340,230 240,190 150,120"
)


def draw(patient: Patient) -> Scene:
    """The foot in the view ordered."""
    return above(patient) if patient.view_position == "AP" else side(patient)


def side(patient: Patient) -> Scene:
    """The right foot from the side, the toes at the left."""
    pen = Sketch(patient, (-20, -170, 1500, 790), foot_side.UNIT_MM)
    skin = foot_side.draw_foot_side(pen)
    exposure = Exposure(photons=5000, scatter=0.14, levelling=0.55, sharpening=0.5, blur=0.65, gamma=1.2)
    return pen.scene(
        exposure, "120,200 400,250 650,100", 0.5, drawn_side="R", tips=skin[skin[:, 1] > 300], grain_mm=0.85
    )


def above(patient: Patient) -> Scene:
    """The foot seen from above; drawn as a right one, the big toe at the left."""
    pen = Sketch(patient, (-40, -10, 690, 1470), 0.167)
    flesh = patient.body["flesh"] ** 0.5
    for name, text in TARSALS.items():
        pen.bone(name, text, rind=0.45, thickness=THICKNESS.get(name, 0.7), spongy=0.34, grain=0.08)
    skins = [pen.outline(SKIN)]
    for name, parts in RAYS.items():
        turn = patient.stream(f"spread {name}").normal(0, 0.012)
        skins.append(draw_ray(pen, name, parts, TOE_WIDTHS[name] * flesh, turn, grain=0.08))
    for number, text in enumerate(MALLEOLI):
        pen.bone(f"malleolus {number}", text, rind=0.5, thickness=0.6, spongy=0.3, grain=0.08)
    for x, y in ((124, 440), (206, 446)):
        pen.bone(
            f"sesamoid {x}",
            f"{x - 20},{y} {x},{y - 34} {x + 20},{y} {x},{y + 34}",
            thickness=0.7,
            spongy=0.4,
            grain=0.05,
        )
    pen.flesh("skin", *skins, radius_mm=17 * flesh, thickness=0.95)
    pen.body("instep", "110,650 300,620 480,700 480,1000 430,1300 420,1900 90,1900 100,1200", 0.40 * flesh, 28, 8)
    pen.line("150,830 200,808 246,806", 1.2, 0.16)
    pen.line("180,800 225,784 268,776", 1.2, 0.14)
    pen.line("150,1110 190,1090 230,1086 270,1096", 1.3, 0.16)
    pen.line("270,868 330,884 395,898 460,935", 1.1, 0.14)
    pen.line("320,1112 370,1124 415,1128", 1.1, 0.14)
    pen.joint("navicular", "talus", "130,1125 180,1085 230,1078 290,1095 300,1130 240,1105 185,1115 150,1160", "F04")
    pen.joint("medial cuneiform", "navicular", "135,985 180,955 240,945 250,985 200,985 150,1000", "F04")
    pen.joint("lateral cuneiform", "cuboid", "380,900 410,895 410,980 350,1020 330,1060 310,1010 370,990", "F04")
    exposure = Exposure(photons=6000, scatter=0.14, levelling=0.55, sharpening=0.5, blur=0.65, gamma=1.15)
    return pen.scene(
        exposure, "610,120 620,1250 -10,620 610,1000", 0.5, drawn_side="R", tips=np.vstack(skins[1:]), grain_mm=0.85
    )
