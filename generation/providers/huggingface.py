"""Hugging Face: text to image by its own inference service, or by an endpoint that runs a model of one's own.

The model is `owner/name`. With HUGGINGFACE_BASE_URL set to an endpoint's address the model stays empty: the endpoint
has one. Options: `guidance_scale`, `num_inference_steps`, `scheduler`. Not here: the other companies behind Hugging
Face's router, each of which takes its own form of order, and edits, which have no mask in this interface.
"""

from __future__ import annotations

import re
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
    Pending,
    ProviderError,
    Refusal,
)

OPTIONS = {"guidance_scale", "num_inference_steps", "scheduler"}
MODEL = re.compile(r"[\w-][\w.-]*/[\w-][\w.-]*", re.ASCII)
TOLD = ("x-compute-type", "x-compute-time", "x-inference-id", "x-proxied-host", "x-proxied-path", "x-repo-commit")


class Provider:
    """One order, and the picture's bytes as the answer; nothing comes back about the seed."""

    name = "huggingface"

    def __init__(self, options: Mapping[str, Any], connection: Connection) -> None:
        self.options = dict(options)
        self.service = web.Service("Hugging Face", "https://router.huggingface.co", connection, web.bearer)

    def capabilities(self, model: str) -> Capabilities:
        return Capabilities(
            modes=frozenset({Mode.TEXT_TO_IMAGE}),
            takes_seed=True,
            rates={"image": "the most that computing an image can cost"},
            keeps_images_here=self.service.is_here,
        )

    def estimate_usd(self, order: Order) -> Decimal:
        return order.rates["image"]

    def problems(self, order: Order) -> list[str]:
        sentences = self.service.problems() + web.unknown_options(self.options, order, OPTIONS)
        if order.mode != Mode.TEXT_TO_IMAGE:
            sentences.append("Hugging Face draws from text alone here.")
        if not MODEL.fullmatch(order.model) and (order.model or self.service.url == self.service.address):
            sentences.append("Hugging Face needs a model, owner/name.")
        if not order.prompt.strip():
            sentences.append("Hugging Face needs a prompt.")
        return sentences

    def submit(self, order: Order) -> Delivery | Refusal | JobHandle:
        web.refuse_impossible(self.problems(order))
        path = f"/hf-inference/models/{order.model}" if order.model else "/"
        wishes: dict[str, Any] = {"width": order.width, "height": order.height, "seed": order.seed}
        wishes |= {"negative_prompt": order.negative_prompt or None, **web.options_of(self.options, order)}
        parameters = {name: value for name, value in wishes.items() if value is not None}
        answer = self.service.post(
            path,
            seconds=order.timeout_seconds,
            headers={"Accept": "image/png"},
            json={"inputs": order.prompt, "parameters": parameters},
        )
        if answer.status != 200:
            raise self._failed(answer)
        if answer.json():  # words where an image should be
            raise self.service.lost(
                "no_image", f"gave no image: {self.service.words(answer.json())}", answer.request_id
            )
        return Delivery(
            data=answer.body,
            mime=answers.mime_of(answer.body),
            model_reported=order.model,
            seed=order.seed,
            provider_request_id=answer.request_id,
            provenance={
                "address": self.service.url,
                "sent": {"inputs": order.prompt, "parameters": parameters},
                "said": {name: answers.plain(answer.headers[name], 200) for name in TOLD if name in answer.headers},
            },
        )

    def poll(self, handle: JobHandle) -> Delivery | Refusal | Pending:
        raise ProviderError(ErrorKind.REJECTED, "no_such_job", "Hugging Face answers at once and keeps no jobs.")

    def _failed(self, answer: answers.Answer) -> ProviderError:
        """The error, and for a model that is still being loaded the time that is said to take."""
        error, wait = self.service.failed(answer), answer.json().get("estimated_time")
        if error.retry_after_seconds is None and isinstance(wait, int | float) and 0 <= wait < 1e6:
            error.retry_after_seconds = float(wait)
        return error
