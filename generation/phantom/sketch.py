"""The pen a region draws with: control points in drawing units go in, layers of one patient come out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

import numpy as np

from generation.phantom.frame import Box
from generation.phantom.layers import Body, Bone, Flesh, Layer, Lines, Stroke
from generation.phantom.projection import Exposure
from generation.phantom.scene import Joint, Patient, Scene
from generation.phantom.shapes import path, smooth

Drawn: TypeAlias = str | np.ndarray


@dataclass
class Sketch:
    """What has been drawn of a patient so far.

    Densities, cortices and flesh are written for an average adult; the sketch makes them this patient's.
    """

    patient: Patient
    box: Box
    unit_mm: float
    variety: float = 0.011
    layers: list[Layer] = field(default_factory=list)
    strokes: list[Stroke] = field(default_factory=list)
    joints: list[Joint] = field(default_factory=list)
    flip_at: float | None = None
    side: str = ""
    place: tuple[float, float, float] = (1.0, 0.0, 0.0)  # units of the sheet a unit of what is told, and its origin

    def __post_init__(self) -> None:
        self._warp = self.patient.warp(self.box, self.variety)

    def other_side(self, middle: float, side: str, own_side: str) -> tuple[Sketch, Sketch]:
        """Two pens on this sheet for the two halves of a body; the second mirrors what it is told at x = middle."""
        return replace(self, side=own_side + " "), replace(self, side=side + " ", flip_at=middle)

    def placed(self, scale: float, x: float, y: float) -> Sketch:
        """A pen on this sheet that is told in units of its own, from an origin of its own."""
        return replace(self, place=(scale, x, y))

    def points(self, drawn: Drawn) -> np.ndarray:
        """Points as they lie in this patient."""
        knots = path(drawn) if isinstance(drawn, str) else np.asarray(drawn, float)
        if self.flip_at is not None:
            knots = (knots * (-1, 1) + (2 * self.flip_at, 0))[::-1]
        scale, *origin = self.place
        return self._warp(knots * scale + origin)

    def outline(self, drawn: Drawn) -> np.ndarray:
        """A closed smooth curve."""
        return self.points(smooth(path(drawn) if isinstance(drawn, str) else drawn))

    def curve(self, drawn: Drawn) -> np.ndarray:
        """An open smooth curve."""
        return self.points(smooth(path(drawn) if isinstance(drawn, str) else drawn, closed=False))

    def bone(
        self,
        name: str,
        drawn: Drawn,
        *,
        rind: float = 0.5,
        cortex: float = 0.0,
        shaft: Drawn | None = None,
        spongy: float = 0.3,
        flow: Sequence[Drawn] = (),
        **more: float,
    ) -> Bone:
        """A bone from its outline; rind and cortex in mm; the rest as in `layers.Bone`."""
        body = self.patient.body
        ends = None
        if shaft is not None:
            start, end = self.points(shaft)[:: -1 if self.flip_at is not None else 1]
            ends = (start, end)
        bone = Bone(
            self.side + name,
            [self.outline(drawn)],
            shell_mm=rind * body["cortex"] ** 0.5,
            cortex_mm=cortex * body["cortex"],
            shaft=ends,
            spongy=spongy * body["density"],
            flow=[self.curve(line) for line in flow],
            **more,
        )
        self.layers.append(bone)
        return bone

    def flesh(
        self, name: str, *skins: np.ndarray, radius_mm: float, thickness: float = 1.0, planes: float = 0.03
    ) -> None:
        """Soft tissue within skin lines that are this patient's already."""
        self.layers.append(Flesh(self.side + name, list(skins), radius_mm, thickness, planes))

    def body(self, name: str, drawn: Drawn, depth: float, edge_mm: float, blur_mm: float, mottle: float = 0.0) -> Body:
        """A lump or a hollow of the given optical depth."""
        body = Body(self.side + name, [self.outline(drawn)], depth, edge_mm, blur_mm, mottle)
        self.layers.append(body)
        return body

    def line(self, drawn: Drawn, width_mm: float, depth: float) -> None:
        """A plate of bone seen on edge."""
        self.strokes.append((self.curve(drawn), width_mm, depth * self.patient.body["density"]))

    def joint(self, first: str, second: str, place: Drawn, tag: str = "F06") -> None:
        """Where two bones of this side meet."""
        self.joints.append(Joint(self.side + first, self.side + second, self.outline(place), tag))

    def scene(self, exposure: Exposure, markers: str, blur_mm: float = 0.5, **more: Any) -> Scene:
        """The finished drawing, ready to be exposed; markers: places for the side letter."""
        lines = Lines("plates", self.strokes, blur_mm)
        size = self.patient.body["size"]
        places = [(float(x), float(y)) for x, y in self.points(markers)]
        return Scene(self.box, self.unit_mm * size, [*self.layers, lines], exposure, places, joints=self.joints, **more)


def wider(skin: np.ndarray, middle: float, share: float) -> np.ndarray:
    """A skin line further from the limb's upright middle line, or nearer, by a share."""
    moved = skin.copy()
    moved[:, 0] = middle + (skin[:, 0] - middle) * share
    return moved
