"""The viewer, in Chromium: what pointers, fingers, buttons and keys do to the two images, and how exact they are."""

import hashlib
import io
import re
from typing import Any

import numpy as np
import pytest
from PIL import Image as Picture
from playwright.sync_api import Page, expect

from radiorate.reading import presentation
from radiorate.studies.models import Criterion
from tests.conftest import eventually
from tests.reading.screen import drawn, rate, ready_to_pin, views

CANVASES = "[...document.querySelectorAll('figure > canvas:first-of-type')]"


def grey(page: Page, number: int) -> np.ndarray:
    """The pixels on a canvas, (height, width)."""
    values, width = page.evaluate(
        f"""number => {{ const c = {CANVASES}[number];
            const {{ data }} = c.getContext('2d').getImageData(0, 0, c.width, c.height);
            return [[...data].filter((_, i) => i % 4 == 0), c.width] }}""",
        number,
    )
    return np.array(values, np.uint8).reshape(-1, width)


def stored(study: Any) -> list[np.ndarray]:
    """The pixels of the two renditions of the pair that is due, left and right."""
    assignment = presentation.next_for(study.readers.get()).assignment
    pictures = []
    for image in (assignment.left, assignment.right):
        with Picture.open(image.renditions.get().file) as picture:
            pictures.append(np.asarray(picture))
    return pictures


def hud(page: Page, number: int = 0) -> Any:
    return page.locator(".hud").nth(number)


def middle(page: Page, number: int = 0) -> tuple[float, float]:
    box = page.locator("figure").nth(number).bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def drag(page: Page, dx: float, dy: float, button: str = "left") -> None:
    x, y = middle(page)
    page.mouse.move(x, y)
    page.mouse.down(button=button)
    page.mouse.move(x + dx, y + dy)
    page.mouse.up(button=button)


def box(page: Page, number: int = 0) -> dict[str, float]:
    """Where the browser put a canvas, after what was asked for is painted."""
    return page.evaluate(
        f"""number => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => {{
            const b = {CANVASES}[number].getBoundingClientRect();
            done({{ x: b.x, y: b.y, width: b.width }}) }})))""",
        number,
    )


def test_the_pixels_on_the_canvas_are_those_of_the_rendition(visit, study):
    page = visit()
    drawn(page, 1)
    for number, pixels in enumerate(stored(study)):
        assert hashlib.sha256(grey(page, number).tobytes()).digest() == hashlib.sha256(pixels.tobytes()).digest()
    page.keyboard.press("i")
    eventually(lambda: np.array_equal(grey(page, 1), 255 - stored(study)[1]))


@pytest.mark.parametrize("ratio", [1, 2])
def test_one_to_one_is_one_image_pixel_on_one_device_pixel(visit, study, ratio):
    """What is photographed off the screen is the rendition, byte for byte, also on a HiDPI screen and off the grid."""
    page = visit(device_scale_factor=ratio)
    page.set_viewport_size({"width": 1401, "height": 801})
    drawn(page, 1)
    page.get_by_role("button", name="One to one").click()
    expect(hud(page)).to_contain_text("100 %")
    place, pixels = box(page), stored(study)[0]
    assert place["width"] * ratio == pytest.approx(pixels.shape[1])
    with Picture.open(io.BytesIO(page.screenshot())) as screen:
        left, top = (round(place[name] * ratio) for name in ("x", "y"))
        seen = np.asarray(screen.convert("L"))[top : top + pixels.shape[0], left : left + pixels.shape[1]]
    assert np.array_equal(seen, pixels)


def test_linked_images_move_together_and_unlinked_ones_alone(visit):
    page = visit()
    drawn(page, 1)
    expect(hud(page)).to_have_text(re.compile(r"W 256 L 128 · fit \d+ %, linked"))
    x, y = middle(page)
    start = views(page)
    page.mouse.move(x + 50, y)
    page.mouse.wheel(0, -200)
    eventually(lambda: views(page) != start)
    assert len(set(views(page))) == 1
    drag(page, 40, 20)
    expect(hud(page, 1)).to_contain_text(re.compile("W 280 L 140 .*linked"))
    page.keyboard.press("l")
    before = views(page)
    page.mouse.wheel(0, -200)
    eventually(lambda: views(page)[0] != before[0])
    assert views(page)[1] == before[1]
    page.keyboard.press("0")
    expect(hud(page)).to_contain_text("W 256 L 128 · fit")
    expect(hud(page, 1)).to_contain_text("W 280 L 140")


