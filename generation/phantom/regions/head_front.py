"""The head seen from the front, drawn in millimetres from the vertex down, for the regions that show it."""

from __future__ import annotations

import numpy as np

from generation.phantom.regions.vertebrae import draw_vertebra
from generation.phantom.shapes import path
from generation.phantom.sketch import Sketch

# The right half, at the left of the picture, from above to below; the other half is its mirror image in the line x = 0.
SKIN = (
    "0,-6 -34,-2 -60,16 -76,48 -80,84 -80,100 -84,99 -88,104 -90,114 -89,126 -86,138 -82,146 -78,150 -76,160 -70,180 "
    "-62,198 -59,208 -58,246 "
    "-66,270 -100,292 -170,312 -230,360 -240,700"
)
VAULT = "0,0 -36,5 -61,26 -73,60 -75,90 -71,112 -64,128 -52,138 -34,134 -16,128 0,126"
MANDIBLE = (
    "0,227 -14,227 -28,220 -44,206 -55,190 -60,168 -62,146 -64,134 -58,128 -50,134 -51,152 -47,170 -40,184 -28,196 "
    "-14,203 0,205"
)
MAXILLA = "0,150 -14,146 -30,150 -44,146 -48,152 -40,168 -34,184 -18,192 0,193"
CHEEK = "-47,122 -55,112 -60,122 -68,130 -66,142 -56,152 -42,156 -38,148 -46,140"
MASTOID = "-70,132 -66,160 -58,174 -52,160 -50,140 -60,130"
ORBIT = "-14,104 -24,92 -38,91 -50,99 -53,113 -46,126 -30,129 -18,122"
# Air: outline, optical depth, width of the edge in mm.
AIR = [
    ("frontal sinus", "-2,74 -14,70 -24,78 -20,90 -8,93 -2,92", -0.16, 4),
    ("cells of the nose", "-1,98 -9,100 -11,118 -8,128 -1,128", -0.20, 5),
    ("cavity of the nose", "-1,128 -9,134 -15,150 -14,164 -1,167", -0.30, 5),
    ("sinus of the cheek", "-19,134 -34,134 -44,142 -38,158 -26,168 -20,156", -0.24, 6),
    ("orbit", ORBIT, -0.10, 8),
    ("cells of the mastoid", "-66,138 -64,156 -58,166 -54,152 -58,138", -0.18, 4),
]
# Plates seen on edge: brows and orbits, wings of the sphenoid, petrous ridges, turbinates, jaw: line, width, depth.
PLATES = [
    ("-14,104 -24,92 -38,91 -50,99 -54,113 -47,126 -30,130 -17,122 -14,104", 2.0, 0.30),
    ("-62,62 -56,84 -44,104 -36,116", 1.6, 0.24),
    ("-66,120 -50,112 -34,112 -20,120 -10,126", 3.2, 0.34),
    ("-60,136 -44,126 -26,126 -12,130", 2.2, 0.20),
    ("-14,132 -8,138 -7,148 -12,152", 2.6, 0.16),
    ("-13,152 -8,158 -9,164", 2.2, 0.14),
    ("-46,140 -52,152 -50,168 -56,184", 1.5, 0.14),
    ("-36,150 -40,162 -34,172", 1.2, 0.14),
    ("0,12 -4,40 -22,62 -44,82", 1.2, -0.05),
]
TEETH = [(3.5, 8.0), (11.0, 6.6), (18.0, 7.2), (24.5, 6.6), (30.0, 6.2), (34.0, 7.0)]  # place and width, mm


def both(right: str) -> np.ndarray:
    """A whole outline from its right half."""
    half = path(right)
    inner = half[(half[:, 0] < 0)]
    return np.vstack([half, inner[::-1] * (-1, 1)])


def draw_head(pen: Sketch, vertebrae: int = 7) -> None:
    """Bones and air of head and neck, with that many vertebrae of the neck behind; the skin is the region's."""
    for number in range(vertebrae):
        top = 158 + 16.5 * number
        width = (50, 40, 34, 35, 36, 38, 42)[number]
        draw_vertebra(pen, f"C{number + 1}", 0, top, top + 13.5, width, 0.38)
    pen.bone("vault", both(VAULT), rind=5.5, thickness=0.20, spongy=0.02, grain=0)
    pen.body("brain", both(VAULT), 0.42, 60, 2, mottle=0.04)
    pen.body("base of the skull", both("0,112 -30,110 -58,116 -62,134 -40,146 0,150"), 0.28, 22, 7, mottle=0.12)
    pen.body("face", both("0,122 -40,120 -62,128 -60,150 -48,176 -24,196 0,200"), 0.26, 12, 5, mottle=0.10)
    pen.bone("mandible", both(MANDIBLE), rind=1.6, thickness=0.60, spongy=0.30, grain=0.05)
    pen.bone("maxilla", both(MAXILLA), rind=0.7, thickness=0.42, spongy=0.30, grain=0.05)
    pen.line("0,98 1,126 -1,150 0,166", 1.6, 0.22)
    for half in pen.other_side(0, "left", "right"):
        half.bone("mastoid", MASTOID, rind=0.8, thickness=0.50, spongy=0.30, grain=0.05)
        half.bone("cheekbone", CHEEK, rind=1.0, thickness=0.50, spongy=0.36, grain=0)
        for name, outline, depth, edge in AIR:
            half.body(name, outline, depth, edge, 1.2)
        for line, width_mm, depth in PLATES:
            half.line(line, width_mm, depth)
        draw_teeth(half)


def draw_teeth(pen: Sketch) -> None:
    """The teeth of one side, in the bow that shows the front ones broad and the hind ones one upon the other."""
    for row, sign in (("upper", -1), ("lower", 1)):
        for number, (place, width) in enumerate(TEETH):
            random = pen.patient.stream(f"tooth {pen.side}{row} {number}")
            length = 20 - 0.9 * number + random.normal(0, 0.6)
            half = width / 2 * (1 if row == "upper" or number > 1 else 0.78)
            rise = 0.35 * number
            crown = [(-half, 0), (half, 0), (half, 8), (0.45 * half, length), (-0.45 * half, length), (-half, 8)]
            at = (-place * (1 if row == "upper" else 0.92), 190 - rise + sign * 1.0)
            pen.bone(
                f"tooth {row} {number}",
                np.multiply(crown, (1, sign)) + at,
                rind=0.8,
                thickness=0.75 - 0.04 * number,
                spongy=0.5,
                grain=0,
            )
