"""The hand from the side, its fingers fanned; drawn with the palm at the left."""

from __future__ import annotations

import numpy as np

from generation.phantom.projection import Exposure
from generation.phantom.regions.rays import Part, draw_ray
from generation.phantom.scene import Patient, Scene
from generation.phantom.sketch import Sketch

UNIT_MM = 0.171

RAYS = {
    "little": [
        Part("metacarpal", (520, 930), (560, 640), (60, 36, 58), bow=-10),
        Part("proximal", (562, 632), (600, 452), (62, 33, 48)),
        Part("middle", (602, 446), (610, 352), (50, 29, 42)),
        Part("distal", (610, 345), (606, 262), (42, 19, 26)),
    ],
    "ring": [
        Part("metacarpal", (505, 930), (535, 606), (58, 34, 64), bow=-10),
        Part("proximal", (536, 598), (548, 356), (72, 40, 54)),
        Part("middle", (548, 350), (534, 206), (60, 36, 48)),
        Part("distal", (532, 197), (512, 98), (52, 23, 32)),
    ],
    "middle": [
        Part("metacarpal", (490, 935), (505, 585), (68, 38, 74), bow=-10),
        Part("proximal", (503, 577), (470, 330), (78, 46, 58)),
        Part("middle", (468, 322), (416, 176), (66, 40, 52)),
        Part("distal", (412, 167), (362, 76), (54, 26, 36)),
    ],
    "index": [
        Part("metacarpal", (475, 940), (470, 592), (74, 40, 74), bow=-10),
        Part("proximal", (464, 586), (392, 388), (76, 44, 58)),
        Part("middle", (388, 380), (312, 276), (62, 37, 50)),
        Part("distal", (306, 268), (236, 206), (50, 25, 36)),
    ],
    "thumb": [
        Part("metacarpal", (440, 985), (292, 826), (72, 44, 66), bow=8),
        Part("proximal", (284, 812), (206, 668), (66, 42, 56)),
        Part("distal", (202, 656), (180, 556), (54, 30, 42)),
    ],
}
FINGER_WIDTHS = {"little": 78, "ring": 90, "middle": 96, "index": 94, "thumb": 104}
PALM = (
    "440,560 520,540 600,600 612,700 600,800 590,900 586,980 596,1060 610,1140 612,1220 600,1320 596,1500 600,1900 "
    "380,1900 384,1500 392,1320 396,1220 392,1140 384,1090 350,1040 300,960 250,870 300,800 380,720 420,640"
)
CARPUS = [
    ("lunate", "452,1062 520,1050 560,1084 548,1122 500,1098 456,1112", 0.7),
    ("capitate", "470,950 530,945 552,1000 540,1052 500,1066 462,1044 456,990", 0.9),
    ("scaphoid", "408,1000 450,980 500,1040 512,1090 470,1100 424,1060", 0.7),
    ("trapezium", "400,952 450,930 482,962 470,1006 420,1012", 0.8),
    ("triquetrum", "508,1010 560,1000 584,1048 560,1092 520,1076", 0.7),
    ("pisiform", "410,1040 440,1028 456,1060 436,1086 408,1072", 0.8),
]
RADIUS = (
    "440,1128 500,1118 566,1136 590,1176 584,1260 566,1360 556,1500 552,1900 456,1900 452,1500 446,1360 436,1260 "
    "426,1180"
)
ULNA = "484,1132 530,1126 552,1150 540,1200 530,1300 524,1500 522,1900 444,1900 448,1500 458,1300 470,1200 474,1156"


def draw_side(patient: Patient) -> Scene:
    """The left hand, palm at the left of the picture; a right one lies mirrored."""
    pen = Sketch(patient, (110, 20, 740, 1350), UNIT_MM)
    flesh = patient.body["flesh"] ** 0.5
    skins = [pen.outline(PALM)]
    for name, parts in RAYS.items():
        turn = patient.stream(f"fan {name}").normal(0, 0.03)
        skins.append(draw_ray(pen, name, parts, FINGER_WIDTHS[name] * flesh, turn, grain=0.09))
    for name, text, thickness in CARPUS:
        pen.bone(name, text, rind=0.5, thickness=thickness, spongy=0.4, grain=0.08)
    for name, text, cortex in (("radius", RADIUS, 2.6), ("ulna", ULNA, 2.2)):
        shaft = "500,1180 500,2600"
        pen.bone(name, text, rind=0.4, cortex=cortex, shaft=shaft, thickness=0.8, spongy=0.34, hollow=0.35, grain=0.09)
    pen.joint("lunate", "capitate", "456,1040 548,1040 556,1086 460,1090", "F03")
    pen.flesh("skin", *skins, radius_mm=12 * flesh, thickness=0.95)
    pen.body("palm", PALM, 0.7 * flesh, 20, 5)
    exposure = Exposure(photons=7000, scatter=0.12, levelling=0.45, sharpening=0.6, blur=0.5, gamma=1.2)
    places = "150,80 690,1150 160,1150"
    return pen.scene(exposure, places, 0.4, drawn_side="L", tips=np.vstack(skins[1:]), grain_mm=0.85)
