"""What a scene is made of; each layer adds its attenuation, in optical depths, to a picture's plate."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

import numpy as np
from PIL import Image, ImageDraw

from generation.phantom import shapes, texture
from generation.phantom.frame import Frame

# Linear attenuation a millimetre at about 60 kV; bone is what it adds to the soft tissue it displaces.
SOFT = 0.019
COMPACT = 0.044
SPONGY = 0.050


@dataclass(eq=False)
class Plate:
    """The picture while it is drawn: optical depth, shape (height, width), and what textures need."""

    depth: np.ndarray
    frame: Frame
    seed: int
    grain_mm: float = 0.75

    def tiles(self) -> np.ndarray:
        """Trabeculae for this picture's resolution."""
        return texture.oriented_tiles(self.seed, max(2.4, self.grain_mm / self.frame.mm), 0.24)

    def window(self, outlines: Sequence[np.ndarray], margin: int = 3) -> tuple[slice, slice] | None:
        """The part of the picture that holds the outlines (in pixels), or None when they lie outside it."""
        points = np.vstack(outlines)
        left, top = np.floor(points.min(axis=0)).astype(int) - margin
        right, bottom = np.ceil(points.max(axis=0)).astype(int) + margin
        height, width = self.depth.shape
        rows, columns = slice(max(top, 0), min(bottom, height)), slice(max(left, 0), min(right, width))
        if rows.stop - rows.start < 2 or columns.stop - columns.start < 2:
            return None
        return rows, columns


class Layer(Protocol):
    """Anything that lies in the beam."""

    name: str

    def add(self, plate: Plate) -> None:
        """Add this layer's optical depth to the plate."""
        ...


