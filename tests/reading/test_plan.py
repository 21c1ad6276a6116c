"""The reading plan around the pairs: consent before them, practice first, wash-out between, questions after."""

import csv
import hashlib
import io
from datetime import timedelta

import pgtrigger
import pytest
from django.db import ProgrammingError, connection, transaction
from django.db.models import F

from radiorate.accounts.models import AuditEntry
from radiorate.reading import presentation, sessions, submission
from radiorate.reading.models import ClosingAnswer, Consent, Presentation, RatingEvent
from radiorate.results import exports
from radiorate.studies.models import Pair, Reader
from tests import factories
from tests.reading.scene import answers, plan, posted, reading_study, rendition
from tests.reading.test_page import form_action, open_page

pytestmark = pytest.mark.django_db


def enter(client, study) -> Reader:
    reader = Reader.objects.select_related("study").get(study=study)
    client.force_login(reader.user)
    return reader


def export(study, name: str) -> list[list[str]]:
    """The lines of a file that leaves, without its last column, the time."""
    with connection.cursor() as cursor, cursor.copy(f"COPY ({exports.find(name).query(study)}) TO STDOUT CSV") as copy:
        return [row[:-1] for row in csv.reader(io.StringIO(b"".join(copy).decode()))]


def test_no_pair_is_shown_before_the_reader_agrees_to_the_text(client):
    study = reading_study(pairs=1, consent="Ethics approval 1/26.\nYou may stop at any time.")
    reader = enter(client, study)
    address = f"/reading/{study.slug}/consent/"
    for query in ("", "?place=1"):
        assert client.get(f"/reading/{study.slug}/{query}")["Location"] == address
    assert "Ethics approval 1/26." in client.get(address).content.decode()
    refused = client.post(address, {})
    assert (refused.status_code, Presentation.objects.count()) == (422, 0)
    client.post(address, {"agreed": "on"})
    client.post(address, {"agreed": "on"})  # a second window
    agreed = Consent.objects.get()
    assert (agreed.reader, agreed.text_sha256) == (reader, hashlib.sha256(study.consent.encode()).hexdigest())
    assert "1 of 1" in open_page(client, study)
    assert export(study, "consent") == [[study.slug, "R1", agreed.text_sha256]]


@pytest.mark.parametrize("statement", ["UPDATE reading_consent SET text_sha256 = 'x'", "DELETE FROM reading_consent"])
def test_an_agreement_can_be_neither_changed_nor_taken_back(statement):
    study = reading_study(pairs=1, consent="A text.")
    Consent.objects.create(reader=study.readers.get(), text_sha256="0" * 64)

    def run() -> int:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.rowcount

    with pytest.raises(ProgrammingError):
        run()
    with pgtrigger.ignore("reading.Consent:append_only"):  # control: it is the guard that refuses
        assert run() == 1


def two_sessions(**fields):
    """A study whose only reader has a pair in each of two sessions."""

    def write(study) -> None:
        reader = factories.reader(study)
        for session, pair in enumerate(study.pairs.order_by("code"), start=1):
            plan(reader, [pair], session)

    return reading_study(pairs=2, readers=0, sessions=2, before_opening=write, **fields)


def practice_study():
    """A practice pair with its real image right, then two pairs that count."""

    def write(study) -> None:
        first, second = factories.image(), factories.image(factories.collection("synthetic"))
        rendition(first, 90)
        rendition(second, 91)
        kind, recipe = Pair.Kind.PRACTICE, "r1/64/square"
        Pair.objects.create(study=study, code="T01", kind=kind, first=first, second=second, recipe=recipe)
        practice, *others = sorted(study.pairs.all(), key=lambda pair: pair.kind != kind)
        reader = factories.reader(study)
        reader.assignments.create(pair=practice, session=1, position=1, first_side="right")
        for position, pair in enumerate(others, start=2):
            reader.assignments.create(pair=pair, session=1, position=position, first_side="left")

    return reading_study(pairs=2, readers=0, before_opening=write)


