"""The questions about a pair as a form, built from the study's rubric, and a reader's answers cleaned by it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django import forms
from django.utils.translation import gettext, gettext_lazy

from radiorate.reading import kinds, pins, traces
from radiorate.reading.kinds import NOT_ASSESSABLE
from radiorate.reading.models import Presentation
from radiorate.studies.models import Criterion, Study

GUESS, UNSURE, FAIRLY = gettext_lazy("guess"), gettext_lazy("unsure"), gettext_lazy("fairly")
SURE, CERTAIN = gettext_lazy("sure"), gettext_lazy("certain")
CONFIDENCE = {
    2: [GUESS, SURE],
    3: [GUESS, FAIRLY, SURE],
    4: [GUESS, UNSURE, SURE, CERTAIN],
    5: [GUESS, UNSURE, FAIRLY, SURE, CERTAIN],
}
BELIEVED_REAL = {
    "left": gettext_lazy("A is real"),
    "right": gettext_lazy("B is real"),
    "both": gettext_lazy("both"),
    "neither": gettext_lazy("neither"),
}
BELIEFS = [("left", 3), ("left", 2), ("left", 1), ("right", 1), ("right", 2), ("right", 3)]  # the one row, as stored
BELIEF_WORDS = [
    gettext_lazy("A surely"),
    gettext_lazy("A likely"),
    gettext_lazy("A maybe"),
    gettext_lazy("B maybe"),
    gettext_lazy("B likely"),
    gettext_lazy("B surely"),
]
TIMES = ("t_shown", "t_first_input", "t_submit", "hidden_ms", "idle_ms", "exposed_ms")  # ms of the page's own clock


@dataclass(frozen=True)
class Row:
    """One radio group: its field, its full name and the part of it that is shown, its choices, and the answer."""

    name: str
    title: str
    short: str
    choices: list[tuple[str, str]]
    chosen: str
    kind: str = ""

    @property
    def typed(self) -> str:
        """The name of the field for a number of one's own; empty for a row without."""
        return self.name + kinds.TYPED if self.kind == Criterion.Kind.COUNT else ""

    @property
    def seen(self) -> str:
        """The answer where it is none of the choices."""
        return "" if self.chosen in dict(self.choices) else self.chosen


@dataclass(frozen=True)
class Question:
    """One criterion with a row for each image, or a single one; preferences that follow each other are one question."""

    key: str
    label: str
    hint: str
    has_levels: bool  # whose words the page shows on demand
    rows: list[Row]


