"""From a file's bytes to grey pixels, or one sentence why not: the only place where foreign files are opened."""

import io
import struct
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from django.conf import settings
from PIL import Image as Picture
from PIL import ImageOps

from radiorate.images import png
from radiorate.images.facts import NOTHING_TOLD, Facts

SMALLEST_SIDE = 32  # pixels; less shows no anatomy
MAGIC = {
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
    b"MZ": "program",
    b"\x7fELF": "program",
    b"\xcf\xfa\xed\xfe": "program",
    b"\xce\xfa\xed\xfe": "program",
    b"\xca\xfe\xba\xbe": "program",
}
MODES = {"1", "L", "LA", "La", "P", "PA", "RGB", "RGBA", "RGBa", "RGBX", "CMYK", "YCbCr", "I;16", "I;16B", "I;16L"}
MIME = {
    "PNG": "image/png",
    "JPEG": "image/jpeg",
    "TIFF": "image/tiff",
    "WEBP": "image/webp",
    "DICOM": "application/dicom",
}

# Pillow only warns up to twice its limit; our own limit is checked before any pixel is decoded.
warnings.simplefilter("error", Picture.DecompressionBombWarning)


class Undecodable(Exception):
    """A file that is not taken; the message is one sentence for the person who brought it."""


@dataclass(frozen=True)
class Pixels:
    """A decoded radiograph.

    array: grey levels of shape (height, width), uint8 or uint16, bright is dense.
    bits: significant bits of the source, 1..16.
    source: technical facts about the file (format, bytes, compression ...), free of identity.
    facts: what the file itself says it shows; only DICOM does.
    doubt: why a person must look first, or empty.
    """

    array: np.ndarray
    bits: int
    format: str
    source: dict[str, object] = field(default_factory=dict)
    facts: Facts = NOTHING_TOLD
    doubt: str = ""


def decode(data: bytes, cross_sections: bool = False) -> Pixels:
    """The pixels of a PNG, JPEG, TIFF, WebP or DICOM file. Raises Undecodable with the reason.

    cross_sections: whether DICOM files of CT, MR and ultrasound are wanted, too.
    """
    if not data:
        raise Undecodable("The file is empty.")
    if len(data) > settings.IMAGE_MAX_BYTES:
        raise Undecodable(f"The file is larger than {settings.IMAGE_MAX_BYTES:,} bytes.")
    kind = sniff(data)
    if kind == "DICOM":
        from radiorate.images import dicom

        pixels = dicom.decode(data, cross_sections)
    elif kind in MIME:
        pixels = _picture(data, kind)
    else:
        raise Undecodable("It is not a PNG, JPEG, TIFF, WebP or DICOM file.")
    if min(pixels.array.shape) < SMALLEST_SIDE:
        raise Undecodable(f"The picture is smaller than {SMALLEST_SIDE} pixels.")
    if pixels.array.min() == pixels.array.max():
        raise Undecodable("The picture is blank: all its pixels are equal.")
    return pixels


def sniff(data: bytes) -> str:
    """PNG, JPEG, TIFF, WEBP, DICOM or another word, by the first bytes alone.

    Names and declared types are the sender's claim. Raises Undecodable for two formats in one file, but for a TIFF
    header in a DICOM preamble: the standard means the preamble for it (PS3.10, 7.1), and the pixels are DICOM's.
    """
    kind = next((kind for magic, kind in MAGIC.items() if data.startswith(magic)), "")
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        kind = "WEBP"
    if data[128:132] != b"DICM":
        return kind
    if kind not in ("", "TIFF"):
        raise Undecodable(f"The file is a DICOM file and a {kind} at once.")
    return "DICOM"


def refuse_size(width: int, height: int) -> None:
    """Raise Undecodable when so many pixels are more than this program decodes."""
    if width * height > settings.IMAGE_MAX_PIXELS:
        raise Undecodable(f"The picture has {width} x {height} pixels, more than {settings.IMAGE_MAX_PIXELS:,} in all.")