def test_practice_comes_first_tells_the_truth_and_is_counted_nowhere(client):
    study = practice_study()
    reader = enter(client, study)
    html = open_page(client, study)
    assert "practice 1 of 1" in html
    action = form_action(html)
    told = client.post(action, posted()).content.decode()
    assert "Radiograph B is a real patient's" in told
    assert "You answered: A is real" in told
    assert client.post(action, posted()).content.decode() == told  # sent again: the same answer
    html = open_page(client, study)
    assert "1 of 2" in html
    assert 'data-command="back"' not in html
    assert "a real patient's" not in client.post(form_action(html), posted()).content.decode()
    counted = Reader.objects.with_progress().get(pk=reader.pk)
    assert (counted.rated, counted.planned) == (1, 2)
    assert {row[4] for row in export(study, "choices")} == {"main", "practice"}
    assert client.get(f"/reading/{study.slug}/?place=3").status_code == 404


def rate_next(reader) -> None:
    submission.submit(presentation.next_for(reader), answers(), {})


def test_the_next_session_stays_locked_until_the_wash_out_is_over(client):
    reader = enter(client, two_sessions(washout_days=14))
    study = reader.study
    html = open_page(client, study)
    assert "data-next" not in html  # nor are its pixels given ahead
    page = client.post(form_action(html), posted()).content.decode()
    assert "Session 2 begins later" in page
    until = RatingEvent.objects.get().received_at + timedelta(days=14)
    assert f"{until:%B %Y}" in page
    assert "Session 2 begins later" in open_page(client, study)
    assert presentation.next_for(reader) is None
    with pgtrigger.ignore("reading.RatingEvent:append_only"):
        RatingEvent.objects.update(received_at=F("received_at") - timedelta(days=14))
    assert "2 of 2" in open_page(client, study)


def test_control_without_the_lock_the_pair_is_given(client, monkeypatch):
    reader = enter(client, two_sessions(washout_days=14))
    client.post(form_action(open_page(client, reader.study)), posted())
    monkeypatch.setattr(sessions, "locked_until", lambda reader, session: None)
    assert "2 of 2" in open_page(client, reader.study)


def test_an_answer_changed_later_does_not_prolong_the_wash_out(client):
    reader = enter(client, two_sessions(washout_days=14))
    rate_next(reader)
    until = presentation.wait(reader).until
    submission.submit(presentation.again(reader, 1), answers(confidence=5), {})
    assert RatingEvent.objects.count() == 2
    assert presentation.wait(reader).until == until


def test_an_admin_opens_a_session_early_with_a_reason_that_stays(client, admin_client):
    reader = enter(client, two_sessions(washout_days=14))
    admin = factories.admin()
    act = f"/reading/{reader.study.slug}/readers/{reader.code}/open-early/"
    admin_client.force_login(admin)
    admin_client.post(act, {"reason": "too soon"})  # nothing is locked yet
    rate_next(reader)
    admin_client.post(act, {"reason": " "})
    assert presentation.next_for(reader) is None
    admin_client.post(act, {"reason": "the reader leaves on Friday"})
    entry = AuditEntry.objects.get(action="study.session_opened_early")
    assert (entry.actor, entry.reason) == (admin, "the reader leaves on Friday")
    assert presentation.next_for(reader).assignment.session == 2


