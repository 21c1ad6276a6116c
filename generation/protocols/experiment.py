"""An experiment as data, and the orders it makes."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from generation import editing
from generation.batches import Impossible, JobSpec
from generation.protocols import wording
from generation.provider import Mode, Pad
from radiorate.images.models import Image

# The lists of a protocol file, and the placeholder that takes one value of each.
LISTS = {
    "regions": "region",
    "views": "view",
    "sides": "side",
    "sexes": "sex",
    "pathologies": "pathology",
    "modalities": "modality",
}
MODALITIES = {"MRI": "MR", "ultrasound": "US"}  # as DICOM has them; CT and X-ray are called so already


@dataclass(frozen=True)
class Prompt:
    """Words to fill in for every value of the lists given here; what is empty is left to the generator.

    text: may hold {region}, {view} ("PA", "lateral"), {side} ("left"), {sex} ("female"), {pathology}, {modality}.
    pad: how far an outpainting extends its source, as shares of the source's width and height.
    shows: the body part of the picture made, where that isn't the region.
    """

    text: str
    regions: tuple[str, ...] = ("",)
    views: tuple[str, ...] = ("",)
    sides: tuple[str, ...] = ("",)
    sexes: tuple[str, ...] = ("",)
    pathologies: tuple[str, ...] = ("",)
    modalities: tuple[str, ...] = ("",)
    pad: Mapping[str, float] = field(default_factory=dict)
    shows: str = ""

    def values(self, only: Collection[str] = ()) -> Iterator[dict[str, str]]:
        """A value for each placeholder, in the file's order; of all regions or only of those named."""
        regions = [region for region in self.regions if not only or region in only]
        rest = (self.views, self.sides, self.sexes, self.pathologies, self.modalities)
        for combination in product(regions, *rest):
            yield dict(zip(wording.PLACEHOLDERS, combination, strict=True))

    def order(self, values: Mapping[str, str], stated: Collection[str] = (), **fields: Any) -> JobSpec:
        """One order with these values filled in. Raises ValueError where the text has other words in braces.

        stated: the pieces of a prompt that a publication states.
        """
        wording.placeholders(self.text)
        prompt = wording.fill(self.text, values)
        view, side, modality = values["view"], values["side"], values["modality"]
        facts = {
            "body_part": self.shows or values["region"],
            # A lateral of a right limb lies on its right side.
            "view_position": "RL" if view == "LL" and side == "R" else view,
            "laterality": side,
            "patient_sex": values["sex"],
            "pathology": values["pathology"],
            "modality": MODALITIES.get(modality, modality),
        }
        return JobSpec(**{"prompt": prompt, "prompt_source": wording.source_of(prompt, stated), **facts, **fields})

    def orders(self, n: int, **fields: Any) -> list[JobSpec]:
        """n orders of each combination of values."""
        return [spec for values in self.values() for spec in [self.order(values, **fields)] * n]

    def pad_of(self, source: Image, width: int, height: int) -> Pad | None:
        """How far the source is extended, in pixels of the size it is edited at; None where it isn't."""
        across, down = editing.working_size(source.width, source.height, width, height)
        sides = {"left": across, "right": across, "top": down, "bottom": down}
        return Pad(**{side: round(share * sides[side]) for side, share in self.pad.items()}) if self.pad else None


