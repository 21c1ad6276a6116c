"""From what a provider delivered to the image that is kept: an edit is put together here, and nothing of it is lost."""

import hashlib
from dataclasses import asdict, dataclass, field, replace
from typing import Any
from uuid import uuid4

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from generation import credentials, editing, sources
from generation.models import Attempt, Job, Output
from generation.ordering import facts_of
from generation.provider import Delivery, Mode, Order
from generation.sheets import Sheet
from radiorate.images import intake
from radiorate.images.decoding import decode, grey_png
from radiorate.images.facts import Facts, normalise
from radiorate.images.models import Image


@dataclass(frozen=True)
class Composed:
    """The bytes of the image to keep, the PNG files that tell how it came to be, and a note for its provenance.

    files: delivered (as it came), mask, distance; each where there is one.
    """

    data: bytes
    files: dict[str, bytes] = field(default_factory=dict)
    changed_outside: float | None = None
    note: dict[str, Any] = field(default_factory=dict)


def compose(job: Job, order: Order, delivery: Delivery, sheet: Sheet | None = None) -> Composed:
    """The image of a job: of an inpainting or outpainting order the composite, else the delivered bytes themselves.

    order: at the size of the job; sheet: that on which it was sent, if on any.

    Raises images.decoding.Undecodable where an edit came as no picture.
    """
    if order.image is None or job.source is None:
        return Composed(delivery.data)
    note: dict[str, Any] = {"mode": job.mode, "source": str(job.source.pk), "source_sha256": job.source.sha256}
    if order.mode is Mode.VARIATION:
        return Composed(delivery.data, note=note)
    canvas, files = decode(order.image).array, {"delivered": delivery.data}
    if order.mask is not None:
        mask, files["mask"] = decode(order.mask).array, order.mask
        note["mask"] = job.mask_shape
    else:
        canvas, mask = editing.extended(canvas, sources.pad_of(job))
        files["distance"] = grey_png(editing.distance(job.width, job.height, sources.first_source(job)))
        note["pad"] = job.pad
    made = editing.composite(canvas, mask, decode(delivery.data).array, sheet)
    if sheet:
        note["sheet"] = asdict(sheet)
    if made.resampled_from:
        note["resampled_from"] = list(made.resampled_from)
    note["changed_outside"] = round(made.changed_outside, 6)
    note["files_sha256"] = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    return Composed(grey_png(made.pixels), files, made.changed_outside, note)


def store(job: Job, attempt: Attempt, delivery: Delivery, composed: Composed) -> Image:
    """The stored image with its Output and files; called in the transaction in which the job succeeds.

    Raises what images.intake.store does, and then leaves no file of an edit behind.
    """
    kept: dict[str, str] = {}
    try:
        for name, data in composed.files.items():
            kept[name] = default_storage.save(f"edits/{uuid4()}-{name}", ContentFile(data))
        image = intake.store(
            composed.data,
            f"batch-{job.batch_id}-job-{job.number}",
            job.batch.collection,
            _facts(job, delivery),
            provenance=_provenance(job, attempt, delivery, composed),
            reference=job.source,
        )
        Output.objects.create(
            attempt=attempt,
            image=image,
            model_reported=delivery.model_reported,
            seed_reported=delivery.seed,
            provenance={**delivery.provenance, **credentials.note(delivery.data)},
            truth=dict(delivery.truth),
            delivered=kept.get("delivered", ""),
            distance=kept.get("distance", ""),
            changed_outside=composed.changed_outside,
        )
        if "mask" in kept:
            Job.objects.filter(pk=job.pk).update(mask=kept["mask"])
    except BaseException:
        for file in kept.values():
            default_storage.delete(file)
        raise
    return image


def _facts(job: Job, delivery: Delivery) -> Facts:
    """What the image shows: by the order, by what its maker knows, and where both are silent, by its source.

    A composite holds the source's own pixels, so it is under the source's licence too.
    """
    facts = normalise({"source": f"generator {job.batch.generator.name}", **delivery.truth, **facts_of(job)})
    if job.source is None:
        return facts
    of_source = {name: getattr(job.source, name) for name in ("modality", "body_part", "laterality", "patient_sex")}
    if facts.view_position in ("", job.source.view_position):
        of_source |= {"view_modifier": job.source.view_modifier}
        facts = replace(facts, view_position=job.source.view_position)
    if job.mode != Mode.VARIATION:
        licence = job.source.licence or job.source.collection.licence
        of_source |= {"licence": licence, "attribution": job.source.attribution}
    return replace(facts, **{name: getattr(facts, name) or value for name, value in of_source.items()})


def _provenance(job: Job, attempt: Attempt, delivery: Delivery, composed: Composed) -> dict[str, Any]:
    generator = job.batch.generator
    return {
        "generator": generator.name,
        "provider": generator.provider,
        "model": generator.model,
        "model_reported": delivery.model_reported,
        "prompt": job.prompt,
        "seed": delivery.seed if delivery.seed is not None else job.seed,
        "batch": job.batch_id,
        "job": job.number,
        "attempt": attempt.number,
        "provider_request_id": delivery.provider_request_id,
        "said_by_provider": dict(delivery.provenance),
        **({"edit": composed.note} if composed.note else {}),
    }
