"""Open data sets as they are published: each file here turns one set's folders and labels into a manifest's rows."""

import csv
import gzip
import io
import re
import zlib
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath
from typing import IO, cast

from radiorate import registry
from radiorate.images.manifest import Row, Unreadable
from radiorate.images.sources import Found

LARGEST_TABLE = 500_000_000  # bytes unpacked; the largest of a published set has about 60 million
LONGEST_LINE = 100_000  # signs
PICTURES = {".png", ".jpg", ".jpeg", ".dcm", ".dicom"}
YES = ("1", "1.0")


class Tree:
    """The files of a published set: its pictures, and the label files among the others."""

    def __init__(self, files: Sequence[Found]) -> None:
        self.pictures = [file for file in files if PurePosixPath(file.name).suffix.lower() in PICTURES]
        self._labels = [file for file in files if PurePosixPath(file.name).suffix.lower() not in PICTURES]

    @cached_property
    def stems(self) -> dict[str, str]:
        """The pictures' paths by their file names without the ending."""
        return {PurePosixPath(file.name).stem: file.name for file in self.pictures}

    def labels(self, pattern: str) -> list[Found]:
        """The label files whose names without folders fit a regular expression whole, whatever their case."""
        names = re.compile(pattern, re.IGNORECASE)
        return [file for file in self._labels if names.fullmatch(PurePosixPath(file.name).name)]

    def rows(self, pattern: str) -> Iterator[Row]:
        """The rows of every CSV file, packed by gzip or not, that such a name has. Raises Unreadable."""
        for file in self.labels(pattern):
            try:
                yield from csv.DictReader(_lines(file), restval="")
            except csv.Error:
                raise _damaged(file) from None

    def has_table(self, pattern: str, *columns: str) -> bool:
        """Whether there is such a CSV file and its first line names these columns."""
        heads = (next(csv.reader(_lines(file)), []) for file in self.labels(pattern))
        return any(set(columns) <= set(head) for head in heads)


@dataclass(frozen=True)
class Layout:
    """One published set: what holds of all its pictures, how its tree is known, and what its labels say.

    licence: in words of which images.sharing knows what they allow.
    fits: whether a tree is this set's, or a part of it.
    rows: by the path of a picture, what the labels say of it in a manifest's columns; what they leave open is left out.
    """

    title: str
    licence: str
    source: str
    attribution: str
    fits: Callable[[Tree], bool]
    rows: Callable[[Tree], dict[str, Row]]

    def read(self, files: Sequence[Found]) -> list[tuple[Found, Row | None]]:
        """Each picture with its row, or None where the labels do not name it; label files are no pictures."""
        tree = Tree(files)
        if not tree.pictures:
            raise Unreadable(f"There is no picture in it that {self.title} would hold.")
        try:
            told = self.rows(tree)
        except KeyError as column:
            raise Unreadable(f"The labels lack a column that {self.title} has: {column}.") from None
        of_all = {"licence": self.licence, "source": self.source, "attribution": self.attribution}
        return [(file, told[file.name] | of_all if file.name in told else None) for file in tree.pictures]


def names() -> tuple[str, ...]:
    """The sets that are known, by the names of their files."""
    return registry.names(__name__)


def named(name: str) -> Layout:
    """The set of that name. Raises KeyError naming those there are."""
    return cast(Layout, registry.load(__name__, name, "LAYOUT"))


def recognised(files: Sequence[Found]) -> Layout | None:
    """The published set these files look like, if they look like one alone."""
    tree = Tree(files)
    fitting = [layout for layout in map(named, names()) if layout.fits(tree)]
    return fitting[0] if len(fitting) == 1 else None


def present(row: Row, but: Collection[str]) -> list[str]:
    """The findings of which a row says 1, each its own column; `but` are the columns that are none."""
    return [name for name, value in row.items() if name not in but and value in YES]


def joined(findings: Sequence[str]) -> str:
    """Findings as one pathology: in lower case, with commas between."""
    return ", ".join(finding.strip().lower().replace("_", " ") for finding in findings)


def _lines(file: Found) -> Iterator[str]:
    data = io.BytesIO(file.read())
    stream: IO[bytes] = data
    if file.name.lower().endswith(".gz"):
        stream = cast(IO[bytes], gzip.GzipFile(fileobj=data))
    text, left = io.TextIOWrapper(stream, "utf-8-sig", newline=""), LARGEST_TABLE
    try:
        while line := text.readline(LONGEST_LINE):
            left -= len(line)
            if left < 0:
                raise Unreadable(f"{file.name[-100:]} unpacks to more than {LARGEST_TABLE:,} bytes.")
            if len(line) == LONGEST_LINE:  # it may go on without end
                raise _damaged(file)
            yield line
    except (OSError, EOFError, zlib.error, UnicodeDecodeError):
        raise _damaged(file) from None


def _damaged(file: Found) -> Unreadable:
    return Unreadable(f"{file.name[-100:]} is damaged or no CSV file in UTF-8.")