def test_the_mouse_does_what_it_does_at_the_workstation(visit):
    page = visit()
    drawn(page, 1)
    start = box(page)
    drag(page, 30, -20, button="middle")
    panned = box(page)
    assert (panned["x"] - start["x"], panned["y"] - start["y"]) == pytest.approx((30, -20))
    drag(page, 0, -60, button="right")
    assert box(page)["width"] > 1.3 * start["width"]
    page.keyboard.press("f")
    page.mouse.move(*middle(page))
    page.keyboard.down(" ")
    drag(page, -25, 10)
    page.keyboard.up(" ")
    panned = box(page)
    assert (panned["x"] - start["x"], panned["y"] - start["y"]) == pytest.approx((-25, 10))
    expect(hud(page)).to_contain_text("W 256 L 128")
    x, y = middle(page)
    page.mouse.move(x + 70, y - 40)
    before = box(page)
    page.mouse.wheel(0, -300)
    after = box(page)
    for point, name in ((x + 70, "x"), (y - 40, "y")):  # the image's point under the cursor stays there
        shares = [(point - where[name]) / where["width"] for where in (before, after)]
        assert shares[0] == pytest.approx(shares[1], abs=1e-3)
    assert after["width"] > 1.4 * before["width"]


def test_the_reader_can_give_the_left_button_to_panning(visit):
    page = visit()
    drawn(page, 1)
    page.keyboard.press("?")
    page.get_by_label("Left drag pans").check()
    page.keyboard.press("Escape")
    start = box(page)
    drag(page, 30, 10)
    assert box(page)["x"] - start["x"] == pytest.approx(30)
    drag(page, 40, 0, button="middle")
    expect(hud(page)).to_contain_text("W 280 L 128")
    page.reload()
    drawn(page, 1)
    page.keyboard.press("?")
    expect(page.get_by_label("Left drag pans")).to_be_checked()


def test_everything_goes_without_dragging(visit):
    page = visit()
    drawn(page, 1)
    hud(page, 1).click()
    sheet = page.get_by_role("group", name="Adjust the image")
    figure = page.locator("figure").last.bounding_box()
    assert figure["x"] <= sheet.bounding_box()["x"] < figure["x"] + figure["width"]
    expected = [("Wider", "W 264"), ("Narrower", "W 256"), ("Higher", "L 132"), ("Lower", "L 128")]
    for name, shown in expected:
        sheet.get_by_role("button", name=name).click()
        expect(hud(page)).to_contain_text(shown)
    before = views(page)
    for name in ("Zoom in", "Further right", "Further down", "Further left", "Further up", "Zoom out"):
        sheet.get_by_role("button", name=name).click()
        eventually(lambda before=before: views(page) != before)
        before = views(page)
    sheet.get_by_label("Width").fill("100")
    expect(hud(page)).to_contain_text("W 100")
    page.keyboard.press("Escape")  # closes the sliders and is no pause
    expect(sheet).to_be_hidden()
    expect(page.get_by_role("heading", name="Paused")).to_be_hidden()
    page.get_by_role("button", name="Reset").click()
    expect(hud(page)).to_contain_text("W 256 L 128 · fit")
    page.keyboard.press("4")  # a digit scores though the tool has the focus
    expect(page.locator("#pair input:checked")).to_have_count(1)


def test_one_finger_pans_and_two_zoom(visit):
    page = visit(has_touch=True)
    drawn(page, 1)
    x, y = middle(page)
    touch = page.context.new_cdp_session(page)

    def fingers(kind: str, *points: tuple[float, float]) -> None:
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in points]})

    start = box(page)
    fingers("touchStart", (x, y))
    fingers("touchMove", (x + 40, y + 20))
    fingers("touchEnd")
    moved = box(page)
    assert (moved["x"] - start["x"], moved["y"] - start["y"]) == pytest.approx((40, 20), abs=1)
    expect(hud(page)).to_contain_text("W 256 L 128")
    page.keyboard.press("f")
    fingers("touchStart", (x - 40, y), (x + 40, y))
    for step in range(1, 5):
        fingers("touchMove", (x - 40 - 10 * step, y), (x + 40 + 10 * step, y))
    fingers("touchEnd")
    assert [box(page, number)["width"] / start["width"] for number in (0, 1)] == pytest.approx([2, 2], abs=0.05)


