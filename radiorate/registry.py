"""How every open list grows: the modules of a folder. Adding a file adds the entry; nothing else changes."""

import pkgutil
from functools import cache
from importlib import import_module


@cache
def names(package: str) -> tuple[str, ...]:
    """The module names in a package, sorted; none is imported."""
    modules = (module.name for module in pkgutil.iter_modules(import_module(package).__path__))
    return tuple(sorted(name for name in modules if not name.startswith("_")))


def load(package: str, name: str, attribute: str) -> object:
    """The attribute of one module of the package. Raises KeyError naming what there is instead."""
    if name not in names(package):
        raise KeyError(f"{name} is none of: {', '.join(names(package))}")
    return getattr(import_module(f"{package}.{name}"), attribute)
