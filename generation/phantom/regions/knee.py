"""The knee, from the front (AP) and from the side (LL, RL)."""

from __future__ import annotations

from generation.phantom import defects
from generation.phantom.projection import Exposure
from generation.phantom.scene import Patient, Scene
from generation.phantom.shapes import path
from generation.phantom.sketch import Sketch, wider

BODY_PART = "knee"
WORDS = ("knee", "knees", "patella")
VIEWS = ("AP", "LL", "RL")
SIDED = True
DEFECTS = (
    *defects.OF_JOINTS,
    *defects.OF_BONES,
    *defects.OF_THE_PICTURE,
    *("missing_fibula", "missing_patella", "foreign_body"),
)
UNIT_MM = 0.175

FEMUR = path(
    "213,-1700 213,-1300 214,-900 215,-500 219,-100 219,100 214,200 205,280 194,330 172,375 146,408 128,445 120,500 "
    "113,555 116,596 132,620 166,634 215,635 258,628 300,614 338,602 370,599 396,606 420,624 448,641 490,648 526,648 "
    "550,641 568,622 586,582 605,540 620,490 622,450 610,405 588,378 560,348 530,295 508,225 490,130 474,20 468,-100 "
    "462,-500 461,-900 460,-1300 460,-1700"
)
TIBIA = path(
    "114,690 120,674 138,667 200,671 255,664 280,645 305,627 318,629 335,640 350,637 366,628 379,612 388,630 402,655 "
    "425,676 460,686 505,688 540,683 558,691 564,712 558,745 545,800 520,860 495,920 478,1000 466,1100 458,1200 "
    "450,1300 442,1500 436,1900 434,2300 432,2700 294,2700 292,2300 290,1900 284,1500 276,1300 262,1150 247,1050 "
    "232,980 210,920 180,880 148,842 130,800 122,750"
)
FIBULA = path(
    "108,770 125,772 150,800 176,850 198,895 196,925 180,965 172,1010 170,1100 176,1200 184,1300 190,1500 194,1900 "
    "195,2300 196,2700 154,2700 153,2300 152,1900 148,1500 140,1300 130,1200 120,1100 108,1010 92,965 66,930 55,905 "
    "66,870 84,825 96,785"
)
PATELLA = path(
    "352,316 400,318 450,338 495,378 508,430 490,490 450,545 400,580 362,590 325,575 285,530 262,480 255,420 "
    "268,370 305,332"
)
SKIN = path(
    "-100,-1600 -80,-1100 -60,-600 -30,-100 0,100 22,300 38,450 36,560 28,680 5,800 -22,950 -35,1100 -28,1300 "
    "-5,1600 15,2000 20,2400 22,2800 628,2800 634,2400 640,2000 665,1500 668,1300 650,1150 628,1000 612,880 622,780 "
    "660,640 690,500 705,380 722,250 745,100 775,-100 800,-600 825,-1100 850,-1600"
)

FEMUR_SIDE = path(
    "600,-500 440,-120 395,0 340,105 300,188 262,250 222,305 196,345 186,395 190,440 205,490 240,530 290,568 "
    "345,594 410,604 460,594 500,568 528,525 537,480 530,435 508,402 486,375 482,345 492,300 508,240 545,150 "
    "622,0 675,-120 840,-500"
)
CONDYLE = path(
    "205,330 196,380 215,430 232,470 268,505 320,545 370,580 430,592 480,572 512,530 520,480 512,440 480,430 "
    "440,440 400,470 340,508 300,512 262,500 232,468 218,420 218,370"
)
TIBIA_SIDE = path(
    "272,700 285,665 330,655 380,640 402,622 420,606 455,594 500,600 548,602 580,618 592,650 586,690 572,740 "
    "572,800 582,870 600,940 625,1020 650,1120 680,1220 712,1300 790,1500 980,1950 760,1950 560,1450 495,1300 "
    "440,1200 392,1100 350,1020 315,940 292,860 286,810 276,760"
)
FIBULA_SIDE = path(
    "575,715 598,695 612,725 635,800 665,870 705,945 755,1040 800,1140 850,1260 900,1380 1090,1900 1020,1900 "
    "830,1380 770,1260 720,1150 670,1060 632,1000 606,940 590,870 578,800"
)
PATELLA_SIDE = path(
    "158,362 130,372 98,402 72,436 72,480 86,530 116,580 150,605 175,585 196,535 203,505 186,490 176,450 168,400 "
    "164,372"
)
SKIN_SIDE = path(
    "200,-600 150,-150 125,0 100,130 84,260 58,340 38,420 42,500 62,585 95,640 150,720 220,840 300,960 370,1080 "
    "430,1250 480,1400 640,2000 1500,2000 1280,1500 1180,1250 1110,1100 1060,950 1005,800 980,690 970,620 990,500 "
    "1020,350 1080,200 1180,0 1250,-150 1450,-600"
)


