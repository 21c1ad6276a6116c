"""The lead letter on the cassette that says which side is which."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from generation.phantom.frame import Frame
from generation.phantom.scene import Patient, Scene

LETTERS = "RLSPEAKHBXFN"


def lead_marker(
    scene: Scene, patient: Patient, frame: Frame, garbled: bool
) -> tuple[np.ndarray, list[tuple[float, float]]]:
    """Optical depth of the side marker and its corners in shares of the picture."""
    random = patient.stream("marker")
    place = scene.marker_places[random.integers(len(scene.marker_places))]
    middle = frame.pixels(np.array([place]))[0]
    size = int(0.042 * max(frame.width, frame.height) * random.uniform(0.8, 1.2))
    middle = np.clip(middle, size * 1.3, np.array([frame.width, frame.height]) - size * 1.3)
    letter = side_letter(scene, patient, place[0] < frame.centre[0])
    glyph = written(letter, size)
    if garbled:
        glyph = pseudo_letters(patient.stream("defect garbled_marker"), size)
    if random.random() < 0.4:
        plastic = Image.new("L", (glyph.width + size // 2, glyph.height + size // 2), 12)
        plastic.paste(glyph, (size // 4, size // 4), glyph)
        glyph = plastic
    glyph = glyph.rotate(float(random.normal(0, 9)), expand=True, resample=Image.Resampling.BICUBIC)
    image = Image.new("L", (frame.width, frame.height))
    left, top = int(middle[0] - glyph.width / 2), int(middle[1] - glyph.height / 2)
    image.paste(glyph, (left, top))
    right, bottom = left + glyph.width, top + glyph.height
    corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
    shares = [(x / frame.width, y / frame.height) for x, y in corners]
    return np.asarray(image, np.float32) * np.float32(2.2 / 255), shares


def side_letter(scene: Scene, patient: Patient, at_the_left: bool) -> str:
    """The letter of the marker: the limb's side, the side on the detector, or the side of the body it lies beside."""
    if scene.drawn_side:
        return patient.laterality
    if patient.view_position in ("LL", "RL"):
        return patient.view_position[0]
    return "R" if at_the_left else "L"


def written(text: str, size: int) -> Image.Image:
    """The text as a bright stencil of the given letter height in pixels."""
    font = ImageFont.load_default(size)
    left, top, right, bottom = font.getbbox(text, stroke_width=size // 18)
    image = Image.new("L", (int(right - left) + 2, int(bottom - top) + 2))
    ImageDraw.Draw(image).text((1 - left, 1 - top), text, fill=255, font=font, stroke_width=size // 18)
    return image


def pseudo_letters(random: np.random.Generator, size: int) -> Image.Image:
    """Signs that look like writing and are none: halves of letters put together wrongly."""
    signs = []
    for _ in range(int(random.integers(2, 4))):
        upper, lower = (written(str(random.choice(list(LETTERS))), size) for _ in range(2))
        lower = lower.resize(upper.size).transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        cut = int(upper.height * random.uniform(0.35, 0.65))
        upper.paste(lower.crop((0, cut, lower.width, lower.height)), (int(size * 0.06), cut))
        signs.append(upper)
    image = Image.new("L", (sum(sign.width for sign in signs), max(sign.height for sign in signs)))
    left = 0
    for sign in signs:
        image.paste(sign, (left, 0))
        left += sign.width - size // 12
    return image
