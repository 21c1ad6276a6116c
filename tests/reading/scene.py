"""A study that is being read: its rows are written directly, so that a test decides sides, kinds and regions itself."""

import hashlib
import io
from collections.abc import Callable
from typing import Any

import numpy as np
from django.core.files.base import ContentFile
from django.utils import timezone
from PIL import Image as Picture

from radiorate.images.models import Image, Rendition
from radiorate.studies.models import Assignment, Pair, Reader, Study
from tests import factories

RECIPE = "r1/64/square"
CANVAS = 64


def rendition(image: Image, seed: int) -> Rendition:
    """Stored canonical pixels: a random picture of the one length all have."""
    pixels = np.random.default_rng(seed).integers(0, 256, (CANVAS, CANVAS), dtype=np.uint8)
    stream = io.BytesIO()
    Picture.fromarray(pixels).save(stream, "PNG", compress_level=0)
    row = Rendition(image=image, recipe=RECIPE, sha256=hashlib.sha256(stream.getvalue()).hexdigest())
    row.file.save(f"renditions/{image.pk}.png", ContentFile(stream.getvalue()), save=False)
    row.save()
    return row


def plan(reader: Reader, pairs: list[Pair], session: int = 1) -> list[Assignment]:
    return [
        Assignment.objects.create(
            reader=reader,
            pair=pair,
            session=session,
            position=position,
            first_side="left" if position % 2 else "right",
        )
        for position, pair in enumerate(pairs, 1)
    ]


def reading_study(
    pairs: int = 3,
    readers: int = 1,
    *,
    swapped: bool = False,
    before_opening: Callable[[Study], object] | None = None,
    **fields: Any,
) -> Study:
    """An open study with rendered pairs (first real, second synthetic, unless swapped) and planned readers."""
    study = factories.study(**fields)
    real, synthetic = study.real_collections.get(), study.synthetic_collections.get()
    if swapped:
        real, synthetic = synthetic, real
    rows = []
    for number in range(1, pairs + 1):
        first, second = factories.image(real), factories.image(synthetic)
        rendition(first, 2 * number)
        rendition(second, 2 * number + 1)
        pair = Pair(study=study, code=f"P{number:03}", first=first, second=second, body_part="knee", recipe=RECIPE)
        pair.save()
        rows.append(pair)
    for _ in range(readers):
        plan(factories.reader(study), rows)
    if before_opening:
        before_opening(study)
    # Last, because an open study takes no more pairs.
    Study.objects.filter(pk=study.pk).update(
        state=Study.State.OPEN, opened_at=timezone.now(), protocol={}, protocol_hash="0" * 64
    )
    study.refresh_from_db()
    return study


def answers(**changes: Any) -> dict[str, Any]:
    """A complete answer to the four criteria, as the form cleans it."""
    scores = {key: {"left": 4, "right": 2} for key, _, _ in factories.CRITERIA}
    given = {"scores": scores, "not_assessable": {}, "believed_real": "left", "confidence": 3, "comment": ""}
    return given | {"marks": []} | changes


def posted(**changes: str | list[str]) -> dict[str, str | list[str]]:
    """The same answer as the fields of a form."""
    fields = {
        f"{key}-{side}": value for key, _, _ in factories.CRITERIA for side, value in (("left", "4"), ("right", "2"))
    }
    return fields | {"believed_real": "left", "confidence": "3", "comment": ""} | changes
