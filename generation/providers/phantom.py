"""The phantom: radiographs computed from drawn anatomy, offline, without a key, for nothing, the same for one seed.

Options, of the generator or the order: `body_part`, `view_position`, `laterality`, `patient_sex` (else read from the
prompt, else drawn from the seed); `defects`, a list of names, or `defect_rate`, the share of images that carry one or
two; `price_usd` and `delay_seconds`, to stand in for a service that costs money and time.

An edit of a picture the phantom drew has true pixels: the same patient under the mask or beyond the border, with the
defects of the order. Where the drawing ends too near, the patient's whole body is drawn around it, each part in its
place; where it knows nothing of the source, it fills in a picture of the region. Both are brought to the tone of the
surroundings, and `true_pixels` in the provenance says that they are no true ones.
"""

from __future__ import annotations

import io
import time
from collections.abc import Mapping
from dataclasses import asdict, replace
from decimal import Decimal
from typing import Any

import numpy as np

from generation.phantom import VERSION, edits, regions, words
from generation.phantom.defects import OF_THE_FRAME, ONLY_IN_SEX, drawn_by_chance
from generation.phantom.drawing import Picture
from generation.phantom.edits import Shown
from generation.phantom.frame import Margins
from generation.phantom.scene import Patient
from generation.provider import (
    Capabilities,
    Connection,
    Delivery,
    ErrorKind,
    JobHandle,
    Mode,
    Order,
    Pending,
    ProviderError,
    Refusal,
)
from generation.web import unknown_options

SMALLEST, LARGEST = 128, 4096
DEFECT_RATE = 0.5
NUMBERS = ("defect_rate", "price_usd", "delay_seconds")
TEXTS = ("body_part", "view_position", "laterality", "patient_sex", "modality")
RADIOGRAPHS = ("X-ray", "CR", "DX", "")


