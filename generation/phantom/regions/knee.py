"""The knee, from the front (AP) and from the side (LL, RL)."""

from __future__ import annotations

import numpy as np

from generation.phantom import defects
from generation.phantom.layers import Body, Bone, Flesh, Lines
from generation.phantom.projection import Exposure
from generation.phantom.scene import Joint, Patient, Scene, outline
from generation.phantom.shapes import smooth

BODY_PART = "knee"
WORDS = ("knee", "knees", "patella")
VIEWS = ("AP", "LL", "RL")
SIDED = True
DEFECTS = (*defects.OF_JOINTS, *defects.OF_BONES, *defects.OF_THE_PICTURE, "missing_fibula", "missing_patella")
UNIT_MM = 0.175

FEMUR = [
    (215, -500), (219, -100), (219, 100), (214, 200), (205, 280), (194, 330), (172, 375), (146, 408), (128, 445), (120, 500),
    (113, 555), (116, 600), (136, 626), (170, 637), (215, 635), (258, 628), (300, 614), (338, 602), (370, 599), (396, 606),
    (420, 624), (448, 641), (490, 648), (530, 649), (562, 648), (575, 620), (588, 580), (605, 540), (620, 490), (622, 450),
    (610, 405), (588, 378), (560, 348), (530, 295), (508, 225), (490, 130), (474, 20), (468, -100), (462, -500),
]  # fmt: skip
TIBIA = [
    (114, 690), (118, 672), (135, 666), (200, 671), (255, 664), (280, 645), (305, 627), (318, 629), (335, 640), (350, 637),
    (366, 628), (379, 612), (388, 630), (402, 655), (425, 676), (460, 686), (505, 688), (545, 682), (562, 690), (565, 712),
    (558, 745), (545, 800), (520, 860), (495, 920), (478, 1000), (466, 1100), (458, 1200), (450, 1300), (442, 1500), (436, 1900),
    (290, 1900), (284, 1500), (276, 1300), (262, 1150), (247, 1050), (232, 980), (210, 920), (180, 880), (148, 842), (130, 800),
    (122, 750),
]  # fmt: skip
FIBULA = [
    (108, 770), (125, 772), (150, 800), (176, 850), (198, 895), (196, 925), (180, 965), (172, 1010), (170, 1100), (176, 1200),
    (184, 1300), (190, 1500), (194, 1900), (152, 1900), (148, 1500), (140, 1300), (130, 1200), (120, 1100), (108, 1010),
    (92, 965), (66, 930), (55, 905), (66, 870), (84, 825), (96, 785),
]  # fmt: skip
PATELLA = [
    (352, 316), (400, 318), (450, 338), (495, 378), (508, 430), (490, 490), (450, 545), (400, 580), (362, 590), (325, 575),
    (285, 530), (262, 480), (255, 420), (268, 370), (305, 332),
]  # fmt: skip
SKIN = [
    (-60, -600), (-30, -100), (0, 100), (22, 300), (38, 450), (36, 560), (28, 680), (5, 800), (-22, 950), (-35, 1100), (-28, 1300),
    (-5, 1600), (15, 2000), (640, 2000), (665, 1500), (668, 1300), (650, 1150), (628, 1000), (612, 880), (622, 780), (660, 640),
    (690, 500), (705, 380), (722, 250), (745, 100), (775, -100), (800, -600),
]  # fmt: skip

