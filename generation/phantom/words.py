"""What a prompt asks for, read from its words."""

from __future__ import annotations

import re
from dataclasses import dataclass

from generation.phantom import regions

VIEW_WORDS = (
    (r"\bleft lateral\b|\bll\b", "LL"),
    (r"\bright lateral\b|\brl\b", "RL"),
    (r"\blateral\b|\bfrom the side\b|\bside view\b", "lateral"),
    (r"\bpa\b|\bpostero-?anterior\b|\bdorso-?palmar\b", "PA"),
    (r"\bap\b|\bantero-?posterior\b|\bdorso-?plantar\b", "AP"),
)


@dataclass(frozen=True)
class Wish:
    """The facts found in a prompt; empty strings where it says nothing."""

    body_part: str = ""
    view_position: str = ""
    laterality: str = ""
    sex: str = ""


def body_part_of(text: str) -> str:
    """The first body part named in the text that the phantom can draw, else an empty string."""
    found = []
    for name, region in regions.known().items():
        for word in region.WORDS:
            match = re.search(rf"\b{re.escape(word)}\b", text.lower())
            if match:
                found.append((match.start(), -len(word), name))
    return min(found)[2] if found else ""


def read(prompt: str) -> Wish:
    """The wish a prompt expresses."""
    text = prompt.lower()
    view = next((view for pattern, view in VIEW_WORDS if re.search(pattern, text)), "")
    side = "L" if re.search(r"\bleft\b", text) else "R" if re.search(r"\bright\b", text) else ""
    sex = "F" if re.search(r"\b(female|woman|girl)\b", text) else "M" if re.search(r"\b(male|man|boy)\b", text) else ""
    return Wish(body_part_of(text), view, side, sex)
