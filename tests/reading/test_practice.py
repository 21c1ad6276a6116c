"""Practice that has to succeed before anything counts: expected scores, further attempts, and an admin's word."""

import uuid

import pytest

from radiorate.accounts.models import AuditEntry
from radiorate.reading import practice, presentation
from radiorate.reading.models import PracticeAttempt, Presentation, RatingEvent
from radiorate.studies.models import Pair, Study
from tests import factories
from tests.reading.scene import posted, reading_study, rendition
from tests.reading.test_page import form_action, open_page
from tests.reading.test_plan import enter, export

pytestmark = pytest.mark.django_db


def study_with_expectations(expected: dict[str, int], **fields) -> Study:
    """Two practice pairs whose real image, on the left, has these expected scores; then a pair that counts."""

    def write(study) -> None:
        scores = {}
        for number in (1, 2):
            first, second = factories.image(), factories.image(factories.collection("synthetic"))
            rendition(first, 90 + number)
            rendition(second, 95 + number)
            kind, recipe = Pair.Kind.PRACTICE, "r1/64/square"
            Pair.objects.create(study=study, code=f"T0{number}", kind=kind, first=first, second=second, recipe=recipe)
            scores[first.sha256] = expected
        Study.objects.filter(pk=study.pk).update(expected_scores=scores)
        reader = factories.reader(study)
        ordered = sorted(study.pairs.all(), key=lambda pair: (pair.kind != kind, pair.code))
        for position, pair in enumerate(ordered, start=1):
            reader.assignments.create(pair=pair, session=1, position=position, first_side="left")

    return reading_study(pairs=1, readers=0, before_opening=write, practice_agreement="0.75", **fields)


def practise(client, html: str, **answers: str) -> str:
    """The page after both practice pairs are answered so, and after the page that tells the truth."""
    for _ in range(2):
        told = client.post(form_action(html), posted(**answers)).content.decode()
        assert "Practice:" in told
        html = client.get(form_action(html), follow=True).content.decode()
    return html


def test_a_reader_within_one_level_goes_on_at_once(client):
    study = study_with_expectations({"anatomy": 3, "artifacts": 5})
    reader = enter(client, study)
    html = open_page(client, study)
    told = client.post(form_action(html), posted()).content.decode()  # 4 for every left image
    assert told.count("✓ within one level") == 2
    client.post(form_action(open_page(client, study)), posted())
    assert "1 of 1" in open_page(client, study)
    assert [(attempt.met, attempt.expected) for attempt in reader.practice_attempts.all()] == [(4, 4)]
    (row,) = export(study, "practice")
    assert row == [study.slug, "R1", "1", "4", "4", "0.75", "true", ""]


def test_who_falls_short_practises_again_and_nothing_that_counts_is_given_before(client):
    study = study_with_expectations({"anatomy": 1, "artifacts": 4}, practice_attempts=2)
    reader = enter(client, study)
    html = practise(client, open_page(client, study))
    assert "2 of 4 scores came within one level" in html
    assert presentation.next_for(reader) is None
    counted = Presentation.objects.filter(assignment__pair__kind=Pair.Kind.MAIN)
    assert not counted.exists()  # nor were its pixels given ahead
    html = client.get(f"/reading/{study.slug}/?practice=again").content.decode()
    assert "practice 1 of 2" in html
    client.post(f"{form_action(html)}draft/", {"comment": "half way", "stamp": str(uuid.uuid4())})
    html = client.get(f"/reading/{study.slug}/?practice=again").content.decode()
    assert "half way" in html
    client.post(form_action(html), posted(**{"anatomy-left": "2"}))
    html = client.get(f"/reading/{study.slug}/").content.decode()  # on any device: the attempt goes on where it was
    assert "practice 2 of 2" in html
    client.post(form_action(html), posted(**{"anatomy-left": "1"}))
    assert "1 of 1" in open_page(client, study)
    assert [row[2:5] for row in export(study, "practice")] == [["1", "2", "4"], ["2", "4", "4"]]
    assert RatingEvent.objects.count() == 4  # each answer stays


def test_when_no_attempt_is_left_an_admin_lets_the_reader_pass_with_a_reason(client, admin_client):
    study = study_with_expectations({"anatomy": 1}, practice_attempts=1)
    reader = enter(client, study)
    assert "No attempt is left" in practise(client, open_page(client, study))
    assert "No attempt is left" in client.get(f"/reading/{study.slug}/?practice=again").content.decode()
    admin = factories.admin()
    admin_client.force_login(admin)
    page = admin_client.get(f"/studies/{study.slug}/").content.decode()
    assert "Let pass the practice" in page
    assert "0 of 2" in page
    act = f"/reading/{study.slug}/readers/{reader.code}/let-pass/"
    admin_client.post(act, {"reason": " "})
    assert presentation.next_for(reader) is None
    admin_client.post(act, {"reason": "trained on the phone"})
    admin_client.post(act, {"reason": "a second click"})
    entry = AuditEntry.objects.get(action="study.reader_let_pass")
    assert (entry.actor, entry.reason) == (admin, "trained on the phone")
    assert "1 of 1" in open_page(client, study)
    assert export(study, "practice")[0][7]


def test_control_without_the_gate_the_pair_that_counts_is_given(client, monkeypatch):
    study = study_with_expectations({"anatomy": 1}, practice_attempts=1)
    enter(client, study)
    html = open_page(client, study)
    monkeypatch.setattr(practice, "is_short", lambda reader: False)
    assert "1 of 1" in practise(client, html)


def test_a_practice_pair_answered_in_a_second_window_keeps_its_first_answer(client):
    study = study_with_expectations({"anatomy": 4})
    enter(client, study)
    first, second = open_page(client, study), open_page(client, study)
    client.post(form_action(first), posted())
    refused = client.post(form_action(second), posted(**{"anatomy-left": "1"}))
    assert refused.status_code == 409
    assert "✓ within one level" in refused.content.decode()
    assert RatingEvent.objects.count() == 1
    assert not PracticeAttempt.objects.exists()
