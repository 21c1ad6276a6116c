"""What readers suspected: asked after the last pair, first openly, then with the word synthetic in the question."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from radiorate.reading.models import ClosingAnswer
from radiorate.studies.models import Reader

Question = ClosingAnswer.Question


def _words(question: Question, *, required: bool) -> forms.CharField:
    area = forms.Textarea(attrs={"rows": 4})
    hint = gettext_lazy("“No”, or what.") if question in (Question.BEYOND, Question.AIDS) else ""
    return forms.CharField(label=question.label, max_length=2000, required=required, widget=area, help_text=hint)


class NoticedForm(forms.Form):
    """Asked alone, so that nothing in the later questions puts the answer into a reader's mouth."""

    noticed = _words(Question.NOTICED, required=True)


class SuspicionForm(forms.Form):
    share = forms.IntegerField(label=Question.SHARE.label, min_value=0, max_value=100)
    clues = _words(Question.CLUES, required=False)
    beyond = _words(Question.BEYOND, required=True)
    aids = _words(Question.AIDS, required=True)


def next_form(reader: Reader) -> type[forms.Form] | None:
    """The questions the reader has not answered and sees next; None when there is none."""
    if not reader.study.closing_questions:
        return None
    answered = set(reader.closing_answers.values_list("question", flat=True))
    if Question.NOTICED not in answered:
        return NoticedForm
    return None if Question.SHARE in answered else SuspicionForm


def answer(reader: Reader, answers: dict[str, Any]) -> None:
    """Store the answers of one form; the first answer to a question stays."""
    ClosingAnswer.objects.bulk_create(
        [ClosingAnswer(reader=reader, question=key, answer=str(value)) for key, value in answers.items()],
        ignore_conflicts=True,
    )
