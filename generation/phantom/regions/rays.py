"""Fingers and toes: a ray of small long bones, one after the other, and the flesh around them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from generation.phantom.layers import Bone
from generation.phantom.scene import Joint
from generation.phantom.shapes import capsule, long_bone
from generation.phantom.sketch import Sketch


@dataclass(frozen=True)
class Part:
    """One bone of a ray: which, its base and head, and the widths of base, waist and head, in drawing units."""

    name: str
    base: tuple[float, float]
    head: tuple[float, float]
    widths: tuple[float, float, float]
    bow: float = 0.0

    @property
    def profile(self) -> str:
        return {"distal": "tuft", "metacarpal": "metacarpal", "metatarsal": "metacarpal"}.get(self.name, "phalanx")


def draw_ray(pen: Sketch, name: str, parts: list[Part], thickness: float, turn: float, **more: Any) -> np.ndarray:
    """Draw a ray's bones and joints, turned by an angle in radians as a whole; gives the outline of its skin."""
    random = pen.patient.stream(f"ray {name}")
    body = pen.patient.body
    spread = 1 + random.normal(0, 0.02)
    made: list[Bone] = []
    line: list[np.ndarray] = []
    end = before = np.array(parts[0].base, float)
    for number, part in enumerate(parts):
        # Each bone starts where the one before it ends, and bends a little further.
        matrix = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]]) * spread
        start = end + (np.array(part.base) - before) @ matrix
        end, before = start + (np.array(part.head) - np.array(part.base)) @ matrix, np.array(part.head)
        base, waist, head = np.array(part.widths) * body["width"] * (1 + random.normal(0, 0.03, 3))
        distal = part.name == "distal"
        bone = Bone(
            f"{name} {part.name}",
            [pen.points(long_bone(start, end, (base, waist, head), part.profile, random, part.bow))],
            shell_mm=0.32 * body["cortex"],
            cortex_mm=(1.0 if distal else 2.0) * body["cortex"],
            shaft=(pen.points(start[None])[0], pen.points(end[None])[0]),
            thickness=0.80 if distal else 0.92,
            spongy=0.34 * body["density"],
            hollow=0.45,
            **more,
        )
        pen.layers.append(bone)
        if made:
            pen.joints.append(between(made[-1], bone))
        made.append(bone)
        line += [0.3 * start + 0.7 * end, end] if number == 0 else [0.5 * start + 0.5 * end, end]
        turn += random.normal(0, 0.02)
    line[-1] = line[-1] + 0.16 * (line[-1] - start)
    widths = np.linspace(1.08, 0.84, len(line)) * thickness
    return pen.points(capsule(np.array(line), widths))


def between(near: Bone, far: Bone) -> Joint:
    """The joint from one bone's head to the next one's base: a slightly waisted box."""
    (_, head), (base, tip) = ends(near), ends(far)
    axis = tip - base
    axis = axis / np.hypot(*axis)
    across = np.array([-axis[1], axis[0]])
    reach = 0.40 * np.ptp((far.outlines[0] - base) @ across)
    middle, half = (head + base) / 2, np.hypot(*(base - head)) / 2 + 12
    corners = [(-half, -reach), (0, -0.93 * reach), (half, -reach), (half, reach), (0, 0.93 * reach), (-half, reach)]
    place = np.array([middle + along * axis + sideways * across for along, sideways in corners])
    return Joint(far.name, near.name, place)


def ends(bone: Bone) -> tuple[np.ndarray, np.ndarray]:
    """Base and head of a long bone. Raises ValueError for a bone without a shaft."""
    if bone.shaft is None:
        raise ValueError(f"{bone.name} has no shaft")
    return np.asarray(bone.shaft[0], float), np.asarray(bone.shaft[1], float)
