"""What a reader says of herself before the first pair: years of experience, subspecialty, exposure to AI images."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from radiorate.studies.models import Reader


class ProfileForm(forms.ModelForm):
    """Begins with what was known at enrolment."""

    years = forms.IntegerField(
        label=gettext_lazy("Years of experience"),
        min_value=0,
        max_value=80,
        help_text=gettext_lazy("Since the beginning of your training."),
    )
    ai_exposure = forms.ChoiceField(
        label=gettext_lazy("How well do you know images made by AI?"),
        choices=Reader.AIExposure,
        widget=forms.RadioSelect,
    )

    class Meta:
        model = Reader
        fields = ("years", "subspecialty", "ai_exposure")
        labels = {"subspecialty": gettext_lazy("Subspecialty")}
        help_texts = {"subspecialty": gettext_lazy("Empty: none.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""


def is_due(reader: Reader) -> bool:
    """Whether the study asks and the reader has not answered yet."""
    return reader.study.reader_profile and reader.profiled_at is None
