"""Counts and preferences: what is offered, what is stored, and that they leave in files of their own."""

import csv
import io
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from radiorate.reading import presentation, submission
from radiorate.reading.models import Presentation, Score
from radiorate.reading.scales import RatingForm
from radiorate.results import dataset, exporting, simulation
from radiorate.studies import lifecycle, rubrics
from radiorate.studies.models import Criterion, Reader, Study
from tests import factories
from tests.reading.scene import posted, reading_study

pytestmark = pytest.mark.django_db

COUNTS = {"long_bones-left": "3", "long_bones-right": "", "long_bones-right-seen": "02"}
PREFERENCES = {
    "better_anatomy": "3",
    "better_joint_fidelity": "2",
    "better_collimation": "2",
    "better_artifacts": "1",
    "better_overall": "1",
}


def shown(rubric: str) -> Presentation:
    study = reading_study(pairs=2, rubric=rubrics.load(rubric))
    first = presentation.next_for(Reader.objects.select_related("study").get(study=study))
    assert first
    return first


def rows_of(study: Study, name: str) -> list[dict[str, str]]:
    if study.is_open:
        lifecycle.close_study(study, None)
        study.refresh_from_db()
    text = b"".join(exporting.stream(study, name, None)).decode()
    return list(csv.DictReader(io.StringIO(text)))


class TestCounts:
    def test_the_expected_number_is_a_choice_and_any_other_is_typed(self):
        first = shown("radiographs-counts")
        form = RatingForm(first, posted(**COUNTS))
        assert form.is_valid(), form.errors
        assert form.cleaned_data["scores"]["long_bones"] == {"left": 3, "right": 2}
        counted = form.questions[-1]
        assert (counted.label, [row.seen for row in counted.rows]) == ("Long bones", ["", "02"])
        assert counted.rows[0].choices == [("3", "3 as expected"), ("na", "n/a")]

    @pytest.mark.parametrize("number", ["", "three", "-1", "100", "²", "2.5", "١"])
    def test_what_is_no_count_is_refused(self, number):
        form = RatingForm(shown("radiographs-counts"), posted(**COUNTS | {"long_bones-right-seen": number}))
        assert form.missing == ["Long bones, image B"]

    def test_a_count_that_a_view_hides_is_not_assessable(self):
        given = COUNTS | {"long_bones-right-seen": "", "long_bones-right": "na", "reason": "superimposed"}
        form = RatingForm(shown("radiographs-counts"), posted(**given))
        assert form.is_valid()
        assert form.cleaned_data["not_assessable"] == {"long_bones": {"right": "superimposed"}}

    def test_saved_counts_come_back_as_they_were_given(self):
        first = shown("radiographs-counts")
        form = RatingForm(first, posted(**COUNTS))
        assert form.is_valid()
        again = RatingForm(first, saved=form.cleaned_data)
        assert [row.chosen for row in again.questions[-1].rows] == ["3", "2"]

    def test_they_leave_with_the_expected_number_and_in_no_other_file(self):
        first = shown("radiographs-counts")
        form = RatingForm(first, posted(**COUNTS))
        assert form.is_valid()
        submission.submit(first, form.cleaned_data, {})
        assert dataset.load(first.study).scores.shape[0] == 4
        counts = rows_of(first.study, "counts")
        told = [(row["criterion"], row["side"], row["seen"], row["expected"], row["status"]) for row in counts]
        assert told == [("long_bones", "left", "3", "3", "scored"), ("long_bones", "right", "2", "3", "scored")]
        ratings = rows_of(first.study, "ratings")
        assert len(ratings) == 8
        assert {row["criterion"] for row in ratings} == {key for key, *_ in factories.CRITERIA}


class TestPreferences:
    def test_they_are_one_question_with_a_row_each(self):
        form = RatingForm(shown("radiographs-preference"), posted(**PREFERENCES))
        assert form.is_valid(), form.errors
        question = form.questions[-1]
        assert (question.label, [row.short for row in question.rows]) == (
            "Which one is better?",
            ["Anatomy", "Joint fidelity", "Collimation", "Artifacts", "Overall"],
        )
        assert form.cleaned_data["scores"]["better_anatomy"] == {"": 3}

    def test_a_preference_left_out_is_missing(self):
        form = RatingForm(shown("radiographs-preference"), posted(**PREFERENCES | {"better_overall": ""}))
        assert form.missing == ["Overall, which one is better"]

    def test_they_leave_by_image_and_in_no_other_file(self):
        first = shown("radiographs-preference")  # its first image, the real one, stands left
        form = RatingForm(first, posted(**PREFERENCES))
        assert form.is_valid()
        submission.submit(first, form.cleaned_data, {})
        told = {row["criterion"]: row for row in rows_of(first.study, "preferences")}
        assert {key: row["preferred"] for key, row in told.items()} == {
            "better_anatomy": "right",
            "better_joint_fidelity": "equal",
            "better_collimation": "equal",
            "better_artifacts": "left",
            "better_overall": "left",
        }
        assert told["better_overall"]["preferred_image"] == told["better_overall"]["left_image"]
        assert told["better_anatomy"]["preferred_origin"] == "synthetic"
        assert told["better_joint_fidelity"]["preferred_image"] == ""
        assert rows_of(first.study, "choices")[0]["pair_scores"] == ""
        assert len(rows_of(first.study, "ratings")) == 8


@pytest.mark.parametrize("name", ["radiographs-counts", "radiographs-preference"])
def test_a_program_can_answer_every_kind(name):
    study = factories.open_study(pairs=3, rubric=rubrics.load(name), simulated=True)
    assert simulation.simulate(study, 1) == 3
    asked = 2 * 4 + (2 if name.endswith("counts") else 5)
    assert Score.objects.count() == 3 * asked


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "count"},
        {"kind": "scale", "expected": {"hand": 5}},
        {"kind": "count", "target": "pair", "expected": {"hand": 5}},
        {"kind": "preference", "target": "each", "maximum": 3},
        {"kind": "preference", "target": "pair"},
    ],
)
def test_the_database_refuses_a_criterion_that_cannot_be_asked(fields: dict[str, Any]):
    with pytest.raises(IntegrityError, match="criterion_"), transaction.atomic():
        Criterion.objects.create(rubric=factories.rubric(), key="more", label="More", **fields)


class TestBeliefInOneRow:
    def form(self, belief: str) -> RatingForm:
        study = reading_study(pairs=1, belief="signed")
        first = presentation.next_for(Reader.objects.select_related("study").get(study=study))
        assert first
        return RatingForm(first, {**posted(), "believed_real": "", "confidence": "", "belief": belief})

    @pytest.mark.parametrize(
        ("belief", "stored"), [("1", ("left", 3)), ("3", ("left", 1)), ("4", ("right", 1)), ("6", ("right", 3))]
    )
    def test_it_is_stored_as_choice_and_confidence(self, belief, stored):
        form = self.form(belief)
        assert form.is_valid()
        assert (form.cleaned_data["believed_real"], form.cleaned_data["confidence"]) == stored

    @pytest.mark.parametrize("belief", ["", "0", "7"])
    def test_no_other_answer_is_taken(self, belief):
        assert self.form(belief).missing == ["Which one is real, and how sure?"]
