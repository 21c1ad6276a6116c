"""The CSV beside the pictures: one row a file, only the column `file` is required."""

import csv
from collections import Counter
from collections.abc import Sequence
from pathlib import PurePosixPath

LARGEST = 50_000_000  # bytes
SAVE_IT = "open it in a spreadsheet program and save it as “CSV UTF-8”"

Row = dict[str, str]


class Unreadable(Exception):
    """An upload, folder or manifest that can't be taken as a whole; the message is one sentence."""


class Manifest:
    """The rows by the file they name."""

    def __init__(self, rows: dict[str, Row]) -> None:
        self.rows = rows

    def match(self, names: Sequence[str]) -> tuple[dict[str, Row], list[str]]:
        """The row of each file that has one, and the files named in rows that match none.

        names: paths as found, with forward slashes. A row finds its file by the whole path, or by the end of it where
        only one file ends so: ZIP files often wrap all in a folder.
        """
        left = dict(self.rows)
        found = {name: left.pop(name) for name in names if name in left}
        endings = Counter(ending for name in names if name not in found for ending in _endings(name))
        for name in names:
            if name not in found:
                ending = next((end for end in _endings(name) if end in left and endings[end] == 1), None)
                if ending:
                    found[name] = left.pop(ending)
        return found, list(left)


def _endings(name: str) -> list[str]:
    parts = PurePosixPath(name).parts
    return ["/".join(parts[start:]) for start in range(1, len(parts))]


def read(data: bytes, name: str) -> Manifest:
    """The manifest in a CSV file's bytes: UTF-8, commas or semicolons between. Raises Unreadable, naming the file."""
    name = name[-100:]
    if len(data) > LARGEST:
        raise Unreadable(f"{name} is larger than {LARGEST:,} bytes.")
    try:
        lines = data.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise Unreadable(f"{name} is not CSV in UTF-8: {SAVE_IT}.") from None
    head = lines[0] if lines else ""
    rows: dict[str, Row] = {}
    try:
        for raw in csv.DictReader(lines, delimiter=";" if head.count(";") > head.count(",") else ",", strict=True):
            row = {str(key).strip().lower(): value.strip() for key, value in raw.items() if isinstance(value, str)}
            if "file" not in row:
                raise Unreadable(
                    f"{name} has no column named file: its first line must name the columns, that one too."
                )
            path = row["file"].replace("\\", "/").removeprefix("./")
            if path in rows:
                raise Unreadable(f"{name} has two rows for {path[:100]}: leave one of them.")
            if path:
                rows[path] = row
    except csv.Error as problem:
        raise Unreadable(f"{name} is not CSV ({problem}): {SAVE_IT}.") from None
    if not rows:
        raise Unreadable(f"{name} names no file: write one row for each picture, its name in the column file.")
    return Manifest(rows)