def draw(patient: Patient) -> Scene:
    """The knee in the view ordered."""
    return front(patient) if patient.view_position == "AP" else side(patient)


def front(patient: Patient) -> Scene:
    """The right knee from the front: the fibula at the left of the picture."""
    pen = Sketch(patient, (-70, 60, 760, 1100), UNIT_MM)
    random, flesh = patient.stream("knee"), patient.body["flesh"]
    gap = (0, random.normal(0, 4))
    skin = wider(pen.outline(SKIN), 345, 0.5 + 0.5 * flesh)
    pen.flesh("skin", skin, radius_mm=46 * flesh, thickness=0.82)
    pen.body("muscle", wider(SKIN, 345, random.normal(0.80, 0.03)), 0.24, 16, 1.2)
    pen.body("muscle of the thigh", "20,-500 60,150 130,280 200,200 200,-500", 0.12, 18, 5)
    pen.body("vastus medialis", "480,-500 500,100 560,300 640,330 690,200 720,-500", 0.18, 20, 5)
    pen.body("calf", "-10,950 60,860 190,930 250,1100 265,1900 -10,1900", 0.10, 20, 6)
    pen.body("calf medial", "470,1000 520,880 580,900 620,1100 640,1900 450,1900", 0.12, 20, 6)
    pen.bone(
        "femur",
        FEMUR - gap,
        rind=0.45,
        cortex=5.0,
        shaft="345,400 345,-700",
        thickness=0.62,
        spongy=0.40,
        hollow=0.35,
        grain=0.07,
        flow=["270,-300 270,330 215,640", "345,-300 350,420", "420,-300 425,330 510,650"],
    )
    pen.bone(
        "tibia",
        TIBIA,
        rind=0.5,
        cortex=5.5,
        shaft="355,740 365,2000",
        thickness=0.62,
        spongy=0.38,
        hollow=0.4,
        grain=0.07,
        flow=["200,660 250,900 330,1500", "350,640 365,1000 370,1500", "520,690 450,900 410,1500"],
    )
    pen.bone("fibula", FIBULA, cortex=3.0, shaft="130,830 160,1900", thickness=0.8, spongy=0.24, grain=0.07)
    pen.body(
        "condyles",
        "180,420 300,360 430,360 570,420 590,540 540,630 420,600 340,585 240,610 150,600 140,500",
        0.22,
        26,
        7,
    )
    pen.body("plateau", "150,690 300,660 420,690 540,700 520,790 400,830 260,820 160,770", 0.14, 20, 7)
    kneecap = PATELLA + random.normal((0, -6), (10, 16))
    pen.bone("patella", kneecap, rind=0.4, thickness=0.24, spongy=0.60, grain=0.05)
    pen.line("402,657 425,678 460,687 505,689 548,683", 1.6, 0.34)
    pen.line("120,672 200,678 262,668 285,648", 1.4, 0.18)
    pen.line(path("135,620 215,630 262,624 320,606") - gap, 1.3, 0.14)
    pen.line(path("420,622 448,640 490,646 540,640") - gap, 1.3, 0.12)
    pen.line("330,545 352,572 385,590 412,585 425,560 428,480", 1.8, 0.12)
    pen.line("180,752 270,745 340,766 420,764 520,756", 1.2, 0.08)
    pen.line("134,430 126,490 135,530 152,545 150,590", 1.4, 0.12)
    pen.joint("femur", "tibia", "380,580 440,600 560,600 575,660 550,740 430,740 395,690")
    pen.joint("femur", "tibia", "120,590 200,600 320,580 320,670 260,720 130,730 110,660")
    exposure = Exposure(photons=3500, scatter=0.22, levelling=0.5, sharpening=0.5, gamma=1.5)
    return pen.scene(exposure, "-40,560 735,800 -30,1040 735,150", 0.6, drawn_side="R", grain_mm=0.85)


