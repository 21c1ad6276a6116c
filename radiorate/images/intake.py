"""How a file becomes an image: decoded, checked against what is there, stored whole or not at all."""

import hashlib
import uuid
from typing import Any

import numpy as np
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.db.models import Q

from radiorate.images import fingerprints, writing
from radiorate.images.decoding import MIME, Pixels, Undecodable, decode, grey_png
from radiorate.images.facts import Facts
from radiorate.images.models import Collection, Image, Origin

WORDS = "There seem to be words in its pixels."


class Rejected(Exception):
    """A file that is not taken; `reason` is one sentence for the person who brought it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Duplicate(Exception):
    """The collection holds these bytes or these pixels already, as `image`."""

    def __init__(self, image: Image) -> None:
        super().__init__(f"The collection holds this picture already: {image.pk}")
        self.image = image


def store(
    data: bytes,
    name: str,
    collection: Collection,
    facts: Facts,
    *,
    provenance: dict[str, Any] | None = None,
    reference: Image | None = None,
) -> Image:
    """The stored image of a file's bytes; it is held where a person must look first.

    name: as the sender calls it; kept for synthetic images only, that of a real one may name a patient.
    provenance: what else is known about its making.
    Raises Rejected or Duplicate, and then leaves neither row nor object behind. Call it outside a transaction: a
    rollback after its return takes the row but not the object.
    """
    try:
        pixels = decode(data, collection.has_cross_sections)
    except Undecodable as refusal:
        raise Rejected(str(refusal)) from None
    sha256, pixel_sha256 = hashlib.sha256(data).hexdigest(), pixel_digest(pixels.array)
    same = collection.images.filter(Q(sha256=sha256) | Q(pixel_sha256=pixel_sha256))
    if found := same.only("pk").first():
        raise Duplicate(found)
    kept, kind = _kept(data, pixels, collection)
    height, width = pixels.array.shape
    image = Image(
        collection=collection,
        **vars(facts.or_else(pixels.facts)),
        mime=MIME[kind],
        sha256=sha256,
        pixel_sha256=pixel_sha256,
        width=width,
        height=height,
        bits=pixels.bits,
        reference=reference,
        provenance={
            **(provenance or {}),
            "file": pixels.source,
            "kept": {"format": kind, "bytes": len(kept), "sha256": hashlib.sha256(kept).hexdigest()},
        },
    )
    if collection.origin == Origin.SYNTHETIC:
        image.provenance["name"] = shown(name)
    else:
        # Where the words stand is kept, what they say is not: it may be a name.
        if boxes := writing.found(pixels.array):
            image.provenance["words"] = [list(box) for box in boxes]
        if doubt := pixels.doubt or (WORDS if boxes else ""):
            image.state, image.state_reason = Image.State.HELD, doubt
    image.original.name = default_storage.save(f"originals/{uuid.uuid4()}.{kind.lower()}", ContentFile(kept))
    try:
        with transaction.atomic():
            image.save(force_insert=True)
            fingerprints.keep(image, pixels.array)
    except IntegrityError:
        default_storage.delete(image.original.name)
        if twin := same.first():  # another worker was faster
            raise Duplicate(twin) from None
        raise
    except BaseException:
        default_storage.delete(image.original.name)
        raise
    return image


def pixel_digest(array: np.ndarray) -> str:
    """SHA-256 of grey levels of shape (height, width), uint8 or uint16: the same for one picture in several formats."""
    height, width = array.shape
    depth = 8 * array.dtype.itemsize
    little_endian = array.astype(array.dtype.newbyteorder("<"), order="C")
    return hashlib.sha256(f"{width}x{height}:{depth}:".encode() + little_endian.tobytes()).hexdigest()


def shown(name: str) -> str:
    """A file's name as text for a page: no folders (they name patients), no signs that turn or hide what is read."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(sign if sign.isprintable() else "·" for sign in last)[:300] or "unnamed"


def _kept(data: bytes, pixels: Pixels, collection: Collection) -> tuple[bytes, str]:
    """The bytes to keep as the original, and their format.

    A synthetic image stays as its generator gave it: its metadata is evidence. A real one and any DICOM file is kept as
    its pixels alone, without loss: names, places and dates in its metadata are nobody's business here.
    """
    if collection.origin == Origin.SYNTHETIC and pixels.format != "DICOM":
        return data, pixels.format
    return grey_png(pixels.array), "PNG"
