"""The canonical pixels of an image: one path for every source, so that nothing but the anatomy tells them apart."""

import hashlib
import io
import uuid
from collections.abc import Sequence
from math import prod

import numpy as np
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from PIL import Image as Picture

from radiorate.images.decoding import decode
from radiorate.images.models import Image, Rendition

WRITER = "r1"  # another number whenever the bytes below would differ: renditions of two writers never meet in a study
ASPECT_STEP = 0.05
# Half a percent at either end turns black or white. It leaves out lead markers, metal and dead pixels, which would
# otherwise set the scale, and brings an 8-bit JPEG that was windowed by somebody and a 12-bit detector to one range.
DARKEST, BRIGHTEST = 0.5, 99.5  # percentiles of the pixels inside the frame


def recipe(frame: str, canvas: int, images: Sequence[Image]) -> str:
    """The one recipe by which all these images are shown, such as "r1/1024/crop-0.80".

    frame: pair-crop (all cut to the geometric mean of their shapes), square-crop or square-pad.
    canvas: side of the square picture in pixels.
    """
    if frame == "square-pad":
        return f"{WRITER}/{canvas}/pad"
    aspect = 1.0
    if frame == "pair-crop":
        aspect = prod(image.width / image.height for image in images) ** (1 / len(images))
    # Steps, because an exact mean would be a fingerprint of the pair in the file of each image.
    steps = max(1, round(aspect / ASPECT_STEP))
    return f"{WRITER}/{canvas}/crop-{steps * ASPECT_STEP:.2f}"


def make(image: Image, recipe: str) -> Rendition:
    """The stored rendition, made if it is missing. Two workers at once end with one row and one file.

    Raises FileNotFoundError for an image that was masked meanwhile.
    """
    found = Rendition.objects.filter(image=image, recipe=recipe).first()
    if found:
        return found
    with default_storage.open(str(image.original)) as original:
        data = render(decode(original.read()).array, recipe)
    # A random name: one made of the image's id would tell two readers that they saw the same image.
    name = default_storage.save(f"renditions/{uuid.uuid4()}.png", ContentFile(data))
    try:
        with transaction.atomic():
            # Whoever masks parts of it holds the row, and readers must not see what was masked.
            if not Image.objects.select_for_update(no_key=True).filter(pk=image.pk, original=image.original).exists():
                raise FileNotFoundError("parts of it were masked just now")
            return Rendition.objects.create(
                image=image, recipe=recipe, file=name, sha256=hashlib.sha256(data).hexdigest()
            )
    except IntegrityError:
        default_storage.delete(name)
        return Rendition.objects.get(image=image, recipe=recipe)
    except BaseException:
        default_storage.delete(name)
        raise


def render(grey: np.ndarray, recipe: str) -> bytes:
    """PNG bytes of grey levels of shape (height, width), uint8 or uint16, under a recipe.

    All files of one canvas have the same length, chunks and header whatever they show.
    """
    _, canvas, frame = recipe.split("/")
    size = int(canvas)
    height, width = grey.shape
    left, top, right, bottom = _cut(width, height, frame)
    scale = size / max(right - left, bottom - top)
    fitted = (max(1, round((right - left) * scale)), max(1, round((bottom - top) * scale)))
    # Floats for every depth: Pillow's filters round to 8 bits otherwise, and only 8-bit sources would show that.
    source = Picture.fromarray(np.ascontiguousarray(grey, dtype=np.float32))
    resized = np.asarray(source.resize(fitted, Picture.Resampling.LANCZOS, box=(left, top, right, bottom)))
    page = np.zeros((size, size), np.uint8)
    x, y = (size - fitted[0]) // 2, (size - fitted[1]) // 2
    page[y : y + fitted[1], x : x + fitted[0]] = windowed(resized)
    stream = io.BytesIO()
    # A fresh picture carries no metadata. Uncompressed, because a compressed length tells smooth from noisy pictures.
    Picture.frombytes("L", (size, size), page.tobytes()).save(stream, "PNG", compress_level=0)
    return stream.getvalue()


def windowed(levels: np.ndarray) -> np.ndarray:
    """Grey levels of any range as uint8, from black at the darkest percentile to white at the brightest."""
    low, high = np.percentile(levels, (DARKEST, BRIGHTEST))
    return np.rint(np.clip((levels - low) * (255 / max(high - low, 1e-9)), 0, 255)).astype(np.uint8)


def _cut(width: int, height: int, frame: str) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of the central part that has the frame's aspect (width to height), in pixels."""
    if frame == "pad":
        return 0, 0, width, height
    aspect = float(frame.removeprefix("crop-"))
    kept_width, kept_height = min(width, height * aspect), min(height, width / aspect)
    left, top = (width - kept_width) / 2, (height - kept_height) / 2
    return left, top, left + kept_width, top + kept_height
