"""Diffusion models computed on this machine, from folders: Stable Diffusion, its fine-tunes on radiographs and others.

It is an install of its own (requirements-diffusers.txt). The connection's base URL is a folder, `DIFFUSERS_BASE_URL`;
a generator's model is the name of a folder in it, as `save_pretrained` writes one. Nothing is downloaded, weights are
read as safetensors alone, and no code of a model's is run.

Options, of the generator or the order: `steps`, `guidance_scale`, `strength` (of a variation or an edit, 0 to 1). Of
the generator alone: `device` (cpu, mps, cuda, cuda:1), `dtype` (float32, float16, bfloat16), `variant` (of the files,
as fp16).
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
import time
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import lru_cache
from importlib import metadata, util
from pathlib import Path
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

OPTIONS = ("steps", "guidance_scale", "strength", "device", "dtype", "variant")
NEEDED = ("torch", "diffusers", "transformers", "safetensors")
TYPES = ("float32", "float16", "bfloat16")
SIZES, MOST_STEPS = Sizes(grid=8, longest=4096), 1000
INPAINTING_CHANNELS = 9  # of a network that is shown mask and picture; it can do nothing else
EDITS = frozenset({Mode.INPAINTING, Mode.OUTPAINTING})
LARGEST_SEED = 2**63 - 1

# A pipeline keeps the state of the picture it is at, and a device has memory for one: the rest of the process waits.
_computing = threading.Lock()


class Provider:
    """Computes images with a model's own pipeline; no picture leaves the machine, and none costs anything."""

    name = "diffusers"

    def __init__(self, options: Mapping[str, Any], connection: Connection) -> None:
        self.options = dict(options)
        self.folder = connection.base_url.removeprefix("file://")
        self.device = str(self.options.get("device", "cpu"))

    def capabilities(self, model: str) -> Capabilities:
        edits_only = _channels(self._path(model)) == INPAINTING_CHANNELS
        return Capabilities(
            modes=EDITS if edits_only else frozenset(Mode),
            takes_seed=True,
            repeats_exactly=self.device == "cpu",
            keeps_images_here=True,
            sizes=dict.fromkeys(EDITS, SIZES),
        )

    def estimate_usd(self, order: Order) -> Decimal:
        return Decimal(0)

    def problems(self, order: Order) -> list[str]:
        missing = [name for name in NEEDED if util.find_spec(name) is None]
        if missing:
            install = "pip install --require-hashes -r requirements-diffusers.txt"
            return [f"Models can't be computed here: {', '.join(missing)} is not installed; {install}"]
        sentences = web.unknown_options(self.options, order, OPTIONS)
        if not (self.folder and Path(self.folder).is_dir()):
            sentences.append(
                "No folder of models: set DIFFUSERS_BASE_URL, or that of the generator's connection, to one."
            )
        elif self._path(order.model) is None:
            sentences.append(f"The folder of models holds no model “{order.model}”.")
        if not SIZES.holds(order.width, order.height):
            sentences.append(f"The sides of an image are multiples of {SIZES.grid} pixels, up to {SIZES.longest}.")
        if order.seed is not None and not 0 <= order.seed <= LARGEST_SEED:
            sentences.append(f"Seeds are from 0 to {LARGEST_SEED}.")
        return sentences + self._option_problems(order)

    def submit(self, order: Order) -> Delivery | Refusal | JobHandle:
        web.refuse_impossible(self.problems(order))
        path = self._path(order.model)
        assert path is not None  # noqa: S101 - a problem otherwise
        # Without a seed each order is its own image: the key is the only thing that tells two orders apart.
        seed = order.seed if order.seed is not None else order.key.int % 2**31
        try:
            with _computing:
                model = _load(path, self.device, str(self.options.get("dtype", TYPES[0])), self.options.get("variant"))
                picture = self._compute(model, order, seed)
        except ProviderError:
            raise
        except Exception as error:  # out of memory, a broken file: nothing is lost, and the next try would end so too
            words = answers.plain(f"{type(error).__name__}: {error}", answers.MOST_WORDS)
            raise ProviderError(ErrorKind.REJECTED, "not_computed", words) from error
        sent = {**self._settings(order), "width": order.width, "height": order.height, "device": self.device}
        return Delivery(
            data=pictures.png(picture),
            mime="image/png",
            model_reported=f"{order.model}@{model.fingerprint[:12]}",
            seed=seed,
            provider_request_id=f"diffusers-{order.key}",
            cost_usd=Decimal(0),
            provenance={
                "pipeline": type(model.pipeline).__name__,
                "weights_sha256": model.fingerprint,
                "versions": {name: metadata.version(name) for name in NEEDED},
                "sent": {"prompt": order.prompt, "negative_prompt": order.negative_prompt, **sent},
            },
        )

    def poll(self, handle: JobHandle) -> Delivery | Refusal | Pending:
        raise ProviderError(ErrorKind.REJECTED, "no_such_job", "Images are computed at once and no jobs are kept.")

    def _path(self, model: str) -> Path | None:
        """The model's folder; None where there is none, or where the name leads out of the folder of models."""
        if not (self.folder and model):
            return None
        root = Path(self.folder).resolve()
        path = (root / model).resolve()
        return path if path != root and path.is_relative_to(root) and (path / "model_index.json").is_file() else None

    def _settings(self, order: Order) -> dict[str, Any]:
        options = web.options_of(self.options, order)
        names = {"steps": "num_inference_steps", "guidance_scale": "guidance_scale"}
        if order.mode != Mode.TEXT_TO_IMAGE:
            names["strength"] = "strength"
        return {called: options[name] for name, called in names.items() if name in options}

    def _option_problems(self, order: Order) -> list[str]:
        options, sentences = web.options_of(self.options, order), []
        steps, strength, guidance = (
            options.get("steps", 1),
            options.get("strength", 1),
            options.get("guidance_scale", 1),
        )
        if not isinstance(steps, int) or not 1 <= steps <= MOST_STEPS:
            sentences.append(f"The steps are a number from 1 to {MOST_STEPS}.")
        if not isinstance(strength, int | float) or not 0 < strength <= 1:
            sentences.append("The strength is a number above 0, up to 1.")
        if not isinstance(guidance, int | float):
            sentences.append("The guidance scale is a number.")
        if self.options.get("dtype", TYPES[0]) not in TYPES:
            sentences.append(f"The type of numbers is one of: {', '.join(TYPES)}.")
        if not re.fullmatch(r"cpu|mps|cuda(:\d)?", self.device):
            sentences.append("The device is cpu, mps, cuda, or cuda:1 and so on.")
        return sentences

    def _compute(self, model: _Model, order: Order, seed: int) -> Any:
        import torch
        from diffusers import AutoPipelineForImage2Image, AutoPipelineForInpainting

        given: dict[str, Any] = {"prompt": order.prompt, "negative_prompt": order.negative_prompt or None}
        pipeline = model.pipeline
        if order.mode in EDITS:
            picture, mask = pictures.canvas_of(order)
            pipeline = AutoPipelineForInpainting.from_pipe(pipeline)
            given |= {"image": picture.convert("RGB"), "mask_image": mask, "strength": 1.0}
        elif order.mode == Mode.VARIATION:
            pipeline = AutoPipelineForImage2Image.from_pipe(pipeline)
            given |= {"image": pictures.read(pictures.source_of(order)).convert("RGB")}
        if order.mode != Mode.VARIATION:
            given |= {"width": order.width, "height": order.height}
        pipeline.set_progress_bar_config(disable=True)
        computed = pipeline(
            **given | self._settings(order),
            # On the processor, whatever the device: so a seed means the same noise everywhere.
            generator=torch.Generator("cpu").manual_seed(seed),
            callback_on_step_end=_watch(order.timeout_seconds),
        )
        return computed.images[0]