class RatingForm(forms.Form):
    """All that is asked about a presentation; `cleaned_data` is what submission.submit takes as answers.

    data: the posted fields. saved: answers stored before, to start from.
    """

    comment = forms.CharField(label=gettext_lazy("Comment"), required=False, max_length=2000)
    reason = forms.CharField(label=gettext_lazy("Reason"), required=False, max_length=120)

    def __init__(
        self, shown: Presentation, data: Mapping[str, str] | None = None, saved: dict[str, Any] | None = None
    ) -> None:
        super().__init__(data, initial=_fields(saved) if saved else None)
        self.criteria = shown.criteria
        study = shown.study
        for criterion in self.criteria:
            for side in _sides(criterion):
                body_part = shown.assignment.pair.body_part
                self.fields[_name(criterion.key, side)] = kinds.field(criterion, body_part, _full_name(criterion, side))
        if study.belief == Study.Belief.SIGNED:
            self._ask("belief", gettext("Which one is real, and how sure?"), _numbered(BELIEF_WORDS))
        else:
            believed = [(side, str(words)) for side, words in BELIEVED_REAL.items()][: 2 if study.forced_choice else 4]
            self._ask("believed_real", gettext("Which one is real?"), believed)
            self._ask("confidence", gettext("How sure?"), _numbered(CONFIDENCE[study.confidence_levels]))
        self.fields[pins.NAME] = pins.PinsField(shown.tags)

    def _ask(self, name: str, title: str, choices: list[tuple[str, str]]) -> None:
        self.fields[name] = forms.ChoiceField(choices=choices, label=title)

    def value(self, name: str) -> str:
        """What the field shows: the posted value, else the saved one, else nothing."""
        if name == pins.NAME:
            return "; ".join(pin.words for pin in self.pins)
        given = self.fields[name].widget.value_from_datadict(self.data, {}, name) if self.is_bound else None
        return str((given if self.is_bound else self.initial.get(name)) or "")

    @property
    def pins(self) -> list[pins.Pin]:
        """The pins to show, posted or saved; those that can't be understood are left out."""
        field = self.fields[pins.NAME]
        given = field.widget.value_from_datadict(self.data, {}, pins.NAME) if self.is_bound else None
        return field.understood(given if self.is_bound else self.initial.get(pins.NAME))  # type: ignore[attr-defined]

    @property
    def questions(self) -> list[Question]:
        found = []
        for kind, group in groupby(self.criteria, lambda criterion: criterion.kind):
            if kind == Criterion.Kind.PREFERENCE:
                rows = [self._row(criterion, "", gettext(criterion.label)) for criterion in group]
                found.append(Question("preference", gettext("Which one is better?"), "< = >", False, rows))
                continue
            for criterion in group:
                rows = [self._row(criterion, side, pins.LETTERS.get(side, "")) for side in _sides(criterion)]
                label, hint = gettext(criterion.label), gettext(criterion.hint)
                found.append(Question(criterion.key, label, hint, bool(criterion.anchors), rows))
        return found

    @property
    def closing_rows(self) -> list[Row]:
        """The rows asked once a pair, at the end: which image is believed real, and how surely."""
        return [self._plain_row(name) for name in ("believed_real", "confidence", "belief") if name in self.fields]

    @property
    def missing(self) -> list[str]:
        """The names of what was left out or not understood, in the order of the page."""
        return [_title(self.fields[name], name) for name in self.errors if name in self.fields and name != pins.NAME]

    def clean(self) -> dict[str, Any]:
        """The answers in the form they are stored in."""
        given = self.cleaned_data
        answers: dict[str, Any] = {"scores": {}, "not_assessable": {}}
        for criterion in self.criteria:
            for side in _sides(criterion):
                value = given.get(_name(criterion.key, side))
                if value == NOT_ASSESSABLE:
                    answers["not_assessable"].setdefault(criterion.key, {})[side] = given.get("reason", "")
                elif value:
                    answers["scores"].setdefault(criterion.key, {})[side] = int(value)
        if answers["not_assessable"] and not given.get("reason"):
            self.fields["reason"].label = gettext("Why not assessable")
            self.add_error("reason", gettext("Say why it cannot be assessed."))
        believed, confidence = given.get("believed_real"), int(given.get("confidence") or 0)
        if given.get("belief"):
            believed, confidence = BELIEFS[int(given["belief"]) - 1]
        return answers | {
            "believed_real": believed,
            "confidence": confidence,
            "comment": given.get("comment", ""),
            "marks": [pin.mark for pin in given.get(pins.NAME, [])],
        }

    @property
    def words(self) -> list[tuple[str, str]]:
        """Name and answer of every field, in the words of the page."""
        return [(_title(field, name), _word(field, self.value(name))) for name, field in self.fields.items()]

    @property
    def client_times(self) -> dict[str, Any]:
        """The page's own times in milliseconds, and what was done to see the images; what can't be read is left out."""
        times: dict[str, Any] = {}
        for name in TIMES:
            try:
                value = float(self.data.get(name, ""))
            except ValueError:
                continue
            if 0 <= value < 1e12:
                times[name] = value
        if views := traces.read(self.data.get("views", "")):
            times["views"] = views
        return times

    def _row(self, criterion: Criterion, side: str, short: str) -> Row:
        name = _name(criterion.key, side)
        field = self.fields[name]
        return Row(name, _title(field, name), short, _choices(field), self.value(name), criterion.kind)

    def _plain_row(self, name: str) -> Row:
        field = self.fields[name]
        return Row(name, _title(field, name), _title(field, name), _choices(field), self.value(name))


def differences(shown: Presentation, saved: dict[str, Any], posted: "RatingForm") -> list[tuple[str, str, str]]:
    """Name, saved value and posted value of each answer that differs, in the words of the page."""
    stored = RatingForm(shown, saved=saved)
    return [
        (_title(field, name), _word(field, stored.value(name)), _word(field, posted.value(name)))
        for name, field in stored.fields.items()
        if stored.value(name) != posted.value(name)
    ]


def _word(field: forms.Field, value: str) -> str:
    return str(dict(_choices(field)).get(value, value) or gettext("none"))


def _title(field: forms.Field, name: str) -> str:
    return str(field.label or name.capitalize())


def _choices(field: forms.Field) -> list[tuple[str, str]]:
    return list(getattr(field, "choices", []))


def _numbered(words: Sequence[object]) -> list[tuple[str, str]]:
    return [(str(number), str(word)) for number, word in enumerate(words, 1)]


def _sides(criterion: Criterion) -> tuple[str, ...]:
    return ("left", "right") if criterion.target == Criterion.Target.EACH else ("",)


def _full_name(criterion: Criterion, side: str) -> str:
    label = gettext(criterion.label)
    if criterion.kind == Criterion.Kind.PREFERENCE:
        return f"{label}, {gettext('which one is better')}"
    return f"{label}, {gettext('image')} {pins.LETTERS[side]}" if side else label


def _name(key: str, side: str) -> str:
    return f"{key}-{side}" if side else key


def _fields(answers: dict[str, Any]) -> dict[str, Any]:
    """Stored answers as the fields of the form."""
    fields: dict[str, Any] = {name: answers[name] for name in ("believed_real", "confidence", "comment")}
    belief = answers["believed_real"], answers["confidence"]
    fields["belief"] = BELIEFS.index(belief) + 1 if belief in BELIEFS else ""
    fields[pins.NAME] = [pins.text(mark) for mark in answers["marks"]]
    for key, sides in answers["scores"].items():
        fields |= {_name(key, side): value for side, value in sides.items()}
    for key, sides in answers["not_assessable"].items():
        fields |= {_name(key, side): NOT_ASSESSABLE for side in sides}
        fields["reason"] = next(iter(sides.values()))
    return fields
