"""Which outputs look like a real image that is known here; a person looks at the two and decides.

Measured on 43 radiographs of 15 regions and 128 phantoms (docs/outputs.md): two different radiographs of one region
correlate by at most 0.68, a phantom and a radiograph by at most 0.78, and a copy that was scaled, re-compressed, made
brighter, mirrored or cut by a tenth by at least 0.80.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import structlog
from celery import current_app
from django.db.models import Count, Max, QuerySet
from django.db.models.functions import Now

from generation.models import NearCopy, Output
from radiorate.images import fingerprints
from radiorate.images.models import Fingerprint, Image, Origin

log = structlog.get_logger(__name__)
TASK = "generation.tasks.find_near_copies"
CORRELATION = 0.8
HASH_DISTANCE = 6  # bits of 64; two different radiographs of one region differ in at least 12
MOST = 5  # real images shown beside one output


@dataclass(frozen=True)
class Found:
    """What one search did: outputs looked at, those that look like a real image, and how many real ones there are."""

    compared: int = 0
    flagged: int = 0
    real_images: int = 0


def ask(batch_id: int | None = None) -> None:
    """Tell a worker that a batch, or any, has outputs to compare, if the broker answers; beat asks again."""
    try:
        current_app.send_task(TASK, args=[batch_id], retry=False)
    except Exception as error:  # redis, kombu and socket errors alike
        log.warning("near_copies_not_asked", batch=batch_id, error=type(error).__name__)


def forget() -> None:
    """Let every output count as never compared; what was found and decided stays."""
    Fingerprint.objects.filter(image__output__isnull=False).update(compared_at=None)


def waiting(batch_id: int | None = None) -> QuerySet[Output]:
    """Outputs that were never compared: of this batch, or of all."""
    found = Output.objects.filter(image__fingerprint__compared_at=None)
    return found.filter(attempt__job__batch=batch_id) if batch_id else found


def find(outputs: QuerySet[Output], *, again: bool = False) -> Found:
    """Compare outputs with all real images and write down which look alike; what is known already stays.

    again: also those that were compared before.
    """
    if not outputs.exists():
        return Found()
    among = real_images()
    compared = flagged = 0
    # In no order: several workers at the same outputs seldom take up the same one, and skip what another has done.
    drawn = outputs.select_related("image__reference", "attempt__job__source").order_by("?")
    for output in drawn.iterator(chunk_size=100):
        try:
            fingerprint = fingerprints.of(output.image)
            if again or fingerprint.compared_at is None:
                flagged += bool(_compare(output, fingerprint, among))
                compared += 1
        except Exception:  # one output without its file must not keep the others waiting
            log.exception("output_not_compared", output=output.pk)
    return Found(compared, flagged, len(among.ids))


def real_images() -> fingerprints.Known:
    """All real images, held and withdrawn ones too: a copy of those is one no less."""
    real = Image.objects.filter(collection__origin=Origin.REAL)
    for image in real.filter(fingerprint=None).iterator(chunk_size=100):
        try:
            fingerprints.of(image)
        except Exception:
            log.exception("image_without_fingerprint", image=str(image.pk))
    there = Fingerprint.objects.filter(image__collection__origin=Origin.REAL)
    state = there.aggregate(count=Count("pk"), newest=Max("pk"))
    return _read(state["count"], state["newest"])


@lru_cache(maxsize=1)
def _read(count: int, newest: int | None) -> fingerprints.Known:
    """The pictures of all real images, kept until one is added: for 10,000 it is 40 MB and a second's work."""
    there = Fingerprint.objects.filter(image__collection__origin=Origin.REAL).order_by("pk")
    return fingerprints.known(
        [(id_, hash_, bytes(kept)) for id_, hash_, kept in there.values_list("image_id", "hash", "picture")]
    )


def _compare(output: Output, fingerprint: Fingerprint, among: fingerprints.Known) -> list[NearCopy]:
    picture = np.frombuffer(fingerprint.picture, np.uint8).reshape(fingerprints.KEPT, fingerprints.KEPT)
    # What an edit was made from is in it by construction, and so is the same picture in another collection.
    own = {source.pixel_sha256 for source in _made_from(output)}
    twins = set(Image.objects.filter(pixel_sha256__in=own).values_list("pk", flat=True)) if own else set()
    alike = fingerprints.alike(picture, among, CORRELATION, HASH_DISTANCE)
    foreign = [one for one in alike if among.ids[one.index] not in twins][:MOST]
    rows = [
        NearCopy(
            output=output,
            real_id=among.ids[one.index],
            hash_distance=one.hash_distance,
            correlation=round(one.correlation, 4),
        )
        for one in foreign
    ]
    NearCopy.objects.bulk_create(rows, ignore_conflicts=True)
    Fingerprint.objects.filter(pk=fingerprint.pk).update(compared_at=Now())
    return rows


def _made_from(output: Output) -> Iterator[Image]:
    """The images an edit goes back to: its source, the source's source, and so on."""
    step = output.attempt.job.source or output.image.reference
    while step:
        yield step
        step = step.reference


def of(outputs: QuerySet[Output]) -> QuerySet[NearCopy]:
    """What was found of these outputs, most alike first."""
    found = NearCopy.objects.filter(output__in=outputs)
    return found.select_related("output__image", "output__attempt__job", "real").order_by("-correlation", "pk")
