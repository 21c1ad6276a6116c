"""Stability AI, and gateways that speak its REST API v2beta: ultra, core and the sd3 models; inpainting, outpainting.

The model is `ultra`, `core`, or a model of the sd3 endpoint such as `sd3.5-large`; edits are services of their own and
the same for all three. Options: `style_preset` (core), `cfg_scale` (sd3), `creativity` (outpainting) and `strength`
(variation: how much of the source is redrawn).
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from generation import answers, web
from generation.provider import (
    Capabilities,
    Connection,
    Delivery,
    ErrorKind,
    JobHandle,
    Mode,
    Order,
    Pad,
    Pending,
    ProviderError,
    Refusal,
    Sizes,
)

OPTIONS = {"style_preset", "cfg_scale", "creativity", "strength"}
RATIOS = ("16:9", "1:1", "21:9", "2:3", "3:2", "4:5", "5:4", "9:16", "9:21")
ROUNDING = 0.02
INPAINTED = Sizes(shortest=64, most_pixels=9_437_184)
MOST_PROMPT, MOST_SEED, MOST_PAD = 10_000, 2**32 - 2, 2000
RATES = {
    Mode.TEXT_TO_IMAGE: ("image", "an image from text"),
    Mode.VARIATION: ("variation", "an image from an image"),
    Mode.INPAINTING: ("inpainting", "an inpainted image"),
    Mode.OUTPAINTING: ("outpainting", "an outpainted image"),
}


class Provider:
    """One order, one answer: the picture comes with the reason why it was finished, and that decides."""

    name = "stability"

    def __init__(self, options: Mapping[str, Any], connection: Connection) -> None:
        self.options = dict(options)
        self.service = web.Service("Stability AI", "https://api.stability.ai", connection, web.bearer)

    def capabilities(self, model: str) -> Capabilities:
        modes = set(Mode) - ({Mode.VARIATION} if model == "core" else set())
        return Capabilities(
            modes=frozenset(modes),
            takes_seed=True,
            rates=dict(RATES[mode] for mode in Mode if mode in modes),
            keeps_images_here=self.service.is_here,
            sizes={Mode.INPAINTING: INPAINTED},
        )

    def estimate_usd(self, order: Order) -> Decimal:
        return order.rates[RATES[order.mode][0]]

    def problems(self, order: Order) -> list[str]:
        sentences = self.service.problems() + web.unknown_options(self.options, order, OPTIONS)
        if not order.model:
            sentences.append("Stability AI needs a model: ultra, core, or one such as sd3.5-large.")
        if not order.prompt.strip() and order.mode != Mode.OUTPAINTING:
            sentences.append("Stability AI needs a prompt.")
        if len(order.prompt) > MOST_PROMPT:
            sentences.append(f"A prompt for Stability AI has at most {MOST_PROMPT} characters.")
        if order.seed is not None and not 1 <= order.seed <= MOST_SEED:
            sentences.append(f"Stability AI takes seeds from 1 to {MOST_SEED}; 0 would mean any seed.")
        if order.mode == Mode.TEXT_TO_IMAGE and not _ratio(order):
            size = f"{order.width} × {order.height}"
            sentences.append(f"Stability AI takes shapes, not sizes: {', '.join(RATIOS)}; {size} is none of them.")
        if order.mode == Mode.VARIATION and order.model == "core":
            sentences.append("Stability's model core draws from text alone.")
        if order.mode == Mode.VARIATION and "strength" not in web.options_of(self.options, order):
            sentences.append("A variation needs the option strength, from 0 (the source) to 1 (nothing of it).")
        if order.pad and max(vars(order.pad).values()) > MOST_PAD:
            sentences.append(f"Stability AI extends an image by at most {MOST_PAD} pixels a side.")
        return sentences

    def submit(self, order: Order) -> Delivery | Refusal | JobHandle:
        web.refuse_impossible(self.problems(order))
        path, fields, files = self._request(order)
        answer = self.service.post(
            f"/v2beta/stable-image/{path}",
            seconds=order.timeout_seconds,
            headers={"Accept": "application/json"},
            # A part without a file name is a plain field: the service takes multipart even where there is no file.
            files=[(name, (None, str(value))) for name, value in fields.items()]
            + [(name, (f"{name}.png", data, "image/png")) for name, data in files.items()],
        )
        return self._read(answer, order, fields)

    def poll(self, handle: JobHandle) -> Delivery | Refusal | Pending:
        raise ProviderError(ErrorKind.REJECTED, "no_such_job", "Stability AI answers at once and keeps no jobs.")

    def _request(self, order: Order) -> tuple[str, dict[str, Any], dict[str, bytes]]:
        """The path, the fields and the files of an order."""
        options = web.options_of(self.options, order)
        fields: dict[str, Any] = {"output_format": "png"}
        fields |= {"prompt": order.prompt} if order.prompt.strip() else {}
        fields |= {"seed": order.seed} if order.seed is not None else {}
        files = {} if order.mode == Mode.TEXT_TO_IMAGE else {"image": web.needed(order.image, "a source image")}
        if order.mode == Mode.OUTPAINTING:
            pad = order.pad or Pad()
            fields |= {"left": pad.left, "right": pad.right, "up": pad.top, "down": pad.bottom}
            return "edit/outpaint", fields | _only(options, "creativity"), files
        fields |= {"negative_prompt": order.negative_prompt} if order.negative_prompt else {}
        if order.mode == Mode.INPAINTING:
            # Stability redraws what is white, and would grow the mask by five pixels if it weren't told not to.
            return "edit/inpaint", fields | {"grow_mask": 0}, files | {"mask": web.needed(order.mask, "a mask")}
        endpoint = order.model if order.model in ("ultra", "core") else "sd3"
        if endpoint == "sd3":
            fields |= {"model": order.model} | _only(options, "cfg_scale")
            fields |= {"mode": "image-to-image"} if order.mode == Mode.VARIATION else {}
        elif endpoint == "core":
            fields |= _only(options, "style_preset")
        fields |= _only(options, "strength") if order.mode == Mode.VARIATION else {"aspect_ratio": _ratio(order)}
        return f"generate/{endpoint}", fields, files

    def _read(self, answer: answers.Answer, order: Order, sent: Mapping[str, Any]) -> Delivery | Refusal:
        said = answer.json()
        request_id = answer.request_id or answers.plain(str(said.get("id") or ""), 200)
        if answer.status == 403 and said.get("name") == "content_moderation":
            return Refusal("input", "content_moderation", self.service.words(said), False, request_id)
        if answer.status != 200:
            raise self.service.failed(answer)
        reason = str(said.get("finish_reason") or answer.headers.get("finish-reason") or "")
        if reason == "CONTENT_FILTERED":
            # What comes with it is the picture, blurred; it counts as made, and is charged.
            words = "Stability AI filtered the picture it had made."
            return Refusal("output", reason, words, True, request_id)
        # A gateway may pass the other form on: the bytes themselves, and what is said of them in the headers.
        data = answers.bytes_of(said.get("image")) if said else answer.body
        seed = said.get("seed", answer.headers.get("seed"))
        if reason != "SUCCESS" or not data:
            raise self.service.lost("no_image", f"gave no image; its reason: {reason or 'none'}", request_id)
        return Delivery(
            data=data,
            mime=answers.mime_of(data),
            model_reported=order.model,
            seed=answers.seed_of(seed),
            provider_request_id=request_id,
            provenance={
                "address": self.service.url,
                "sent": dict(sent),
                "said": {"finish_reason": reason, "seed": answers.plain(seed)},
            },
        )


def _ratio(order: Order) -> str:
    """The shape that the size stands for, sides rounded to a grid and all; empty when it is none."""
    for ratio in RATIOS:
        across, down = map(int, ratio.split(":"))
        if abs(order.width * down / (order.height * across) - 1) < ROUNDING:
            return ratio
    return ""


def _only(options: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: options[name] for name in names if name in options}
