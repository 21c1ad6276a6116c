"""What the phantom can draw: one module a body part, found by its presence in this folder.

A region holds BODY_PART (as written in lists of images), WORDS (how prompts call it), VIEWS (the first is the usual
one), SIDED (has a left and a right), DEFECTS (the names it offers), `draw(patient) -> Scene`, and perhaps OWN_DEFECTS
(name -> act), for defects only this region can have. Modules without a BODY_PART are anatomy that regions share.
"""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module
from types import ModuleType


@cache
def known() -> dict[str, ModuleType]:
    """Every region by its body part."""
    modules = [import_module(f"{__name__}.{entry.name}") for entry in pkgutil.iter_modules(__path__)]
    return {module.BODY_PART: module for module in modules if hasattr(module, "BODY_PART")}


def load(body_part: str) -> ModuleType:
    """The region that draws the body part; KeyError when there is none."""
    return known()[body_part]
