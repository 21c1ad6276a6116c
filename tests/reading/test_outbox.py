"""No rating is lost and none doubled: each case ends with the count of what PostgreSQL holds."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from playwright.sync_api import Page, Route, expect

from radiorate.reading.models import Rating
from radiorate.studies import lifecycle
from radiorate.studies.models import Assignment, Reader
from tests import factories
from tests.conftest import Program, eventually
from tests.reading.scene import plan
from tests.reading.screen import drawn, rate, read_here

SAVED = "✓ Saved"
KEPT = "Not yet saved, kept on this computer"


@pytest.fixture
def death(tmp_path: Path) -> Path:
    """A file that ends the server before its next answer, once a test writes it."""
    return tmp_path / "death"


@pytest.fixture
def live_server_process(start_web: Callable[..., Program], death: Path) -> Program:
    return start_web("tests.reading.faulty", DEATH=death)


def stored() -> int:
    """How many submissions PostgreSQL holds; each is the current rating of a pair of its own."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), count(DISTINCT presentation_id) FROM reading_ratingevent")
        submissions, showings = cursor.fetchone()
        cursor.execute("SELECT count(*) FROM reading_rating")
        assert submissions == showings == cursor.fetchone()[0]
    return submissions


def state(page: Page) -> Any:
    return expect(page.locator("[data-saved]"))


def answered(page: Page) -> Page:
    """The first pair, filled and sent."""
    drawn(page, 1)
    rate(page)
    page.keyboard.press("Enter")
    return page


def posts(page: Page) -> list[str]:
    """The answers that leave the page from now on."""
    sent: list[str] = []
    page.on("request", lambda asked: sent.append(asked.url) if asked.method == "POST" else None)
    return sent


def sign_in(page: Page, reader: Reader) -> None:
    page.get_by_label("Email").fill(reader.user.email)
    page.get_by_label("Password").fill(factories.PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="My studies")).to_be_visible()


def second_reader(study: Any) -> Reader:
    reader = factories.reader(study)
    plan(reader, list(study.pairs.order_by("code")))
    return reader


@pytest.mark.parametrize("victims", ["worker", "all"])
def test_a_server_killed_between_commit_and_answer_stores_one_row(visit, death, live_server_process, victims):
    page = visit()
    drawn(page, 1)
    rate(page)
    death.write_text(victims)
    page.keyboard.press("Enter")
    if victims == "all":
        state(page).to_contain_text(KEPT)
        assert stored() == 1
        live_server_process.kill()
        live_server_process.start()
    drawn(page, 2)
    state(page).to_have_text(SAVED)
    assert not death.exists(), "nobody died"
    assert stored() == 1


def test_a_server_that_fails_twice_is_asked_a_third_time_and_its_pages_are_not_shown(visit):
    page = visit()
    failures = [503, 500]

    def fail(route: Route) -> None:
        if route.request.method == "POST" and failures:
            route.fulfill(status=failures.pop(), body="<h1>Server error</h1>", content_type="text/html")
        else:
            route.continue_()

    page.route("**/reading/**", fail)
    answered(page)
    drawn(page, 2)
    assert not failures
    assert stored() == 1


@pytest.mark.parametrize("status", [409, 410, 422])
def test_a_refusal_that_does_not_name_the_answer_is_not_taken_for_the_servers(visit, status):
    page = visit()
    page.route("**/reading/*/", lambda route: route.fulfill(status=status, body="<h1>Hotel</h1>"), times=1)
    answered(page)
    drawn(page, 2)
    assert stored() == 1


def test_a_page_reloaded_while_saving_goes_on_with_the_next_pair(visit):
    page = visit()
    page.route("**/reading/*/", lambda route: None, times=1)  # an answer that never comes
    answered(page)
    state(page).to_have_text("Saving")
    page.reload()
    drawn(page, 2)
    state(page).to_have_text(SAVED)
    assert stored() == 1


def test_an_expired_session_keeps_the_answer_until_its_reader_is_back(visit, study, client):
    page = visit()
    drawn(page, 1)
    rate(page)
    client.logout()
    page.keyboard.press("Enter")
    state(page).to_contain_text("sign in again in a new tab")
    expect(page.get_by_label("A is real")).to_be_checked()
    assert stored() == 0
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="sign in again").click()
    sign_in(opened.value, study.readers.get())
    page.bring_to_front()
    drawn(page, 2)
    assert stored() == 1


def test_another_reader_at_the_same_computer_neither_sends_nor_loses_a_waiting_answer(visit, study):
    first, other = study.readers.get(), second_reader(study)
    page = visit()
    page.route("**/reading/*/", lambda route: route.abort())
    answered(page)
    state(page).to_contain_text(KEPT)
    page.unroute_all()
    context, address = page.context, page.url
    page.close(run_before_unload=False)
    context.clear_cookies()

    page = context.new_page()
    sent = posts(page)
    page.goto(re.sub(r"[^/]+/$", "", address))
    sign_in(page, other)
    expect(page.get_by_text("1 answer of another reader waits on this computer")).to_be_visible()
    page.goto(address)
    drawn(page, 1)
    rate(page)
    page.keyboard.press("Enter")
    drawn(page, 2)
    assert stored() == Rating.objects.filter(assignment__reader=other).count() == 1
    assert len([url for url in sent if url.startswith(address.rsplit("/", 2)[0])]) == 1
    page.goto(re.sub(r"[^/]+/$", "", address))
    page.get_by_role("button", name="Sign out").click()

    sign_in(page, first)
    state(page).to_have_text(SAVED)
    assert Rating.objects.filter(assignment__reader=first).count() == 1
    assert stored() == 2


