"""What an edit looks like on its way to a service: the source, or its larger canvas, and the mask."""

from __future__ import annotations

import io

from PIL import Image as Picture

from generation.provider import ErrorKind, Mode, Order, Pad, ProviderError

CHANGE, KEEP = 255, 0


class Misfit(ProviderError):
    """Why an edit's source, mask and pad don't go together, in one sentence; found before anything is sent."""

    def __init__(self, sentence: str) -> None:
        super().__init__(ErrorKind.REJECTED, "misfit", sentence)


def source_of(order: Order) -> bytes:
    """The source image as it stands in the order. Raises Misfit."""
    if not order.image:
        raise Misfit("An edit needs a source image.")
    return order.image


def canvas_of(order: Order) -> tuple[Picture.Image, Picture.Image]:
    """The picture to edit and its mask, both grey, 8-bit and of the ordered size; the mask is 255 where to change.

    Outpainting: the source on its larger canvas, black around it, and all that is new is to change, where the order
    has no canvas and mask of its own. Raises Misfit.
    """
    picture = read(source_of(order))
    if order.mask:
        mask = read(order.mask)
    elif order.mode == Mode.OUTPAINTING:
        picture, mask = _extended(picture, order.pad or Pad())
    else:
        raise Misfit("Inpainting needs a mask.")
    if not picture.size == mask.size == (order.width, order.height):
        sizes = " and ".join(f"{across} x {down}" for across, down in (picture.size, mask.size))
        raise Misfit(f"Image and mask are {sizes} pixels, where {order.width} x {order.height} are ordered.")
    return picture, mask


def png(picture: Picture.Image) -> bytes:
    """The picture as a PNG without metadata."""
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


def _extended(source: Picture.Image, pad: Pad) -> tuple[Picture.Image, Picture.Image]:
    size = pad.left + source.width + pad.right, pad.top + source.height + pad.bottom
    canvas, mask = Picture.new("L", size, 0), Picture.new("L", size, CHANGE)
    canvas.paste(source, (pad.left, pad.top))
    mask.paste(KEEP, (pad.left, pad.top, pad.left + source.width, pad.top + source.height))
    return canvas, mask


def read(data: bytes) -> Picture.Image:
    """An order's own picture, grey."""
    picture = Picture.open(io.BytesIO(data))
    return picture if picture.mode == "L" else picture.convert("L")