FEMUR_SIDE = [
    (600, -500), (440, -120), (395, 0), (340, 105), (300, 188), (262, 250), (222, 305), (196, 345), (186, 395), (190, 440),
    (205, 490), (240, 530), (290, 568), (345, 594), (410, 604), (460, 594), (500, 568), (528, 525), (537, 480), (530, 435),
    (508, 402), (486, 375), (482, 345), (492, 300), (508, 240), (545, 150), (622, 0), (675, -120), (840, -500),
]  # fmt: skip
CONDYLE = [
    (205, 330), (196, 380), (215, 430), (232, 470), (268, 505), (320, 545), (370, 580), (430, 592), (480, 572), (512, 530),
    (520, 480), (512, 440), (480, 430), (440, 440), (400, 470), (340, 508), (300, 512), (262, 500), (232, 468), (218, 420), (218, 370),
]  # fmt: skip
TIBIA_SIDE = [
    (272, 700), (285, 665), (330, 655), (380, 640), (402, 622), (420, 606), (455, 594), (500, 600), (548, 602), (580, 618),
    (592, 650), (586, 690), (572, 740), (572, 800), (582, 870), (600, 940), (625, 1020), (650, 1120), (680, 1220), (712, 1300),
    (790, 1500), (980, 1950), (760, 1950), (560, 1450), (495, 1300), (440, 1200), (392, 1100), (350, 1020), (315, 940), (292, 860),
    (286, 810), (276, 760),
]  # fmt: skip
FIBULA_SIDE = [
    (575, 715), (598, 695), (612, 725), (635, 800), (665, 870), (705, 945), (755, 1040), (800, 1140), (850, 1260), (900, 1380),
    (1090, 1900), (1020, 1900), (830, 1380), (770, 1260), (720, 1150), (670, 1060), (632, 1000), (606, 940), (590, 870), (578, 800),
]  # fmt: skip
PATELLA_SIDE = [
    (158, 362), (130, 372), (98, 402), (72, 436), (72, 480), (86, 530), (116, 580), (150, 605), (175, 585), (196, 535),
    (203, 505), (186, 490), (176, 450), (168, 400), (164, 372),
]  # fmt: skip
SKIN_SIDE = [
    (200, -600), (150, -150), (125, 0), (100, 130), (84, 260), (58, 340), (38, 420), (42, 500), (62, 585), (95, 640), (150, 720),
    (220, 840), (300, 960), (370, 1080), (430, 1250), (480, 1400), (640, 2000), (1500, 2000), (1280, 1500), (1180, 1250),
    (1110, 1100), (1060, 950), (1005, 800), (980, 690), (970, 620), (990, 500), (1020, 350), (1080, 200), (1180, 0), (1250, -150), (1450, -600),
]  # fmt: skip


def lines_of(warp, *curves: list) -> list[np.ndarray]:
    """Open curves of this patient."""
    return [warp(smooth(curve, closed=False)) for curve in curves]


def draw(patient: Patient) -> Scene:
    """The knee in the view ordered."""
    return front(patient) if patient.view_position == "AP" else side(patient)


