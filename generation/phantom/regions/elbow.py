"""The elbow from the front (AP) and bent, from the side (LL, RL)."""

from __future__ import annotations

from generation.phantom import defects
from generation.phantom.projection import Exposure
from generation.phantom.scene import Patient, Scene
from generation.phantom.sketch import Sketch, wider

BODY_PART = "elbow"
WORDS = ("elbow", "elbows")
VIEWS = ("AP", "LL", "RL")
SIDED = True
DEFECTS = (*defects.OF_JOINTS, *defects.OF_BONES, *defects.OF_THE_PICTURE)

HUMERUS = (
    "498,-700 498,-100 490,0 465,60 430,120 390,170 350,210 290,250 230,280 185,298 155,325 143,360 148,400 "
    "175,430 225,465 252,480 250,512 256,548 275,572 300,575 330,561 370,551 400,565 430,588 470,592 500,605 "
    "540,625 575,633 610,615 640,580 665,545 672,510 661,460 655,400 655,330 648,250 650,180 655,100 668,50 680,0 "
    "690,-100 716,-700"
)
ULNA = (
    "290,2000 292,1277 302,1100 300,950 292,800 280,720 250,660 228,616 220,580 232,562 250,588 285,604 320,594 "
    "350,572 380,572 410,600 432,626 434,690 430,800 426,880 430,1000 428,1080 420,1160 405,1277 400,2000"
)
OLECRANON = (
    "262,420 285,390 330,372 375,378 420,405 480,418 506,440 460,470 440,540 430,588 370,556 300,578 268,540 258,480"
)
RADIUS = (
    "435,2000 435,1100 432,1040 420,960 425,880 453,830 464,770 456,720 444,690 450,645 470,632 510,648 560,660 "
    "600,663 611,685 600,720 570,760 552,830 556,950 562,1100 560,1277 558,2000"
)
SKIN = (
    "300,-700 280,-50 255,50 200,170 150,260 115,330 100,420 90,560 80,720 75,900 62,1050 58,1277 60,2000 "
    "690,2000 735,1277 780,1150 830,1000 860,850 875,700 880,550 875,400 880,250 905,100 920,0 960,-700"
)


HUMERUS_SIDE = (
    "650,-900 658,-50 665,100 678,250 682,400 678,500 668,570 665,620 650,655 625,680 612,715 615,760 640,795 "
    "680,808 720,798 750,770 772,752 790,710 810,650 820,600 812,500 808,350 808,150 802,0 800,-900"
)
ULNA_SIDE = (
    "-900,800 0,806 100,815 240,822 320,810 400,792 500,778 540,738 575,692 594,678 602,700 600,750 608,786 "
    "636,812 690,820 738,806 756,780 766,812 755,850 740,900 700,930 660,936 600,930 500,922 400,918 200,912 "
    "0,912 -900,905"
)
RADIUS_SIDE = (
    "-900,760 0,730 100,712 200,700 280,678 330,675 420,690 500,690 540,674 592,672 606,690 606,740 594,770 "
    "540,774 480,777 400,782 200,790 0,800 -900,815"
)
SKIN_SIDE = (
    "365,-900 370,-50 378,100 385,220 380,330 362,410 320,450 200,475 0,497 -900,560 -900,1000 0,985 250,972 "
    "400,972 550,980 700,975 770,940 820,860 860,760 890,620 920,450 945,250 965,50 975,-900"
)


def draw(patient: Patient) -> Scene:
    """The elbow in the view ordered."""
    return front(patient) if patient.view_position == "AP" else side(patient)


