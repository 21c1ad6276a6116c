"""From facts to a picture and the truth about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from generation.phantom import defects as flaws
from generation.phantom import projection, regions, texture
from generation.phantom.frame import Frame, fitted
from generation.phantom.layers import Plate
from generation.phantom.scene import Patient, Scene

LETTERS = "RLSPEAKHBXFN"


@dataclass(frozen=True)
class Picture:
    """pixels: uint8, shape (height, width); findings: the defects with name, tag, x, y and polygon in 0..1."""

    pixels: np.ndarray
    findings: list[dict[str, Any]]


def draw(body_part: str, patient: Patient, width: int, height: int, defects: Iterable[str] = ()) -> Picture:
    """The patient's radiograph with the defects asked for; the same arguments give the same pixels."""
    region = regions.load(body_part)
    scene = region.draw(patient)
    wanted = sorted(set(defects))
    own = getattr(region, "OWN_DEFECTS", {})
    findings = []
    drawn = []
    for name in (n for n in wanted if n not in flaws.OF_THE_PICTURE and n != "cut_off_fingertips"):
        act = own.get(name) or flaws.OF_THE_SCENE[name]
        drawn.append(act(scene, patient.stream(f"defect {name}")))
    frame = posed(scene, patient, width, height)
    random = patient.stream("defect of the picture")
    if "cut_off_fingertips" in wanted and scene.tips is not None:
        tips = frame.pixels(scene.tips) / (width, height)
        frame = frame.moved(0, -float(tips[:, 1].min()) - float(random.uniform(0.07, 0.12)))
        cut = frame.pixels(scene.tips)[:, 0] / width
        left, right = np.clip([cut.min() - 0.04, cut.max() + 0.04], 0, 1)
        findings.append(found("cut_off_fingertips", "F08", [(left, 0), (right, 0), (right, 0.1), (left, 0.1)]))
    if "off_centre_collimation" in wanted:
        right, down = random.uniform(0.17, 0.25, 2) * random.choice([-1, 1], 2) * (1, 0.7)
        frame = frame.moved(right, down)
    field = collimated(scene, patient, frame)
    if "off_centre_collimation" in wanted:
        rows, columns = np.flatnonzero(field.max(axis=1) > 0.5), np.flatnonzero(field.max(axis=0) > 0.5)
        top, bottom, left, right = rows[0] / height, rows[-1] / height, columns[0] / width, columns[-1] / width
        x, y = frame.share(np.array([frame.centre]))[0]
        corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
        findings.append(found("off_centre_collimation", "F09", corners, (x, y)))
    findings += [found(f.name, f.tag, frame.share(f.polygon[:: max(1, len(f.polygon) // 48)])) for f in drawn]

    plate = Plate(np.zeros((height, width), np.float32), frame, patient.seed, scene.grain_mm)
    for layer in scene.layers:
        layer.add(plate)
    exposure = projection.chosen(patient.stream("exposure"), scene.exposure)
    marker, place = lead_marker(scene, patient, frame, "garbled_marker" in wanted)
    if "garbled_marker" in wanted:
        findings.append(found("garbled_marker", "F24", place))
    image = projection.exposed(plate.depth + marker, exposure, field, patient.seed)
    grey = projection.processed(image, exposure, field, marker)
    if "seam" in wanted:
        step, polygon = seam(random, width, height)
        grey = grey + step
        findings.append(found("seam", "F24", polygon))
    shutter = exposure.black * 0.6
    grey = shutter + (grey - shutter) * field
    return Picture(np.clip(np.rint(grey), 0, 255).astype(np.uint8), findings)


def found(
    name: str, tag: str, polygon: np.ndarray | list[tuple[float, float]], at: tuple[float, float] | None = None
) -> dict[str, Any]:
    """One finding as plain data; the point is the polygon's middle unless given."""
    corners = np.clip(np.asarray(polygon, float), 0, 1)
    x, y = at if at is not None else (corners.min(axis=0) + corners.max(axis=0)) / 2
    points = [[round(float(px), 4), round(float(py), 4)] for px, py in corners]
    return {"name": name, "tag": tag, "x": round(float(x), 4), "y": round(float(y), 4), "polygon": points}


def posed(scene: Scene, patient: Patient, width: int, height: int) -> Frame:
    """The frame of this exposure: nobody lies twice in the same place."""
    random = patient.stream("pose")
    frame = fitted(scene.box, scene.unit_mm, width, height)
    mirrored = bool(scene.drawn_side) and patient.laterality != scene.drawn_side
    shift = random.normal(0, 0.010, 2) * (width, height)
    frame = replace(
        frame,
        target=(frame.target[0] + shift[0], frame.target[1] + shift[1]),
        scale=frame.scale * float(random.uniform(0.94, 1.02)) * patient.body["size"] ** 0.5,
        angle=float(np.clip(random.normal(0, 0.022), -0.05, 0.05)),
        mirrored=mirrored,
    )
    if scene.tips is not None:
        # A radiographer sees to it that no tip lies outside.
        tips = frame.pixels(scene.tips) / (width, height)
        frame = replace(frame, scale=frame.scale * min(1.0, 0.95 / float(np.ptp(tips[:, 0]))))
        tips = frame.pixels(scene.tips) / (width, height)
        left, right = max(0.0, 0.02 - float(tips[:, 0].min())), max(0.0, float(tips[:, 0].max()) - 0.98)
        frame = frame.moved(left - right, max(0.0, 0.02 - float(tips[:, 1].min())))
    return frame


def collimated(scene: Scene, patient: Patient, frame: Frame) -> np.ndarray:
    """The beam's field, 1 inside and 0 outside, float32 of shape (height, width): a slightly turned rectangle."""
    random = patient.stream("collimator")
    left, top, right, bottom = scene.box
    half = np.array([right - left, bottom - top]) / 2 * frame.scale
    middle = np.array([frame.width, frame.height]) / 2
    margin = random.uniform(0.02, 0.16, 4) * max(half)
    if random.random() < 0.35:
        margin += max(frame.width, frame.height)
    edges = np.array([-half[0] - margin[0], -half[1] - margin[1], half[0] + margin[2], half[1] + margin[3]])
    corners = edges[[0, 1, 2, 1, 2, 3, 0, 3]].reshape(4, 2)
    angle = float(random.normal(0, 0.006))
    corners = corners @ np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]) + middle
    image = Image.new("L", (frame.width, frame.height))
    ImageDraw.Draw(image).polygon([(float(x), float(y)) for x, y in corners], fill=255)
    return np.asarray(image.filter(ImageFilter.GaussianBlur(1.6)), np.float32) / 255


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


def seam(random: np.random.Generator, width: int, height: int) -> tuple[np.ndarray, list[tuple[float, float]]]:
    """A step in tone along a straight edge, as where a redrawn rectangle meets the rest; grey levels to add."""
    across, along = (width, height) if random.random() < 0.5 else (height, width)
    position = float(random.uniform(0.3, 0.7))
    step = float(random.choice([-1, 1]) * random.uniform(11, 18))
    ramp = np.clip((np.arange(across) - position * across) / 2.0, 0, 1)
    fade = np.exp(-np.maximum(np.arange(across) - position * across, 0) / (0.3 * across))
    line = (step * ramp * fade).astype(np.float32)
    upright = across == width and along == height
    low, high = position - 0.02, position + 0.06
    if upright:
        return line[None, :], [(low, 0), (high, 0), (high, 1), (low, 1)]
    return line[:, None], [(0, low), (1, low), (1, high), (0, high)]


def seed_of(text: str) -> int:
    """A seed for an order that brought none: the same words draw the same picture."""
    return int(texture.stream(0, text).integers(0, 2**31))
