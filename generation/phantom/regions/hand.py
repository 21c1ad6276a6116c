"""The hand, dorsopalmar (PA) and from the side (LL, RL)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from generation.phantom import defects
from generation.phantom.layers import Flesh
from generation.phantom.projection import Exposure
from generation.phantom.regions.carpus import draw_carpus
from generation.phantom.regions.hand_side import draw_side
from generation.phantom.regions.rays import Part, draw_ray, ends
from generation.phantom.scene import Finding, Patient, Scene
from generation.phantom.sketch import Sketch

BODY_PART = "hand"
WORDS = ("hand", "hands", "finger", "fingers")
VIEWS = ("PA", "LL", "RL")
SIDED = True
DEFECTS = (
    *defects.OF_JOINTS,
    *defects.OF_BONES,
    *defects.OF_THE_PICTURE,
    "extra_finger",
    "cut_off_fingertips",
)
UNIT_MM = 0.171
BOX = (-20.0, 0.0, 945.0, 1290.0)

RAYS = {
    "little": [
        Part("metacarpal", (237, 958), (192, 634), (74, 40, 58), bow=6),
        Part("proximal", (180, 628), (131, 450), (72, 35, 48)),
        Part("middle", (121, 444), (97, 352), (52, 29, 42)),
        Part("distal", (84, 345), (66, 253), (43, 20, 27)),
    ],
    "ring": [
        Part("metacarpal", (301, 956), (288, 595), (60, 33, 67), bow=6),
        Part("proximal", (285, 588), (269, 350), (80, 46, 57)),
        Part("middle", (263, 345), (247, 197), (70, 41, 52)),
        Part("distal", (242, 186), (235, 80), (58, 25, 36)),
    ],
    "middle": [
        Part("metacarpal", (371, 968), (393, 567), (77, 41, 84), bow=-6),
        Part("proximal", (402, 561), (412, 308), (88, 54, 62)),
        Part("middle", (415, 301), (418, 143), (75, 46, 58)),
        Part("distal", (420, 134), (420, 32), (60, 28, 41)),
    ],
    "index": [
        Part("metacarpal", (446, 980), (524, 578), (92, 42, 80), bow=-6),
        Part("proximal", (538, 574), (586, 361), (86, 50, 62)),
        Part("middle", (597, 352), (622, 226), (68, 40, 53)),
        Part("distal", (629, 216), (641, 124), (53, 27, 38)),
    ],
    "thumb": [
        Part("metacarpal", (524, 1020), (684, 836), (78, 46, 74), bow=-6),
        Part("proximal", (700, 815), (796, 681), (78, 46, 62)),
        Part("distal", (808, 668), (868, 588), (62, 34, 46)),
    ],
}
FINGER_WIDTHS = {"little": 78, "ring": 92, "middle": 98, "index": 96, "thumb": 108}
PALM = (
    "128,640 150,585 205,552 246,540 330,514 345,500 450,484 492,478 560,500 612,560 618,660 640,725 662,762 716,752 "
    "775,826 700,920 620,1000 548,1062 508,1122 494,1200 486,1314 476,1500 470,1900 470,2300 470,2700 152,2700 "
    "152,2300 152,1900 150,1500 152,1314 153,1250 168,1140 171,1060 152,970 131,880 124,760"
)


def draw(patient: Patient) -> Scene:
    """The hand in the view ordered."""
    return front(patient) if patient.view_position == "PA" else draw_side(patient)


def front(patient: Patient) -> Scene:
    """The hand as its back is seen; drawn as a left one, thumb at the right."""
    pen = Sketch(patient, BOX, UNIT_MM)
    flesh = patient.body["flesh"] ** 0.5
    skins = [pen.outline(PALM)]
    for name, parts in RAYS.items():
        turn = patient.stream(f"spread {name}").normal(0, 0.045 if name == "thumb" else 0.018)
        skins.append(draw_ray(pen, name, parts, FINGER_WIDTHS[name] * flesh, turn, grain=0.09))
    draw_carpus(pen)
    pen.flesh("skin", *skins, radius_mm=10.5 * flesh, thickness=0.95)
    pen.body("palm", PALM, 0.30 * flesh, 26, 5)
    pen.body("thenar", "420,860 520,760 620,780 680,800 700,900 600,1000 500,1060 440,1000", 0.16 * flesh, 14, 4)
    for x, y, size in ((632, 862, 12), (652, 880, 10)):
        angles = np.linspace(0, 2 * np.pi, 9)[:-1]
        sesamoid = np.column_stack([x + size * np.cos(angles), y + 1.2 * size * np.sin(angles)])
        pen.bone(f"sesamoid {x}", sesamoid, thickness=0.8, spongy=0.4, grain=0.05)
    exposure = Exposure(photons=7000, scatter=0.10, levelling=0.40, sharpening=0.6, blur=0.5, gamma=1.15)
    return pen.scene(
        exposure, "60,80 800,260 790,1120 850,130", 0.4, drawn_side="L", tips=np.vstack(skins[1:]), grain_mm=0.85
    )


def extra_finger(scene: Scene, random: np.random.Generator) -> Finding:
    """A second index finger grows beside the first."""
    names = [f"index {part.name}" for part in RAYS["index"][1:]]
    pivot, _ = ends(scene.bone(names[0]))
    angle = float(random.uniform(0.28, 0.36))
    matrix = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]) * random.uniform(0.88, 0.98)

    def turned(points: np.ndarray) -> np.ndarray:
        return (points - pivot) @ matrix + pivot + (26, 6)

    for bone in map(scene.bone, names):
        base, head = ends(bone)
        outlines = [turned(outline) for outline in bone.outlines]
        scene.layers.append(
            replace(bone, name=f"extra {bone.name}", outlines=outlines, shaft=(turned(base), turned(head)))
        )
    skin = next(layer for layer in scene.layers if isinstance(layer, Flesh))
    finger = turned(skin.outlines[1 + list(RAYS).index("index")])
    skin.outlines = [*skin.outlines, finger]
    return Finding("extra_finger", "F05", finger)


OWN_DEFECTS = {"extra_finger": extra_finger}
