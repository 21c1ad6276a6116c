"""How every open list grows: the modules of a folder. Adding a file adds the entry; nothing else changes."""

import pkgutil
from functools import cache
from importlib import import_module


@cache
def names(package: str) -> tuple[str, ...]:
    """The module names in a package, sorted; none is imported."""
    folder = import_module(package)
    return tuple(sorted(found.name for found in pkgutil.iter_modules(folder.__path__) if not found.name.startswith("_")))


def load(package: str, name: str, attribute: str) -> object:
    """The attribute of one module of the package. Raises KeyError naming what there is instead."""
    if name not in names(package):
        raise KeyError(f"{name} is none of: {', '.join(names(package))}")
    return getattr(import_module(f"{package}.{name}"), attribute)
