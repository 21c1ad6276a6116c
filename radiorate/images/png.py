"""The structure of a PNG file, read by hand: what lies in it beside the pixels."""

import struct

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def chunks(data: bytes) -> list[tuple[str, int]]:
    """Type and length in bytes of each chunk, in order. Raises ValueError where the structure is broken.

    The last one is IEND and nothing follows it: a second file behind the picture would be carried along unseen.
    """
    if not data.startswith(SIGNATURE):
        raise ValueError("it has no PNG signature")
    found: list[tuple[str, int]] = []
    at = len(SIGNATURE)
    while at + 12 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        at += 12 + length
        if at > len(data):
            break
        found.append((kind.decode("latin-1"), length))
        if kind == b"IEND":
            if at != len(data):
                raise ValueError("something else follows the picture")
            if found[0] != ("IHDR", 13):
                break
            return found
    raise ValueError("it ends too early")


def header(data: bytes) -> bytes:
    """The 13 bytes of IHDR: size, depth, colour type, compression, filter, interlace."""
    return data[16:29]
