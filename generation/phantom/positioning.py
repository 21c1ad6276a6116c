"""How the patient lies under the tube: the frame of the picture, and the field the collimator leaves."""

from __future__ import annotations

from dataclasses import astuple, replace

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from generation.phantom.frame import NO_MARGINS, Frame, Margins, fitted
from generation.phantom.scene import Patient, Scene

Corners = list[tuple[float, float]]


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


def without_tips(scene: Scene, frame: Frame, random: np.random.Generator) -> tuple[Frame, Corners]:
    """The frame moved so that the tips lie outside, and the strip where they are missed, in shares of the picture."""
    tips = scene.tips if scene.tips is not None else np.array([frame.centre])
    frame = frame.moved(0, -float(frame.pixels(tips)[:, 1].min()) / frame.height - float(random.uniform(0.07, 0.12)))
    cut = frame.pixels(tips)[:, 0] / frame.width
    left, right = max(0.0, float(cut.min()) - 0.04), min(1.0, float(cut.max()) + 0.04)
    return frame, [(left, 0), (right, 0), (right, 0.1), (left, 0.1)]


def off_centre(frame: Frame, random: np.random.Generator) -> Frame:
    """The frame moved so far that the middle of the anatomy is not the middle of the field."""
    right, down = random.uniform(0.17, 0.25, 2) * random.choice([-1, 1], 2) * (1, 0.7)
    return frame.moved(float(right), float(down))


def extent(field: np.ndarray) -> Corners:
    """The corners of the field's bounding box in shares of the picture."""
    rows, columns = np.flatnonzero(field.max(axis=1) > 0.5), np.flatnonzero(field.max(axis=0) > 0.5)
    top, bottom = rows[0] / field.shape[0], rows[-1] / field.shape[0]
    left, right = columns[0] / field.shape[1], columns[-1] / field.shape[1]
    return [(left, top), (right, top), (right, bottom), (left, bottom)]


def collimated(scene: Scene, patient: Patient, frame: Frame, beyond: Margins = NO_MARGINS) -> np.ndarray:
    """The beam's field, 1 inside and 0 outside, float32 of shape (height, width): a slightly turned rectangle.

    beyond: how far the picture reaches beyond the frame; where the collimator's edge is out of sight, it is opened.
    """
    random = patient.stream("collimator")
    left, top, right, bottom = scene.box
    half = np.array([right - left, bottom - top]) / 2 * frame.scale
    middle = np.array([frame.width, frame.height]) / 2
    margin = random.uniform(0.02, 0.16, 4) * max(half)
    for sides in ([0, 2], [1, 3]):
        # Most plates are filled; only some show where the collimator cut.
        if random.random() < 0.75:
            margin[sides] += max(frame.width, frame.height)
    edges = np.array([-half[0] - margin[0], -half[1] - margin[1], half[0] + margin[2], half[1] + margin[3]])
    out_of_sight = np.abs(edges) > np.tile(middle, 2) * 1.02
    edges = edges * np.where(out_of_sight & (np.array(astuple(beyond)) > 0), 20, 1)
    corners = edges[[0, 1, 2, 1, 2, 3, 0, 3]].reshape(4, 2)
    angle = float(random.normal(0, 0.006))
    corners = corners @ np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]) + middle
    corners += np.array([beyond.left, beyond.top])
    wide = frame.widened(beyond)
    image = Image.new("L", (wide.width, wide.height))
    ImageDraw.Draw(image).polygon([(float(x), float(y)) for x, y in corners], fill=255)
    return np.asarray(image.filter(ImageFilter.GaussianBlur(1.6)), np.float32) / 255
