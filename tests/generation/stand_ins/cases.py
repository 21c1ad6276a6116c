"""Orders for the tests of providers, and each provider with a service that stands in for the real one."""

import io
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from importlib import import_module
from typing import Any
from uuid import UUID

import numpy as np
from PIL import Image

from generation.provider import Connection, JobHandle, Mode, Order, Pad, Pending
from tests import factories
from tests.generation.stand_ins.automatic1111 import Automatic1111
from tests.generation.stand_ins.comfyui import NODES, WORKFLOW, ComfyUI
from tests.generation.stand_ins.flux import Flux
from tests.generation.stand_ins.gemini import Gemini
from tests.generation.stand_ins.huggingface import HuggingFace
from tests.generation.stand_ins.openai import OpenAI
from tests.generation.stand_ins.replicate import Replicate
from tests.generation.stand_ins.server import KEY, Recorded
from tests.generation.stand_ins.stability import Stability

SIZE = (64, 80)  # width, height of the source
PAD = Pad(left=16, right=0, top=32, bottom=48)


@dataclass(frozen=True)
class Case:
    """A provider, the service it speaks to in tests, and an order of one image that it can fill."""

    provider: str
    service: type[Recorded]
    model: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    rates: Mapping[str, Decimal] = field(default_factory=dict)
    needs_key: bool = True
    is_free_when_busy: bool = True

    def make(self, url: str, *, key: str = KEY, **options: Any) -> Any:
        module = import_module(f"generation.providers.{self.provider}")
        return module.Provider({**self.options, **options}, Connection(url, key))

    def order(self, **fields: Any) -> Order:
        return order(model=fields.pop("model", self.model), rates=fields.pop("rates", self.rates), **fields)


CASES = [
    Case("openai", OpenAI, "gpt-image-2", rates=dict.fromkeys(("text_in", "image_in", "image_out"), Decimal(30))),
    Case("gemini", Gemini, "gemini-image-1", rates=dict.fromkeys(("text_in", "text_out", "image_out"), Decimal(60))),
    Case("stability", Stability, "sd3.5-large", rates={"image": Decimal("0.065"), "inpainting": Decimal("0.05")}),
    Case("flux", Flux, "flux-2-pro", rates={"image": Decimal("0.03"), "megapixel": Decimal("0.015")}),
    Case("automatic1111", Automatic1111, needs_key=False),
    Case("comfyui", ComfyUI, options={"workflow": WORKFLOW, "nodes": NODES}, needs_key=False),
    Case(
        "replicate",
        Replicate,
        "black-forest-labs/flux-fill-pro",
        rates={"image": Decimal("0.05")},
        is_free_when_busy=False,
    ),
    Case("huggingface", HuggingFace, "StanfordAIMI/RoentGen-v2", rates={"image": Decimal("0.02")}),
]


def order(**fields: Any) -> Order:
    """An order of one image; an edit gets a source, and a mask whose left half says change or a pad."""
    mode = fields.setdefault("mode", Mode.TEXT_TO_IMAGE)
    defaults: dict[str, Any] = {"key": UUID(int=1), "prompt": "An X-ray of the knee", "timeout_seconds": 5}
    if mode != Mode.TEXT_TO_IMAGE:
        defaults |= {"image": factories.png(seed=1, size=SIZE), "width": SIZE[0], "height": SIZE[1]}
    if mode == Mode.INPAINTING:
        defaults["mask"] = mask()
    made = Order(**{**defaults, "model": "", **fields})
    if mode != Mode.OUTPAINTING:
        return made
    width, height = SIZE[0] + PAD.left + PAD.right, SIZE[1] + PAD.top + PAD.bottom
    return replace(made, pad=PAD, width=width, height=height)


def mask() -> bytes:
    """The left half may change."""
    pixels = np.zeros(SIZE[::-1], np.uint8)
    pixels[:, : SIZE[0] // 2] = 255
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    return stream.getvalue()


def answer_of(provider: Any, asked: Order) -> Any:
    """What becomes of an order: submitted once, then asked for as often as it takes, without waiting."""
    answer = provider.submit(asked)
    if not isinstance(answer, JobHandle):
        return answer
    for _ in range(10):
        polled = provider.poll(answer)
        if not isinstance(polled, Pending):
            return polled
    raise AssertionError("the order is never done")
