"""Draws that come out the same on every machine and every version of Python.

An item's place in a draw is the SHA-256 of the draw's name and the item, so a draw depends neither on the order in
which the items arrive nor on a random generator's inner workings, and one item more leaves the others' order alone.
"""

import hashlib
from collections.abc import Callable, Iterable
from typing import TypeVar

T = TypeVar("T")


def number(*name: object) -> int:
    """A whole number below 2**256 that follows from the name alone."""
    return int.from_bytes(hashlib.sha256("\x1f".join(map(str, name)).encode()).digest(), "big")


def shuffled(items: Iterable[T], *name: object, key: Callable[[T], object] = str) -> list[T]:
    """The items in the order of the named draw; `key` says what an item is called in it, each called differently."""
    return sorted(items, key=lambda item: number(*name, key(item)))