def test_a_finished_session_takes_no_change_until_an_admin_opens_it_again(client, admin_client):
    reader = enter(client, two_sessions(sessions_close=True))
    study = reader.study
    open_before = form_action(open_page(client, study))
    client.post(open_before, posted())
    page = client.get(f"/reading/{study.slug}/?place=1")
    assert (page.status_code, "Session 1 is finished" in page.content.decode()) == (410, True)
    late = Presentation.objects.create(assignment=reader.assignments.get(session=1), version=1)
    refused = client.post(f"/reading/{late.pk}/", posted(confidence="1"))
    assert (refused.status_code, "This change was not stored" in refused.content.decode()) == (410, True)
    assert "2 of 2" in open_page(client, study)  # the next session goes on
    admin = factories.admin()
    admin_client.force_login(admin)
    assert "Open a session again" in admin_client.get(f"/studies/{study.slug}/").content.decode()
    act = f"/reading/{study.slug}/readers/{reader.code}/reopen/"
    for session, reason in (("1", " "), ("2", "not finished"), ("9", "none such"), ("x", "no number")):
        admin_client.post(act, {"session": session, "reason": reason})
    assert client.get(f"/reading/{study.slug}/?place=1").status_code == 410
    admin_client.post(act, {"session": "1", "reason": "mixed up the sides"})
    entry = AuditEntry.objects.get(action="study.session_reopened")
    assert (entry.actor, entry.reason, entry.detail) == (admin, "mixed up the sides", {"reader": "R1", "session": 1})
    html = client.get(f"/reading/{study.slug}/?place=1").content.decode()
    client.post(form_action(html), posted(confidence="1"))
    assert RatingEvent.objects.filter(version=2).count() == 1


def test_back_is_offered_where_the_pair_before_can_be_opened_again(client):
    back = 'data-command="back"'
    reader = enter(client, two_sessions(sessions_close=True))
    first = open_page(client, reader.study)
    client.post(form_action(first), posted())
    assert [back in first, back in open_page(client, reader.study)] == [False, False]
    sessions.reopen(reader, 1, factories.admin(), "mixed up the sides")
    assert "?place=1" in open_page(client, reader.study)
    reader = enter(client, reading_study(pairs=2, sessions_close=True))
    client.post(form_action(open_page(client, reader.study)), posted())
    assert "?place=1" in open_page(client, reader.study)  # within a session


def test_a_change_that_was_stored_is_told_so_again_after_its_session_finished(client):
    reader = enter(client, reading_study(pairs=2, sessions_close=True))
    client.post(form_action(open_page(client, reader.study)), posted())
    change = form_action(client.get(f"/reading/{reader.study.slug}/?place=1").content.decode())
    client.post(change, posted(confidence="1"))
    client.post(form_action(open_page(client, reader.study)), posted())  # the last pair
    again = client.post(change, posted(confidence="1"))  # its answer was lost on the way
    assert (again.status_code, again["X-Rating-Saved"]) == (200, change.split("/")[-2])
    assert RatingEvent.objects.count() == 3


def test_the_closing_questions_come_after_the_last_pair_and_the_open_one_first(client):
    study = reading_study(pairs=1, closing_questions=True)
    reader = enter(client, study)
    address = f"/reading/{study.slug}/closing/"
    assert client.get(address)["Location"] == f"/reading/{study.slug}/"
    finished = client.post(form_action(open_page(client, study)), posted()).content.decode()
    assert address in finished
    first = client.get(address).content.decode()
    assert "Did you notice anything" in first
    assert "synthetic" not in first
    client.post(address, {"noticed": "Odd trabeculae."})
    assert client.post(address, {"share": "101"}).status_code == 422
    assert client.post(address, {"share": "40"}).status_code == 422  # both aids and cues beyond pictures want a word
    rest = {"beyond": "no", "aids": "A colleague."}
    client.post(address, {"share": "40", "clues": "The margins.", **rest})
    client.post(address, {"share": "90", **rest})
    assert "That was all" in client.get(address).content.decode()
    assert export(study, "closing") == [
        [study.slug, "R1", "noticed", "Odd trabeculae."],
        [study.slug, "R1", "share", "40"],
        [study.slug, "R1", "clues", "The margins."],
        [study.slug, "R1", "beyond", "no"],
        [study.slug, "R1", "aids", "A colleague."],
    ]
    said = dict(ClosingAnswer.objects.filter(reader=reader).values_list("question", "answer"))
    assert said == {"noticed": "Odd trabeculae.", "share": "40", "clues": "The margins.", **rest}
