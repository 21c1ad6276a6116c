"""The kinds of criteria as fields of the rating form: what each offers, and the text its answer is cleaned to."""

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext

from radiorate.studies.models import Criterion

NOT_ASSESSABLE = "na"
WHOLE = re.compile(r"[0-9]{1,3}")
TYPED = "-seen"  # after the name of a count's field: the field of the number that is typed


class ScaleField(forms.ChoiceField):
    """A grade of the criterion's range, or not assessable."""

    def __init__(self, criterion: Criterion, body_part: str, label: str) -> None:
        grades = [str(grade) for grade in range(criterion.minimum, criterion.maximum + 1)]
        super().__init__(choices=[*zip(grades, grades, strict=True), (NOT_ASSESSABLE, gettext("n/a"))], label=label)


class _CountWidget(forms.Widget):
    """A number that is typed counts; else what is chosen."""

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> str:
        return str(data.get(name + TYPED, "")).strip() or data.get(name, "")


class CountField(forms.ChoiceField):
    """The number seen: the expected one at a touch, any other typed, or not assessable."""

    widget = _CountWidget

    def __init__(self, criterion: Criterion, body_part: str, label: str) -> None:
        expected = str(criterion.expected[body_part])
        super().__init__(
            choices=[
                (expected, gettext("{number} as expected").format(number=expected)),
                (NOT_ASSESSABLE, gettext("n/a")),
            ],
            label=label,
        )
        self.possible = range(criterion.minimum, criterion.maximum + 1)

    def to_python(self, value: Any) -> str:
        text = super().to_python(value)
        return str(int(text)) if WHOLE.fullmatch(text) else text

    def valid_value(self, value: str) -> bool:
        return super().valid_value(value) or (bool(WHOLE.fullmatch(value)) and int(value) in self.possible)


class PreferenceField(forms.ChoiceField):
    """Which image is better."""

    def __init__(self, criterion: Criterion, body_part: str, label: str) -> None:
        super().__init__(choices=[("1", "A"), ("2", gettext("equal")), ("3", "B")], label=label)


FIELDS = {
    Criterion.Kind.SCALE: ScaleField,
    Criterion.Kind.COUNT: CountField,
    Criterion.Kind.PREFERENCE: PreferenceField,
}


def field(criterion: Criterion, body_part: str, label: str) -> forms.ChoiceField:
    """The field that asks the criterion of this region."""
    return FIELDS[Criterion.Kind(criterion.kind)](criterion, body_part, label)
