"""What the score panel asks, by the kinds of criteria and the study's wishes, in Chromium."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from radiorate.reading.models import Rating, Score
from radiorate.studies import rubrics
from tests.reading.screen import KEYS, drawn


@pytest.fixture
def rubric() -> str:
    return "radiographs"


@pytest.fixture
def design() -> dict[str, Any]:
    return {}


@pytest.fixture
def study(transactional_db, rubric, design) -> Any:
    from tests.reading.scene import reading_study

    return reading_study(pairs=2, rubric=rubrics.load(rubric), **design)


def row(page: Page) -> str:
    """The name of the row that keys score."""
    return page.evaluate("document.activeElement.name")


def test_the_words_of_a_level_come_by_key_and_go_along_with_the_rows(visit):
    page = visit()
    drawn(page, 1)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    before = page.locator(".questions").bounding_box(), page.locator("figure").last.bounding_box()
    page.keyboard.press("h")
    anatomy = page.get_by_role("note", name="Levels of Anatomy")
    expect(anatomy).to_be_visible()
    expect(anatomy).to_contain_text("The anatomy could not exist")
    expect(page.locator("[data-announce]")).to_contain_text("The anatomy could not exist")
    assert (page.locator(".questions").bounding_box(), page.locator("figure").last.bounding_box()) == before
    for key in "42":
        page.keyboard.press(key)
    assert row(page) == "joint_fidelity-left"
    expect(page.get_by_role("note", name="Levels of Joint fidelity")).to_be_visible()
    expect(anatomy).to_be_hidden()
    page.keyboard.press("Escape")
    expect(page.get_by_role("note")).to_have_count(0)
    expect(page.get_by_role("heading", name="Paused")).to_be_hidden()
    assert asked == []


def test_the_words_of_a_level_come_by_mouse(visit):
    page = visit()
    drawn(page, 1)
    page.get_by_role("button", name="Levels of Collimation").click()
    expect(page.get_by_role("note", name="Levels of Collimation")).to_contain_text("Part of the region is cut off.")
    page.mouse.click(300, 300)
    expect(page.get_by_role("note")).to_have_count(0)


@pytest.mark.parametrize("rubric", ["radiographs-counts"])
def test_a_count_is_one_key_as_expected_and_typed_otherwise(visit):
    page = visit()
    drawn(page, 1)
    for key in [*KEYS[:8], "="]:
        page.keyboard.press(key)
    assert row(page) == "long_bones-right"
    page.keyboard.press("=")
    assert row(page) == "believed_real"
    page.keyboard.press("Backspace")
    assert row(page) == "long_bones-right"
    page.keyboard.press("Backspace")
    for key in ["2", "Enter", "a", "3"]:
        page.keyboard.press(key)
    expect(page.locator("[name=long_bones-right-seen]")).to_have_value("2")
    expect(page.get_by_role("group", name="Long bones, image B").locator(":checked")).to_have_count(0)
    page.keyboard.press("Enter")
    drawn(page, 2)
    seen = Score.objects.filter(criterion__key="long_bones").order_by("side")
    assert [score.value for score in seen] == [3, 2]


@pytest.mark.parametrize("rubric", ["radiographs-counts"])
def test_of_a_number_and_a_choice_the_later_one_stays(visit):
    page = visit()
    drawn(page, 1)
    group = page.get_by_role("group", name="Long bones, image A")
    group.get_by_label("Another number").fill("4")
    group.get_by_label("3 as expected").check(force=True)
    expect(group.get_by_label("Another number")).to_have_value("")
    group.get_by_label("Another number").fill("4")
    expect(group.locator(":checked")).to_have_count(0)


@pytest.mark.parametrize("rubric", ["radiographs-preference"])
def test_a_preference_is_one_key_each(visit):
    page = visit()
    drawn(page, 1)
    for key in [*KEYS[:8], "<", "=", ">", "1", "2", "a", "3", "Enter"]:
        page.keyboard.press(key)
    drawn(page, 2)
    better = Score.objects.filter(criterion__kind="preference").order_by("criterion__position")
    assert [score.value for score in better] == [1, 2, 3, 1, 2]
    assert Rating.objects.get().believed_real == "left"


@pytest.mark.parametrize("design", [{"belief": "signed"}])
def test_belief_in_one_row_is_stored_as_choice_and_confidence(visit):
    page = visit()
    drawn(page, 1)
    for key in [*KEYS[:8], "2", "Enter"]:
        page.keyboard.press(key)
    drawn(page, 2)
    rating = Rating.objects.get()
    assert (rating.believed_real, rating.confidence) == ("left", 2)
    page.keyboard.press("PageUp")
    drawn(page, 1)
    expect(page.get_by_label("A likely")).to_be_checked()
