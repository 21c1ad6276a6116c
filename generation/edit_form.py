"""What an admin fills in to have one image edited: where, how far, in how many steps, by whom."""

import json
from dataclasses import replace
from typing import Any

from django import forms

from generation import batches, editing, masking
from generation.batches import JobSpec
from generation.forms import OrderForm
from generation.protocols import FREE
from generation.provider import Mode, Pad
from radiorate.images.models import Image

EDITS = [
    (Mode.INPAINTING.value, "Inpaint: change what lies under a mask"),
    (Mode.OUTPAINTING.value, "Extend: add what lies beyond"),
    (Mode.VARIATION.value, "Vary: another image after this one"),
]
RECTANGLE = {"x": "left", "y": "top", "width": "width", "height": "height"}
SIDES = ("left", "right", "top", "bottom")
MOST_STEPS = 12
LARGEST = 1024  # pixels: the longer side of the picture that is edited, at most


def percents(label: str, most: int) -> forms.FloatField:
    widget = forms.NumberInput(attrs={"step": 1})
    return forms.FloatField(required=False, min_value=0, max_value=most, label=label, widget=widget)


class EditForm(OrderForm):
    """The order of edits of one image, as `orders` in the cleaned data.

    The mask is what was drawn together with the one rectangle given in numbers: so it needs no pointer and no script.
    """

    mode = forms.ChoiceField(choices=EDITS, initial=Mode.INPAINTING.value, widget=forms.RadioSelect)
    shapes = forms.CharField(required=False, widget=forms.HiddenInput)
    mask_left = percents("Left", 100)
    mask_top = percents("Top", 100)
    mask_width = percents("Width", 100)
    mask_height = percents("Height", 100)
    pad_left = percents("Left", 400)
    pad_right = percents("Right", 400)
    pad_top = percents("Top", 400)
    pad_bottom = percents("Bottom", 400)
    steps = forms.IntegerField(
        initial=1,
        min_value=1,
        max_value=MOST_STEPS,
        help_text="Each extends what the one before made, by as much again.",
    )
    prompt = forms.CharField(max_length=4000, widget=forms.Textarea(attrs={"rows": 2}))
    n = forms.IntegerField(initial=1, min_value=1, max_value=batches.MOST_JOBS, label="Images")

    def __init__(self, image: Image, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.image = image
        self.fields["prompt"].initial = f"An X-ray of the {image.body_part}" if image.body_part else ""
        self.fields["new_collection"].initial = f"edits of {image.collection}"[:120]

    @property
    def rectangle(self) -> list[forms.BoundField]:
        return [self[f"mask_{name}"] for name in RECTANGLE.values()]

    @property
    def pads(self) -> list[forms.BoundField]:
        return [self[f"pad_{side}"] for side in SIDES]

    def clean_shapes(self) -> list[Any]:
        if not (text := self.cleaned_data["shapes"]):
            return []
        try:
            shapes = json.loads(text)["shapes"]
        except (ValueError, TypeError, KeyError):
            raise forms.ValidationError("The mask can't be read.") from None
        if problems := masking.problems({"shapes": shapes}):
            raise forms.ValidationError(problems)
        return list(shapes)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("collection") and not data.get("new_collection"):
            self.add_error("new_collection", "Name the collection the images are for.")
        if not self.errors:
            data |= {"experiment": None, "orders": self._orders(data)}
        if not self.errors and len(data["orders"]) > batches.MOST_JOBS:
            self.add_error("n", f"{len(data['orders'])} images are more than a batch holds ({batches.MOST_JOBS}).")
        return data

    def _orders(self, data: dict[str, Any]) -> list[JobSpec]:
        """The orders; every chain of steps stands in a row, each after the step before."""
        mode = Mode(data["mode"])
        spec = JobSpec(data["prompt"], mode, FREE, source=self.image, width=LARGEST, height=LARGEST)
        if mode is Mode.VARIATION:
            return [spec] * data["n"]
        if mode is Mode.INPAINTING:
            shapes = [*data["shapes"], *self._rectangle(data)]
            if not shapes:
                self.add_error("mode", "Draw a mask first, or give a rectangle in numbers.")
            return [replace(spec, mask_shape={"shapes": shapes})] * data["n"]
        pad = self._pad(data)
        if not any(vars(pad).values()):
            self.add_error("mode", "Say how far the image is to be extended, on one side at least.")
        chains = range(0, data["n"] * data["steps"], data["steps"])
        further = [replace(spec, pad=pad, source=None, step_after=0)] * (data["steps"] - 1)
        return [
            replace(step, step_after=first + place - 1) if place else step
            for first in chains
            for place, step in enumerate([replace(spec, pad=pad), *further])
        ]

    def _rectangle(self, data: dict[str, Any]) -> list[dict[str, Any]]:
        given = {share: (data[f"mask_{name}"] or 0) / 100 for share, name in RECTANGLE.items()}
        return [{"kind": "rectangle", **given}] if given["width"] and given["height"] else []

    def _pad(self, data: dict[str, Any]) -> Pad:
        """The growth in pixels of the picture that is edited; the fields are percents of its width or height."""
        width, height = editing.working_size(self.image.width, self.image.height, LARGEST, LARGEST)
        of = {"left": width, "right": width, "top": height, "bottom": height}
        return Pad(**{side: round((data[f"pad_{side}"] or 0) / 100 * of[side]) for side in SIDES})
