"""Rows against stored objects: what is missing, what changed, and what nobody knows of."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from django.apps import apps
from django.core.files.storage import default_storage
from django.db.models import FileField

from radiorate.images import previews
from radiorate.images.models import Image, Rendition

FOLDERS = ["originals", "renditions", "staged", "previews", "edits"]


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
            *previews.all_of(image),
        }
        yield from _compared(str(image.original), image.original_sha256, f"image {image.pk}")
    for rendition in Rendition.objects.iterator():
        known.add(str(rendition.file))
        yield from _compared(str(rendition.file), rendition.sha256, f"rendition {rendition.pk}")
    for name, row in _without_checksum():
        known.add(name)
        if not default_storage.exists(name):
            yield Finding("missing", name, row)
    for name in sorted(there - known):
        # A worker may have settled and removed it since it was listed.
        if default_storage.exists(name):
            yield Finding("orphan", name)


def _without_checksum() -> Iterator[tuple[str, str]]:
    """The files of all other rows, of whatever room, each with its row."""
    for model in set(apps.get_models()) - {Image, Rendition}:
        for field in model._meta.fields:
            if isinstance(field, FileField):
                kept = model._default_manager.exclude(**{field.name: ""}).order_by("pk")
                for pk, name in kept.values_list("pk", field.name).iterator():
                    yield name, f"{model._meta.verbose_name} {pk}"


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
