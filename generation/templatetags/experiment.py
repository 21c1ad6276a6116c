"""How the tables of a protocol are written on pages."""

from collections.abc import Mapping
from typing import Any

from django import template

register = template.Library()


@register.filter
def label(key: str) -> str:
    """“images_per_prompt” as “Images per prompt”."""
    return key.replace("_", " ").capitalize()


@register.filter
def in_words(value: Any) -> str:
    """A setting on one line: lists by commas; of a prompt its text, of masks the regions they are for."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return str(value.get("text") or ", ".join(value))
    if isinstance(value, list):
        return ", ".join(f"“{in_words(entry)}”" if _is_prompt(entry) else in_words(entry) for entry in value)
    return str(value).replace("_", " ")


def _is_prompt(entry: Any) -> bool:
    return (isinstance(entry, Mapping) and "text" in entry) or (isinstance(entry, str) and " " in entry)