class Provider:
    """Draws numerical phantoms; nothing leaves the machine."""

    name = "phantom"

    def __init__(self, options: Mapping[str, Any] | None = None, connection: Connection | None = None) -> None:
        self.options = dict(options or {})

    def capabilities(self, model: str) -> Capabilities:
        known = regions.known()
        return Capabilities(
            modes=frozenset(Mode),
            takes_seed=True,
            repeats_exactly=True,
            body_parts=frozenset(known),
            defects=frozenset(name for region in known.values() for name in region.DEFECTS),
            keeps_images_here=True,
        )

    def estimate_usd(self, order: Order) -> Decimal:
        return Decimal(str(self._options(order).get("price_usd", 0)))

    def problems(self, order: Order) -> list[str]:
        options = self._options(order)
        if sentences := _of_a_wrong_kind(options):
            return sentences
        if strange := unknown_options(self.options, order, (*NUMBERS, *TEXTS, "defects")):
            return strange
        if not all(SMALLEST <= side <= LARGEST for side in (order.width, order.height)):
            sentences.append(f"The phantom draws from {SMALLEST} to {LARGEST} pixels a side.")
        if options.get("modality", "X-ray") not in RADIOGRAPHS:
            sentences.append(f"The phantom draws radiographs; it can't draw {options['modality']}.")
        body_part, asked = self._body_part(order, options)
        if not body_part:
            choice = ", ".join(sorted(regions.known()))
            subject = f"can't draw “{asked}”" if asked else "found no body part in the prompt"
            return [*sentences, f"The phantom {subject}; it draws: {choice}."]
        region = regions.load(body_part)
        view = self._view(order, options, region)
        if view not in (*region.VIEWS, "lateral", "") or (view == "lateral" and "LL" not in region.VIEWS):
            sentences.append(f"The phantom draws the {body_part} as {' or '.join(region.VIEWS)}, not as {view}.")
        unknown = [name for name in options.get("defects") or () if name not in region.DEFECTS]
        if unknown:
            choice = ", ".join(sorted(region.DEFECTS))
            sentences.append(f"The {body_part} can't have the defect {', '.join(unknown)}; it can have: {choice}.")
        sex = str(options.get("patient_sex") or "").upper()
        wrong = [name for name in options.get("defects") or () if sex and ONLY_IN_SEX.get(name, sex) != sex]
        if wrong:
            sentences.append(f"A patient of sex {sex} can't have the defect {', '.join(wrong)}.")
        if float(options.get("defect_rate", DEFECT_RATE)) > 1:
            sentences.append("The defect rate is a share from 0 to 1.")
        return sentences

    def submit(self, order: Order) -> Delivery | Refusal | JobHandle:
        problems = self.problems(order)
        if problems:
            raise ProviderError(ErrorKind.REJECTED, "cannot_draw", " ".join(problems))
        options = self._options(order)
        time.sleep(float(options.get("delay_seconds", 0)))
        drawn = self._shown(order, options)
        picture, shown = self._made(order, drawn, options.get("source") or {})
        patient = shown.patient if shown else drawn.patient
        described = {
            "body_part": shown.body_part if shown and not shown.in_body else drawn.body_part,
            "view_position": patient.view_position,
            "laterality": patient.laterality,
            "seed": patient.seed,
        }
        provenance: dict[str, Any] = {
            "method": "numerical phantom",
            "version": VERSION,
            "simulated": True,
            "patient_sex": patient.sex,
        }
        if order.mode in (Mode.INPAINTING, Mode.OUTPAINTING):
            provenance["true_pixels"] = shown is not None and not shown.in_body
        return Delivery(
            data=_png(picture.pixels),
            mime="image/png",
            model_reported=f"phantom-{VERSION}",
            seed=drawn.patient.seed,
            provider_request_id=f"phantom-{order.key}",
            cost_usd=self.estimate_usd(order),
            provenance={**provenance, "scene": shown.data()} if shown else provenance,
            truth={"defects": picture.findings, **described},
        )

    def poll(self, handle: JobHandle) -> Delivery | Refusal | Pending:
        raise ProviderError(ErrorKind.REJECTED, "no_such_job", "The phantom answers at once and keeps no jobs.")

    def _options(self, order: Order) -> dict[str, Any]:
        options = {**self.options, **order.options}
        scene = (options.get("source") or {}).get("scene")
        if scene and order.mode is Mode.VARIATION:  # the same facts in another patient
            shown = Shown.read(scene)
            options = {"patient_sex": shown.patient.sex, "defects": shown.defects, **options}
        return options

    def _made(self, order: Order, drawn: Shown, source: Mapping[str, Any]) -> tuple[Picture, Shown | None]:
        """The picture, and what it shows, where all of it is the phantom's own.

        drawn: what the order alone would give; source: what the phantom said of the image to edit, if it made that.
        """
        if order.mode not in (Mode.INPAINTING, Mode.OUTPAINTING):
            return drawn.draw(), drawn
        picture, pad = _pixels(order.image), Margins(**asdict(order.pad)) if order.pad else Margins()
        shown = Shown.read(source["scene"]).at(*picture.shape[::-1]) if "scene" in source else None
        known = edits.moved(source.get("defects", ()), pad, order.width, order.height)
        if order.mode is Mode.INPAINTING:
            mask = _pixels(order.mask)
            if shown:
                shown = replace(shown, defects=_together(shown, drawn))
        else:
            mask = edits.CHANGE - pad.around(np.full_like(picture, edits.CHANGE))
            picture = pad.around(picture)
            shown = _further(shown, pad) if shown else None
        if shown and shown.in_body:
            made = edits.made_to_fit(picture, mask, shown.draw_body(drawn.patient.seed))
        elif shown:
            made = edits.redrawn(picture, mask, shown, drawn.patient.seed)
        else:
            made = edits.made_to_fit(picture, mask, drawn.draw())
        kept = edits.inside(known, ~mask)
        named = {finding["name"] for finding in kept}
        return Picture(made.pixels, [*kept, *(one for one in made.findings if one["name"] not in named)]), shown

    def _body_part(self, order: Order, options: Mapping[str, Any]) -> tuple[str, str]:
        """The region to draw (empty when there is none) and the word it was asked for with."""
        asked = str(options.get("body_part") or "")
        return (words.body_part_of(asked), asked) if asked else (words.read(order.prompt).body_part, "")

    def _view(self, order: Order, options: Mapping[str, Any], region: Any) -> str:
        """The view asked for; what only the prompt says counts where the region has that view."""
        given = str(options.get("view_position") or "")
        if given:
            return given.lower() if given.lower() == "lateral" else given.upper()
        return words.read(order.prompt).view_position

    def _shown(self, order: Order, options: Mapping[str, Any]) -> Shown:
        """The order made complete: what it leaves open is drawn from the seed."""
        # Without a seed each order is its own patient: the key is the only thing that tells two orders apart.
        seed = order.seed if order.seed is not None else order.key.int % 2**31
        wish = words.read(order.prompt)
        body_part, _ = self._body_part(order, options)
        region = regions.load(body_part)
        random = Patient(seed, "", "", "").stream("facts")
        side, sex, chance = random.choice(["L", "R"]), random.choice(["F", "M"]), random
        laterality = (
            (str(options.get("laterality") or "").upper() or wish.laterality or str(side)) if region.SIDED else ""
        )
        view = self._view(order, options, region) or region.VIEWS[0]
        if view == "lateral":
            view = "RL" if laterality == "R" else "LL"
        chosen = str(options.get("patient_sex") or "").upper() or wish.sex
        defects = options.get("defects")
        if chosen not in ("F", "M"):
            chosen = next((ONLY_IN_SEX[name] for name in defects or () if name in ONLY_IN_SEX), str(sex))
        patient = Patient(seed, chosen, view, laterality)
        if defects is None:
            possible = [name for name in region.DEFECTS if ONLY_IN_SEX.get(name, patient.sex) == patient.sex]
            defects = drawn_by_chance(possible, float(options.get("defect_rate", DEFECT_RATE)), chance)
        return Shown(body_part, patient, tuple(defects), order.width, order.height)


