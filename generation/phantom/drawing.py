"""From facts to a picture and the truth about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from generation.phantom import defects as flaws
from generation.phantom import projection, regions
from generation.phantom.frame import NO_MARGINS, Frame, Margins
from generation.phantom.layers import Plate
from generation.phantom.marker import lead_marker
from generation.phantom.positioning import collimated, extent, off_centre, posed, without_tips
from generation.phantom.scene import Finding, Patient, Scene


@dataclass(frozen=True)
class Picture:
    """pixels: uint8, shape (height, width); findings: the defects with name, tag, x, y and polygon in 0..1."""

    pixels: np.ndarray
    findings: list[dict[str, Any]]


def draw(
    body_part: str,
    patient: Patient,
    width: int,
    height: int,
    defects: Iterable[str] = (),
    *,
    beyond: Margins = NO_MARGINS,
    noise: int | None = None,
    frame: Frame | None = None,
) -> Picture:
    """The patient's radiograph with the defects asked for; the same arguments give the same pixels.

    width, height: of the plate; beyond: how much more of the same exposure a larger plate shows.
    noise: another seed than the patient's for the quanta that happened to arrive.
    frame: where the drawing lies, in place of a pose of its own; then it fills the picture and has no marker.
    """
    wanted = set(defects)
    scene, in_scene = flawed_scene(body_part, patient, wanted)
    findings: list[dict[str, Any]] = []
    random = patient.stream("defect of the picture")

    plate_frame = frame or posed(scene, patient, width, height)

    def wider(shares: Any) -> np.ndarray:
        """Shares of the plate as shares of the picture."""
        wide = plate_frame.widened(beyond)
        pixels = np.asarray(shares, float) * (width, height) + (beyond.left, beyond.top)
        return np.asarray(pixels / (wide.width, wide.height))

    if "cut_off_fingertips" in wanted:
        plate_frame, strip = without_tips(scene, plate_frame, random)
        findings.append(found("cut_off_fingertips", wider(strip)))
    if "off_centre_collimation" in wanted:
        plate_frame = off_centre(plate_frame, random)
    is_placed, frame = frame is not None, plate_frame.widened(beyond)
    field = collimated(scene, patient, plate_frame, beyond)
    if is_placed:
        field = np.ones_like(field)
    if "off_centre_collimation" in wanted:
        findings.append(found("off_centre_collimation", extent(field), at=frame.share(np.array([frame.centre]))[0]))
    for finding in in_scene:
        corners = frame.share(finding.polygon[:: max(1, len(finding.polygon) // 48)])
        # What another defect pushed out of the picture can't be found in it.
        if np.ptp(corners, axis=0).min() > 0.005:
            findings.append(found(finding.name, corners, finding.tag))

    plate = Plate(np.zeros((frame.height, frame.width), np.float32), frame, patient.seed, scene.grain_mm)
    for layer in scene.layers:
        layer.add(plate)
    lead, place = lead_marker(scene, patient, plate_frame, "garbled_marker" in wanted)
    marker = beyond.around(lead) * (not is_placed)
    if "garbled_marker" in wanted:
        findings.append(found("garbled_marker", wider(place)))

    inner = beyond.inner(width, height)
    exposure = projection.chosen(patient.stream("exposure"), scene.exposure)
    seed = patient.seed if noise is None else noise
    image = projection.exposed(plate.depth + marker, exposure, field, seed, inner)
    grey = projection.processed(image, exposure, field, marker, inner)
    if "seam" in wanted:
        step, strip = seam(random, width, height)
        grey = grey + beyond.around(np.broadcast_to(step, (height, width)), "edge")
        findings.append(found("seam", wider(strip)))
    if "smooth_patch" in wanted:
        grey, strip = smoothed(grey, inner, random)
        findings.append(found("smooth_patch", wider(strip)))
    shutter = exposure.black * 0.6
    grey = shutter + (grey - shutter) * field
    return Picture(np.clip(np.rint(grey), 0, 255).astype(np.uint8), findings)


def flawed_scene(body_part: str, patient: Patient, wanted: set[str]) -> tuple[Scene, list[Finding]]:
    """The region's scene, with those of the wanted defects that lie in the anatomy, and where they are."""
    region = regions.load(body_part)
    scene = region.draw(patient)
    acts = {**flaws.OF_THE_SCENE, **getattr(region, "OWN_DEFECTS", {})}
    # Sorted: what one defect removes another can't touch, so the order must not depend on how they were named.
    return scene, [acts[name](scene, patient.stream(f"defect {name}")) for name in sorted(wanted & acts.keys())]


def found(
    name: str, polygon: np.ndarray | list[tuple[float, float]], tag: str = "", at: np.ndarray | None = None
) -> dict[str, Any]:
    """One finding as plain data, in shares of the picture; the point is the polygon's middle unless given."""
    corners = np.clip(np.asarray(polygon, float), 0, 1)
    x, y = at if at is not None else (corners.min(axis=0) + corners.max(axis=0)) / 2
    points = [[round(float(px), 4), round(float(py), 4)] for px, py in corners]
    tag = tag or flaws.TAGS[name]
    return {
        "name": name,
        "tag": tag,
        "mark": flaws.MARKS.get(name) or flaws.MARKS_OF_FUSIONS[tag],
        "x": round(float(x), 4),
        "y": round(float(y), 4),
        "polygon": points,
    }


def smoothed(
    grey: np.ndarray, inner: tuple[slice, slice], random: np.random.Generator
) -> tuple[np.ndarray, list[tuple[float, float]]]:
    """The picture without grain and detail in a patch of its plate, and where, in shares of the plate."""
    from scipy import ndimage

    plate = grey[inner]
    height, width = plate.shape
    soft = ndimage.gaussian_filter(plate, 0.012 * max(plate.shape))
    lost = np.abs(plate - soft)
    half = random.uniform(0.09, 0.14)
    places = random.uniform(half, 1 - half, (12, 2))

    def box(x: float, y: float) -> tuple[slice, slice]:
        rows, columns = slice(int((y - half) * height), int((y + half) * height)), (x - half, x + half)
        return rows, slice(*(int(side * width) for side in columns))

    # Where there is something to lose: a patch of the black around a hand would be none.
    x, y = max(places, key=lambda at: float(lost[box(*at)].mean()))
    weight = np.zeros(plate.shape, np.float32)
    weight[box(x, y)] = 1
    weight = ndimage.gaussian_filter(weight, 0.01 * max(plate.shape))
    made = grey.copy()
    made[inner] = plate + weight * (soft - plate)
    left, right, top, bottom = (float(side) for side in (x - half, x + half, y - half, y + half))
    return made, [(left, top), (right, top), (right, bottom), (left, bottom)]


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
