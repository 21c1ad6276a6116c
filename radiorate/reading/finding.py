"""The first look of a phased study: what each image shows, locked before the finding is told and scores are asked."""

from dataclasses import dataclass

from django import forms
from django.utils.translation import gettext

from radiorate.reading import pins
from radiorate.reading.models import Finding, Presentation


@dataclass(frozen=True)
class Told:
    """What stands above the scores after the first look: the reader's own words, and the finding if there is one."""

    seen: list[tuple[str, str]]  # letter, words
    finding: str


class FindingForm(forms.Form):
    """One answer an image, of the study's list or in the reader's words."""

    def __init__(self, shown: Presentation, *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type]
        offered = [(words, words) for words in shown.study.findings_offered]
        for side, letter in pins.LETTERS.items():
            label = gettext("Image %(letter)s") % {"letter": letter}
            self.fields[side] = (
                forms.ChoiceField(choices=offered, label=label, widget=forms.RadioSelect)
                if offered
                else forms.CharField(max_length=200, label=label)
            )
        self.fields["left"].widget.attrs["autofocus"] = True

    @property
    def words(self) -> list[tuple[str, str]]:
        """The name of each image, and what was said of it."""
        return [(str(box.label), box.value() or "") for box in self]


def is_due(shown: Presentation) -> bool:
    """Whether the first look at this pair is still to come."""
    return shown.study.finding_asked and not Finding.objects.filter(assignment=shown.assignment).exists()


def lock(shown: Presentation, words: dict[str, str]) -> None:
    """Store what was seen; a first answer stays whatever comes later."""
    Finding.objects.bulk_create(
        [Finding(assignment=shown.assignment, side=side, words=words[side]) for side in pins.LETTERS],
        ignore_conflicts=True,
    )


def told(shown: Presentation) -> Told | None:
    """What may be told once the first look is over; None in a study without one.

    The finding is told only where both images have the same: two words, or one, would tell the images apart.
    """
    if not shown.study.finding_asked:
        return None
    seen = [(pins.LETTERS[found.side], found.words) for found in Finding.objects.filter(assignment=shown.assignment)]
    pair = shown.assignment.pair
    first, second = (" ".join(image.pathology.lower().split()) for image in (pair.first, pair.second))
    return Told(seen, first if first == second else "")
