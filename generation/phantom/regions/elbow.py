"""The elbow from the front (AP)."""

from __future__ import annotations

from generation.phantom import defects
from generation.phantom.projection import Exposure
from generation.phantom.scene import Patient, Scene
from generation.phantom.sketch import Sketch, wider

BODY_PART = "elbow"
WORDS = ("elbow", "elbows")
VIEWS = ("AP",)
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


def draw(patient: Patient) -> Scene:
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
