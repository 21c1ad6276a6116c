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
def in_words(value: Any, key: str) -> str:
    """A setting: lists by commas, prompts a line each, of masks the regions they are for."""
    if key == "prompts":
        return "\n".join(_prompt(entry) for entry in value)
    if key == "read_as":
        return "\n".join(f"{wide}: {', '.join(narrow)}" for wide, narrow in value.items())
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | dict):
        return ", ".join(map(str, value))
    return str(value).replace("_", " ")


def _prompt(entry: str | Mapping[str, Any]) -> str:
    """A prompt's words, and what holds for it alone."""
    if isinstance(entry, str):
        return f"“{entry}”"
    rest = {key: value for key, value in entry.items() if key != "text"}
    return f"“{entry['text']}”" + "".join(f"; {key}: {_alone(value)}" for key, value in rest.items())


def _alone(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{side} {share}" for side, share in value.items())
    return ", ".join(value) if isinstance(value, list) else str(value)
