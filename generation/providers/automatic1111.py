"""AUTOMATIC1111's Stable Diffusion web UI and Forge, started with --api on a machine of one's own.

The model is the name of a checkpoint; empty takes the one that is loaded. Options: `steps`, `cfg_scale`,
`distilled_cfg_scale` (Forge), `sampler_name`, `scheduler`, `denoising_strength` and `inpainting_fill` (0 fill,
1 original, 2 latent noise, 3 latent nothing). Where the server was started with --api-auth, the key is user:password.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from generation import answers, pictures, web
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
    Sizes,
)

PASSED_ON = {"steps", "cfg_scale", "distilled_cfg_scale", "sampler_name", "scheduler"}
OF_EDITS = {"denoising_strength", "inpainting_fill"}
SIZES = Sizes(grid=8, shortest=64, longest=4096)
LATENT_NOISE = 2
PICTURES = {"init_images", "mask"}
TOLD = ("seed", "sampler_name", "cfg_scale", "steps", "denoising_strength", "sd_model_name", "sd_model_hash", "version")


class Provider:
    """Text to image, and image to image with or without a mask; outpainting is inpainting on a larger canvas."""

    name = "automatic1111"

    def __init__(self, options: Mapping[str, Any], connection: Connection) -> None:
        self.options = dict(options)
        self.service = web.Service(
            "AUTOMATIC1111", "http://127.0.0.1:7860", connection, web.basic_or_bearer, needs_key=False
        )

    def capabilities(self, model: str) -> Capabilities:
        return Capabilities(
            modes=frozenset(Mode),
            takes_seed=True,
            keeps_images_here=self.service.is_here,
            sizes=dict.fromkeys((Mode.INPAINTING, Mode.OUTPAINTING), SIZES),
        )

    def estimate_usd(self, order: Order) -> Decimal:
        return Decimal(0)

    def problems(self, order: Order) -> list[str]:
        sentences = self.service.problems() + web.unknown_options(self.options, order, PASSED_ON | OF_EDITS)
        if not SIZES.holds(order.width, order.height):
            steps = f"from {SIZES.shortest} to {SIZES.longest} pixels a side in steps of {SIZES.grid}"
            sentences.append(f"Stable Diffusion draws {steps}; {order.width} × {order.height} is no such size.")
        return sentences

    def submit(self, order: Order) -> Delivery | Refusal | JobHandle:
        web.refuse_impossible(self.problems(order))
        path = "txt2img" if order.mode == Mode.TEXT_TO_IMAGE else "img2img"
        fields = self._fields(order)
        answer = self.service.post(f"/sdapi/v1/{path}", seconds=order.timeout_seconds, json=fields)
        if answer.status != 200:
            raise self.service.failed(answer)
        images = answer.json().get("images")
        data = answers.bytes_of(images[0]) if isinstance(images, list) and images else b""
        if not data:
            raise self.service.lost("no_image", "answered without an image.")
        info = _info(answer.json().get("info"))
        checkpoint = " ".join(str(info[name]) for name in ("sd_model_name", "sd_model_hash") if info.get(name))
        return Delivery(
            data=data,
            mime=answers.mime_of(data),
            model_reported=answers.plain(checkpoint or order.model, 200),
            seed=answers.seed_of(info.get("seed")),
            provider_request_id=answers.plain(str(info.get("job_timestamp") or ""), 200),
            cost_usd=Decimal(0),
            provenance={
                "address": self.service.url,
                "sent": {name: value for name, value in fields.items() if name not in PICTURES},
                "said": {name: answers.plain(info[name]) for name in TOLD if name in info},
            },
        )

    def poll(self, handle: JobHandle) -> Delivery | Refusal | Pending:
        raise ProviderError(ErrorKind.REJECTED, "no_such_job", "AUTOMATIC1111 answers at once and keeps no jobs.")

    def _fields(self, order: Order) -> dict[str, Any]:
        """The body of an order; the server changes what is white, as our masks say."""
        options = web.options_of(self.options, order)
        fields = {name: value for name, value in options.items() if name in PASSED_ON} | {
            "prompt": order.prompt,
            "negative_prompt": order.negative_prompt,
            "seed": -1 if order.seed is None else order.seed,
            "width": order.width,
            "height": order.height,
            "batch_size": 1,
            "n_iter": 1,
            "save_images": False,
        }
        if order.model:
            # Restoring the former checkpoint after each image would load two for every image of a batch.
            wanted = {"sd_model_checkpoint": order.model}
            fields |= {"override_settings": wanted, "override_settings_restore_afterwards": False}
        if order.mode == Mode.TEXT_TO_IMAGE:
            return fields
        fields |= {name: value for name, value in options.items() if name in OF_EDITS}
        if order.mode == Mode.VARIATION:
            return fields | {"init_images": [answers.text_of(pictures.source_of(order))]}
        canvas, mask = pictures.canvas_of(order)
        if order.mode == Mode.OUTPAINTING:
            # Nothing is there yet to be kept: the new part starts from noise, not from the canvas' black.
            fields = {"denoising_strength": 1.0, "inpainting_fill": LATENT_NOISE} | fields
        return fields | {
            "init_images": [answers.text_of(pictures.png(canvas))],
            "mask": answers.text_of(pictures.png(mask)),
            "mask_blur": 0,  # the default of 4 would let the change run over the mask's edge
            "inpainting_mask_invert": 0,
            "inpaint_full_res": False,
        }


def _info(said: Any) -> dict[str, Any]:
    """What the server says about an image, which comes as a string of JSON within the JSON."""
    return answers.Answer(
        200, {}, said.encode("utf-8", "replace") if isinstance(said, str) else json.dumps(said).encode()
    ).json()
