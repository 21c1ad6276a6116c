"""Rows against stored objects: what is missing, what changed, and what nobody knows of."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from django.core.files.storage import default_storage

from radiorate.images import previews
from radiorate.images.models import Image, ImportFile, Rendition

FOLDERS = ["originals", "renditions", "staged", "previews"]


@dataclass(frozen=True)
class Finding:
    """One object or row that is not as it should be; problem is missing, differs or orphan."""

    problem: str
    file: str
    row: str = ""


def findings() -> Iterator[Finding]:
    """Everything that is wrong with the store; reads every original and rendition once."""
    # Objects are listed before the rows are read: a file is written before its row, so a fresh one is no orphan.
    there = {f"{folder}/{name}" for folder in FOLDERS for name in _listed(folder)}
    known: set[str] = set()
    for image in Image.objects.iterator():
        known |= {
            str(image.original),
            *(previews.kept_as(image, side) for side in (previews.THUMBNAIL, previews.LARGE)),
        }
        yield from _compared(str(image.original), image.original_sha256, f"image {image.pk}")
    for rendition in Rendition.objects.iterator():
        known.add(str(rendition.file))
        yield from _compared(str(rendition.file), rendition.sha256, f"rendition {rendition.pk}")
    for file in ImportFile.objects.exclude(staged="").iterator():
        known.add(str(file.staged))
        if not default_storage.exists(str(file.staged)):
            yield Finding("missing", str(file.staged), f"import {file.of_import_id}")
    for name in sorted(there - known):
        # A worker may have settled and removed it since it was listed.
        if default_storage.exists(name):
            yield Finding("orphan", name)


def _listed(folder: str) -> list[str]:
    try:
        return default_storage.listdir(folder)[1]
    except FileNotFoundError:
        return []


def _compared(name: str, sha256: str, row: str) -> Iterator[Finding]:
    try:
        with default_storage.open(name) as stored:
            found = hashlib.file_digest(stored, "sha256").hexdigest()
    except FileNotFoundError:
        yield Finding("missing", name, row)
        return
    if found != sha256:
        yield Finding("differs", name, row)