def front(patient: Patient) -> Scene:
    """The right knee from the front: the fibula at the left of the picture."""
    box = (-70.0, 60.0, 760.0, 1100.0)
    body = patient.body
    warp = patient.warp(box)
    random = patient.stream("knee")
    gap = random.normal(0, 4)
    lift = np.array([0.0, gap])
    patella = np.asarray(PATELLA, float) + (random.normal(0, 10), random.normal(-6, 16))
    upright = lines_of(
        warp, [(270, -300), (270, 330), (215, 640)], [(345, -300), (350, 420)], [(420, -300), (425, 330), (510, 650)]
    )
    lower = lines_of(
        warp,
        [(200, 660), (250, 900), (330, 1500)],
        [(350, 640), (365, 1000), (370, 1500)],
        [(520, 690), (450, 900), (410, 1500)],
    )
    spongy = body["density"]
    femur = Bone(
        "femur", [outline(FEMUR, warp) - lift], 0.8, 5.5 * body["cortex"], (warp([(345, 330)])[0], warp([(345, -560)])[0]),
        thickness=0.62, spongy=0.36 * spongy, hollow=0.25, grain=0.13, flow=upright,
    )  # fmt: skip
    tibia = Bone(
        "tibia", [outline(TIBIA, warp)], 1.1, 6.0 * body["cortex"], (warp([(355, 800)])[0], warp([(365, 1900)])[0]),
        thickness=0.62, spongy=0.34 * spongy, hollow=0.3, grain=0.13, flow=lower,
    )  # fmt: skip
    fibula = Bone(
        "fibula", [outline(FIBULA, warp)], 0.6, 3.0 * body["cortex"], (warp([(130, 880)])[0], warp([(160, 1900)])[0]),
        thickness=0.8, spongy=0.22 * spongy, hollow=0.3, grain=0.13,
    )  # fmt: skip
    kneecap = Bone("patella", [outline(patella, warp)], 0.5, thickness=0.22, spongy=0.62 * spongy, grain=0.05)
    plate, roof, scar, rim = lines_of(
        warp,
        [(402, 657), (425, 678), (460, 687), (505, 689), (548, 683)],
        [(330, 545), (352, 572), (385, 590), (412, 585), (425, 560), (428, 480)],
        [(205, 750), (270, 745), (340, 766), (420, 764), (500, 758)],
        [(134, 440), (126, 490), (135, 530), (152, 545), (150, 580)],
    )
    strokes = [(plate, 1.1, 0.34), (roof, 1.6, 0.10), (scar, 1.0, 0.09), (rim, 1.2, 0.10)]
    near, far = lines_of(warp, [(120, 672), (200, 678), (262, 668)], [(150, 634), (215, 632), (262, 625)])
    strokes += [(near, 1.0, 0.14), (far - lift, 0.9, 0.10)]
    flesh = body["flesh"]
    medial = outline([(380, 580), (440, 600), (560, 600), (575, 660), (550, 740), (430, 740), (395, 690)], warp)
    lateral = outline([(120, 590), (200, 600), (320, 580), (320, 670), (260, 720), (130, 730), (110, 660)], warp)
    layers = [
        Flesh("skin", [wider(outline(SKIN, warp), 345, flesh)], radius_mm=46 * flesh, thickness=0.95),
        Body("muscle of the thigh", [outline([(20, -500), (60, 150), (130, 280), (200, 200), (200, -500)], warp)], 0.14, 18, 5),
        Body("vastus medialis", [outline([(480, -500), (500, 100), (560, 300), (640, 330), (690, 200), (720, -500)], warp)], 0.20, 20, 5),
        Body("calf", [outline([(-10, 950), (60, 860), (190, 930), (250, 1100), (265, 1900), (-10, 1900)], warp)], 0.10, 20, 6),
        Body("calf medial", [outline([(470, 1000), (520, 880), (580, 900), (620, 1100), (640, 1900), (450, 1900)], warp)], 0.12, 20, 6),
        femur, tibia, fibula, kneecap,
        Lines("plates", strokes, blur_mm=0.45),
    ]  # fmt: skip
    return Scene(
        box, UNIT_MM * body["size"], layers,
        Exposure(photons=1500, scatter=0.22, levelling=0.5, sharpening=0.5, gamma=1.6),
        marker_places=[(-40, 560), (735, 800), (-30, 1040), (735, 150)],
        drawn_side="R",
        joints=[Joint("femur", "tibia", medial), Joint("femur", "tibia", lateral)],
    )  # fmt: skip


