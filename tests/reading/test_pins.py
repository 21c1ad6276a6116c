"""Defects are pinned by pointer and by keys, in Chromium."""

from playwright.sync_api import Page, expect

from radiorate.reading.models import Rating
from tests.conftest import eventually
from tests.reading.screen import drawn, rate, ready_to_pin, views


def pinned(page: Page) -> list[tuple[str, str, list[float]]]:
    """Side, tag and numbers of each pin the form would send."""
    texts = [field.input_value().split() for field in page.locator("[name=mark]").all()]
    return [(side, tag, list(map(float, numbers))) for side, tag, *numbers in texts]


def test_a_pin_keeps_its_place_under_zoom(visit):
    """The same pixel of the image, hit at three magnifications, is the same place within 0.001."""
    page = visit()
    ready_to_pin(page)
    target = {"x": 0.4, "y": 0.55}
    # Where that point of the first image lies on the screen, from what the browser says of the canvas it drew.
    on_screen = """({x, y}) => { const b = document.querySelector('figure canvas').getBoundingClientRect();
        return [b.left + x * b.width, b.top + y * b.height] }"""
    box = page.locator("figure").first.bounding_box()
    for wheel in (0, -350, -350):
        page.mouse.move(*page.evaluate(on_screen, target))
        before = views(page)
        page.mouse.wheel(0, wheel)
        if wheel:
            eventually(lambda before=before: views(page) != before)
        page.keyboard.press("p")
        page.mouse.click(*page.evaluate(on_screen, target))
        page.keyboard.press("2")
        page.locator("figure").first.focus()
    found = pinned(page)
    assert [pin[:2] for pin in found] == [("left", "seam")] * 3
    assert all(abs(x - 0.4) < 0.001 and abs(y - 0.55) < 0.001 for _, _, (x, y) in found), found
    rings = page.locator("figure").first.locator(".pin")
    expect(rings).to_have_count(3)
    ring = rings.last.bounding_box()
    assert abs(ring["x"] - page.evaluate(on_screen, target)[0]) < 2
    assert box == page.locator("figure").first.bounding_box()


def test_pins_by_keyboard_alone_are_set_moved_removed_and_stored(visit):
    page = visit()
    ready_to_pin(page)
    page.locator("figure").last.focus()
    for key in ["p", "ArrowRight", "ArrowRight", "ArrowUp", "Enter", "1"]:
        page.keyboard.press(key)
    for key in ["p", "Shift+Enter", "Shift+ArrowRight", "Shift+ArrowDown", "Enter", "ArrowDown", "Enter"]:
        page.keyboard.press(key)
    assert pinned(page) == [
        ("right", "fused_joint", [0.52, 0.49]),
        ("right", "seam", [0.5, 0.5, 0.05, 0.05]),
    ]
    expect(page.locator("#pair :checked")).to_have_count(0)
    page.get_by_role("button", name="Pin B1, joint fused").focus()
    page.keyboard.press("ArrowLeft")
    assert pinned(page)[0] == ("right", "fused_joint", [0.51, 0.49])
    page.keyboard.press("Control+z")
    expect(page.locator(".pins li")).to_have_count(1)
    page.get_by_role("button", name="Remove pin B1").click()
    expect(page.locator(".pins li")).to_have_count(0)
    page.locator("figure").first.focus()
    for key in ["p", "Enter", "1"]:
        page.keyboard.press(key)
    page.locator("fieldset input").first.focus()
    rate(page)
    page.keyboard.press("Enter")
    drawn(page, 2)
    mark = Rating.objects.get().marks.get()
    assert (mark.side, mark.tag, float(mark.x), float(mark.y), mark.width) == ("left", "fused_joint", 0.5, 0.5, None)
    expect(page.locator(".pins li")).to_have_count(0)
    page.keyboard.press("PageUp")
    drawn(page, 1)
    expect(page.locator("figure .pin")).to_have_text("A1")


def test_a_drag_pins_a_box_and_leaves_the_window_alone(visit):
    page = visit()
    ready_to_pin(page)
    box = page.locator("figure canvas").first.bounding_box()
    page.get_by_role("button", name="Pin", exact=False).first.click()
    page.mouse.move(box["x"] + 0.25 * box["width"], box["y"] + 0.25 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.75 * box["width"], box["y"] + 0.5 * box["height"], steps=3)
    page.mouse.up()
    page.get_by_role("button", name="seam").click()
    [(side, tag, numbers)] = pinned(page)
    assert (side, tag) == ("left", "seam")
    assert all(abs(got - wanted) < 0.003 for got, wanted in zip(numbers, [0.25, 0.25, 0.5, 0.25], strict=True))
    expect(page.locator(".hud").first).to_contain_text("W 256 L 128")
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", name="Paused")).to_be_visible()
