"""Content credentials (C2PA): whether an image's bytes carry a manifest, and who it says made them.

Read, not verified: no signature is checked, so it is the sender's claim like all else in a file. A watermark in the
pixels (SynthID) can't be seen from here.
Source: C2PA 2.2, appendix A (where a manifest stands in PNG, JPEG and WebP) and 10 (claim); ISO 19566-5 (JUMBF).
"""

from collections.abc import Iterator

LONGEST_NAME = 200


def note(data: bytes) -> dict[str, dict[str, str]]:
    """What to keep with an output's provenance; empty where the bytes carry no manifest."""
    manifest = b"".join(_manifest(data))
    if b"c2pa" not in manifest:
        return {}
    return {"content_credentials": {"kind": "C2PA, not verified", "claim_generator": _claim_generator(manifest)}}


def _manifest(data: bytes) -> Iterator[bytes]:
    """The parts of the manifest store in the file's bytes, in order."""
    if data.startswith(b"\x89PNG"):
        yield from _chunks(data)
    elif data.startswith(b"\xff\xd8"):
        yield from _app11(data)
    elif data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        yield from _riff(data)


def _chunks(data: bytes) -> Iterator[bytes]:
    at = 8
    while at + 12 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        if data[at + 4 : at + 8] == b"caBX":
            yield data[at + 8 : at + 8 + length]
        at += 12 + length


def _app11(data: bytes) -> Iterator[bytes]:
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF and data[at + 1] != 0xDA:
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        # Marker and length, then "JP", the box's number (2) and the part's (4), and the box's own header again.
        if data[at + 1] == 0xEB and data[at + 4 : at + 6] == b"JP":
            yield data[at + 20 : at + 2 + length]
        at += 2 + max(length, 2)


def _riff(data: bytes) -> Iterator[bytes]:
    at = 12
    while at + 8 <= len(data):
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        if data[at : at + 4] == b"C2PA":
            yield data[at + 8 : at + 8 + length]
        at += 8 + length + length % 2


def _claim_generator(manifest: bytes) -> str:
    """The name in the last claim, which is the active one; empty where it can't be read."""
    for key, name in ((b"claim_generator_info", b"dname"), (b"claim_generator", b"")):
        at = manifest.rfind(_text_head(key) + key)
        if at < 0:
            continue
        at += len(_text_head(key) + key)
        if name:
            at = manifest.find(name, at, at + 200) + len(name)
        if at >= len(name) and (text := _text(manifest, at)):
            return text
    return ""


def _text_head(text: bytes) -> bytes:
    """How CBOR writes that a text of this length follows: up to 23 bytes."""
    return bytes([0x60 + len(text)])


def _text(data: bytes, at: int) -> str:
    """The CBOR text of up to 255 bytes that stands there; empty where none does."""
    head = data[at] if at < len(data) else 0
    if 0x60 <= head <= 0x77:
        start, length = at + 1, head - 0x60
    elif head == 0x78 and at + 1 < len(data):
        start, length = at + 2, data[at + 1]
    else:
        return ""
    text = data[start : start + length].decode("utf-8", "replace")
    return "".join(sign for sign in text if sign.isprintable())[:LONGEST_NAME]