def side(patient: Patient) -> Scene:
    """The knee from the side, a little bent; the front at the left of the picture."""
    box = (0.0, 40.0, 820.0, 1090.0)
    body = patient.body
    warp = patient.warp(box)
    random = patient.stream("knee")
    spongy = body["density"]
    shift = np.array([random.normal(0, 6), random.normal(-8, 18)])
    upper = lines_of(warp, [(560, -300), (430, 100), (330, 500)], [(620, -300), (500, 200), (480, 560)])
    lower = lines_of(warp, [(330, 660), (380, 900), (600, 1500)], [(480, 620), (500, 800), (700, 1500)])
    femur = Bone(
        "femur", [outline(FEMUR_SIDE, warp)], 0.7, 6.5 * body["cortex"], (warp([(405, 330)])[0], warp([(720, -560)])[0]),
        thickness=0.62, spongy=0.32 * spongy, hollow=0.2, grain=0.13, flow=upper,
    )  # fmt: skip
    condyle = Bone(
        "condyle",
        [outline(np.asarray(CONDYLE, float) + random.normal(0, 4, 2), warp)],
        1.3,
        thickness=0.30,
        spongy=0.10,
        grain=0.1,
        flow=upper,
    )
    tibia = Bone(
        "tibia", [outline(TIBIA_SIDE, warp)], 0.9, 7.0 * body["cortex"], (warp([(430, 780)])[0], warp([(930, 1900)])[0]),
        thickness=0.68, spongy=0.30 * spongy, hollow=0.25, grain=0.13, flow=lower,
    )  # fmt: skip
    fibula = Bone(
        "fibula", [outline(FIBULA_SIDE, warp)], 0.6, 3.2 * body["cortex"], (warp([(605, 800)])[0], warp([(1050, 1900)])[0]),
        thickness=0.75, spongy=0.22 * spongy, hollow=0.3, grain=0.13,
    )  # fmt: skip
    kneecap = Bone(
        "patella",
        [outline(np.asarray(PATELLA_SIDE, float) + shift, warp)],
        1.3 * body["cortex"],
        thickness=0.85,
        spongy=0.34 * spongy,
        grain=0.13,
    )
    roof, plateau, scar, back = lines_of(
        warp,
        [(300, 512), (340, 506), (390, 470), (450, 432), (462, 380), (470, 320)],
        [(345, 652), (420, 640), (500, 626), (545, 640), (565, 660), (556, 720)],
        [(330, 745), (400, 720), (480, 695), (540, 680)],
        [(545, 760), (560, 830), (578, 900)],
    )
    strokes = [(roof, 1.6, 0.20), (plateau, 1.3, 0.22), (scar, 1.0, 0.07), (back, 1.4, 0.08)]
    flesh = body["flesh"]
    place = outline([(330, 570), (420, 580), (520, 560), (545, 610), (500, 680), (400, 680), (340, 640)], warp)
    layers = [
        Flesh("skin", [wider(outline(SKIN_SIDE, warp), 480, flesh ** 0.6)], radius_mm=44 * flesh, thickness=0.95),
        Body("quadriceps", [outline([(150, -500), (160, 0), (140, 200), (120, 330), (170, 340), (250, 220), (380, -100), (500, -500)], warp)], 0.16, 12, 3),
        Body("fat pad", [outline([(170, 620), (215, 540), (300, 590), (350, 620), (270, 690), (215, 720)], warp)], -0.10, 8, 2.5, mottle=0.25),
        Body("patellar tendon", [outline([(122, 592), (150, 604), (240, 740), (300, 850), (275, 850), (200, 760)], warp)], 0.12, 4, 1),
        Body("hamstrings", [outline([(700, -500), (620, 150), (560, 420), (600, 560), (820, 400), (1000, -100), (1200, -500)], warp)], 0.16, 18, 6, mottle=0.1),
        Body("calf", [outline([(600, 640), (700, 680), (840, 820), (1000, 1200), (1300, 1900), (900, 1900), (640, 1000)], warp)], 0.20, 20, 6, mottle=0.1),
        femur, condyle, tibia, fibula, kneecap,
        Lines("plates", strokes, blur_mm=0.5),
    ]  # fmt: skip
    return Scene(
        box, UNIT_MM * body["size"], layers,
        Exposure(photons=1500, scatter=0.22, levelling=0.5, sharpening=0.5, gamma=1.5),
        marker_places=[(110, 860), (90, 980), (160, 1000)],
        drawn_side="R" if patient.view_position == "RL" else "L",
        joints=[Joint("femur", "tibia", place)],
    )  # fmt: skip


def wider(skin: np.ndarray, middle: float, flesh: float) -> np.ndarray:
    """The skin line further from the limb's middle line, or nearer."""
    moved = skin.copy()
    moved[:, 0] = middle + (skin[:, 0] - middle) * (1 + 0.5 * (flesh - 1))
    return moved
