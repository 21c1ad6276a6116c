"""What an admin fills in on the pages of this room."""

from decimal import Decimal
from typing import Any

from django import forms

from generation import batches, protocols
from generation.batches import JobSpec
from generation.models import Generator
from generation.protocols import FREE, Prompt
from generation.provider import Mode
from radiorate.images.models import Collection, Laterality, Origin, ViewPosition

SIDES = [side for side in Laterality.choices if side[0] in ("L", "R")]


class LaunchForm(forms.Form):
    """An order of images: a protocol, or a free prompt with its regions."""

    generator = forms.ModelChoiceField(Generator.objects.filter(is_active=True), empty_label=None)
    protocol = forms.ChoiceField(required=False)
    prompt = forms.CharField(
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Without a protocol. {region}, {view} and {side} are filled in from the fields below.",
    )
    regions = forms.CharField(
        required=False,
        max_length=300,
        help_text="Separated by commas, one prompt each. With a protocol: only these of its regions; empty for all.",
    )
    views = forms.MultipleChoiceField(
        required=False, choices=ViewPosition.choices, widget=forms.CheckboxSelectMultiple, label="Views (free prompt)"
    )
    sides = forms.MultipleChoiceField(
        required=False, choices=SIDES, widget=forms.CheckboxSelectMultiple, label="Sides (free prompt)"
    )
    n = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=batches.MOST_JOBS,
        label="Images of each prompt",
        help_text="Empty: as the protocol says, or one.",
    )
    width = forms.IntegerField(required=False, min_value=64, max_value=8192, label="Width in pixels")
    height = forms.IntegerField(
        required=False,
        min_value=64,
        max_value=8192,
        label="Height in pixels",
        help_text="Empty: as the protocol says, or 1024.",
    )
    budget_usd = forms.DecimalField(
        initial=Decimal(0),
        min_value=Decimal(0),
        max_digits=10,
        decimal_places=4,
        label="Budget in US dollars",
        help_text="Never exceeded; 0 orders free images only.",
    )
    collection = forms.ModelChoiceField(
        Collection.objects.filter(origin=Origin.SYNTHETIC),
        required=False,
        empty_label="a new collection",
        label="Put the images into",
    )
    new_collection = forms.CharField(required=False, max_length=120, label="Name of the new collection")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = [(name, protocols.load(name).title) for name in protocols.names()]
        self.fields["protocol"].choices = [("", "none: a free prompt"), *known]  # type: ignore[attr-defined]

    def clean_regions(self) -> tuple[str, ...]:
        regions = (" ".join(region.lower().split()) for region in self.cleaned_data["regions"].split(","))
        return tuple(dict.fromkeys(filter(None, regions)))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("protocol") and not data.get("prompt"):
            self.add_error("prompt", "Choose a protocol or write a prompt.")
        if not data.get("collection") and not data.get("new_collection"):
            self.add_error("new_collection", "Name the collection the images are for.")
        if not self.errors:
            self._order(data)
        return data

    def _order(self, data: dict[str, Any]) -> None:
        """Turn the fields into `orders`, and say what can't be."""
        if data["protocol"]:
            protocol = protocols.load(data["protocol"])
            strange = [region for region in data["regions"] if region not in protocol.regions]
            if strange:
                self.add_error("regions", f"Not in this protocol: {', '.join(strange)}.")
                return
            data["facts"] = protocol.facts()
            data["orders"] = protocol.orders(
                only=data["regions"], n=data["n"], width=data["width"], height=data["height"]
            )
            return
        data["facts"] = {}
        try:
            data["orders"] = self._free_orders(data)
        except ValueError:
            self.add_error("prompt", "In braces may stand only {region}, {view} and {side}.")

    def _free_orders(self, data: dict[str, Any]) -> list[JobSpec]:
        regions, views, sides = (tuple(data[name]) or ("",) for name in ("regions", "views", "sides"))
        prompt = Prompt(data["prompt"], FREE, regions, views, sides)
        return prompt.orders(data["n"] or 1, Mode.TEXT_TO_IMAGE, data["width"] or 1024, data["height"] or 1024)

    def target(self) -> Collection:
        """Where the images go; a new collection isn't stored yet."""
        return self.cleaned_data["collection"] or batches.target(self.cleaned_data["new_collection"])


class ResumeForm(forms.Form):
    """Under which budget a batch goes on."""

    budget_usd = forms.DecimalField(min_value=Decimal(0), max_digits=10, decimal_places=4, label="Budget in US dollars")


class SettleForm(forms.Form):
    """A person's word on a job whose outcome is unknown."""

    charged = forms.ChoiceField(
        choices=[("yes", "It was charged"), ("no", "It was not charged")],
        widget=forms.RadioSelect,
        label="What does the provider's account say?",
    )
    then = forms.ChoiceField(
        choices=[("again", "Order the image again, as a new attempt"), ("give_up", "Leave it: the job has failed")],
        widget=forms.RadioSelect,
        label="And now?",
    )

    def word(self) -> dict[str, bool]:
        return {
            "was_charged": self.cleaned_data["charged"] == "yes",
            "order_again": self.cleaned_data["then"] == "again",
        }
