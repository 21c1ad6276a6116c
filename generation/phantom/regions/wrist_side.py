"""The wrist from the side, the thumb in front; drawn with the palm at the left."""

from __future__ import annotations

from generation.phantom.projection import Exposure
from generation.phantom.scene import Patient, Scene
from generation.phantom.shapes import path
from generation.phantom.sketch import Sketch

UNIT_MM = 0.19

# Seen from the side the rays of index to little finger lie over each other, and so do the carpal bones of two rows.
METACARPALS = [
    ("first", "80,192 86,150 104,96 120,40 134,-60 150,-300 226,-300 214,-60 206,10 190,70 178,130 174,190 130,198"),
    (
        "second",
        "226,176 238,150 250,110 262,40 276,-60 320,-300 376,-300 334,-60 312,20 296,90 290,150 284,196 250,214",
    ),
    (
        "third",
        "244,190 258,152 272,100 288,20 310,-60 360,-300 420,-300 362,-40 338,60 326,130 322,190 300,226 264,220",
    ),
    (
        "fifth",
        "276,200 290,160 304,100 322,20 344,-60 392,-300 440,-300 382,-40 352,60 338,130 336,190 330,226 300,232",
    ),
]
CARPUS = [
    ("hamate", "226,222 262,202 306,212 318,236 300,262 284,306 258,324 240,290 236,256", 0.5),
    ("capitate", "204,210 250,196 290,212 300,250 282,300 264,352 236,376 204,374 186,346 188,300 196,250", 0.8),
    ("trapezium", "92,204 140,196 186,204 192,232 184,262 148,270 108,274 80,256 78,228", 0.8),
    ("trapezoid", "158,206 196,190 232,200 246,226 234,262 200,276 172,264 160,236", 0.5),
    (
        "scaphoid",
        "84,284 112,272 150,276 180,292 212,326 238,372 240,412 212,430 176,424 146,396 130,356 98,324 82,306",
        0.6,
    ),
    ("triquetrum", "196,318 232,306 262,322 276,350 258,372 248,404 222,410 204,384 190,350", 0.45),
    ("pisiform", "116,300 128,278 156,268 182,280 190,312 180,340 154,350 128,340 114,320", 0.75),
    (
        "lunate",
        "140,346 156,336 168,350 182,376 208,384 234,374 248,364 250,388 234,424 204,434 170,430 146,410 134,376",
        0.8,
    ),
]
RADIUS = (
    "150,437 172,445 204,449 238,437 258,423 272,431 278,461 276,521 270,581 264,650 262,800 264,1100 266,2000 "
    "212,2000 210,1100 204,800 200,680 190,610 172,551 150,515 132,481 134,455"
)
ULNA = (
    "252,420 262,400 272,410 276,436 292,458 298,492 292,540 284,610 280,700 281,900 286,1100 292,2000 222,2000 "
    "206,1100 197,900 194,720 198,620 212,550 224,500 232,462 246,444"
)
SKIN = (
    "128,-300 108,-40 92,60 70,150 62,230 66,300 70,380 62,470 54,560 36,680 16,800 0,1000 -20,1400 -20,2000 "
    "420,2000 420,1400 390,1000 356,820 334,700 322,600 318,500 320,400 326,310 342,230 356,140 376,40 398,-60 "
    "450,-300 "
)
PLATES = [
    ("152,439 176,453 206,457 240,447 262,429", 1.5, 0.24),
    ("140,465 176,473 214,473 256,453", 1.2, 0.08),
    ("188,350 204,376 236,378 262,354", 1.3, 0.20),
    ("168,352 184,378 208,388 236,378", 1.3, 0.16),
    ("138,390 156,424 204,436 236,424", 1.2, 0.12),
    ("90,190 130,196 174,190", 1.3, 0.16),
    ("80,230 100,208 140,200 186,208", 1.2, 0.12),
    ("226,206 262,216 304,220 330,228", 1.4, 0.12),
    ("236,250 270,240 310,256", 1.0, 0.08),
    ("200,480 206,560 200,640", 1.2, 0.12),
]


def draw_side(patient: Patient) -> Scene:
    """The left wrist, palm at the left of the picture; a right one lies mirrored."""
    pen = Sketch(patient, (0, 60, 380, 760), UNIT_MM, variety=0.010)
    flesh = patient.body["flesh"] ** 0.5
    pen.flesh("skin", pen.outline(SKIN), radius_mm=17 * flesh, thickness=0.85)
    pen.body("thenar", "120,-300 96,60 72,160 90,230 190,240 220,190 250,60 300,-300", 0.18 * flesh, 10, 3)
    pen.body("flexors", "40,640 80,480 150,520 196,640 200,1000 190,2000 0,2000 10,1000", 0.12 * flesh, 10, 4)
    for name, text in METACARPALS:
        middle = path(text)[:6].mean(axis=0)
        pen.bone(
            f"{name} metacarpal",
            text,
            rind=0.5,
            cortex=2.2,
            shaft=middle + path("-20,150 60,-420"),
            thickness=0.8 if name == "first" else 0.55,
            spongy=0.34,
            grain=0.09,
        )
    for name, text, thickness in CARPUS:
        moved = path(text) + patient.stream(f"side {name}").normal(0, 2.0, 2)
        pen.bone(name, moved, rind=0.55, thickness=thickness, spongy=0.36, grain=0.10)
    shaft = path("216,470 236,1700")
    pen.bone("ulna", ULNA, rind=0.45, cortex=2.4, shaft=shaft, thickness=0.75, spongy=0.26, hollow=0.35, grain=0.09)
    pen.bone("radius", RADIUS, rind=0.45, cortex=2.8, shaft=shaft, thickness=0.85, spongy=0.34, hollow=0.35, grain=0.10)
    for line, width_mm, depth in PLATES:
        pen.line(line, width_mm, depth)
    pen.joint("lunate", "capitate", "166,346 186,352 204,372 236,374 256,352 256,384 230,396 190,392", "F03")
    pen.joint("radius", "lunate", "146,418 204,426 244,412 252,438 204,460 150,448")
    pen.joint("trapezium", "first metacarpal", "86,182 130,186 176,180 182,214 130,212 88,216")
    exposure = Exposure(photons=6500, scatter=0.12, levelling=0.45, sharpening=0.55, blur=0.6, gamma=1.25)
    return pen.scene(exposure, "360,620 -60,330 -40,160", 0.45, drawn_side="L", grain_mm=0.85)
