"""The hand, dorsopalmar (PA)."""

from __future__ import annotations

import numpy as np

from generation.phantom import defects
from generation.phantom.layers import Body, Bone, Flesh, Lines
from generation.phantom.projection import Exposure
from generation.phantom.regions.carpus import carpal_bones, forearm_bones
from generation.phantom.scene import Finding, Joint, Patient, Scene, outline
from generation.phantom.shapes import capsule, long_bone

BODY_PART = "hand"
WORDS = ("hand", "hands", "finger", "fingers")
VIEWS = ("PA", "AP")
SIDED = True
DEFECTS = (
    *defects.OF_JOINTS, *defects.OF_BONES, *defects.OF_THE_PICTURE, "extra_finger", "cut_off_fingertips",
)  # fmt: skip
UNIT_MM = 0.171
BOX = (-20.0, 0.0, 945.0, 1290.0)

# A ray from the wrist out: bone, base, head, widths of base, waist and head.
RAYS = {
    "little": [
        ("metacarpal", (237, 958), (192, 634), (74, 40, 58)), ("proximal", (180, 628), (131, 450), (72, 35, 48)),
        ("middle", (121, 444), (97, 352), (52, 29, 42)), ("distal", (84, 345), (66, 253), (43, 20, 27)),
    ],
    "ring": [
        ("metacarpal", (301, 956), (288, 595), (60, 33, 67)), ("proximal", (285, 588), (269, 350), (80, 46, 57)),
        ("middle", (263, 345), (247, 197), (70, 41, 52)), ("distal", (242, 186), (235, 80), (58, 25, 36)),
    ],
    "middle": [
        ("metacarpal", (371, 968), (393, 567), (77, 41, 84)), ("proximal", (402, 561), (412, 308), (88, 54, 62)),
        ("middle", (415, 301), (418, 143), (75, 46, 58)), ("distal", (420, 134), (420, 32), (60, 28, 41)),
    ],
    "index": [
        ("metacarpal", (446, 980), (524, 578), (92, 42, 80)), ("proximal", (538, 574), (586, 361), (86, 50, 62)),
        ("middle", (597, 352), (622, 226), (68, 40, 53)), ("distal", (629, 216), (641, 124), (53, 27, 38)),
    ],
    "thumb": [
        ("metacarpal", (524, 1020), (684, 836), (78, 46, 74)), ("proximal", (700, 815), (796, 681), (78, 46, 62)),
        ("distal", (808, 668), (868, 588), (62, 34, 46)),
    ],
}  # fmt: skip
KNUCKLES = {"little": 630, "ring": 590, "middle": 563, "index": 576}
PALM = [
    (128, 640), (150, 585), (205, 552), (246, 540), (330, 514), (345, 500), (450, 484), (492, 478), (560, 500),
    (612, 560), (618, 660), (640, 725), (662, 762), (716, 752), (775, 826), (700, 920), (620, 1000), (548, 1062),
    (508, 1122), (494, 1200), (486, 1314), (476, 1500), (470, 1900), (152, 1900), (150, 1500), (152, 1314),
    (153, 1250), (168, 1140), (171, 1060), (152, 970), (131, 880), (124, 760),
]  # fmt: skip

THENAR = [(420, 860), (520, 760), (620, 780), (680, 800), (700, 900), (600, 1000), (500, 1060), (440, 1000)]


def ray_bones(
    name: str, bones: list, random: np.random.Generator, width: float
) -> list[tuple[str, np.ndarray, np.ndarray, np.ndarray]]:
    """Name, base, head and outline of each bone of a ray, turned and stretched a little as a whole."""
    pivot = np.array(bones[0][1], float)
    turn = random.normal(0, 0.045 if name == "thumb" else 0.018)
    spread = 1 + random.normal(0, 0.02)
    bend = random.normal(0, 0.03)
    drawn = []
    for position, (part, base, head, widths) in enumerate(bones):
        angle = turn + (bend if position > 1 else 0.0)
        matrix = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]) * spread
        start, end = ((np.array(p, float) - pivot) @ matrix + pivot for p in (base, head))
        kind = "metacarpal" if part == "metacarpal" else "tuft" if part == "distal" else "phalanx"
        scale = width * (1 + random.normal(0, 0.03, 3))
        bow = 6.0 * (1 if name in ("little", "ring") else -1) if part == "metacarpal" else 0.0
        shape = long_bone(start, end, tuple(np.array(widths) * scale), kind, random, bow)
        drawn.append((f"{name} {part}", start, end, shape))
    return drawn


