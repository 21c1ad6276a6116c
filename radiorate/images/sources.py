"""Where files come from: folders, and ZIP files that are looked over before anything in them is unpacked."""

import os
import stat
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from django.conf import settings

from radiorate.images.manifest import Unreadable

MOST_FILES = 50_000
BOMB_RATIO = 100  # radiographs shrink to a half or a tenth; a bomb to a thousandth
MANIFEST = "manifest.csv"


@dataclass(frozen=True)
class Found:
    """A file that was found: its path with forward slashes, its size in bytes, and how to read it."""

    name: str
    size: int
    read: Callable[[], bytes]


def folder(path: Path) -> list[Found]:
    """The files below a folder, or the one file, in order of their names; hidden files and links are left out."""
    if path.is_file():
        return [one(path)]
    files = []
    for place, folders, names in os.walk(path):
        folders[:] = [name for name in folders if not _is_noise(name)]
        for name in names:
            file = Path(place, name)
            if not _is_noise(name) and stat.S_ISREG(file.lstat().st_mode):
                files.append(Found(file.relative_to(path).as_posix(), file.stat().st_size, file.read_bytes))
    return sorted(files, key=lambda file: file.name)


def one(path: Path) -> Found:
    """The file of that path, under its name alone."""
    return Found(path.name, path.stat().st_size, path.read_bytes)


def is_archive(head: bytes) -> bool:
    """Whether a file that begins so is a ZIP file."""
    return head.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def archive(file: IO[bytes]) -> list[Found]:
    """The files in an open ZIP file; nothing is unpacked yet. Raises Unreadable where one would be dangerous."""
    size = file.seek(0, os.SEEK_END)
    try:
        opened = zipfile.ZipFile(file)
        entries = [entry for entry in opened.infolist() if not entry.is_dir()]
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError):
        raise Unreadable("The ZIP file is damaged.") from None
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > MOST_FILES:
        raise Unreadable(f"The ZIP file holds more than {MOST_FILES:,} files.")
    if unpacked > settings.IMPORT_MAX_BYTES:
        raise Unreadable(f"The ZIP file unpacks to more than {settings.IMPORT_MAX_BYTES:,} bytes.")
    if unpacked > BOMB_RATIO * size:
        raise Unreadable(f"The ZIP file unpacks to more than {BOMB_RATIO} times its size.")
    for entry in entries:
        path = PurePosixPath(entry.orig_filename.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or ":" in path.parts[0] or "\0" in entry.orig_filename:
            raise Unreadable("The ZIP file holds a path that leads out of it.")
        if entry.flag_bits & 0x1:
            raise Unreadable("The ZIP file is encrypted.")
        if path.suffix.lower() == ".zip":
            raise Unreadable("The ZIP file holds another ZIP file; unpack that first.")

    def reader(entry: zipfile.ZipInfo) -> Callable[[], bytes]:
        def read() -> bytes:
            try:
                return opened.read(entry)
            except Exception:
                raise Unreadable("The ZIP file is damaged.") from None

        return read

    kept = [entry for entry in entries if not any(map(_is_noise, PurePosixPath(entry.filename).parts))]
    return [Found(entry.filename, entry.file_size, reader(entry)) for entry in kept]


def split_manifest(files: list[Found]) -> tuple[list[Found], Found | None]:
    """The files without the manifest.csv among them, and that one: the one of the highest folder."""
    tables = [file for file in files if PurePosixPath(file.name).name.lower() == MANIFEST]
    if not tables:
        return files, None
    top = min(tables, key=lambda file: len(PurePosixPath(file.name).parts))
    return [file for file in files if file not in tables], top


def _is_noise(name: str) -> bool:
    return name.startswith(".") or name in ("__MACOSX", "Thumbs.db", "desktop.ini")
