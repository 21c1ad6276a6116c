"""One rating a pair, whatever is sent twice, late, at once or by the wrong window."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, connections

from radiorate.reading import presentation, submission
from radiorate.reading.models import Mark, Presentation, Rating, RatingEvent, Score
from radiorate.studies import lifecycle
from radiorate.studies.models import Reader, Study
from tests.reading.scene import answers, reading_study


def shown(study: Study) -> Presentation:
    first = presentation.next_for(Reader.objects.select_related("study").get(study=study))
    assert first
    return first


def at_once(acts: list[Callable[[], Any]]) -> list[Any]:
    """Results or exceptions of all acts, each in a thread and on a connection of its own, begun together."""
    barrier, results = threading.Barrier(len(acts)), [None] * len(acts)

    def run(number: int) -> None:
        barrier.wait()
        try:
            results[number] = acts[number]()
        except Exception as failure:
            results[number] = failure
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[number]) for number in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.mark.django_db
class TestOneReader:
    def test_an_answer_becomes_event_rating_and_scores(self):
        given = answers(marks=[{"side": "left", "tag": "joint margin", "x": 0.25, "y": 0.5}])
        rating = submission.submit(shown(reading_study()), given, {"t_shown": 1000, "t_submit": 1001, "hidden_ms": 0})
        assert RatingEvent.objects.get().answers == given
        assert (rating.version, rating.believed_real, rating.confidence) == (1, "left", 3)
        assert rating.scores.count() == 8
        assert rating.scores.get(criterion__key="artifacts", side="right").value == 2
        assert str(rating.seconds) == "0.001"
        assert Mark.objects.get().tag == "joint margin"

    def test_what_cannot_be_assessed_is_stored_with_its_reason(self):
        given = answers()
        del given["scores"]["anatomy"]["left"]
        given["not_assessable"] = {"anatomy": {"left": "cut off"}}
        submission.submit(shown(reading_study()), given, {})
        score = Score.objects.get(criterion__key="anatomy", side="left")
        assert (score.value, score.reason) == (None, "cut off")

    def test_the_same_answer_again_changes_nothing(self):
        first = shown(reading_study())
        rating = submission.submit(first, answers(), {})
        assert submission.submit(first, answers(), {"t_shown": 9}).pk == rating.pk
        assert RatingEvent.objects.count() == Rating.objects.count() == 1

    def test_another_answer_under_one_id_is_refused(self):
        first = shown(reading_study())
        submission.submit(first, answers(), {})
        with pytest.raises(submission.Different) as refusal:
            submission.submit(first, answers(confidence=1), {})
        assert refusal.value.saved.answers["confidence"] == 3
        assert Rating.objects.get().confidence == 3

    def test_a_second_window_is_told_of_the_rating_made_meanwhile(self):
        study = reading_study()
        one, other = shown(study), shown(study)
        assert (one.pk, one.left_token) != (other.pk, other.left_token)
        submission.submit(one, answers(), {})
        with pytest.raises(submission.Conflict):
            submission.submit(other, answers(confidence=1), {})
        assert Rating.objects.get().confidence == 3

    def test_an_earlier_pair_opened_again_makes_a_new_version(self):
        study = reading_study()
        submission.submit(shown(study), answers(), {})
        reader = Reader.objects.select_related("study").get(study=study)
        anew = presentation.again(reader, 1)
        submission.submit(anew, answers(confidence=5, comment="after all"), {})
        rating = Rating.objects.get()
        assert (rating.version, rating.confidence, rating.comment, rating.scores.count()) == (2, 5, "after all", 8)
        assert [event.version for event in RatingEvent.objects.all()] == [1, 2]

    def test_a_closed_study_takes_no_answer_but_repeats_the_first_one(self):
        study = reading_study()
        first = shown(study)
        submission.submit(first, answers(), {})
        second = shown(study)
        lifecycle.close_study(study, None)
        assert submission.submit(first, answers(), {})
        with pytest.raises(submission.NotOpen):
            submission.submit(second, answers(), {})

    def test_a_removed_reader_is_refused(self):
        study = reading_study()
        first = shown(study)
        Reader.objects.update(removed_at="2026-01-01T00:00Z")
        with pytest.raises(submission.NotOpen):
            submission.submit(first, answers(), {})

    @pytest.mark.parametrize(
        ("times", "seconds"),
        [
            ({"t_shown": 1000, "t_submit": 13500, "hidden_ms": 2500}, "10.000"),
            ({}, "60.000"),
            ({"t_shown": 1000, "t_submit": 900, "hidden_ms": 0}, "60.000"),
            ({"t_shown": 0, "t_submit": 9e9, "hidden_ms": 0}, "60.000"),
        ],
        ids=["pauses are taken out", "none told", "backwards", "longer than the page was open"],
    )
    def test_time_on_task(self, times, seconds):
        assert str(submission.seconds_on_task(times, 60.0)) == seconds

    def test_statements_do_not_grow_with_the_study(self, django_assert_max_num_queries):
        first = Presentation.objects.with_questions().get(pk=shown(reading_study(pairs=6)).pk)
        with django_assert_max_num_queries(5 + 2):  # and the test's savepoint
            submission.submit(first, answers(), {})


def without_the_lock(monkeypatch: pytest.MonkeyPatch, windows: int) -> None:
    """All windows have read what is stored before any of them writes."""
    barrier, create = threading.Barrier(windows), RatingEvent.objects.create

    def wait_and_create(**fields: Any) -> RatingEvent:
        barrier.wait(20)
        return create(**fields)

    monkeypatch.setattr(submission, "_lock", lambda pk: True)
    monkeypatch.setattr(RatingEvent.objects, "create", wait_and_create)


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_twenty_posts_of_one_showing_make_one_rating(self):
        first = shown(reading_study())
        first.criteria  # noqa: B018  (read once, not by every thread)
        results = at_once([lambda: submission.submit(first, answers(), {}).pk] * 20)
        assert set(results) == {Rating.objects.get().pk}
        assert RatingEvent.objects.count() == 1

    def test_control_without_the_lock_the_database_refuses_the_second(self, monkeypatch):
        first = shown(reading_study())
        without_the_lock(monkeypatch, 4)
        results = at_once([lambda: submission.submit(first, answers(), {}).pk] * 4)
        assert any(isinstance(result, IntegrityError) for result in results)
        assert Rating.objects.count() == 1

    @pytest.fixture
    def edits(self) -> list[Callable[[], Any]]:
        """Ten windows in which the same rating was opened again."""
        study = reading_study(pairs=1)
        submission.submit(shown(study), answers(), {})
        reader = Reader.objects.select_related("study").get(study=study)
        windows = [presentation.again(reader, 1) for _ in range(10)]
        return [
            lambda window=window, number=number: submission.submit(window, answers(comment=str(number)), {})
            for number, window in enumerate(windows)
        ]

    def test_of_ten_changes_at_once_one_counts_and_nine_are_told(self, edits):
        results = at_once(edits)
        assert sum(isinstance(result, submission.Conflict) for result in results) == 9
        assert RatingEvent.objects.count() == Rating.objects.get().version == 2

    def test_control_without_the_lock_changes_overwrite_each_other(self, edits, monkeypatch):
        without_the_lock(monkeypatch, 10)
        at_once(edits)
        assert RatingEvent.objects.count() > 2

    def test_no_rating_is_later_than_the_closing(self):
        for _ in range(8):
            study = reading_study(pairs=1)
            first = shown(study)
            result, _ = at_once(
                [
                    lambda first=first: submission.submit(first, answers(), {}),
                    lambda study=study: lifecycle.close_study(study, None),
                ]
            )
            study.refresh_from_db()
            rating = Rating.objects.filter(assignment__reader__study=study).first()
            assert (rating is None) == isinstance(result, submission.NotOpen)
            assert rating is None or rating.submitted_at < study.closed_at

    def test_ten_requests_for_the_next_pair_show_one_pair(self):
        study = reading_study()
        reader = Reader.objects.select_related("study").get(study=study)
        results = at_once([lambda: presentation.next_for(reader).assignment_id] * 10)
        assert len(set(results)) == 1