def finger(patient: Patient, name: str, bones: list, warp, flesh: float) -> tuple[list[Bone], np.ndarray]:
    """The bones of a ray and the outline of the finger around them."""
    body = patient.body
    drawn = ray_bones(name, bones, patient.stream(f"ray {name}"), body["width"])
    made = []
    for title, start, end, shape in drawn:
        distal = title.endswith("distal")
        made.append(
            Bone(
                title,
                [warp(shape)],
                shell_mm=0.32,
                cortex_mm=(1.0 if distal else 2.1 if "metacarpal" in title else 1.8) * body["cortex"],
                shaft=(warp([start])[0], warp([end])[0]),
                thickness=0.80 if distal else 0.92,
                spongy=0.34 * body["density"],
                hollow=0.35,
                grain=0.16,
            )
        )
    first = drawn[0]
    line = [first[1] * 0.3 + first[2] * 0.7, first[2]]
    for _, start, end, _ in drawn[1:]:
        line += [start * 0.5 + end * 0.5, end]
    line[-1] = line[-1] + (line[-1] - drawn[-1][1]) * 0.10
    thick = {"little": 78, "ring": 92, "middle": 98, "index": 96, "thumb": 108}[name] * flesh
    widths = np.linspace(1.08, 0.84, len(line)) * thick
    return made, warp(capsule(line, widths))


def draw(patient: Patient) -> Scene:
    """The hand as the back of it is seen; drawn as a left one, thumb at the right."""
    body = patient.body
    warp = patient.warp(BOX)
    flesh = body["flesh"] ** 0.5
    bones: list[Bone] = []
    skins = [outline(PALM, warp)]
    tips, joints = [], []
    for name, parts in RAYS.items():
        made, skin = finger(patient, name, parts, warp, flesh)
        bones += made
        skins.append(skin)
        for near, far in zip(made[:-1], made[1:], strict=True):
            joints.append(Joint(far.name, near.name, between(near, far)))
        if name != "thumb":
            tips.append(skin)
    carpals, carpal_joints, carpal_lines = carpal_bones(patient, warp)
    bones += carpals + forearm_bones(patient, warp)
    layers = [
        Flesh("skin", skins, radius_mm=10.5 * flesh, thickness=0.95),
        Body("palm", [outline(PALM, warp)], depth=0.30 * body["flesh"], edge_mm=26, blur_mm=5),
        Body("thenar", [outline(THENAR, warp)], depth=0.16 * body["flesh"], edge_mm=14, blur_mm=4),
        *bones,
        Lines("carpal lines", carpal_lines, blur_mm=0.35),
    ]
    return Scene(
        box=BOX,
        unit_mm=UNIT_MM * body["size"],
        layers=layers,
        exposure=Exposure(photons=2500, scatter=0.10, levelling=0.35, sharpening=0.7, blur=0.6, gamma=1.15),
        marker_places=[(60, 80), (800, 260), (790, 1120), (850, 130)],
        drawn_side="L",
        joints=joints + carpal_joints,
        tips=np.vstack(tips),
        grain_mm=0.62,
    )


def between(near: Bone, far: Bone) -> np.ndarray:
    """The place between a bone's head and the next one's base: a slightly waisted box."""
    head, base = np.asarray(near.shaft[1]), np.asarray(far.shaft[0])
    axis = np.asarray(far.shaft[1]) - base
    axis = axis / np.hypot(*axis)
    across = np.array([-axis[1], axis[0]])
    reach = 0.40 * np.ptp((far.outlines[0] - base) @ across)
    middle, half = (head + base) / 2, np.hypot(*(base - head)) / 2 + 12
    corners = [(-half, -reach), (0, -0.93 * reach), (half, -reach), (half, reach), (0, 0.93 * reach), (-half, reach)]
    return np.array([middle + along * axis + sideways * across for along, sideways in corners])


def extra_finger(scene: Scene, random: np.random.Generator) -> Finding:
    """A second index finger grows beside the first."""
    names = [f"index {part}" for part in ("proximal", "middle", "distal")]
    pivot = np.asarray(scene.bone(names[0]).shaft[0], float)
    angle = float(random.uniform(0.28, 0.36))
    matrix = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]) * random.uniform(0.88, 0.98)

    def turned(points: np.ndarray) -> np.ndarray:
        return (np.asarray(points, float) - pivot) @ matrix + pivot + (26, 6)

    for name in names:
        bone = scene.bone(name)
        scene.layers.append(
            Bone(
                f"extra {name}", [turned(o) for o in bone.outlines], bone.shell_mm, bone.cortex_mm,
                (turned([bone.shaft[0]])[0], turned([bone.shaft[1]])[0]), bone.thickness, bone.spongy, bone.hollow, bone.grain,
            )
        )  # fmt: skip
    fingers = next(layer for layer in scene.layers if isinstance(layer, Flesh))
    skin = turned(fingers.outlines[1 + list(RAYS).index("index")])
    fingers.outlines = [*fingers.outlines, skin]
    return Finding("extra_finger", "F05", skin)


OWN_DEFECTS = {"extra_finger": extra_finger}