def side(patient: Patient) -> Scene:
    """The knee from the side, a little bent; the front at the left of the picture."""
    pen = Sketch(patient, (0, 40, 820, 1090), UNIT_MM)
    random, flesh = patient.stream("knee"), patient.body["flesh"]
    upper = ["560,-300 430,100 330,500", "620,-300 500,200 480,560"]
    lower = ["330,660 380,900 600,1500", "480,620 500,800 700,1500"]
    pen.flesh("skin", wider(pen.outline(SKIN_SIDE), 480, 0.7 + 0.3 * flesh), radius_mm=44 * flesh, thickness=0.88)
    pen.body("quadriceps", "150,-500 160,0 140,200 120,330 170,340 250,220 380,-100 500,-500", 0.20, 12, 3)
    pen.body("fat pad", "170,620 215,540 300,590 350,620 270,690 215,720", -0.10, 8, 2.5, mottle=0.25)
    pen.body("patellar tendon", "122,592 150,604 240,740 300,850 275,850 200,760", 0.14, 4, 1)
    pen.body("hamstrings", "700,-500 620,150 560,420 600,560 800,400 930,-100 1050,-500", 0.24, 18, 4, mottle=0.03)
    pen.body("calf", "600,640 700,680 840,820 960,1200 1200,1900 900,1900 640,1000", 0.28, 20, 4, mottle=0.03)
    pen.bone(
        "femur",
        FEMUR_SIDE,
        rind=0.4,
        cortex=6.0,
        shaft="390,400 780,-700",
        thickness=0.62,
        spongy=0.36,
        hollow=0.3,
        grain=0.07,
        flow=upper,
    )
    pen.bone("condyle", CONDYLE + random.normal(0, 4, 2), rind=0.7, thickness=0.30, spongy=0.12, grain=0.08, flow=upper)
    pen.bone(
        "tibia",
        TIBIA_SIDE,
        rind=0.45,
        cortex=6.5,
        shaft="420,740 960,2000",
        thickness=0.68,
        spongy=0.34,
        hollow=0.35,
        grain=0.07,
        flow=lower,
    )
    pen.bone("fibula", FIBULA_SIDE, cortex=3.2, shaft="600,760 1050,1900", thickness=0.75, spongy=0.24, grain=0.07)
    kneecap = PATELLA_SIDE + random.normal((0, -8), (6, 18))
    pen.bone("patella", kneecap, rind=0.9, thickness=0.85, spongy=0.40, grain=0.07)
    pen.line("280,512 300,513 340,506 390,470 450,432 462,380 470,300", 2.0, 0.24)
    pen.line("320,655 345,652 420,640 500,626 545,640 565,660 556,740", 1.7, 0.28)
    pen.line("300,750 330,745 400,720 480,695 555,676", 1.2, 0.08)
    pen.line("545,750 560,830 578,910", 1.6, 0.10)
    pen.joint("femur", "tibia", "330,570 420,580 520,560 545,610 500,680 400,680 340,640")
    exposure = Exposure(photons=3500, scatter=0.22, levelling=0.5, sharpening=0.5, gamma=1.5)
    drawn_side = "R" if patient.view_position == "RL" else "L"
    return pen.scene(exposure, "110,860 90,980 160,1000", 0.6, drawn_side=drawn_side, grain_mm=0.85)
