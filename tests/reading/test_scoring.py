"""What the score panel asks, by the kinds of criteria and the study's wishes, in Chromium."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from radiorate.studies import rubrics
from tests.reading.screen import drawn


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