def test_the_server_refuses_another_readers_answer_in_words(client, study):
    client.force_login(study.readers.get().user)
    refusal = client.post("/reading/00000000-0000-4000-8000-000000000000/", headers={"X-Reader": "somebody"})
    assert refusal.status_code == 403
    assert "This answer is another reader" in refusal.content.decode()


def test_an_answer_of_one_reader_is_not_sent_as_that_of_the_one_who_signed_in_meanwhile(visit, study, client):
    first, other = study.readers.get(), second_reader(study)
    page = visit()
    drawn(page, 1)
    rate(page)
    client.logout()
    client.force_login(other.user)
    cookie = client.cookies["sessionid"].value
    server = re.match(r"http://[^/]+", page.url)[0]
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": server}])
    page.keyboard.press("Enter")
    state(page).to_contain_text("until the reader who answered is signed in")
    assert stored() == 0
    client.logout()
    client.force_login(first.user)
    cookie = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": server}])
    drawn(page, 2)
    assert Rating.objects.get().assignment.reader == first
    assert stored() == 1


@pytest.mark.parametrize("end", ["closed", "removed"])
def test_a_study_that_ended_meanwhile_refuses_in_words_and_the_answer_stays_to_be_seen(visit, study, end):
    page = visit()
    drawn(page, 1)
    rate(page)
    if end == "closed":
        lifecycle.close_study(study, None)
    else:
        Reader.objects.update(removed_at="2026-11-24T00:00Z")
    page.keyboard.press("Enter")
    expect(page.get_by_text("This answer was not stored")).to_be_visible()
    expect(page.get_by_role("row", name="Which one is real? A is real")).to_be_visible()
    state(page).to_contain_text("Not saved")
    page.goto(re.sub(r"[^/]+/$", "", page.url))
    expect(page.get_by_role("row", name="Which one is real? A is real")).to_be_visible()
    page.get_by_role("button", name="Take this answer off this computer").click()
    expect(page.get_by_text("It is taken off this computer.")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="My studies")).to_be_visible()
    expect(page.get_by_text("This answer was not stored")).to_have_count(0)
    assert stored() == 0


def test_the_list_of_studies_says_that_an_answer_waits_and_sends_it(visit):
    page = visit()
    page.route("**/reading/*/", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    answered(page)
    state(page).to_contain_text(KEPT)
    page.goto(re.sub(r"[^/]+/$", "", page.url))
    state(page).to_contain_text(re.compile("1 answer waits on this computer|kept on this computer, trying again"))
    assert stored() == 0
    page.unroute_all()
    state(page).to_have_text(SAVED)
    assert stored() == 1


def test_signing_out_leaves_a_waiting_answer_where_it_is(visit, study):
    page = visit()
    page.route("**/reading/*/", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    answered(page)
    state(page).to_contain_text(KEPT)
    page.goto(re.sub(r"[^/]+/$", "", page.url))
    page.get_by_role("button", name="Sign out").click()
    page.unroute_all()
    assert stored() == 0
    sign_in(page, study.readers.get())
    state(page).to_have_text(SAVED)
    assert stored() == 1


def test_two_windows_send_one_answer_once(visit, study):
    """One window waits for the network with its answer; a second one, opened later, sends it. Both then go on."""
    one = visit()
    one.route("**/reading/*/", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    answered(one)
    state(one).to_contain_text(KEPT)
    other = visit()
    drawn(other, 2)
    assert stored() == 1
    one.unroute_all()
    one.bring_to_front()
    drawn(one, 2)
    assert stored() == 1


def test_the_second_window_is_told_and_the_first_one_when_it_is_taken_over(visit):
    one = visit()
    drawn(one, 1)
    other = visit()
    drawn(other, 1)
    told = other.get_by_role("dialog", name="Open in another window")
    expect(told).to_be_visible()
    other.keyboard.press("Escape")
    other.keyboard.press("4")
    expect(told).to_be_visible()
    expect(other.locator("#pair input:checked")).to_have_count(0)
    read_here(other)
    expect(one.get_by_role("dialog", name="Open in another window")).to_be_visible()
    rate(other)
    other.keyboard.press("Enter")
    drawn(other, 2)
    assert stored() == 1


def test_a_reloaded_page_does_not_take_itself_for_another_window(visit):
    page = visit()
    for _ in range(3):
        drawn(page, 1)
        page.reload()
    drawn(page, 1)
    eventually(lambda: page.evaluate("navigator.locks.query().then(locks => locks.held.length)") == 1)
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_back_opens_an_earlier_pair_with_its_answers_and_stores_a_new_version(visit, study):
    page = answered(visit())
    drawn(page, 2)
    page.keyboard.press("PageUp")
    drawn(page, 1)
    expect(page.get_by_label("A is real")).to_be_checked()
    page.keyboard.press("b")
    page.get_by_role("button", name="Next pair").click()
    drawn(page, 2)
    rating = Assignment.objects.get(position=1).rating
    assert (rating.version, rating.believed_real) == (2, "right")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), max(version) FROM reading_ratingevent")
        assert cursor.fetchone() == (2, 2)
