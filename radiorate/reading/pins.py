"""Pins: a defect named at a point or in a box of one image, as a form sends them, one text a pin.

The text is `side tag x y` or `side tag x y width height`, numbers in 0..1 of the image with four decimals:
`right fused_joint 0.5312 0.2210`.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext

from radiorate.studies.models import Tag

NAME = "mark"
LETTERS = {"left": "A", "right": "B"}
MOST_A_SIDE = 20
STEP = Decimal("0.0001")
PLACE = ("x", "y", "width", "height")
SHAPE = re.compile(
    r"(?P<side>left|right) (?P<tag>[\w-]+) (?P<x>{0}) (?P<y>{0})(?: (?P<width>{0}) (?P<height>{0}))?".format(
        r"[01](?:\.[0-9]{1,9})?"
    ),
    re.ASCII,
)


@dataclass(frozen=True)
class Pin:
    """One pin of a rating: `mark` is how answers store it."""

    mark: dict[str, Any]
    label: str  # its tag in words

    @property
    def text(self) -> str:
        return text(self.mark)

    @property
    def letter(self) -> str:
        return LETTERS[self.mark["side"]]

    @property
    def words(self) -> str:
        """As a person would say it: `B, joint fused, 53 percent across, 22 percent down`."""
        x, y = (round(100 * self.mark[name]) for name in ("x", "y"))
        place = gettext("{x} percent across, {y} percent down").format(x=x, y=y)
        return f"{self.letter}, {self.label}, {place}"


class PinsField(forms.Field):
    """The pins of a pair, cleaned to a list of Pin; what can't be a pin of this pair is refused."""

    widget = forms.MultipleHiddenInput

    def __init__(self, tags: Sequence[Tag]) -> None:
        super().__init__(required=False, label=gettext("Pins"))
        self.labels = {tag.key: gettext(tag.label) for tag in tags}

    def clean(self, value: Any) -> list[Pin]:
        pins = [self._read(text) for text in value or []]
        if None in pins:
            raise forms.ValidationError(
                gettext("A pin names an image, a defect of this region and a place inside the image.")
            )
        found = [pin for pin in pins if pin]
        if any([pin.mark["side"] for pin in found].count(side) > MOST_A_SIDE for side in LETTERS):
            raise forms.ValidationError(gettext("At most {most} pins on each image.").format(most=MOST_A_SIDE))
        return found

    def understood(self, texts: Iterable[str] | None) -> list[Pin]:
        """The pins among the texts."""
        return [pin for pin in map(self._read, texts or []) if pin]

    def _read(self, text: str) -> Pin | None:
        found = SHAPE.fullmatch(text)
        if not found or found["tag"] not in self.labels:
            return None
        numbers = [Decimal(found[name]).quantize(STEP) for name in PLACE if found[name]]
        starts, sizes = numbers[:2], numbers[2:]
        ends = [start + size for start, size in zip(starts, sizes or [Decimal(0)] * 2, strict=True)]
        if max(ends) > 1 or (sizes and not min(sizes)):
            return None
        place = dict(zip(PLACE, map(float, numbers), strict=False))
        return Pin({"side": found["side"], "tag": found["tag"], **place}, self.labels[found["tag"]])


def text(mark: dict[str, Any]) -> str:
    """A stored mark as the text a form sends."""
    numbers = (f"{mark[name]:.4f}" for name in PLACE if name in mark)
    return " ".join((mark["side"], mark["tag"], *numbers))