@dataclass(eq=False)
class Bone:
    """A bone with a compact shell around a spongy core.

    outlines: united into one body, in drawing units. shell_mm: shell at the ends; cortex_mm: in the shaft, which runs
    between the two points of `shaft`. thickness: extent along the beam as a share of the width. spongy: bone in the
    core, 0..1. flow: polylines the trabeculae follow; None means they follow nothing, as no living bone does.
    """

    name: str
    outlines: list[np.ndarray]
    shell_mm: float = 0.6
    cortex_mm: float = 0.0
    shaft: tuple[np.ndarray, np.ndarray] | None = None
    thickness: float = 0.9
    spongy: float = 0.30
    hollow: float = 0.55
    grain: float = 0.14
    flow: list[np.ndarray] | None = field(default_factory=list)

    def add(self, plate: Plate) -> None:
        frame, random = plate.frame, texture.stream(plate.seed, f"bone {self.name}")
        outlines = [frame.pixels(outline) for outline in self.outlines]
        window = plate.window(outlines)
        if window is None:
            return
        corner = np.array([window[1].start, window[0].start])
        shape = (window[0].stop - window[0].start, window[1].stop - window[1].start)
        inside = shapes.mask([outline - corner for outline in outlines], shape)
        if not inside.any() or inside.all():
            return
        depth = shapes.depth_inside(inside)
        radius = 1.05 * shapes.local_radius(depth)
        shaft = self._shaft(frame, corner, shape)
        uneven = 1 + 0.09 * texture.clouds(random, shape, 18 / frame.mm, octaves=2)
        wall = (self.shell_mm + (self.cortex_mm - self.shell_mm) * shaft if self.cortex_mm else self.shell_mm) * uneven
        wall = np.minimum(wall / frame.mm, 0.82 * radius)
        outer = shapes.chord(depth, radius)
        core = np.minimum(shapes.chord(np.maximum(depth - wall, 0), np.maximum(radius - wall, 0.5)), outer)
        density = self.spongy * (1 - self.hollow * shaft)
        mottle = 1 + 0.06 * texture.clouds(random, shape, 14 / frame.mm, octaves=3)
        grain = (
            self._grain(plate, outlines, corner, shape, random)
            * self.grain
            * (1 - 0.7 * shaft)
            * (0.7 + 0.6 * mottle**4)
        )
        # The plates at the front and back of the core carry trabeculae too, so the wall is not quite smooth either.
        spongy = core * density * mottle * (1 + grain) * SPONGY
        compact = (outer - core) * COMPACT * (1 + 0.22 * grain)
        plate.depth[window] += (spongy + compact) * (frame.mm * self.thickness)

    def _shaft(self, frame: Frame, corner: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
        """1 in the shaft, 0 at the ends, shape of the crop."""
        if self.shaft is None:
            return np.zeros((1, 1), np.float32)
        start, end = frame.pixels(np.asarray(self.shaft, float)) - corner
        axis = (end - start) / (np.sum((end - start) ** 2) + 1e-9)
        rows = np.arange(shape[0], dtype=np.float32)[:, None] - start[1]
        columns = np.arange(shape[1], dtype=np.float32)[None, :] - start[0]
        position = columns * np.float32(axis[0]) + rows * np.float32(axis[1])
        rise = np.clip(position * 2.6, 0, 1)
        fall = np.clip((1 - position) * 2.6, 0, 1)
        return (rise * rise * (3 - 2 * rise)) * (fall * fall * (3 - 2 * fall))

    def _grain(
        self,
        plate: Plate,
        outlines: list[np.ndarray],
        corner: np.ndarray,
        shape: tuple[int, int],
        random: np.random.Generator,
    ) -> np.ndarray:
        if not self.grain:
            return np.zeros((1, 1), np.float32)
        offset = (int(random.integers(texture.TILE)), int(random.integers(texture.TILE)))
        step = 16
        if self.flow is None:
            coarse = (shape[0] // step + 2, shape[1] // step + 2)
            angles = np.pi * texture.clouds(random, coarse, 4, octaves=2)
            return 1.9 * texture.strands(texture.along(angles, plate.tiles(), shape, offset))
        lines = [plate.frame.pixels(line) - corner for line in self.flow]
        if not lines and self.shaft is not None:
            lines = [plate.frame.pixels(np.asarray(self.shaft, float)) - corner]
        if not lines:
            points = np.vstack(outlines) - corner
            spread = np.linalg.svd(points - points.mean(axis=0), full_matrices=False)[2][0]
            lines = [np.array([points.mean(axis=0) - spread * 20, points.mean(axis=0) + spread * 20])]
        angles = texture.directions(shape, step, lines)
        angles = angles + 0.20 * texture.clouds(random, angles.shape, 5, octaves=1)
        struts = texture.along(angles, plate.tiles(), shape, offset)
        ties = texture.along(angles + np.pi / 2, plate.tiles(), shape, offset[::-1])
        return texture.strands(struts + 0.45 * ties)


@dataclass(eq=False)
class Flesh:
    """Soft tissue under the skin line; radius_mm: how round its edges are; thickness along the beam."""

    name: str
    outlines: list[np.ndarray]
    radius_mm: float = 30.0
    thickness: float = 1.0
    planes: float = 0.03

    def add(self, plate: Plate) -> None:
        random = texture.stream(plate.seed, f"flesh {self.name}")
        frame, step = plate.frame, 2
        outlines = [frame.pixels(outline) / step for outline in self.outlines]
        height, width = plate.depth.shape
        shape = (-(-height // step), -(-width // step))
        inside = shapes.mask(outlines, shape)
        if not inside.any():
            return
        if inside.all():
            thickness = np.full(plate.depth.shape, 2 * self.radius_mm, np.float32)
        else:
            depth = shapes.depth_inside(inside, softness=1.6) * (step * frame.mm)
            thickness = shapes.enlarge_like(shapes.chord(depth, self.radius_mm), plate.depth.shape, step)
        uneven = 1 + self.planes * texture.clouds(random, shape, 45 / (frame.mm * step), octaves=4)
        plate.depth += thickness * texture.enlarged(uneven, plate.depth.shape) * np.float32(SOFT * self.thickness)


@dataclass(eq=False)
class Body:
    """A lump of one material with soft or sharp edges: gas (negative), an organ, a patch of fat.

    depth: optical depth added on its plateau; edge_mm: how far it takes to get there; blur_mm softens the outline.
    """

    name: str
    outlines: list[np.ndarray]
    depth: float
    edge_mm: float = 20.0
    blur_mm: float = 0.0
    mottle: float = 0.0

    def add(self, plate: Plate) -> None:
        from scipy import ndimage

        frame, random = plate.frame, texture.stream(plate.seed, f"body {self.name}")
        outlines = [frame.pixels(outline) for outline in self.outlines]
        window = plate.window(outlines, margin=int(3 * self.blur_mm / frame.mm) + 3)
        if window is None:
            return
        step = 2 if self.blur_mm / frame.mm > 2 else 1
        corner = np.array([window[1].start, window[0].start])
        full = (window[0].stop - window[0].start, window[1].stop - window[1].start)
        shape = (-(-full[0] // step), -(-full[1] // step))
        inside = shapes.mask([(outline - corner) / step for outline in outlines], shape)
        if not inside.any():
            return
        pixel_mm = step * frame.mm
        share = np.ones(shape, np.float32)
        if not inside.all():
            share = shapes.chord(shapes.depth_inside(inside) * pixel_mm, self.edge_mm) / (2 * self.edge_mm)
        if self.blur_mm:
            share = ndimage.gaussian_filter(share, self.blur_mm / pixel_mm)
        if self.mottle:
            share = share * (1 + self.mottle * texture.clouds(random, shape, 14 / pixel_mm, octaves=4))
        if step > 1:
            share = shapes.enlarge_like(share, full, step)
        plate.depth[window] += share * np.float32(self.depth)


Stroke: TypeAlias = tuple[np.ndarray, float, float]  # polyline in drawing units, width in mm, optical depth


@dataclass(eq=False)
class Lines:
    """Thin things seen edge on or end on: joint plates, fissures, vessels.

    blur_mm softens them all; with `fading` a stroke rises from nothing and ends in nothing, as a curved plate does
    where it turns out of the beam's direction.
    """

    name: str
    strokes: list[Stroke]
    blur_mm: float = 0.4
    fading: bool = True

    def add(self, plate: Plate) -> None:
        from scipy import ndimage

        if not self.strokes:
            return
        frame = plate.frame
        lines = [frame.pixels(points) for points, _, _ in self.strokes]
        window = plate.window(lines, margin=int(4 / frame.mm) + 4)
        if window is None:
            return
        corner = np.array([window[1].start, window[0].start])
        shape = (window[0].stop - window[0].start, window[1].stop - window[1].start)
        total = np.zeros(shape, np.float32)
        image = Image.new("F", (shape[1], shape[0]))
        draw = ImageDraw.Draw(image)
        for line, (_, width_mm, depth) in zip(lines, self.strokes, strict=True):
            width = width_mm / frame.mm
            # A line thinner than a pixel is drawn one pixel wide and fainter by as much.
            ink = depth * min(1.0, width)
            points = [(float(x), float(y)) for x, y in line - corner]
            if not self.fading:
                draw.line(points, fill=ink, width=max(1, round(width)), joint="curve")
                continue
            for index, pair in enumerate(itertools.pairwise(points)):
                share = (index + 0.5) / (len(points) - 1)
                draw.line(pair, fill=ink * float(np.sin(np.pi * share)) ** 0.6, width=max(1, round(width)))
        total += np.asarray(image)
        plate.depth[window] += ndimage.gaussian_filter(total, max(0.6, self.blur_mm / frame.mm))
