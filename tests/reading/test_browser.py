"""What a reader does at the page, in Chromium, by label and keyboard."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from radiorate.reading.models import Rating, RatingEvent
from tests.reading.screen import KEYS, drawn, rate, read_here

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}


def test_three_pairs_are_rated_by_keyboard_in_twelve_keys_each(visit):
    page = visit()
    for place in (1, 2, 3):
        drawn(page, place)
        rate(page)
        page.keyboard.press("Enter")
    drawn(page, 4)
    assert len(KEYS) + 1 <= 12
    expect(page.locator("[data-saved]")).to_have_text("✓ Saved")
    rating = Rating.objects.first()
    assert Rating.objects.count() == 3
    assert [score.value for score in rating.scores.order_by("criterion__position", "side")] == [4, 2, 5, 1, 4, 4, 3, 2]
    assert (rating.believed_real, rating.confidence) == ("left", 3)
    assert rating.seconds > 0
    assert set(rating.event.client_times) == {"t_shown", "t_first_input", "t_submit", "hidden_ms", "idle_ms"}


@pytest.mark.parametrize("size", [(1366, 768), (1920, 1080), (2560, 1440), (3840, 2160)])
def test_nothing_scrolls(visit, size):
    page = visit()
    page.set_viewport_size({"width": size[0], "height": size[1]})
    drawn(page, 1)
    rate(page)
    overflow = "e => e.scrollHeight - e.clientHeight"
    assert page.evaluate("document.documentElement.scrollHeight - innerHeight") == 0
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") == 0
    assert page.locator(".questions").evaluate(overflow) <= 0
    small = page.evaluate(
        """[...document.querySelectorAll('button, a, label, summary')]
           .filter(e => e.checkVisibility() && !e.matches('.skip-link'))
           .map(e => e.getBoundingClientRect()).filter(b => b.width && (b.width < 24 || b.height < 24)).length"""
    )
    assert small == 0


def test_the_page_is_eight_requests_and_150_kb_before_its_images(visit, study):
    page = visit()
    drawn(page, 1)
    sizes = page.evaluate(
        """() => { const all = performance.getEntries().filter(e => ['navigation', 'resource'].includes(e.entryType)
               && !e.name.endsWith('.svg'));
           const images = all.filter(e => e.name.includes('/image/')).slice(0, 2);
           const shown = Math.max(...images.map(e => e.responseEnd));
           return all.filter(e => !images.includes(e) && e.startTime < shown).map(e => e.transferSize) }"""
    )
    assert 6 <= len(sizes) <= 8
    assert sum(sizes) <= 150_000


def test_a_gap_is_named_and_gets_the_focus(visit):
    page = visit()
    drawn(page, 1)
    for key in KEYS[:7]:
        page.keyboard.press(key)
    page.keyboard.press("Enter")
    expect(page.locator(".missing")).to_have_text("3 answers missing: Artifacts, image B")
    assert page.evaluate("document.activeElement.name") == "artifacts-right"
    assert not Rating.objects.exists()


def test_not_assessable_asks_why(visit):
    page = visit()
    drawn(page, 1)
    expect(page.get_by_label("Why not assessable")).to_be_hidden()
    for key in ["n", *KEYS[1:], "Enter"]:
        page.keyboard.press(key)
    assert page.evaluate("document.activeElement.name") == "reason"
    page.keyboard.type("cut off")
    page.keyboard.press("Enter")
    drawn(page, 2)
    assert Rating.objects.get().scores.get(criterion__key="anatomy", side="left").reason == "cut off"


def test_a_double_click_is_one_rating(visit):
    page = visit()
    drawn(page, 1)
    rate(page)
    page.get_by_role("button", name="Next pair").dblclick()
    drawn(page, 2)
    assert RatingEvent.objects.count() == 1


def test_the_second_window_sees_both_answers_and_picks(visit):
    one = visit()
    drawn(one, 1)
    rate(one)
    other = visit()
    drawn(other, 1)
    read_here(other)
    rate(other)
    other.keyboard.press("1")  # the focus stands on the button: no row is scored
    one.bring_to_front()
    read_here(one)
    one.get_by_role("button", name="Next pair").click()
    drawn(one, 2)
    other.bring_to_front()
    read_here(other)
    other.get_by_label("B is real").check(force=True)
    other.get_by_role("button", name="Next pair").click()
    expect(other.get_by_role("alert")).to_contain_text("Which one is real?")
    expect(other.get_by_label("B is real")).to_be_checked()
    assert Rating.objects.get().believed_real == "left"
    drawn(other, 1)
    other.get_by_role("button", name="Next pair").click()
    drawn(other, 2)
    assert (Rating.objects.get().believed_real, Rating.objects.get().version) == ("right", 2)


def test_back_shows_the_saved_answers_and_a_reload_the_same_pair(visit):
    page = visit()
    drawn(page, 1)
    rate(page)
    page.keyboard.press("Enter")
    drawn(page, 2)
    page.keyboard.press("PageUp")
    drawn(page, 1)
    expect(page.locator("input:checked")).to_have_count(11)  # ten answers and the switch of the help sheet
    page.goto(page.url.split("?")[0])
    drawn(page, 2)
    page.reload()
    drawn(page, 2)
    assert RatingEvent.objects.count() == 1


def test_single_keys_can_be_switched_off(visit):
    page = visit()
    drawn(page, 1)
    page.keyboard.press("?")
    page.get_by_label("Single-letter keys are on").uncheck()
    page.get_by_role("button", name="Close").click()
    page.keyboard.press("4")
    expect(page.locator("#pair input:checked")).to_have_count(0)


def test_without_a_network_the_answer_waits_and_is_sent_later(visit):
    page = visit()
    drawn(page, 1)
    rate(page)
    page.context.set_offline(True)
    for _ in range(3):
        page.keyboard.press("Enter")
    expect(page.locator("[data-saved]")).to_contain_text("Not yet saved, kept on this computer")
    assert not Rating.objects.exists()
    page.context.set_offline(False)
    drawn(page, 2)
    expect(page.locator("[data-saved]")).to_have_text("✓ Saved")
    assert RatingEvent.objects.count() == 1


def test_an_answer_whose_reply_was_lost_is_stored_once(visit):
    page = visit()
    drawn(page, 1)
    rate(page)
    lost = []

    def lose(route: Any) -> None:
        if route.request.method == "POST" and not lost:
            lost.append(route.fetch())
            route.abort()
        else:
            route.continue_()

    page.route("**/reading/**", lose)
    page.keyboard.press("Enter")
    drawn(page, 2)
    assert lost
    assert RatingEvent.objects.count() == 1


def test_an_answer_of_a_closed_window_is_sent_by_the_next_one(visit):
    page = visit()
    drawn(page, 1)
    rate(page)
    page.context.set_offline(True)
    page.keyboard.press("Enter")
    expect(page.locator("[data-saved]")).to_contain_text("Not yet saved")
    page.close(run_before_unload=False)
    context = page.context
    context.set_offline(False)
    page = visit()
    drawn(page, 2)
    assert RatingEvent.objects.count() == 1


def test_a_stranger_between_is_not_taken_for_the_server(visit):
    page = visit()
    drawn(page, 1)
    rate(page)
    page.route("**/reading/**", lambda route: route.fulfill(status=200, body="<h1>Hotel Wi-Fi</h1>"))
    page.keyboard.press("Enter")
    expect(page.locator("[data-saved]")).to_contain_text("Not yet saved")
    expect(page.locator("#pair")).to_contain_text("Anatomy")
    page.unroute_all()
    drawn(page, 2)
    assert Rating.objects.count() == 1


def test_it_works_without_scripts(visit):
    page = visit(java_script_enabled=False)
    for place in (1, 2):
        expect(page.locator(".progress span")).to_have_text(f"{place} of 4")
        for side in ("A", "B"):
            picture = page.get_by_alt_text(f"Radiograph {side}")
            assert picture.bounding_box()["width"] > 300
            for criterion in ("Anatomy", "Joint fidelity", "Collimation", "Artifacts"):
                page.get_by_role("group", name=f"{criterion}, image {side}").get_by_label("4", exact=True).check(
                    force=True
                )
        page.get_by_label("A is real").check(force=True)
        page.get_by_label("certain").check(force=True)
        page.get_by_role("button", name="Next pair").click()
    expect(page.locator(".progress span")).to_have_text("3 of 4")
    assert Rating.objects.count() == 2


@pytest.mark.parametrize("path", ["", "instructions/", "../"])
def test_axe_finds_nothing(visit, path):
    page = visit(path)
    if not path:
        drawn(page, 1)
        rate(page)
    found = Axe().run(page, options=RULES)
    assert found.violations_count == 0, found.generate_report()