def grey_png(array: np.ndarray) -> bytes:
    """A PNG of grey levels of shape (height, width), uint8 or uint16, with nothing but the pixels in it."""
    if array.dtype == np.uint8:
        picture = Picture.frombytes("L", array.shape[::-1], array.tobytes())
    else:
        picture = Picture.frombytes("I;16", array.shape[::-1], array.astype("<u2").tobytes())
    stream = io.BytesIO()
    picture.save(stream, "PNG", compress_level=4)
    return stream.getvalue()


def _picture(data: bytes, kind: str) -> Pixels:
    if kind == "PNG":
        _check_png(data)
    elif kind == "JPEG":
        _check_jpeg(data)
    elif kind == "WEBP" and len(data) > 8 + int.from_bytes(data[4:8], "little"):
        raise Undecodable("Something else follows the picture in the WebP file.")
    try:
        with Picture.open(io.BytesIO(data), formats=[kind]) as picture:
            refuse_size(*picture.size)
            if getattr(picture, "n_frames", 1) > 1:
                raise Undecodable("The file holds several pictures; send one a file.")
            if picture.mode not in MODES:
                raise Undecodable(f"Pixels of the kind {picture.mode} are not supported: send 8 or 16 bits.")
            source: dict[str, object] = {
                "format": kind,
                "bytes": len(data),
                "mode": picture.mode,
                "compression": _compression(picture),
            }
            # Never `draft`: it filters JPEG sources otherwise, so the source's format would show in the pixels.
            picture.load()
            upright = ImageOps.exif_transpose(picture)
            array = _grey(upright, white_is_zero=picture.tag_v2.get(262) == 0 if kind == "TIFF" else False)  # type: ignore[attr-defined]
    except Undecodable:
        raise
    except (Picture.DecompressionBombError, Picture.DecompressionBombWarning):
        raise Undecodable(f"The picture has more than {settings.IMAGE_MAX_PIXELS:,} pixels.") from None
    except Exception:
        # Pillow's decoders raise nearly everything on hostile bytes; what was raised may quote the file.
        raise Undecodable(f"The {kind} file is damaged or ends too early.") from None
    return Pixels(array, 16 if array.dtype == np.uint16 else 8, kind, source)


def _compression(picture: Picture.Image) -> str:
    if picture.format == "JPEG":
        return "progressive JPEG" if picture.info.get("progressive") else "baseline JPEG"
    return str(picture.info.get("compression", "deflate" if picture.format == "PNG" else picture.format))


def _grey(picture: Picture.Image, white_is_zero: bool) -> np.ndarray:
    """Grey levels of shape (height, width), uint8 or uint16; transparency lies on black."""
    if picture.mode.startswith("I;16"):
        array = np.asarray(picture).astype(np.uint16)
        return np.uint16(65535) - array if white_is_zero else array  # Pillow turns 8-bit ones itself
    if picture.mode in ("LA", "La", "PA", "RGBA", "RGBa") or "transparency" in picture.info:
        picture = picture.convert("RGBA")
        picture = Picture.alpha_composite(Picture.new("RGBA", picture.size, (0, 0, 0, 255)), picture)
    if picture.mode in ("P", "CMYK", "YCbCr", "RGBX"):
        picture = picture.convert("RGB")
    return np.asarray(picture.convert("L")).copy()


def _check_png(data: bytes) -> None:
    try:
        names = [name for name, _ in png.chunks(data)]
    except ValueError as problem:
        raise Undecodable(f"The PNG file is damaged: {problem}.") from None
    if names.count("acTL"):
        raise Undecodable("The PNG file is animated; send one picture a file.")
    width, height = struct.unpack(">II", data[16:24])
    refuse_size(width, height)


def _check_jpeg(data: bytes) -> None:
    end = data.rfind(b"\xff\xd9")
    if end < 0:
        raise Undecodable("The JPEG file is damaged or ends too early.")
    if data[end + 2 :].strip(b"\0\xff\r\n "):
        raise Undecodable("Something else follows the picture in the JPEG file.")
    for width, height in jpeg_sizes(data):
        refuse_size(width, height)


def jpeg_sizes(data: bytes) -> Iterator[tuple[int, int]]:
    """Width and height of each frame header before the first scan of a JPEG or JPEG-LS stream."""
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        marker, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        if marker == 0xDA:
            return
        if marker == 0xF7 or (0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC)):
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            yield width, height
        at += 2 + length
