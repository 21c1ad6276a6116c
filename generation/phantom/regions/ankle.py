"""The ankle from the front (AP) and from the side (LL, RL)."""

from __future__ import annotations

from generation.phantom import defects
from generation.phantom.projection import Exposure
from generation.phantom.regions import foot_side
from generation.phantom.scene import Patient, Scene
from generation.phantom.shapes import path
from generation.phantom.sketch import Sketch, wider

BODY_PART = "ankle"
WORDS = ("ankle", "ankles")
VIEWS = ("AP", "LL", "RL")
SIDED = True
DEFECTS = (*defects.OF_JOINTS, *defects.OF_BONES, *defects.OF_THE_PICTURE, "missing_fibula")

TIBIA = (
    "262,-900 266,-400 270,-100 268,20 258,100 235,190 200,280 165,360 135,430 110,490 100,540 106,590 130,634 "
    "164,660 188,664 206,650 226,606 246,550 262,505 280,472 306,455 345,450 400,459 470,465 540,464 582,459 "
    "600,438 612,380 630,300 640,200 640,100 632,0 628,-200 624,-500 622,-900"
)
FIBULA = (
    "652,-900 650,-400 648,0 642,110 634,250 628,400 624,490 640,560 680,620 720,660 755,705 790,735 820,758 "
    "848,750 867,712 872,650 865,580 845,500 815,410 790,320 776,230 769,100 768,0 766,-400 764,-900"
)
TALUS = (
    "260,560 276,516 305,493 360,490 430,500 500,500 560,494 604,494 626,510 640,560 656,620 690,680 722,730 "
    "700,790 640,830 560,850 450,866 330,858 250,820 216,762 226,700 250,650 262,605"
)
CALCANEUS = (
    "240,840 330,800 560,810 700,770 760,800 800,870 824,960 832,1080 846,1300 840,1700 200,1700 140,1300 "
    "122,1080 150,930"
)
NAVICULAR = (
    "70,830 92,770 150,728 230,700 330,760 420,800 540,780 600,806 640,870 560,920 400,905 250,930 120,960 78,900"
)
FOREFOOT = [
    "120,960 210,930 290,960 300,1100 250,1300 200,1700 20,1700 60,1300 100,1100",
    "300,960 380,940 430,980 440,1150 420,1700 300,1700 290,1300 300,1100",
    "450,960 530,950 560,1000 570,1200 580,1700 470,1700 450,1200",
    "580,950 650,960 690,1020 720,1200 760,1700 640,1700 600,1250 575,1050",
    "690,960 750,980 800,1080 860,1280 960,1700 820,1700 760,1300 710,1100",
]
SKIN = (
    "180,-900 192,-400 204,0 182,150 134,280 92,400 66,480 60,560 66,650 78,710 60,770 36,860 14,960 0,1060 "
    "-30,1150 -70,1300 -90,1800 1040,1800 1000,1400 930,1220 876,1090 846,980 832,890 856,812 896,730 910,620 "
    "896,490 862,380 834,280 820,150 815,0 822,-400 834,-900"
)


def draw(patient: Patient) -> Scene:
    """The ankle in the view ordered."""
    return front(patient) if patient.view_position == "AP" else side(patient)


def side(patient: Patient) -> Scene:
    """The right ankle from the side, the forefoot at the left."""
    pen = Sketch(patient, (760, -330, 1510, 770), foot_side.UNIT_MM)
    foot_side.draw_foot_side(pen)
    pen.joints = [joint for joint in pen.joints if joint.second != "navicular"]
    exposure = Exposure(photons=5000, scatter=0.16, levelling=0.5, sharpening=0.5, blur=0.7, gamma=1.3)
    return pen.scene(exposure, "830,100 850,-200 820,180", 0.5, drawn_side="R", grain_mm=0.8)


def front(patient: Patient) -> Scene:
    """The left ankle from the front: the fibula at the right of the picture."""
    pen = Sketch(patient, (-60, -330, 980, 1010), 0.088)
    random, flesh = patient.stream("ankle"), patient.body["flesh"]
    upright = ["330,-600 320,200 250,450", "450,-600 450,460", "580,-600 590,200 560,460"]
    pen.flesh("skin", wider(pen.outline(SKIN), 480, 0.6 + 0.4 * flesh), radius_mm=36 * flesh, thickness=0.85)
    pen.body("heel", "120,900 300,820 700,820 850,940 900,1300 900,1800 0,1800 60,1200", 0.5, 22, 4)
    pen.bone("calcaneus", CALCANEUS, rind=0.5, thickness=0.40, spongy=0.24, grain=0.07)
    for number, text in enumerate(FOREFOOT):
        pen.bone(f"forefoot {number}", text, rind=0.5, thickness=0.55, spongy=0.22, grain=0.05)
    pen.bone("navicular", NAVICULAR, rind=0.4, thickness=0.30, spongy=0.24, grain=0.07)
    pen.bone(
        "talus", TALUS, rind=0.45, thickness=0.70, spongy=0.36, grain=0.09, flow=["450,480 460,860", "300,500 330,850"]
    )
    pen.bone(
        "tibia",
        TIBIA,
        rind=0.4,
        cortex=5.0,
        shaft="455,330 448,-1300",
        thickness=0.72,
        spongy=0.34,
        hollow=0.35,
        grain=0.08,
        flow=upright,
    )
    pen.bone(
        "fibula",
        path(FIBULA) + random.normal(0, (6, 8)),
        cortex=3.0,
        shaft="720,420 706,-1300",
        thickness=0.85,
        spongy=0.28,
        grain=0.08,
    )
    pen.line("196,640 226,590 250,530 268,490 300,462 345,457 400,466 470,472 540,471 592,462", 1.4, 0.22)
    pen.line("262,560 278,516 310,496 360,494 430,505 500,505 560,499 604,500 626,520", 1.1, 0.14)
    pen.line("330,410 400,400 470,392 540,402 590,420", 1.2, 0.08)
    pen.line("330,770 450,770 560,720 590,690", 1.4, 0.12)
    pen.line("150,930 130,1040 160,1130", 1.4, 0.14)
    pen.line("620,780 600,860 640,940 690,990", 1.4, 0.12)
    pen.joint("tibia", "talus", "285,500 310,440 400,430 590,430 600,480 560,520 400,520 310,515")
    pen.joint("fibula", "talus", "620,500 650,530 700,620 740,680 720,730 680,670 630,590")
    pen.joint("talus", "navicular", "230,760 330,780 420,815 540,795 600,830 520,870 330,850 240,820", "F04")
    exposure = Exposure(photons=5000, scatter=0.16, levelling=0.5, sharpening=0.5, blur=0.7, gamma=1.35)
    return pen.scene(exposure, "20,100 930,100 20,300 940,250", 0.5, drawn_side="L", grain_mm=0.85)