class _Model:
    """A pipeline in memory, and the checksum of all that it was read from."""

    def __init__(self, pipeline: Any, fingerprint: str) -> None:
        self.pipeline = pipeline
        self.fingerprint = fingerprint


@lru_cache(maxsize=1)  # a device has room for one
def _load(path: Path, device: str, dtype: str, variant: str | None) -> _Model:
    import torch
    from diffusers import AutoPipelineForInpainting, AutoPipelineForText2Image

    edits_only = _channels(path) == INPAINTING_CHANNELS
    pipeline = (AutoPipelineForInpainting if edits_only else AutoPipelineForText2Image).from_pretrained(
        path,
        local_files_only=True,
        use_safetensors=True,
        dtype=getattr(torch, dtype),
        variant=variant,
        # It is trained on photographs, and would give black for a radiograph of a chest.
        safety_checker=None,
        requires_safety_checker=False,
    )
    digest = hashlib.sha256()
    for file in sorted(path.rglob("*")):
        if file.suffix in (".json", ".txt", ".safetensors"):
            with file.open("rb") as opened:
                digest.update(f"{file.relative_to(path)}\0".encode() + hashlib.file_digest(opened, "sha256").digest())
    return _Model(pipeline.to(device), digest.hexdigest())


def _channels(path: Path | None) -> int | None:
    """How many channels the model's network is shown; None where it doesn't say."""
    try:
        channels = json.loads((path / "unet" / "config.json").read_text())["in_channels"] if path else None
    except (OSError, ValueError, KeyError):
        return None
    return channels if isinstance(channels, int) else None


def _watch(seconds: float) -> Callable[..., dict[str, Any]]:
    """What ends a computation that takes longer than a job may be held."""
    ends = time.monotonic() + seconds

    def watch(_pipeline: Any, _step: int, _timestep: Any, tensors: dict[str, Any]) -> dict[str, Any]:
        if time.monotonic() > ends:
            words = f"The image was not done in {seconds:g} seconds: fewer steps, a smaller image or a longer lease."
            raise ProviderError(ErrorKind.REJECTED, "too_slow", words)
        return tensors

    return watch
