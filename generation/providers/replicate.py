"""Replicate: any image model it runs, ordered as a prediction and asked for until it is done.

The model is `owner/name`, or `owner/name:version` for one that isn't official. Each model names its inputs as it likes,
so the options say where an order's parts go: `fields`, for example {"prompt": "prompt", "seed": "seed", "image":
"image", "mask": "mask"} (the default is prompt and seed; also negative_prompt, width, height, aspect_ratio); `input`,
what else the model is to be told; `mask_changes`, "white" (the default) or "black". A mask field makes the generator
inpaint, and outpaint on a canvas that is extended here; an image field alone makes it vary. `billing` is "image" or
"second", and `most_seconds` the longest a prediction of the latter may take with its wait for a machine: Replicate is
told to cancel it then.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from PIL import ImageOps

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
)

OPTIONS = {"fields", "input", "mask_changes", "billing", "most_seconds"}
SLOTS = ("prompt", "negative_prompt", "seed", "width", "height", "aspect_ratio", "image", "mask")
COUNTS = ("num_outputs", "num_images", "number_of_images", "batch_size", "n", "max_images")
MODEL = re.compile(r"[\w-][\w.-]*/[\w-][\w.-]*(:[0-9a-f]{64})?", re.ASCII)
REFUSED = re.compile(r"nsfw|flagged as sensitive|safety|moderat|content polic", re.IGNORECASE)
MOST_INPUT_BYTES = 10_000_000  # of pictures within the order; larger ones would need a store of files at Replicate
FEWEST_SECONDS, MOST_SECONDS, A_DAY = 5, 300, 86_400
POLL_SECONDS = 2.0


class Provider:
    """Creates one prediction, and fetches its picture from Replicate's own delivery hosts."""

    name = "replicate"

    def __init__(self, options: Mapping[str, Any], connection: Connection) -> None:
        self.options = dict(options)
        self.fields = dict(_mapping(options.get("fields")) or {"prompt": "prompt", "seed": "seed"})
        self.service = web.Service(
            "Replicate",
            "https://api.replicate.com",
            connection,
            web.bearer,
            own_hosts=["replicate.delivery"],
            is_free_when_busy=False,  # nowhere does it say that an order it answers so was not taken
        )

    def capabilities(self, model: str) -> Capabilities:
        rates = {"second": "a second of computing"} if self._is_per_second else {"image": "an image"}
        return Capabilities(
            modes=self._modes(), takes_seed="seed" in self.fields, rates=rates, keeps_images_here=self.service.is_here
        )

    def estimate_usd(self, order: Order) -> Decimal:
        return order.rates["second"] * self._most_seconds if self._is_per_second else order.rates["image"]

    def problems(self, order: Order) -> list[str]:
        sentences = self.service.problems() + web.unknown_options(self.options, order, OPTIONS)
        if not MODEL.fullmatch(order.model):
            sentences.append("Replicate needs a model, owner/name or owner/name:version (64 hexadecimal digits).")
        if strange := sorted(set(self.fields) - set(SLOTS)):
            sentences.append(f"No field can be named for {', '.join(strange)}; there are: {', '.join(SLOTS)}.")
        if "prompt" not in self.fields or not all(isinstance(name, str) and name for name in self.fields.values()):
            sentences.append("The option fields gives a field's name for each part of an order, the prompt among them.")
        if any(_mapping(self.options.get("input")).get(name, 1) != 1 for name in COUNTS):
            sentences.append("An order is one image, and the option input asks for several.")
        if order.mode not in self._modes():
            sentences.append(f"The fields that are named allow no {order.mode.replace('_', ' ')}.")
        if self.options.get("mask_changes", "white") not in ("white", "black"):
            sentences.append("The option mask_changes is white or black.")
        if self.options.get("billing", "image") not in ("image", "second"):
            sentences.append("The option billing is image or second.")
        if not _is_time(self.options.get("most_seconds", MOST_SECONDS)):
            sentences.append(f"The option most_seconds is a number from {FEWEST_SECONDS} to less than {A_DAY}.")
        if order.negative_prompt and "negative_prompt" not in self.fields:
            sentences.append("The option fields names no field for a negative prompt.")
        if not order.prompt.strip():
            sentences.append("Replicate needs a prompt.")
        return sentences

    def submit(self, order: Order) -> Delivery | Refusal | JobHandle:
        web.refuse_impossible(self.problems(order))
        name, _, version = order.model.partition(":")
        given = self._input(order)
        body: dict[str, Any] = {"input": given}
        path = f"/v1/models/{name}/predictions"
        if version:
            path, body = "/v1/predictions", {"version": version, **body}
        headers = {"Cancel-After": f"{self._most_seconds}s"} if self._is_per_second else {}
        answer = self.service.post(path, seconds=order.timeout_seconds, headers=headers, json=body)
        if answer.status not in (200, 201, 202):
            raise self.service.failed(answer)
        said = answer.json()
        if not re.fullmatch(r"[\w-]{1,100}", str(said.get("id") or ""), re.ASCII):
            raise self.service.lost("no_job", "took the order and named no job.", answer.request_id)
        rates = {name: str(usd) for name, usd in order.rates.items()}
        files = {self.fields.get("image"), self.fields.get("mask")}
        sent = {field: value for field, value in given.items() if field not in files}
        billing = "second" if self._is_per_second else "image"
        remembered = {"seed": order.seed, "model": order.model, "billing": billing, "rates": rates, "sent": sent}
        return JobHandle(said["id"], "", said["id"], remembered)

    def poll(self, handle: JobHandle) -> Delivery | Refusal | Pending:
        said = self.service.get(f"/v1/predictions/{handle.job_id}").json()
        status, known = said.get("status"), handle.remembered
        if status in ("failed", "canceled", "aborted"):
            words = self.service.words(said.get("error") or str(status))
            if REFUSED.search(words):
                return Refusal("output", "flagged", words, None, handle.job_id)
            raise self.service.lost("job_failed", f"says “{status}”: {words}", handle.job_id)
        if status != "succeeded":  # starting, processing, and whatever other words it finds for that
            return Pending(POLL_SECONDS)
        output = said.get("output")
        url = output[0] if isinstance(output, list) and output else output
        if not isinstance(url, str):
            raise self.service.lost("no_image", "succeeded without an image.", handle.job_id)
        data = self.service.fetch(url)  # within an hour, or it is gone
        metrics = _mapping(said.get("metrics"))
        reported = [known.get("model"), said.get("version")]
        return Delivery(
            data=data,
            mime=answers.mime_of(data),
            model_reported=answers.plain(" ".join(str(name) for name in reported if name), 200),
            seed=known.get("seed"),
            provider_request_id=handle.job_id,
            cost_usd=_usd(known, metrics),
            provenance={
                "address": self.service.url,
                "sent": known.get("sent"),
                "said": {"metrics": answers.plain(metrics), "logs": answers.plain(str(said.get("logs") or ""))},
            },
        )

    @property
    def _is_per_second(self) -> bool:
        return self.options.get("billing") == "second"

    @property
    def _most_seconds(self) -> int:
        return math.ceil(self.options.get("most_seconds", MOST_SECONDS))

    def _modes(self) -> frozenset[Mode]:
        """What the named fields allow."""
        if "image" not in self.fields:
            return frozenset({Mode.TEXT_TO_IMAGE})
        return frozenset({Mode.INPAINTING, Mode.OUTPAINTING} if "mask" in self.fields else {Mode.VARIATION})

    def _input(self, order: Order) -> dict[str, Any]:
        """The model's input: what the options say, and the order's parts under the model's own names."""
        common = math.gcd(order.width, order.height)
        values: dict[str, Any] = {
            "prompt": order.prompt,
            "negative_prompt": order.negative_prompt or None,
            "seed": order.seed,
            "width": order.width,
            "height": order.height,
            "aspect_ratio": f"{order.width // common}:{order.height // common}",
            **self._pictures(order),
        }
        given = {field: values.get(slot) for slot, field in self.fields.items()}
        return {
            **_mapping(self.options.get("input")),
            **{field: value for field, value in given.items() if value is not None},
        }

    def _pictures(self, order: Order) -> dict[str, str]:
        if order.mode == Mode.TEXT_TO_IMAGE:
            return {}
        files = {"image": pictures.source_of(order)}
        if order.mode != Mode.VARIATION:
            canvas, mask = pictures.canvas_of(order)
            mask = ImageOps.invert(mask) if self.options.get("mask_changes") == "black" else mask
            files = {"image": pictures.png(canvas), "mask": pictures.png(mask)}
        texts = {name: f"data:image/png;base64,{answers.text_of(data)}" for name, data in files.items()}
        if sum(map(len, texts.values())) > MOST_INPUT_BYTES:
            raise ProviderError(
                ErrorKind.REJECTED, "too_large", "The pictures of the order are too large for Replicate."
            )
        return texts


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _is_time(seconds: Any) -> bool:
    is_number = isinstance(seconds, int | float) and not isinstance(seconds, bool)
    return is_number and FEWEST_SECONDS <= seconds < A_DAY


def _usd(known: Mapping[str, Any], metrics: Mapping[str, Any]) -> Decimal | None:
    """The price of the seconds that were computed; None where nobody told them, and for an image at a fixed price."""
    rate = _mapping(known.get("rates")).get("second")
    if rate is None or known.get("billing") != "second":
        return None
    seconds = metrics.get("predict_time")
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds < 1e6:
        return None
    return Decimal(rate) * Decimal(str(seconds))
