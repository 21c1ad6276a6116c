"""FLUX of Black Forest Labs, and gateways that speak its API: an order is taken, then asked for until it is done.

The model is the name of an endpoint, and what it can do follows from that name: one with `fill` inpaints, one with
`expand` or `outpainting` extends, `kontext` and FLUX.2 also vary a source image, any other draws from text. Options:
`safety_tolerance`, `steps`, `guidance`, `prompt_upsampling`, `raw`, `mode`, as far as the endpoint takes them.
The address https://api.eu.bfl.ai keeps orders in the European Union.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from generation import answers, web
from generation.provider import (
    Capabilities,
    Connection,
    Delivery,
    JobHandle,
    Mode,
    Order,
    Pad,
    Pending,
    Refusal,
    Sizes,
)

OPTIONS = {"safety_tolerance", "steps", "guidance", "prompt_upsampling", "raw", "mode"}
CREDITS_A_DOLLAR = 100  # Black Forest Labs' unit of account, in which an answer names its cost
SIZES, MOST_PAD = Sizes(grid=16, most_pixels=4 * 1024 * 1024), 2048
REFUSALS = {"Request Moderated": "input", "Content Moderated": "output"}
PICTURES = {"image", "input_image", "mask"}
FAILURES = {"Error", "Failed", "Task not found"}
POLL_SECONDS = 2.0


class Provider:
    """Orders at an endpoint, keeps the address to ask at, and fetches the result from Black Forest Labs' own hosts."""

    name = "flux"

    def __init__(self, options: Mapping[str, Any], connection: Connection) -> None:
        self.options = dict(options)
        self.service = web.Service(
            "Black Forest Labs", "https://api.bfl.ai", connection, lambda key: {"x-key": key}, own_hosts=["bfl.ai"]
        )

    def capabilities(self, model: str) -> Capabilities:
        rates = {"image": "an image" if _has_flat_price(model) else "an image, its first megapixel included"}
        if not _has_flat_price(model):
            rates["megapixel"] = "each further megapixel, of the answer and of a source image"
        return Capabilities(
            modes=_modes(model),
            takes_seed=True,
            rates=rates,
            keeps_images_here=self.service.is_here,
            sizes={Mode.INPAINTING: SIZES},
        )

    def estimate_usd(self, order: Order) -> Decimal:
        if _has_flat_price(order.model):
            return order.rates["image"]
        # A begun megapixel counts as a whole one: nothing can cost more than that.
        drawn = math.ceil(order.width * order.height / 1e6)
        sent = 0 if order.mode == Mode.TEXT_TO_IMAGE else drawn
        return order.rates["image"] + (drawn + sent - 1) * order.rates["megapixel"]

    def problems(self, order: Order) -> list[str]:
        sentences = self.service.problems() + web.unknown_options(self.options, order, OPTIONS)
        if not re.fullmatch(r"[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)?", order.model) or ".." in order.model:
            sentences.append("FLUX needs a model, the name of an endpoint such as flux-2-pro.")
        if order.mode not in _modes(order.model):
            sentences.append(f"The endpoint {order.model} does no {order.mode.replace('_', ' ')}.")
        if not order.prompt.strip() and order.mode != Mode.OUTPAINTING:
            sentences.append("FLUX needs a prompt.")
        if order.negative_prompt:
            sentences.append("FLUX takes no negative prompt: say in the prompt what must not be there.")
        if order.width % SIZES.grid or order.height % SIZES.grid:
            sentences.append(
                f"FLUX draws in steps of {SIZES.grid} pixels; {order.width} × {order.height} is no such size."
            )
        if order.width * order.height > SIZES.most_pixels:
            sentences.append("FLUX draws at most four megapixels.")
        if order.pad and max(vars(order.pad).values()) > MOST_PAD:
            sentences.append(f"FLUX extends an image by at most {MOST_PAD} pixels a side.")
        return sentences

    def submit(self, order: Order) -> Delivery | Refusal | JobHandle:
        web.refuse_impossible(self.problems(order))
        fields = self._fields(order)
        answer = self.service.post(f"/v1/{order.model}", seconds=order.timeout_seconds, json=fields)
        if answer.status != 200:
            raise self.service.failed(answer)
        said = answer.json()
        job_id, poll_url = str(said.get("id") or ""), str(said.get("polling_url") or "")
        if not job_id or not poll_url:
            raise self.service.lost("no_job", "took the order and named no job.", answer.request_id)
        sent = {name: value for name, value in fields.items() if name not in PICTURES}
        remembered = {
            "model": order.model,
            "seed": order.seed,
            "credits": answers.plain(said.get("cost")),
            "sent": sent,
        }
        return JobHandle(
            answers.plain(job_id, 200), answers.plain(poll_url, 2000), answers.plain(job_id, 200), remembered
        )

    def poll(self, handle: JobHandle) -> Delivery | Refusal | Pending:
        said = self.service.get(handle.poll_url).json()
        status, job_id = str(said.get("status") or ""), handle.job_id
        if status in REFUSALS:
            words = self.service.words(said.get("details") or status)
            return Refusal(REFUSALS[status], status, words, None, job_id)
        if status in FAILURES:
            raise self.service.lost("job_failed", f"says “{status}”: {self.service.words(said)}", job_id)
        if status != "Ready":  # Pending, and whatever other words it finds for that
            return Pending(POLL_SECONDS)
        result = said.get("result")
        result = result if isinstance(result, dict) else {}
        if not isinstance(result.get("sample"), str):
            raise self.service.lost("no_image", "says “Ready” and names no image.", job_id)
        data = self.service.fetch(result["sample"])  # within ten minutes, or it is gone
        return self._delivery(handle, data, said, result)

    def _delivery(self, handle: JobHandle, data: bytes, said: Mapping[str, Any], result: Mapping[str, Any]) -> Delivery:
        known = handle.remembered
        seed = answers.seed_of(result.get("seed"))
        told = {name: value for name, value in result.items() if name != "sample"}
        credits_spent = said.get("cost") if said.get("cost") is not None else known.get("credits")
        return Delivery(
            data=data,
            mime=answers.mime_of(data),
            model_reported=str(known.get("model") or ""),
            seed=seed if seed is not None else known.get("seed"),
            provider_request_id=handle.job_id,
            cost_usd=_usd(credits_spent),
            provenance={
                "address": self.service.url,
                "sent": known.get("sent"),
                "said": answers.plain(told),
                "credits": answers.plain(credits_spent),
            },
        )

    def _fields(self, order: Order) -> dict[str, Any]:
        """The body of an order; FLUX changes what is white, as our masks say."""
        fields = {**web.options_of(self.options, order), "output_format": "png"}
        fields |= {"prompt": order.prompt} if order.prompt.strip() else {}
        fields |= {"seed": order.seed} if order.seed is not None else {}
        if order.mode != Mode.TEXT_TO_IMAGE:
            source = answers.text_of(web.needed(order.image, "a source image"))
            fields["image" if _modes(order.model) & {Mode.INPAINTING, Mode.OUTPAINTING} else "input_image"] = source
        if order.mode == Mode.INPAINTING:
            return fields | {"mask": answers.text_of(web.needed(order.mask, "a mask"))}
        if order.mode == Mode.OUTPAINTING:
            pad = order.pad or Pad()
            if "expand" in order.model:
                return fields | vars(pad)
            fields["input_image"] = fields.pop("image")
            fields |= {"reference_offset_x": pad.left, "reference_offset_y": pad.top}
        if re.search("ultra|kontext", order.model):
            common = math.gcd(order.width, order.height)
            return fields | {"aspect_ratio": f"{order.width // common}:{order.height // common}"}
        return fields | {"width": order.width, "height": order.height}


def _modes(model: str) -> frozenset[Mode]:
    """What an endpoint does, by its name."""
    if "fill" in model:
        return frozenset({Mode.INPAINTING})
    if re.search("expand|outpainting", model):
        return frozenset({Mode.OUTPAINTING})
    varies = re.search("kontext|flux-2", model)
    return frozenset({Mode.TEXT_TO_IMAGE, Mode.VARIATION} if varies else {Mode.TEXT_TO_IMAGE})


def _has_flat_price(model: str) -> bool:
    return "flux-2" not in model and "flux-tools" not in model


def _usd(credits_spent: Any) -> Decimal | None:
    """Credits as dollars; None where the service named none, or nothing that can be a price."""
    if isinstance(credits_spent, bool) or not isinstance(credits_spent, int | float):
        return None
    usd = Decimal(str(credits_spent)) / CREDITS_A_DOLLAR
    return usd if 0 <= usd < 1000 else None
