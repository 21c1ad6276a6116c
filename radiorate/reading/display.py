"""The display check: before each session, and again on another screen, whether grey steps can be told apart.

A step that cannot be seen is stored and answered with advice; it stands in nobody's way.
"""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy

from radiorate.reading.models import DisplayCheck
from radiorate.studies.models import Reader

VALID = timedelta(hours=12)  # the next day's light in the room is another
SEEN = [("yes", gettext_lazy("Yes")), ("no", gettext_lazy("No"))]
STEPS = (  # field, name, the outer and the inner grey: 0 and 5 %, 100 and 95 % of 255
    ("dark_seen", gettext_lazy("Black square, 0 %, with a smaller one of 5 % in it"), "#000000", "#0d0d0d"),
    ("bright_seen", gettext_lazy("White square, 100 %, with a smaller one of 95 % in it"), "#ffffff", "#f2f2f2"),
)


def _seen(label: Any) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=label, choices=SEEN, widget=forms.RadioSelect, coerce=lambda value: value == "yes"
    )


def _pixels() -> forms.IntegerField:
    return forms.IntegerField(min_value=1, max_value=100_000, required=False, widget=forms.HiddenInput)


class DisplayForm(forms.Form):
    """Whether each step is seen, and what a script adds of window and screen."""

    dark_seen = _seen(gettext_lazy("Do you see a grey square within the black one?"))
    bright_seen = _seen(gettext_lazy("Do you see a grey square within the white one?"))
    window_width = _pixels()
    window_height = _pixels()
    screen_width = _pixels()
    screen_height = _pixels()
    pixel_ratio = forms.DecimalField(
        min_value=0, max_value=100, max_digits=6, decimal_places=3, required=False, widget=forms.HiddenInput
    )


def holds(reader: Reader, session: int, check: int | None) -> bool:
    """Whether the check with this id still holds: the same reader's, for the same session, not long ago."""
    if check is None:
        return False
    since = timezone.now() - VALID
    return DisplayCheck.objects.filter(pk=check, reader=reader, session=session, checked_at__gt=since).exists()


def record(reader: Reader, session: int, answers: dict[str, Any]) -> DisplayCheck:
    return DisplayCheck.objects.create(reader=reader, session=session, **answers)