@dataclass(frozen=True)
class Protocol:
    """An experiment: where it comes from, its prompts, and how many images of each.

    stated, assumed: what the publication says and what was filled in here, as the file has them.
    seeds: one for each image of a prompt, the same for all prompts; empty: drawn at the launch.
    An experiment that edits takes `sources_per_region` images with one of `source_views` from a collection, drawn with
    `draw_seed`. masks: by region, the shapes inside which an inpainting may change the source.
    in_steps: each prompt extends the picture of the one before.
    """

    name: str
    title: str
    prompts: tuple[Prompt, ...]
    publication: str = ""
    note: str = ""
    stated: Mapping[str, Any] = field(default_factory=dict)
    assumed: Mapping[str, Any] = field(default_factory=dict)
    mode: Mode = Mode.TEXT_TO_IMAGE
    images_per_prompt: int = 1
    width: int = 1024
    height: int = 1024
    seeds: tuple[int, ...] = ()
    generators: int = 1
    every: str = ""
    sources_per_region: int = 1
    source_views: tuple[str, ...] = ()
    draw_seed: int = 0
    masks: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    in_steps: bool = False

    @property
    def edits(self) -> bool:
        return self.mode != Mode.TEXT_TO_IMAGE

    @property
    def regions(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(region for prompt in self.prompts for region in prompt.regions if region))

    def stated_in(self, prompt: Prompt, values: Mapping[str, str]) -> set[str]:
        """The pieces of this prompt that the publication states."""
        names = wording.placeholders(prompt.text)
        filled_in = {key: values[name] for key, name in LISTS.items() if name in names}
        stated = {
            wording.word(LISTS[key], value) for key, value in filled_in.items() if value in self.stated.get(key, ())
        }
        texts = [entry if isinstance(entry, str) else entry["text"] for entry in self.stated.get("prompts", ())]
        whole = wording.literals(prompt.text) if prompt.text in texts else set()
        return {*self.stated.get("words", ()), *whole, *stated}

    def pieces(self) -> dict[str, list[tuple[str, bool]]]:
        """Of every prompt it can send the pieces, each with whether the publication states it."""
        each = ((prompt, values) for prompt in self.prompts for values in prompt.values())
        filled = ((wording.fill(prompt.text, values), self.stated_in(prompt, values)) for prompt, values in each)
        return {prompt: wording.marked(prompt, stated) for prompt, stated in filled}

    def orders(
        self,
        *,
        only: Collection[str] = (),
        n: int | None = None,
        width: int | None = None,
        height: int | None = None,
        sources: Mapping[str, Sequence[Image]] | None = None,
    ) -> list[JobSpec]:
        """What it orders: of all its regions or only of those named, in its own number and size or in these.

        sources: for an experiment that edits, the images of each region.
        Raises Impossible where there are fewer fixed seeds than images asked for.
        """
        n = n or self.images_per_prompt
        if self.seeds and n > len(self.seeds):
            raise Impossible(
                [f"The protocol {self.name} fixes {len(self.seeds)} seeds: it gives no {n} of each prompt."]
            )
        seeds: Sequence[int | None] = self.seeds[:n] or [None] * n
        size = {"width": width or self.width, "height": height or self.height}
        if self.in_steps:
            chains = [(self.prompts, values) for values in self.prompts[0].values(only)]
        else:
            chains = [((prompt,), values) for prompt in self.prompts for values in prompt.values(only)]
        specs: list[JobSpec] = []
        for chain, values in chains:
            edited: Sequence[Image | None] = (sources or {})[values["region"]] if self.edits else [None]
            for source, seed in product(edited, seeds):
                for step, prompt in enumerate(chain):
                    fields = {"mode": self.mode, "seed": seed, **size, **self._edit(prompt, values, source, size)}
                    before = {"source": None, "step_after": len(specs) - 1} if step else {}
                    specs.append(prompt.order(values, self.stated_in(prompt, values), **fields | before))
        return specs

    def _edit(
        self, prompt: Prompt, values: Mapping[str, str], source: Image | None, size: Mapping[str, int]
    ) -> dict[str, Any]:
        """What is done to the source, if there is one."""
        if source is None:
            return {}
        mask = self.masks.get(values["region"])
        return {"source": source, "mask_shape": mask and {"shapes": mask}, "pad": prompt.pad_of(source, **size)}

    def facts(self) -> dict[str, Any]:
        """What a batch keeps of it, so that a later edit of the file changes no record."""
        names = ("title", "publication", "note", "stated", "assumed")
        return {name: getattr(self, name) for name in names}
