"""Experiments as data: each TOML file of this folder says what is ordered, and which words are the paper's own."""

import tomllib
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cache
from itertools import product
from pathlib import Path
from string import Formatter
from typing import Any

from generation.batches import JobSpec
from generation.provider import Mode

FOLDER = Path(__file__).parent
PLACEHOLDERS = ("region", "view", "side")
STATED, INFERRED, FREE = "stated", "inferred", "free"
VIEW_WORDS = {"AP": "AP", "PA": "PA", "LL": "lateral", "RL": "lateral", "": ""}
SIDE_WORDS = {"L": "left", "R": "right", "B": "both", "U": "", "": ""}


@dataclass(frozen=True)
class Prompt:
    """Words to fill in for every region, view and side named here; an empty view or side is left to the generator.

    text: may hold {region}, {view} ("PA", "lateral") and {side} ("left").
    source: "stated" in the publication, "inferred" by us, or "free".
    """

    text: str
    source: str
    regions: tuple[str, ...] = ("",)
    views: tuple[str, ...] = ("",)
    sides: tuple[str, ...] = ("",)
    pathology: str = ""
    note: str = ""
    options: dict[str, Any] = field(default_factory=dict)

    def orders(self, n: int, mode: Mode, width: int, height: int) -> list[JobSpec]:
        """n orders of each combination, in the file's order; the seed is left open.

        Raises ValueError where the text holds anything else in braces, KeyError for an unknown view or side.
        """
        for _, name, form, conversion in Formatter().parse(self.text):
            # {region:>999999999} or {region.__class__} would be filled in too.
            if name is not None and (name not in PLACEHOLDERS or form or conversion):
                raise ValueError(f"“{{{name}}}” is none of {{region}}, {{view}} and {{side}}")
        specs = []
        for region, view, side in product(self.regions, self.views, self.sides):
            words = {"region": region, "view": VIEW_WORDS[view], "side": SIDE_WORDS[side]}
            spec = JobSpec(
                prompt=" ".join(self.text.format(**words).split()),
                mode=mode,
                prompt_source=self.source,
                body_part=region,
                # A lateral of a right limb lies on its right side.
                view_position="RL" if view == "LL" and side == "R" else view,
                laterality=side,
                pathology=self.pathology,
                width=width,
                height=height,
                options=self.options,
            )
            specs += [spec] * n
        return specs


@dataclass(frozen=True)
class Protocol:
    """An experiment: where it comes from, its prompts, and how many images of each."""

    name: str
    title: str
    source: str
    prompts: tuple[Prompt, ...]
    n: int
    note: str = ""
    mode: Mode = Mode.TEXT_TO_IMAGE
    width: int = 1024
    height: int = 1024

    @property
    def regions(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(region for prompt in self.prompts for region in prompt.regions if region))

    def orders(
        self, *, only: Collection[str] = (), n: int | None = None, width: int | None = None, height: int | None = None
    ) -> list[JobSpec]:
        """What it orders: of all its regions or only of those named, in its own number and size or in these."""
        size = width or self.width, height or self.height
        specs = [spec for prompt in self.prompts for spec in prompt.orders(n or self.n, self.mode, *size)]
        return [spec for spec in specs if not only or spec.body_part in only]

    def facts(self) -> dict[str, Any]:
        """What a batch keeps of it, so that a later edit of the file changes no record."""
        prompts = [{"text": prompt.text, "source": prompt.source, "note": prompt.note} for prompt in self.prompts]
        return {"title": self.title, "source": self.source, "note": self.note, "n": self.n, "prompts": prompts}


def names() -> list[str]:
    """The protocols there are."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


@cache
def load(name: str) -> Protocol:
    """The protocol of that name. Raises KeyError naming what there is instead."""
    if name not in names():
        raise KeyError(f"{name} is none of: {', '.join(names())}")
    return read(name, (FOLDER / f"{name}.toml").read_text())


def read(name: str, text: str) -> Protocol:
    """A protocol from its TOML. Raises ValueError with what is wrong in it."""
    try:
        table = tomllib.loads(text)
        prompts = tuple(_prompt(entry) for entry in table.pop("prompts"))
        mode = Mode(table.pop("mode", Mode.TEXT_TO_IMAGE))
        return Protocol(name=name, prompts=prompts, mode=mode, **table)
    except (tomllib.TOMLDecodeError, TypeError, KeyError, ValueError) as error:
        raise ValueError(f"The protocol {name} can't be read: {error}") from error


def _prompt(entry: dict[str, Any]) -> Prompt:
    lists: dict[str, Any] = {key: tuple(entry[key]) for key in ("regions", "views", "sides") if key in entry}
    prompt = Prompt(**(entry | lists))
    if prompt.source not in (STATED, INFERRED):
        raise ValueError(f"“{prompt.source}” is no source: a prompt is stated in the publication or inferred by us")
    prompt.orders(1, Mode.TEXT_TO_IMAGE, 1, 1)  # an unknown placeholder, view or side shows here
    return prompt
