"""Forms of the studies room."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.db.models import Count

from radiorate.accounts.models import User
from radiorate.images.models import Collection, Image, Origin
from radiorate.studies import definition, rubrics
from radiorate.studies.models import Criterion, Study
from radiorate.studies.pairing import ProposedPair

LARGEST_FILE_BYTES = 1_000_000
HAVE_DEFAULTS = (  # may be left empty, as in a study file
    "practice_agreement",
    "practice_attempts",
    "blocks",
    "blocks_per_reader",
    "anchor_pairs",
    "exposure_seconds",
    "blank_ms",
)


class CollectionsField(forms.ModelMultipleChoiceField):
    """Collections of some origins to tick, each with what it holds."""

    def __init__(self, *origins: Origin, **options: Any) -> None:
        self.holdings: dict[int, str] = {}
        queryset = Collection.objects.filter(origin__in=origins)
        super().__init__(queryset, widget=forms.CheckboxSelectMultiple, **options)

    def label_from_instance(self, collection: Collection) -> str:
        return f"{collection.name} ({self.holdings.get(collection.pk, 'no image')})"


class StudyForm(forms.ModelForm):
    """The fields of a study file; `definition()` is what the file would hold."""

    rubric = forms.ChoiceField(help_text="What is scored, in which words.")
    real_collections = CollectionsField(Origin.REAL)
    synthetic_collections = CollectionsField(Origin.SYNTHETIC)
    practice_collections = CollectionsField(*Origin, required=False)

    class Meta:
        model = Study
        fields = [key for key in definition.FIELDS if key != "expected_scores"]  # they have a page of their own
        widgets = {key: forms.Textarea(attrs={"rows": 5}) for key in ("instructions", "consent", "findings")}
        labels = {
            "slug": "Name in addresses",
            "consent": "Consent and ethics",
            "washout_days": "Wash-out in days",
            "sessions_close": "A finished session takes no more changes",
            "practice_pairs": "Practice pairs",
            "exposure_seconds": "Seconds to look at a pair",
            "blank_ms": "Grey before each pair, in milliseconds",
            "practice_agreement": "Agreement needed in practice",
            "practice_attempts": "Attempts at it",
            "reader_profile": "Ask readers for years, subspecialty and exposure to AI images, before the first pair",
            "display_check": "Check the display before each session",
            "closing_questions": "Ask what readers suspected, after the last pair",
            "pairs_wanted": "Pairs",
            "control_share": "Control pairs for each pair",
            "repeat_share": "Hidden repeats for each pair",
            "finding_asked": "Ask first what each image shows",
            "findings": "Findings to choose from",
            "belief": "Which one is real is asked as",
            "blocks": "Blocks",
            "blocks_per_reader": "Blocks each reader reads",
            "anchor_pairs": "Anchor pairs",
            "forced_choice": "One of the two must be called real",
            "confidence_levels": "Levels of confidence",
            "break_every": "Break after so many pairs",
            "frame": "Frame",
            "canvas": "Canvas in pixels",
        }
        help_texts = {
            "slug": "Empty: made from the title.",
            "instructions": "Shown to readers before the first pair.",
            "consent": "With the ethics approval. Not empty: no reader sees a pair before agreeing to it.",
            "washout_days": "A reader's next session stays locked for so long after the last pair of the one before.",
            "practice_pairs": "Shown first, with the truth told after each; they never count.",
            "exposure_seconds": "Then the images are covered; answers stay possible. 0: as long as one likes.",
            "practice_agreement": "0 to 1: the share of expected scores to be met within one level. 0: none is needed.",
            "practice_attempts": "An admin may let a reader go on who has used them up.",
            "seed": "The same seed and images give the same pairs, sides and order.",
            "sessions": "With several, a hidden repeat comes in the session after its pair.",
            "pairs_wanted": "Empty: as many as match.",
            "control_share": "0 to 1. A control pair holds two real or two synthetic images.",
            "repeat_share": "0 to 1. Shown a second time with the sides swapped.",
            "finding_asked": "The answer is locked; then the finding both should show is told, and all else asked.",
            "findings": "One a line. Empty: readers use their own words.",
            "belief": "One row has six answers and saves a key; both ways give the same columns in the results.",
            "confidence_levels": "2 to 5, for a choice; one row always has three for each image.",
            "blocks": "1: every reader reads all pairs. More: the pairs are dealt into so many blocks.",
            "anchor_pairs": "With several blocks: so many pairs are read by all, the rest by block.",
            "forced_choice": "Otherwise “both” and “neither” are answers too.",
            "frame": "Gives both images of a pair one shape by one rule.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for key in ("slug", *HAVE_DEFAULTS):
            self.fields[key].required = False
        self.fields["rubric"].choices = [(name, name) for name in rubrics.names()]  # type: ignore[attr-defined]
        if self.instance.pk:
            self.initial["rubric"] = self.instance.rubric.name
            for key in (*definition.COLLECTIONS, definition.PRACTICE):
                self.initial[key] = getattr(self.instance, key).all()
        holdings = _holdings()
        for key in (*definition.COLLECTIONS, definition.PRACTICE):
            self.fields[key].holdings = holdings  # type: ignore[attr-defined]

    def definition(self) -> dict[str, Any]:
        """The valid form as a study file would say it."""
        given = {key: value for key, value in self.cleaned_data.items() if value not in (None, "")}
        keys = (*definition.COLLECTIONS, definition.PRACTICE)
        names = {key: [collection.name for collection in given[key]] for key in keys}
        return given | names | {"expected_scores": self.instance.expected_scores}


def _holdings() -> dict[int, str]:
    """What each collection holds, such as "12 images: 8 chest, 4 knee"."""
    rows = Image.objects.available().order_by("body_part").values_list("collection", "body_part")
    counts: dict[int, list[tuple[str, int]]] = defaultdict(list)
    for collection, body_part, count in rows.annotate(count=Count("pk")):
        counts[collection].append((body_part or "no region", count))
    holdings = {}
    for collection, parts in counts.items():
        total = sum(count for _, count in parts)
        regions = ", ".join(f"{count} {part}" for part, count in parts)
        holdings[collection] = f"{total} image{'' if total == 1 else 's'}: {regions}"
    return holdings


class ExpectedForm(forms.Form):
    """The score that is expected of each practice image under each criterion that applies to it; all may be empty."""

    def __init__(self, study: Study, pairs: Sequence[ProposedPair], data: Mapping[str, str] | None = None) -> None:
        super().__init__(data)
        self.images = [image for pair in pairs for image in (pair.first, pair.second)]
        self.pairs = pairs
        asked = study.rubric.criteria.filter(kind=Criterion.Kind.SCALE, target=Criterion.Target.EACH)
        for image in self.images:
            for criterion in asked:
                if criterion.applies_to(image.body_part):
                    levels = [("", "not expected")] + [
                        (level, str(level)) for level in range(criterion.minimum, criterion.maximum + 1)
                    ]
                    self.fields[f"{image.sha256}-{criterion.key}"] = forms.TypedChoiceField(
                        choices=levels,
                        required=False,
                        coerce=int,
                        empty_value=None,
                        label=criterion.label,
                        initial=study.expected_scores.get(image.sha256, {}).get(criterion.key, ""),
                    )

    @property
    def rows(self) -> list[tuple[ProposedPair, list[tuple[Image, list[forms.BoundField]]]]]:
        """Each pair with its two images, and each image with its fields."""

        def fields(image: Image) -> list[forms.BoundField]:
            return [self[name] for name in self.fields if name.startswith(image.sha256)]

        return [(pair, [(image, fields(image)) for image in (pair.first, pair.second)]) for pair in self.pairs]

    def scores(self) -> dict[str, dict[str, int]]:
        """What the valid form says, as a study file would: {checksum: {criterion: score}}."""
        given: dict[str, dict[str, int]] = {}
        for name, score in self.cleaned_data.items():
            checksum, _, key = name.partition("-")
            if score is not None:
                given.setdefault(checksum, {})[key] = score
        return given


class FileForm(forms.Form):
    file = forms.FileField(label="Study file", widget=forms.FileInput(attrs={"accept": ".toml"}))

    def clean_file(self) -> dict[str, Any]:
        """The definition in the file."""
        file = self.cleaned_data["file"]
        if file.size > LARGEST_FILE_BYTES:
            raise forms.ValidationError("A study file is not larger than 1 MB.")
        try:
            return definition.read(file.read().decode())
        except UnicodeDecodeError:
            raise forms.ValidationError("The file is not text in UTF-8.") from None
        except definition.Invalid as problem:
            raise forms.ValidationError(str(problem)) from None


class EnrolForm(forms.Form):
    email = forms.EmailField(label="E-mail", max_length=254, widget=forms.EmailInput(attrs={"list": "accounts"}))
    years = forms.IntegerField(label="Years of experience", min_value=0, max_value=80, required=False)
    subspecialty = forms.CharField(max_length=80, required=False)
    invite = forms.BooleanField(label="Invite this person if there is no account yet", required=False)

    def clean_email(self) -> str:
        return self.cleaned_data["email"].lower()

    def clean(self) -> None:
        email = self.cleaned_data.get("email")
        self.cleaned_data["user"] = user = User.objects.filter(email=email).first()
        if email and user is None and not self.cleaned_data.get("invite"):
            self.add_error("email", "There is no account with this e-mail.")
