"""Small pictures for admins' pages, made once and kept on the store; readers get renditions instead."""

import io

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image as Picture

from radiorate.images.decoding import decode
from radiorate.images.models import Image
from radiorate.images.rendition import WRITER, render

THUMBNAIL, LARGE, LARGEST = 256, 1024, 2560  # pixels a side; in the last small words can be read


def all_of(image: Image) -> list[str]:
    """The names on the store of all an image's previews, made or not."""
    return [kept_as(image, side) for side in (THUMBNAIL, LARGE, LARGEST)]


def kept_as(image: Image, side: int) -> str:
    """The name on the store of an image's preview of `side` pixels, made or not."""
    return f"previews/{image.pk}-{side}.png"


def preview(image: Image, side: int) -> bytes:
    """PNG bytes of the whole image on a black square of `side` pixels, in the greys a reader would see."""
    name = kept_as(image, side)
    try:
        with default_storage.open(name) as kept:
            return bytes(kept.read())
    except FileNotFoundError:
        data = _draw(image, side)
    saved = default_storage.save(name, ContentFile(data))
    # Another request was faster; or parts were masked meanwhile, and then this one still shows them.
    if saved != name or not Image.objects.filter(pk=image.pk, pixel_sha256=image.pixel_sha256).exists():
        default_storage.delete(saved)
    return data


def _draw(image: Image, side: int) -> bytes:
    with default_storage.open(str(image.original)) as original:
        page = render(decode(original.read()).array, f"{WRITER}/{side}/pad")
    stream = io.BytesIO()
    with Picture.open(io.BytesIO(page)) as picture:
        picture.save(stream, "PNG")
    return stream.getvalue()
