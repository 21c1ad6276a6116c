"""Edits of a picture: with true pixels where the phantom drew it itself, with a likely picture where it did not.

A picture of the phantom's own is `Shown`: drawn again, it gives what lies under a mask or beyond the border, and a
defect that was put there is known. Of any other picture nothing is known: a picture of the ordered region is drawn and
its tone brought to that of the pixels around.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from generation.phantom import drawing, regions
from generation.phantom.drawing import Picture
from generation.phantom.frame import NO_MARGINS, Margins
from generation.phantom.layers import Bone, Flesh
from generation.phantom.positioning import off_centre, posed
from generation.phantom.regions import body
from generation.phantom.scene import Patient

BORDER = 0.04  # of the longer side: how far from an edit the tone of its surroundings is taken
CHANGE = 255


@dataclass(frozen=True)
class Shown:
    """What a picture of the phantom shows, complete: drawn again, it is the same picture.

    width, height: of the plate, in pixels; beyond: how much more the picture shows than the plate.
    in_body: beyond the plate the whole body was drawn, as the region's own drawing ended there.
    """

    body_part: str
    patient: Patient
    defects: tuple[str, ...]
    width: int
    height: int
    beyond: Margins = NO_MARGINS
    in_body: bool = False

    def draw(self, noise: int | None = None) -> Picture:
        size = self.width, self.height
        return drawing.draw(self.body_part, self.patient, *size, self.defects, beyond=self.beyond, noise=noise)

    def lies_in_body(self) -> bool:
        """Whether the whole body can be drawn around it: a frontal view of a region that has its place there."""
        return self.body_part in body.PLACES and self.patient.view_position in ("AP", "PA")

    def draw_body(self, noise: int | None = None) -> Picture:
        """The whole body of the patient in the picture, each part where this region shows it."""
        frame = posed(regions.load(self.body_part).draw(self.patient), self.patient, self.width, self.height)
        if "off_centre_collimation" in self.defects:
            frame = off_centre(frame, self.patient.stream("defect of the picture"))
        wide = body.frame_in(self.body_part, frame.widened(self.beyond), self.patient)
        return drawing.draw(body.BODY_PART, self.patient, wide.width, wide.height, noise=noise, frame=wide)

    def at(self, width: int, height: int) -> Shown:
        """The same, in a picture of this size."""
        wide = self.beyond.left + self.width + self.beyond.right
        scale = width / wide
        if scale == 1:
            return self
        beyond = Margins(*(round(side * scale) for side in vars(self.beyond).values()))
        inner = beyond.inner(0, 0)
        plate = width - beyond.right - inner[1].start, height - beyond.bottom - inner[0].start
        return replace(self, width=plate[0], height=plate[1], beyond=beyond)

    def goes_on(self, further: Margins) -> bool:
        """Whether the drawing reaches a wider picture's border wherever it leaves this one; else it ends in the air.

        A small bone may end beyond a border that a long one crosses: there a limb goes on.
        """
        scene = regions.load(self.body_part).draw(self.patient)
        frame = posed(scene, self.patient, self.width, self.height).widened(self.beyond)
        size = np.array([frame.width, frame.height])
        asked = np.array([0 if side in scene.complete else pixels for side, pixels in asdict(further).items()])
        reached: dict[int, dict[str, bool]] = {}  # by border and kind of part: whether all that cross it go far enough
        for part in scene.layers:
            if not isinstance(part, Bone | Flesh):
                continue
            kind = "flesh" if isinstance(part, Flesh) else "small" if part.shaft is None else "long"
            for outline in map(frame.pixels, part.outlines):
                low, high = outline.min(axis=0), outline.max(axis=0)
                over = np.concatenate([-low, high - size])
                if (high < 0).any() or (low > size).any():
                    continue
                for border in np.flatnonzero((over > 0) & (asked > 0)):
                    kinds = reached.setdefault(int(border), {})
                    kinds[kind] = kinds.get(kind, True) and bool(over[border] >= asked[border])
        return all(
            reaches
            for kinds in reached.values()
            for kind, reaches in kinds.items()
            if kind != "small" or "long" not in kinds
        )

    def data(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Shown:
        """From `data`, which has been through JSON."""
        made = {"patient": Patient(**data["patient"]), "beyond": Margins(**data["beyond"])}
        return cls(**{**data, **made, "defects": tuple(data["defects"])})


def redrawn(source: np.ndarray, mask: np.ndarray, shown: Shown, noise: int) -> Picture:
    """The picture with what is shown drawn anew inside the mask, and every pixel outside as it was.

    source, mask: uint8 of one shape, 255 = change. The findings are those that reach into the mask.
    """
    drawn = shown.draw(noise)
    return Picture(np.where(mask == CHANGE, drawn.pixels, source), inside(drawn.findings, mask))


def made_to_fit(source: np.ndarray, mask: np.ndarray, drawn: Picture) -> Picture:
    """Another picture inside the mask, in the tone of the pixels around it; arguments and findings as above."""
    from scipy import ndimage

    change = mask == CHANGE
    reach = max(3, round(BORDER * max(source.shape)))
    around = ~change & (ndimage.distance_transform_edt(~change) <= reach)
    there, here = source[around].astype(np.float32), drawn.pixels[around].astype(np.float32)
    contrast = float(np.clip(there.std() / max(float(here.std()), 1.0), 0.3, 2.0))
    toned = (drawn.pixels - here.mean()) * contrast + there.mean()
    pixels = np.where(change, np.clip(np.rint(toned), 0, 255).astype(np.uint8), source)
    return Picture(pixels, inside(drawn.findings, mask))


def inside(findings: Iterable[Mapping[str, Any]], mask: np.ndarray) -> list[dict[str, Any]]:
    """The findings of which the mask holds a part, each at the middle of that part."""
    height, width = mask.shape
    kept = []
    for finding in findings:
        area = Image.new("1", (width, height))
        ImageDraw.Draw(area).polygon([(x * width, y * height) for x, y in finding["polygon"]], fill=1)
        rows, columns = np.nonzero(np.asarray(area) & (mask == CHANGE))
        if len(rows):
            middle = {
                "x": round(float(columns.mean() + 0.5) / width, 4),
                "y": round(float(rows.mean() + 0.5) / height, 4),
            }
            kept.append({**finding, **middle})
    return kept


def moved(findings: Iterable[Mapping[str, Any]], pad: Margins, width: int, height: int) -> list[dict[str, Any]]:
    """Findings of a picture as they lie in the wider one; width and height of the wider one."""
    size = np.array([width - pad.left - pad.right, height - pad.top - pad.bottom])

    def wider(points: Any) -> list[Any]:
        shares = (np.asarray(points, float) * size + (pad.left, pad.top)) / (width, height)
        return list(np.round(shares, 4).tolist())

    return [
        {
            **finding,
            **dict(zip("xy", wider((finding["x"], finding["y"])), strict=True)),
            "polygon": wider(finding["polygon"]),
        }
        for finding in findings
    ]