def test_the_magnifier_shows_what_is_under_the_pointer(visit, study):
    page = visit(device_scale_factor=2)
    drawn(page, 1)
    page.get_by_role("button", name="Magnify").click()
    place, pixels = box(page), stored(study)[0]
    row, column = 20, 45
    size = place["width"] / pixels.shape[1]
    page.mouse.move(place["x"] + (column + 0.5) * size, place["y"] + (row + 0.5) * size)
    lens = """() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => {
        const lens = document.querySelector('.lens'), c = lens.width / 2;
        done([lens.width, lens.getContext('2d').getImageData(c, c, 1, 1).data[0]]) })))"""
    assert page.evaluate(lens) == [440, int(pixels[row, column])]


def test_every_pair_is_met_in_the_same_state(visit):
    page = visit()
    drawn(page, 1)
    state = f"""[{CANVASES}.map(c => c.style.transform), [...document.querySelectorAll('.hud')].map(e => e.textContent),
        [...document.querySelectorAll('.viewing [aria-pressed]')].map(e => e.ariaPressed)]"""
    start = page.evaluate(state)
    for key in ("+", "l", "i", "m", "["):
        page.keyboard.press(key)
    eventually(lambda: page.evaluate(state) != start)
    rate(page)
    page.keyboard.press("Enter")
    drawn(page, 2)
    eventually(lambda: page.evaluate(state) == start)


# What must change by each key of the help sheet's table, as the page tells it.
HUD = "[...document.querySelectorAll('.hud')].map(e => e.textContent).join()"
PLACES = f"{CANVASES}.map(c => c.style.transform).join()"
CHOSEN = "[...document.querySelectorAll('#pair :checked')].map(e => e.name + e.value).join()"
FOCUS = "(document.activeElement.name ?? document.activeElement.tagName)"
DIALOG = "(document.querySelector('dialog[open]')?.id ?? '')"
LEVELS = "(document.querySelector('.levels:popover-open')?.id ?? '')"
TOOLS = "[...document.querySelectorAll('.viewing [aria-pressed]')].map(e => e.ariaPressed).join()"
EFFECTS = {
    **dict.fromkeys("12345nab", CHOSEN),
    **dict.fromkeys(["Backspace", "c", "Enter"], FOCUS),
    **dict.fromkeys("limp", TOOLS),
    **dict.fromkeys(["f", "o", "+", "=", "-", "ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"], PLACES),
    **dict.fromkeys("0[],.;'", HUD),
    **dict.fromkeys(["Escape", "?"], DIALOG),
    "h": LEVELS,
}
WITHOUT = set("6789")  # no level of a scale from 1 to 5
LEAVES = "PageUp"  # the pair for the one before


def test_every_key_of_the_help_sheet_has_its_effect(visit):
    Criterion.objects.update(anchors={"1": "the worst", "5": "the best"})
    page = visit()
    drawn(page, 1)
    rate(page)
    page.keyboard.press("Enter")
    ready_to_pin(page, 2)
    listed = page.locator("#help [data-keys]").evaluate_all("rows => rows.flatMap(row => row.dataset.keys.split(' '))")
    assert set(listed) == {*EFFECTS, *WITHOUT, LEAVES}
    # Read after two frames: what the key before asked for must not be taken for this key's work.
    seen = "text => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done({0}))))"
    for key in (*EFFECTS, *WITHOUT):
        page.locator("figure").first.focus()
        if EFFECTS.get(key) in (HUD, PLACES):
            page.keyboard.press("0")
        if key in "f0":
            page.keyboard.press("i")
            page.keyboard.press("+")
        state = seen.format(EFFECTS.get(key, CHOSEN))
        before = page.evaluate(state)
        page.keyboard.press(key)
        if key in WITHOUT:
            assert page.evaluate(state) == before, key
        else:
            eventually(lambda state=state, before=before: page.evaluate(state) != before, 20)
        if page.evaluate(f"{DIALOG} || {LEVELS}") or key == "p":
            page.keyboard.press("Escape")
    page.keyboard.press(LEAVES)
    drawn(page, 1)
