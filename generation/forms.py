"""What an admin fills in on the pages of this room."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django import forms
from django.db.models import Exists, OuterRef
from django.http import QueryDict

from generation import batches, protocols
from generation.batches import JobSpec
from generation.models import Generator
from generation.protocols import FREE, Prompt, draw, wording
from radiorate.images.forms import SeveralFilesField, WithdrawForm
from radiorate.images.models import Collection, Image, Laterality, Origin, Sex, ViewPosition

SIDES = [side for side in Laterality.choices if side[0] in ("L", "R")]
SEXES = [sex for sex in Sex.choices if sex[0] in ("F", "M")]


class OrderForm(forms.Form):
    """What every order says: from which generators, under which budget, into which collection."""

    # Each page has its own, and keeps it when it is sent again.
    launch_id = forms.UUIDField(required=False, initial=uuid4, widget=forms.HiddenInput(attrs={"autocomplete": "off"}))
    generator = forms.ModelMultipleChoiceField(
        Generator.objects.filter(is_active=True), widget=forms.CheckboxSelectMultiple, label="Generators"
    )
    budget_usd = forms.DecimalField(
        initial=Decimal(0),
        min_value=Decimal(0),
        max_digits=10,
        decimal_places=4,
        label="Budget in US dollars",
        help_text="Of each generator. Never exceeded; 0 orders free images only.",
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
        # Ticked while nobody has touched the form: the phantom, so that no paid service is chosen by not looking.
        free = Generator.objects.filter(is_active=True, provider="phantom")[:1]
        self.fields["generator"].initial = list(free)


class LaunchForm(OrderForm):
    """An order of images: a protocol, or a free prompt with its regions; from one or several generators."""

    protocol = forms.ChoiceField(required=False)
    regions = forms.CharField(
        required=False,
        max_length=300,
        help_text="Separated by commas. With a protocol: only these of its regions; empty for all.",
    )
    sources = forms.ModelChoiceField(
        Collection.objects.filter(Exists(Image.objects.filter(collection=OuterRef("pk")))),
        required=False,
        empty_label="none",
        label="Images to edit",
        help_text="For inpainting and outpainting: the collection from which the protocol draws its images. To try it "
        "without any, launch “Radiographs to edit” first.",
    )
    prompt = forms.CharField(
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="{region}, {view}, {side} and {sex} are filled in; “A(n)” becomes the right article.",
    )
    views = forms.MultipleChoiceField(required=False, choices=ViewPosition.choices, widget=forms.CheckboxSelectMultiple)
    sides = forms.MultipleChoiceField(required=False, choices=SIDES, widget=forms.CheckboxSelectMultiple)
    sexes = forms.MultipleChoiceField(required=False, choices=SEXES, widget=forms.CheckboxSelectMultiple)
    n = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=batches.MOST_JOBS,
        label="Images each",
    )
    width = forms.IntegerField(required=False, min_value=64, max_value=8192, label="Width, pixels")
    height = forms.IntegerField(required=False, min_value=64, max_value=8192, label="Height, pixels")
    new_collection = forms.CharField(
        required=False,
        max_length=120,
        label="Name of the new collection",
        help_text="Empty: one for each generator, named after the protocol and it.",
    )

    there: Sequence[str] = ()  # where images to edit are missing, the regions of which there are some

    def __init__(self, data: QueryDict | None = None) -> None:
        if data and data.get("only"):  # the button that orders what there is
            data = data.copy()
            data["regions"] = str(data["only"])
        super().__init__(data)
        found = sorted(protocols.readable(), key=lambda protocol: protocol.title)
        groups = [
            ("Of publications", [(one.name, one.title) for one in found if one.publication]),
            ("Questions of our own", [(one.name, one.title) for one in found if not one.publication]),
        ]
        self.fields["protocol"].choices = [("", "none: a free prompt"), *groups]  # type: ignore[attr-defined]
        self.fields["protocol"].initial = next((one.name for one in found if one.publication), "")

    @property
    def fact_fields(self) -> list[forms.BoundField]:
        """What a free prompt may have filled in, besides regions."""
        return [self[name] for name in ("views", "sides", "sexes")]

    def clean_regions(self) -> tuple[str, ...]:
        regions = (" ".join(region.lower().split()) for region in self.cleaned_data["regions"].split(","))
        return tuple(dict.fromkeys(filter(None, regions)))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("protocol") and not data.get("prompt"):
            self.add_error("prompt", "Choose a protocol or write a prompt.")
        if not data.get("protocol") and not data.get("collection") and not data.get("new_collection"):
            self.add_error("new_collection", "Name the collection the images are for.")
        if not self.errors:
            self._order(data)
        return data

    def _order(self, data: dict[str, Any]) -> None:
        """Turn the fields into `experiment`, what is `asked` of it and `orders`, and say what can't be."""
        data["experiment"] = experiment = protocols.load(data["protocol"]) if data["protocol"] else None
        if experiment is None:
            try:
                data["orders"] = self._free_orders(data)
            except ValueError:
                self.add_error("prompt", "In braces may stand only {region}, {view}, {side} and {sex}.")
            return
        if strange := [region for region in data["regions"] if region not in experiment.regions]:
            self.add_error("regions", f"Not in this protocol: {', '.join(strange)}.")
            return
        if experiment.edits and not data["sources"]:
            self.add_error("sources", "This protocol edits images: choose the collection they come from.")
            return
        data["asked"] = asked = {name: data[name] for name in ("n", "width", "height")}
        try:
            asked["sources"] = draw.sources(experiment, data["sources"], data["regions"]) if experiment.edits else None
            data["orders"] = experiment.orders(only=data["regions"], **asked)
        except draw.Missing as missing:
            self.there = missing.there
            self.add_error("sources", missing.problems)
        except batches.Impossible as impossible:
            self.add_error("n", impossible.problems)

    def _free_orders(self, data: dict[str, Any]) -> list[JobSpec]:
        lists: dict[str, Any] = {name: tuple(data[name]) or ("",) for name in ("regions", "views", "sides", "sexes")}
        if wording.placeholders(data["prompt"]) - {"region", "view", "side", "sex"}:
            raise ValueError("there is no field for it")
        size = {"width": data["width"] or 1024, "height": data["height"] or 1024}
        return Prompt(data["prompt"], **lists).orders(data["n"] or 1, prompt_source=FREE, **size)


class ImportForm(forms.Form):
    """Pictures that were made elsewhere, what they were ordered by, and where they belong."""

    pictures = SeveralFilesField(
        label="Pictures",
        allow_empty_file=True,
        help_text="A ZIP file, or the pictures themselves.",
        error_messages={"required": "Choose a ZIP file or some pictures."},
    )
    manifest = forms.FileField(
        required=False,
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
        help_text="Empty: the manifest.csv in the ZIP file.",
    )
    generator = forms.CharField(
        max_length=64, help_text="The name that exports show, such as dall-e-2; a new one can't be ordered from."
    )
    collection = forms.CharField(max_length=120, help_text="Of synthetic images; made where it is missing.")


class ResumeForm(forms.Form):
    """Under which budget a batch goes on."""

    budget_usd = forms.DecimalField(min_value=Decimal(0), max_digits=10, decimal_places=4, label="Budget in US dollars")


class ExcludeForm(WithdrawForm):
    """Why an output is left out; no free reason, so that none is left out for its looks."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(Origin.SYNTHETIC, *args, **kwargs)


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
