"""The carpal bones and the ends of radius and ulna, shared by the hand and the wrist; units of the hand's drawing."""

from __future__ import annotations

import numpy as np

from generation.phantom.shapes import path
from generation.phantom.sketch import Sketch

# Drawn large, on a grid of its own; `place` brings it onto the hand's.
CARPALS = {
    "hamate": (
        "206,172 250,138 310,126 380,125 425,150 428,220 418,290 402,350 385,402 355,424 322,400 297,345 280,292 "
        "240,240"
    ),
    "triquetrum": "172,430 158,478 188,506 203,540 242,562 282,548 330,505 360,468 345,440 310,418 272,388 220,398",
    "pisiform": "145,380 155,330 190,305 235,298 270,320 288,370 296,420 272,462 215,474 165,440",
    "lunate": "297,598 325,560 358,532 388,516 440,526 486,530 499,560 490,610 476,652 430,660 370,656 325,632",
    "scaphoid": (
        "494,640 498,585 515,545 555,518 582,478 592,420 590,362 615,334 660,345 700,370 730,415 745,470 735,510 "
        "712,545 670,590 610,622 550,642"
    ),
    "capitate": (
        "478,212 500,186 545,178 585,190 606,230 608,280 590,330 600,380 592,430 572,468 530,494 480,496 430,486 "
        "390,460 380,430 402,380 438,320 460,270"
    ),
    "trapezium": "722,228 768,216 830,240 868,290 888,335 884,388 850,418 800,428 758,412 722,372 700,330 702,270",
    "trapezoid": "622,260 646,226 700,212 748,232 766,290 752,342 716,362 668,345 628,318",
}
RADIUS = (
    "345,715 400,706 500,680 600,650 680,605 722,560 755,517 785,530 803,600 808,690 792,790 770,880 740,960 "
    "712,1060 694,1200 684,1500 680,2200 680,2900 680,3600 680,4300 430,4300 430,3600 430,2900 430,2200 424,1500 "
    "418,1200 412,1050 402,930 385,850 352,775"
)
ULNA = (
    "160,582 178,600 185,640 215,662 260,655 308,668 319,720 306,790 284,860 272,930 272,1050 274,1500 276,2200 "
    "276,2900 276,3600 276,4300 138,4300 138,3600 138,2900 138,2200 138,1500 136,1050 122,910 92,825 66,752 70,700 "
    "106,668 112,626 136,588"
)
HOOK = "305,190 325,155 362,142 402,152 418,190 412,232 385,258 345,258 315,232 305,190"
MEETINGS = [
    ("capitate", "hamate", "425,170 470,200 450,280 405,360 385,400 370,350 410,270"),
    ("lunate", "scaphoid", "480,530 520,540 515,600 505,650 470,650 482,600"),
    ("scaphoid", "capitate", "590,345 625,345 610,420 590,500 520,535 520,485 575,430"),
    ("trapezium", "trapezoid", "700,225 745,225 770,290 750,360 700,350 690,290"),
    ("lunate", "capitate", "395,460 470,490 540,485 500,545 440,540 390,525"),
]
PLATES = [
    ("352,722 400,716 500,692 600,662 680,618 725,572", 1.3, 0.16),
    ("360,740 420,735 520,712 620,680 690,640", 1.6, 0.10),
    ("372,800 480,792 600,802 720,800 780,790", 1.0, 0.05),
    ("225,676 262,670 305,682", 1.0, 0.12),
    ("395,470 440,494 500,502 560,482", 0.9, 0.10),
    ("320,640 370,664 430,668 474,656", 0.9, 0.09),
]


def place(text: str) -> np.ndarray:
    """From the carpus grid to the hand's units."""
    return path(text) * 0.4022 + (138.6, 893.0)


def draw_carpus(pen: Sketch) -> None:
    """Eight carpal bones, the ends of the forearm, the joints that could fuse, and plates seen on edge."""
    for name, text in CARPALS.items():
        random = pen.patient.stream(f"carpal {name}")
        knots = place(text)
        middle = knots.mean(axis=0)
        uneven = 1.09 + random.normal(0, 0.015, (len(knots), 1)) + random.normal(0, 0.02)
        knots = middle + (knots - middle) * uneven + random.normal(0, 1.2, 2)
        pen.bone(name, knots, rind=0.5, thickness=1.15, spongy=0.42, grain=0.08)
    pen.bone(
        "radius",
        place(RADIUS),
        rind=0.4,
        cortex=2.6,
        shaft=place("560,740 555,2600"),
        thickness=0.72,
        spongy=0.36,
        hollow=0.35,
        grain=0.09,
    )
    pen.bone(
        "ulna",
        place(ULNA),
        rind=0.4,
        cortex=2.3,
        shaft=place("200,720 205,2600"),
        thickness=0.85,
        spongy=0.32,
        grain=0.09,
    )
    for first, second, text in MEETINGS:
        pen.joint(first, second, place(text), "F03")
    pen.line(place(HOOK), 1.2, 0.14)
    for text, width_mm, depth in PLATES:
        pen.line(place(text), width_mm, depth)