def side(patient: Patient) -> Scene:
    """The left elbow bent to a right angle, the forearm at the left."""
    pen = Sketch(patient, (60, -60, 980, 1020), 0.17)
    flesh = patient.body["flesh"]
    pen.flesh("skin", pen.outline(SKIN_SIDE), radius_mm=34 * flesh, thickness=0.82)
    pen.body("biceps", "420,-900 430,100 440,330 500,420 620,300 640,-900", 0.14, 16, 4)
    pen.body("flexors", "-900,600 0,540 300,500 520,520 600,640 300,660 0,690 -900,720", 0.18, 16, 4)
    pen.bone(
        "humerus",
        HUMERUS_SIDE,
        rind=0.5,
        cortex=5.0,
        shaft="735,640 722,-1100",
        thickness=0.8,
        spongy=0.34,
        hollow=0.3,
        grain=0.08,
    )
    pen.bone("ulna", ULNA_SIDE, rind=0.5, cortex=3.4, shaft="620,870 -900,852", thickness=0.75, spongy=0.32, grain=0.09)
    pen.bone(
        "radius", RADIUS_SIDE, rind=0.5, cortex=3.0, shaft="560,725 -900,785", thickness=0.75, spongy=0.28, grain=0.09
    )
    pen.line("620,720 640,690 680,674 722,690 742,730 730,775 690,800 645,788 622,755 620,720", 1.8, 0.26)
    pen.line("640,740 660,712 690,708 712,730 708,760 684,774 656,766", 1.4, 0.12)
    pen.line("604,760 612,790 640,816 690,824 738,810", 1.8, 0.26)
    pen.line("690,600 705,660 760,690 765,600", 2.0, 0.18)
    pen.line("596,676 602,705 600,745", 1.4, 0.18)
    pen.line("500,780 545,745 580,695", 1.8, 0.22)
    pen.joint("humerus", "ulna", "604,770 620,790 660,812 710,808 750,785 745,815 690,835 640,825")
    pen.joint("humerus", "radius", "590,670 625,680 622,720 620,765 592,765")
    exposure = Exposure(photons=5000, scatter=0.15, levelling=0.5, sharpening=0.5, blur=0.65, gamma=1.35)
    return pen.scene(exposure, "180,120 160,330 250,200", 0.5, drawn_side="L", grain_mm=0.85)


def front(patient: Patient) -> Scene:
    """The left elbow from the front: the radius at the right of the picture."""
    pen = Sketch(patient, (10, 10, 960, 1200), 0.125)
    flesh = patient.body["flesh"]
    pen.flesh("skin", wider(pen.outline(SKIN), 480, 0.6 + 0.4 * flesh), radius_mm=34 * flesh, thickness=0.82)
    pen.body("flexors", "130,480 260,560 290,900 290,2000 100,2000 110,900", 0.20, 16, 3)
    pen.body("extensors", "600,200 800,250 820,600 780,900 680,2000 560,2000 580,800", 0.20, 18, 3)
    pen.bone(
        "humerus",
        HUMERUS,
        rind=0.45,
        cortex=5.0,
        shaft="490,330 610,-900",
        thickness=0.55,
        spongy=0.40,
        hollow=0.3,
        grain=0.08,
        flow=["560,-300 480,200 220,380", "600,-300 600,600", "560,-300 420,560"],
    )
    pen.body("olecranon fossa", "376,362 420,338 462,330 484,370 505,408 470,420 420,402", -0.34, 4, 0.8)
    pen.bone("ulna", ULNA, rind=0.5, cortex=3.6, shaft="350,640 348,1900", thickness=0.85, spongy=0.34, grain=0.08)
    pen.bone("olecranon", OLECRANON, rind=0.5, thickness=0.40, spongy=0.42, grain=0.08)
    pen.bone("radius", RADIUS, rind=0.45, cortex=3.0, shaft="525,720 498,1900", thickness=0.85, spongy=0.28, grain=0.08)
    pen.line("224,578 250,598 285,610 320,600 350,580 382,580 414,606", 1.6, 0.26)
    pen.line("462,644 510,656 560,668 600,670", 1.2, 0.20)
    pen.line("380,405 420,432 460,436 500,424", 1.5, 0.14)
    pen.line("500,400 520,420 526,445 512,468", 1.6, 0.16)
    pen.line("420,332 462,318 468,350", 1.5, 0.14)
    pen.line("600,592 640,560 656,520", 1.4, 0.12)
    pen.line("262,500 280,530 290,600 292,680", 1.4, 0.12)
    pen.joint("humerus", "ulna", "250,560 300,590 370,560 430,600 430,630 370,590 300,620 245,600")
    pen.joint("humerus", "radius", "450,595 500,610 575,638 600,650 600,680 530,670 455,645")
    exposure = Exposure(photons=5000, scatter=0.15, levelling=0.5, sharpening=0.5, blur=0.65, gamma=1.4)
    return pen.scene(exposure, "890,1130 60,200 900,1050", 0.5, drawn_side="L", grain_mm=0.85)
