"""Parts of a picture made black for good: what stood there is kept nowhere, where it stood is written down."""

import hashlib
import re
import uuid
from collections.abc import Sequence
from functools import partial

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction

from radiorate.accounts import audit
from radiorate.accounts.models import User
from radiorate.images import fingerprints, previews
from radiorate.images.decoding import decode, grey_png
from radiorate.images.intake import pixel_digest
from radiorate.images.lifecycle import NO_REASON, NotPossible
from radiorate.images.models import Image
from radiorate.images.writing import Box

RECIPE = "black-1"  # another number whenever the same rectangles would change other pixels
MOST = 50  # rectangles
OPENED = "It stood in a pair of a study that was opened; its pixels stay as readers saw them."


def parse(text: str, width: int, height: int) -> list[Box]:
    """The rectangles in lines of left, top, right and bottom in pixels, cut to the picture. Raises ValueError."""
    boxes = []
    for line in filter(None, map(str.strip, text.splitlines())):
        numbers = re.split(r"[\s,;]+", line)
        if len(numbers) != 4 or not all(re.fullmatch(r"\d{1,6}", number) for number in numbers):
            raise ValueError(f"“{line[:60]}” is no rectangle: write left, top, right and bottom in pixels.")
        left, top, right, bottom = (int(number) for number in numbers)
        box = (left, top, min(right, width), min(bottom, height))
        if box[0] >= box[2] or box[1] >= box[3]:
            raise ValueError(f"“{line[:60]}” holds no pixel of the picture, which is {width} x {height}.")
        boxes.append(box)
    if not 1 <= len(boxes) <= MOST:
        raise ValueError(f"Draw or write 1 to {MOST} rectangles.")
    return boxes


def mask(image: Image, boxes: Sequence[Box], actor: User | None, reason: str) -> None:
    """Make the rectangles of a held or available image black and the image available; recorded for both origins alike.

    The original is replaced by one without those pixels, and all that was made of it is made anew.
    Raises NotPossible for an image that was withdrawn or that a study was opened with.
    """
    if not (reason := reason.strip()[:300]):
        raise NotPossible(NO_REASON)
    with transaction.atomic():
        stored = Image.objects.select_for_update().get(pk=image.pk)
        if stored.state == Image.State.WITHDRAWN:
            raise NotPossible("The image is withdrawn already.")
        if stored.renditions.exists():
            raise NotPossible(OPENED)
        before = str(stored.original)
        with default_storage.open(before) as original:
            grey = decode(original.read()).array
        for left, top, right, bottom in boxes:
            grey[top:bottom, left:right] = 0
        kept = grey_png(grey)
        stored.original.name = default_storage.save(f"originals/{uuid.uuid4()}.png", ContentFile(kept))
        try:
            _write(stored, boxes, kept, pixel_digest(grey))
            fingerprints.renew(stored, grey)
            detail = {"recipe": RECIPE, "boxes": [list(box) for box in boxes]}
            audit.record(actor, "image.masked", f"image {image.pk}", reason=reason, detail=detail)
        except IntegrityError:
            default_storage.delete(stored.original.name)
            raise NotPossible("The collection holds a picture with just these pixels already.") from None
        except BaseException:
            default_storage.delete(stored.original.name)
            raise
        # Not before the row is safe: a rollback could not bring the files back.
        for name in (before, *previews.all_of(image)):
            transaction.on_commit(partial(default_storage.delete, name))


def _write(stored: Image, boxes: Sequence[Box], kept: bytes, pixels: str) -> None:
    stored.mime, stored.pixel_sha256 = "image/png", pixels
    stored.state, stored.state_reason = Image.State.AVAILABLE, ""
    stored.provenance.pop("words", None)
    stored.provenance["kept"] = {"format": "PNG", "bytes": len(kept), "sha256": hashlib.sha256(kept).hexdigest()}
    earlier = stored.provenance.get("masked", {}).get("boxes", [])
    stored.provenance["masked"] = {"recipe": RECIPE, "boxes": [*earlier, *(list(box) for box in boxes)]}
    with transaction.atomic():
        stored.save()
