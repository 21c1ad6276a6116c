"""What an order edits: whether that may be done and sent, and the pixels it is done to."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from django.core.files.storage import default_storage

from generation import editing, masking
from generation.models import Job, Output
from generation.provider import Capabilities, Mode, Pad
from radiorate.images import sharing
from radiorate.images.decoding import SMALLEST_SIDE, decode
from radiorate.images.models import Image


def problems(job: Job, can: Capabilities) -> list[str]:
    """Sentences on why this edit can't be ordered, no pixels read; empty for an order that edits nothing.

    The source of a step that waits for another isn't there yet: it is asked about when the step is taken.
    """
    if job.mode == Mode.TEXT_TO_IMAGE:
        return []
    mode = job.get_mode_display()
    if job.source is None:
        return _shape_problems(job) if job.on_hold else [f"For {mode} there must be a source image."]
    sentences = _shape_problems(job)
    if job.source.state != Image.State.AVAILABLE:
        sentences.append(f"The source image {job.source.pk} is {job.source.state}.")
    if min(_source_size(job)) < SMALLEST_SIDE:
        sentences.append(f"Within the ordered frame the source image would be narrower than {SMALLEST_SIDE} pixels.")
    if not can.keeps_images_here and (refusal := refusal_to_send(job.source)):
        sentences.append(refusal)
    return sentences


def refusal_to_send(source: Image) -> str:
    """Why an image may not leave this machine, in one sentence; empty when it may.

    An edit that was imported may show anybody's radiograph where its manifest named no image it was made from.
    """
    if refusal := sharing.refusal(source):
        return refusal
    step: Image | None = source
    while step:
        edits = Output.objects.filter(image=step, attempt__job__batch__is_imported=True)
        if step.reference is None and edits.exclude(attempt__job__mode=Mode.TEXT_TO_IMAGE).exists():
            return f"Image {step.pk} was imported as an edit, and of what is not known: it isn't sent anywhere."
        step = step.reference
    return ""


def picture(source: Image, job: Job) -> np.ndarray:
    """The job's source at the size it is edited at, uint8 of shape (height, width)."""
    with default_storage.open(str(source.original)) as original:
        levels = decode(original.read()).array
    return editing.working_picture(levels, _source_size(job))


def pad_of(job: Job) -> Pad:
    return Pad(**job.pad) if job.pad else Pad()


def first_source(job: Job) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of the first step's source in the picture of an outpainting job, in pixels."""
    left = top = right = bottom = 0
    step: Job | None = job
    while step:
        pad = pad_of(step)
        left, top, right, bottom = left + pad.left, top + pad.top, right + pad.right, bottom + pad.bottom
        step = step.after
    return left, top, job.width - right, job.height - bottom


def known_of(source: Image, provider: str) -> Mapping[str, Any]:
    """What this provider itself said of the source when it made it; empty where it didn't make it."""
    output = Output.objects.filter(image=source).select_related("attempt__job__batch__generator").first()
    if output is None or output.attempt.job.batch.generator.provider != provider:
        return {}
    return {**output.provenance, **output.truth}


def _source_size(job: Job) -> tuple[int, int]:
    """Width and height at which the job's source is edited."""
    pad = pad_of(job)
    return job.width - pad.left - pad.right, job.height - pad.top - pad.bottom


def _shape_problems(job: Job) -> list[str]:
    if job.mode == Mode.INPAINTING:
        if job.mask_shape is None:
            return ["For inpainting there must be a mask."]
        if wrong := masking.problems(job.mask_shape):
            return wrong
        share = masking.share(job.mask_shape, job.width, job.height)
        if share in (0, 1):
            return ["The mask holds no pixel." if share == 0 else "The mask leaves no pixel to keep."]
    if job.mode == Mode.OUTPAINTING:
        sides = vars(pad_of(job)).values()
        if min(sides) < 0 or not any(sides):
            return ["For outpainting one side at least must grow, and none can shrink."]
    return []
