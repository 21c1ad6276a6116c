"""Forms of the images room."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet

from radiorate.images import layouts, masking
from radiorate.images.facts import normalise
from radiorate.images.imports import NO_LAYOUT
from radiorate.images.models import Collection, Ground, Image, Laterality, Origin, Sex, ViewPosition

AS_IT_IS = ("", "as it is")


class CollectionForm(forms.ModelForm):
    origin = forms.ChoiceField(choices=Origin.choices, help_text="For good: a collection holds images of one origin.")
    has_cross_sections = forms.BooleanField(
        required=False,
        label="For cross-sections and ultrasound, too",
        help_text="For good: DICOM files of CT, MR and ultrasound are refused elsewhere.",
    )

    class Meta:
        model = Collection
        fields = ["name", "source", "licence", "citation"]
        widgets = {"citation": forms.Textarea(attrs={"rows": 3})}

    field_order = ["name", "origin", "has_cross_sections", "source", "licence", "citation"]

    def save(self, commit: bool = True) -> Collection:
        """The collection with what can't be edited later and so is no field of the model's form."""
        self.instance.origin = self.cleaned_data["origin"]
        self.instance.has_cross_sections = self.cleaned_data["has_cross_sections"]
        return super().save(commit)


class SeveralFiles(forms.FileInput):
    allow_multiple_selected = True


class SeveralFilesField(forms.FileField):
    """A list of uploaded files; an empty file among them is left to the import, which says so beside its name."""

    widget = SeveralFiles

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        return [super(SeveralFilesField, self).clean(one, initial) for one in data or [None]]


class UploadForm(forms.Form):
    pictures = SeveralFilesField(
        allow_empty_file=True,
        help_text="PNG, JPEG, TIFF, WebP or DICOM (CR, DX), or a ZIP file of them.",
        error_messages={"required": "Choose at least one file."},
    )
    manifest = forms.FileField(
        label="Manifest, if any",
        required=False,
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
        help_text="A CSV with a column file and any of region, view, laterality, sex, source, licence, attribution.",
    )
    layout = forms.ChoiceField(
        label="Published data set",
        required=False,
        help_text="Its ZIP file or pictures with its label files; without a manifest it is recognised.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = [(name, layouts.named(name).title) for name in layouts.names()]
        none = (NO_LAYOUT, "none: take the files as they are")
        self.fields["layout"].choices = [("", "recognise it, if it is one"), none, *known]  # type: ignore[attr-defined]


class ReasonForm(forms.Form):
    reason = forms.CharField(max_length=300, help_text="Goes into the audit trail.")


class LookForm(ReasonForm):
    """What a person decided who looked at an image: to release it as it is, or with rectangles made black."""

    boxes = forms.CharField(
        label="Rectangles to mask",
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
        help_text="One a line: left, top, right and bottom in pixels. Drawing on the picture adds one.",
    )
    act = forms.ChoiceField(choices=[("mask", "mask"), ("release", "release")])

    field_order = ["boxes", "reason", "act"]

    def __init__(self, image: Image, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.image = image

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if told.get("act") == "mask":
            try:
                told["boxes"] = masking.parse(told.get("boxes", ""), self.image.width, self.image.height)
            except ValueError as problem:
                self.add_error("boxes", str(problem))
        return told


class WithdrawForm(forms.Form):
    """Why an image is withdrawn: a ground of the list for its origin, and words, which alone may not do."""

    ground = forms.ChoiceField(label="Reason")
    words = forms.CharField(required=False, max_length=250, help_text="Optional; goes into the audit trail.")

    def __init__(self, origin: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(ground.value, ground.label) for ground in Ground.of(origin)]
        self.fields["ground"].choices = [("", "choose one"), *choices]  # type: ignore[attr-defined]


class DescribeForm(forms.ModelForm):
    """What an image shows, as a person sees it; a region in other words becomes the one the models know."""

    class Meta:
        model = Image
        fields = ["body_part", "view_position", "view_modifier", "laterality", "patient_sex", "pathology"]
        labels = {
            "body_part": "Region",
            "view_position": "View",
            "view_modifier": "More on the view",
            "laterality": "Side",
            "patient_sex": "Sex",
        }
        widgets = {"body_part": forms.TextInput(attrs={"list": "regions", "autocomplete": "off"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("view_position", "laterality", "patient_sex"):
            _, *known = self.fields[name].choices  # type: ignore[attr-defined]
            self.fields[name].choices = [("", "not told"), *known]  # type: ignore[attr-defined]

    def clean_body_part(self) -> str:
        return normalise({"region": self.cleaned_data["body_part"]}).body_part


class LabelForm(forms.Form):
    """What several images show, as a person sees it; what is left empty stays as it is."""

    images = forms.ModelMultipleChoiceField(
        Image.objects.none(), error_messages={"required": "Choose at least one image."}
    )
    region = forms.CharField(
        required=False, max_length=40, widget=forms.TextInput(attrs={"list": "regions", "autocomplete": "off"})
    )
    view = forms.ChoiceField(required=False, choices=[AS_IT_IS, *ViewPosition.choices])
    modifier = forms.CharField(required=False, max_length=60, label="More on the view")
    side = forms.ChoiceField(required=False, choices=[AS_IT_IS, *Laterality.choices])
    sex = forms.ChoiceField(required=False, choices=[AS_IT_IS, *Sex.choices])

    def __init__(self, among: QuerySet[Image], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["images"].queryset = among  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if not any(value for name, value in told.items() if name != "images"):
            raise forms.ValidationError("Say at least one thing that they show.")
        return told

    def told(self) -> dict[str, str]:
        """The values by the images' fields."""
        told = self.cleaned_data
        return {
            "body_part": normalise({"region": told["region"]}).body_part,
            "view_position": told["view"],
            "view_modifier": told["modifier"],
            "laterality": told["side"],
            "patient_sex": told["sex"],
        }


class ConsentForm(ReasonForm):
    licence = forms.CharField(
        required=False,
        max_length=120,
        label="Licence of the images that name none",
        help_text="CC0, public domain, CC BY, CC BY-SA or our own; empty leaves it as it is.",
    )


class FilterForm(forms.Form):
    """What to show of the library; a value it does not know filters nothing."""

    region = forms.ChoiceField(required=False)
    view = forms.ChoiceField(required=False, choices=[("", "any"), *ViewPosition.choices, ("none", "none of these")])
    state = forms.ChoiceField(required=False, choices=[("", "any"), *Image.State.choices])
    origin = forms.ChoiceField(required=False, choices=[("", "any"), *Origin.choices])
    collection = forms.ModelChoiceField(Collection.objects.all(), required=False, empty_label="any")

    def __init__(self, data: Any, collection: Collection | None = None) -> None:
        super().__init__(data)
        if collection:  # its page shows one collection, and so one origin
            del self.fields["origin"], self.fields["collection"]
        of = Image.objects.filter(collection=collection) if collection else Image.objects.all()
        regions = of.exclude(body_part="").order_by("body_part").values_list("body_part", flat=True).distinct()
        self.fields["region"].choices = [("", "any"), *((region, region) for region in regions)]  # type: ignore[attr-defined]

    def apply(self, images: QuerySet[Image]) -> QuerySet[Image]:
        """The images that fit all filters set."""
        self.is_valid()
        columns = {
            "region": "body_part",
            "view": "view_position",
            "state": "state",
            "origin": "collection__origin",
            "collection": "collection",
        }
        told = {columns[name]: value for name, value in self.cleaned_data.items() if value}
        if told.get("view_position") == "none":
            told["view_position"] = ""
        return images.filter(**told)
