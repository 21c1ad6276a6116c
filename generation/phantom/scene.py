"""A patient, and the scene a region draws of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from generation.phantom import texture
from generation.phantom.frame import Box
from generation.phantom.layers import Bone, Layer
from generation.phantom.projection import Exposure
from generation.phantom.shapes import Points


@dataclass(frozen=True)
class Patient:
    """One invented person: a seed, the facts that were ordered, and a body that follows from them."""

    seed: int
    sex: str
    view_position: str
    laterality: str

    def stream(self, name: str) -> np.random.Generator:
        """The person's random numbers for one purpose."""
        return texture.stream(self.seed, name)

    @cached_property
    def body(self) -> dict[str, float]:
        """Multiples of the average: size of the frame, flesh, bone density, cortex, and width of bones."""
        random = self.stream("body")
        female = self.sex == "F"
        return {
            "size": float(np.exp(random.normal(-0.05 if female else 0.03, 0.05))),
            "flesh": float(np.exp(random.normal(0.04 if female else 0.0, 0.16))),
            "density": float(np.exp(random.normal(-0.08 if female else 0.02, 0.16))),
            "cortex": float(np.exp(random.normal(-0.06 if female else 0.02, 0.17))),
            "width": float(np.exp(random.normal(-0.04 if female else 0.02, 0.035))),
        }

    def warp(self, box: Box, strength: float = 0.011) -> Callable[[Points], np.ndarray]:
        """A smooth deformation of the drawing plane, the same for all that is drawn of this person."""
        random = self.stream("warp")
        left, top, right, bottom = box
        size = max(right - left, bottom - top)
        waves = random.normal(0, 1.6 * np.pi / size, (7, 2))
        phases = random.uniform(0, 2 * np.pi, 7)
        shifts = random.normal(0, strength * size / np.sqrt(3), (7, 2))
        stretch = 1 + random.normal(0, 0.022, 2)
        shear = random.normal(0, 0.018)
        centre = np.array([(left + right) / 2, (top + bottom) / 2])

        def warped(points: Points) -> np.ndarray:
            p = np.asarray(points, float)
            moved = p + np.sin(p @ waves.T + phases) @ shifts
            moved = (moved - centre) * stretch
            moved[:, 0] += shear * moved[:, 1]
            return moved + centre

        return warped


@dataclass(frozen=True)
class Joint:
    """Two bones that meet: their names, the place between them, and the finding a fusion of them would be."""

    first: str
    second: str
    place: np.ndarray
    tag: str = "F06"


@dataclass(frozen=True)
class Finding:
    """A defect that was drawn: its name, the finding's id, and the polygon it lies in, in drawing units."""

    name: str
    tag: str
    polygon: np.ndarray


@dataclass
class Scene:
    """Everything in the beam, and how it is to be taken.

    box: what the picture shall show, in drawing units; unit_mm: millimetres a unit; drawn_side: the side as drawn;
    marker_places: points free of anatomy; tips: outlines of fingers or toes, whose ends should be in the picture.
    complete: the sides of the box beyond which all is drawn that there is, as the limb ends there.
    """

    box: Box
    unit_mm: float
    layers: list[Layer]
    exposure: Exposure
    marker_places: list[tuple[float, float]]
    drawn_side: str = ""
    joints: list[Joint] = field(default_factory=list)
    tips: np.ndarray | None = None
    grain_mm: float = 0.75
    complete: tuple[str, ...] = ()

    @property
    def bones(self) -> list[Bone]:
        return [layer for layer in self.layers if isinstance(layer, Bone)]

    def bone(self, name: str) -> Bone:
        """The bone of that name."""
        return next(bone for bone in self.bones if bone.name == name)
