"""The search for leaks in the files themselves: whether they could be told apart without looking at the pictures."""

import hashlib
from collections.abc import Iterable

from django.core.files.storage import default_storage

from radiorate.images import png
from radiorate.images.models import Rendition

PLAIN = {"IHDR", "IDAT", "IEND"}


def check(renditions: Iterable[Rendition]) -> list[str]:
    """What tells these files apart, one sentence each; empty when all have one length, header and chain of chunks."""
    problems: list[str] = []
    first: tuple[int, bytes, list[tuple[str, int]]] | None = None
    for rendition in renditions:
        try:
            with default_storage.open(str(rendition.file)) as stored:
                data = stored.read()
            found = png.chunks(data)
        except (OSError, ValueError) as problem:
            problems.append(f"Rendition {rendition.pk} can't be read: {problem}.")
            continue
        if hashlib.sha256(data).hexdigest() != rendition.sha256:
            problems.append(f"Rendition {rendition.pk} is not the file that was made.")
        if extra := sorted({name for name, _ in found} - PLAIN):
            problems.append(f"Rendition {rendition.pk} carries more than pixels: {', '.join(extra)}.")
        first = first or (len(data), png.header(data), found)
        if len(data) != first[0]:
            problems.append(f"Rendition {rendition.pk} has {len(data)} bytes, the others have {first[0]}.")
        elif png.header(data) != first[1]:
            problems.append(f"Rendition {rendition.pk} has another size or depth than the others.")
        elif found != first[2]:
            problems.append(f"Rendition {rendition.pk} has another chain of chunks than the others.")
    return problems