def _of_a_wrong_kind(options: Mapping[str, Any]) -> list[str]:
    """Sentences on options that are no number, word or list where they should be."""
    sentences = [
        f"The option {name} is a number, 0 or more." for name in NUMBERS if not _is_number(options.get(name, 0))
    ]
    sentences += [f"The option {name} is a word." for name in TEXTS if not isinstance(options.get(name) or "", str)]
    defects = options.get("defects") or []
    if not isinstance(defects, list | tuple) or not all(isinstance(name, str) for name in defects):
        sentences.append("The option defects is a list of words.")
    return sentences


def _is_number(value: Any) -> bool:
    """Whether an option is a number, or the text of one, and not below 0."""
    if isinstance(value, bool):
        return False
    try:
        return 0 <= float(value) < float("inf")
    except (TypeError, ValueError):
        return False


def _together(shown: Shown, drawn: Shown) -> tuple[str, ...]:
    """The defects of a picture and those ordered on top of it, as far as this patient can have them in this place."""
    possible = regions.load(shown.body_part).DEFECTS
    new = {
        name
        for name in drawn.defects
        if name in possible
        and name not in OF_THE_FRAME
        and ONLY_IN_SEX.get(name, shown.patient.sex) == shown.patient.sex
    }
    return tuple(sorted({*shown.defects, *new}))


def _further(shown: Shown, pad: Margins) -> Shown | None:
    """What a wider picture shows: more of the drawing, or the whole body around it; None: nothing that is known."""
    wider = replace(shown, beyond=shown.beyond + pad)
    if not shown.in_body and shown.goes_on(pad):
        return wider
    return replace(wider, in_body=True) if shown.lies_in_body() else None


def _pixels(data: bytes | None) -> np.ndarray:
    """The grey levels of an order's picture or mask, uint8 of shape (height, width)."""
    from PIL import Image

    if data is None:
        raise ProviderError(ErrorKind.REJECTED, "no_source", "The order has no picture to edit, or no mask.")
    return np.asarray(Image.open(io.BytesIO(data)).convert("L"))


def _png(pixels: Any) -> bytes:
    """Pixels as the bytes of an ordinary 8-bit grey PNG."""
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()
