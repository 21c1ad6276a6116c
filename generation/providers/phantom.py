"""The phantom: radiographs computed from drawn anatomy, offline, without a key, for nothing, the same for one seed.

Options, of the generator or the order: `body_part`, `view_position`, `laterality`, `patient_sex` (else read from the
prompt, else drawn from the seed); `defects`, a list of names, or `defect_rate`, the share of images that carry one or
two; `price_usd` and `delay_seconds`, to stand in for a service that costs money and time.
"""

from __future__ import annotations

import io
import time
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from generation.phantom import VERSION, regions, words
from generation.phantom.defects import ONLY_IN_SEX, drawn_by_chance
from generation.phantom.drawing import draw
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

SMALLEST, LARGEST = 128, 4096
DEFECT_RATE = 0.5
RADIOGRAPHS = ("X-ray", "CR", "DX", "")


@dataclass(frozen=True)
class Facts:
    """What will be drawn, complete."""

    body_part: str
    patient: Patient
    defects: tuple[str, ...]


class Provider:
    """Draws numerical phantoms; nothing leaves the machine."""

    name = "phantom"

    def __init__(self, options: Mapping[str, Any] | None = None, connection: Connection | None = None) -> None:
        self.options = dict(options or {})

    def capabilities(self, model: str) -> Capabilities:
        known = regions.known()
        return Capabilities(
            modes=frozenset({Mode.TEXT_TO_IMAGE}),
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
        sentences = []
        if order.mode != Mode.TEXT_TO_IMAGE:
            sentences.append("The phantom draws whole images only; it can't edit or extend one.")
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
        if not 0 <= float(options.get("defect_rate", DEFECT_RATE)) <= 1:
            sentences.append("The defect rate is a share from 0 to 1.")
        return sentences

    def submit(self, order: Order) -> Delivery | Refusal | JobHandle:
        problems = self.problems(order)
        if problems:
            raise ProviderError(ErrorKind.REJECTED, "cannot_draw", " ".join(problems))
        options = self._options(order)
        time.sleep(float(options.get("delay_seconds", 0)))
        facts = self._facts(order, options)
        picture = draw(facts.body_part, facts.patient, order.width, order.height, facts.defects)
        patient = facts.patient
        described = {
            "body_part": facts.body_part,
            "view_position": patient.view_position,
            "laterality": patient.laterality,
            "seed": patient.seed,
        }
        return Delivery(
            data=_png(picture.pixels),
            mime="image/png",
            model_reported=f"phantom-{VERSION}",
            seed=patient.seed,
            provider_request_id=f"phantom-{order.key}",
            cost_usd=self.estimate_usd(order),
            provenance={
                "method": "numerical phantom",
                "version": VERSION,
                "simulated": True,
                "patient_sex": patient.sex,
            },
            truth={"defects": picture.findings, **described},
        )

    def poll(self, handle: JobHandle) -> Delivery | Refusal | Pending:
        raise ProviderError(ErrorKind.REJECTED, "no_such_job", "The phantom answers at once and keeps no jobs.")

    def _options(self, order: Order) -> dict[str, Any]:
        return {**self.options, **order.options}

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

    def _facts(self, order: Order, options: Mapping[str, Any]) -> Facts:
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
        return Facts(body_part, patient, tuple(defects))


def _png(pixels: Any) -> bytes:
    """Pixels as the bytes of an ordinary 8-bit grey PNG."""
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()
