"""Experiments as data: each TOML file says what is ordered, and which of its words and numbers a publication states."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from django.conf import settings

from generation.protocols.experiment import Prompt, Protocol
from generation.protocols.reading import read
from generation.protocols.wording import ASSUMED, FREE, STATED

__all__ = ["ASSUMED", "FREE", "STATED", "Prompt", "Protocol", "faults", "load", "names", "read"]

FOLDER = Path(__file__).parent


def names() -> list[str]:
    """The protocols there are."""
    return sorted(_files())


def load(name: str) -> Protocol:
    """The protocol of that name. Raises KeyError naming what there is instead, ValueError with what is wrong in it."""
    files = _files()
    if name not in files:
        raise KeyError(f"{name} is none of: {', '.join(sorted(files))}")
    return _read(files[name], files[name].stat().st_mtime_ns)


def readable() -> Iterator[Protocol]:
    """Every protocol that can be read."""
    for name in names():
        try:
            yield load(name)
        except ValueError:
            continue  # told by `faults`


def faults() -> list[str]:
    """A sentence for each file that can't be read."""
    sentences = []
    for name in names():
        try:
            load(name)
        except ValueError as error:
            sentences.append(str(error))
    return sentences


def _files() -> dict[str, Path]:
    """Where each protocol stands; one of an operator's own folders hides ours of the same name."""
    folders = [FOLDER, *map(Path, settings.PROTOCOL_FOLDERS)]
    return {path.stem: path for folder in folders for path in folder.glob("*.toml")}


@cache
def _read(path: Path, _changed_ns: int) -> Protocol:
    """Read once for each time the file was written."""
    try:
        return read(path.stem, path.read_text())
    except UnicodeDecodeError as error:
        raise ValueError(f"The protocol {path.stem} can't be read: it is no UTF-8 text.") from error
