"""The page on which an image is edited: with numbers alone, and with a mask that is drawn."""

import json
import os

import pytest
from django.conf import settings
from django.urls import reverse

from generation import masking
from generation.models import Batch, Job
from radiorate.images.models import Collection
from tests import factories
from tests.generation.test_accessible import check


@pytest.fixture
def image(db):
    return factories.image(factories.collection(licence="CC0"), size=(192, 256), laterality="L")


@pytest.fixture
def admin(client, db):
    client.force_login(factories.admin())
    return client


def order(**fields) -> dict:
    """What the form sends for one inpainting of a rectangle in numbers, by the phantom."""
    numbers = {"mask_left": "25", "mask_top": "25", "mask_width": "50", "mask_height": "25"}
    rest = {"mode": "inpainting", "prompt": "An X-ray of a knee", "n": "1", "steps": "1", "budget_usd": "0"}
    return {**numbers, **rest, "new_collection": "edits", **fields}


@pytest.fixture
def phantom(db):
    return factories.generator(name="phantom-1")


def test_a_rectangle_in_numbers_is_launched_without_any_script(admin, image, phantom):
    address = reverse("generation:edit", args=[image.pk])
    shown = admin.post(address, order(generator=phantom.pk)).content.decode()
    assert "free" in shown and not Batch.objects.exists()
    answer = admin.post(address, order(generator=phantom.pk, n="3", launch="yes"))
    batch = Batch.objects.get()
    assert answer["Location"] == reverse("generation:batch", args=[batch.pk])
    job = batch.jobs.first()
    assert (batch.jobs.count(), job.mode, job.source, job.laterality) == (3, "inpainting", image, "L")
    assert job.mask_shape == {"shapes": [{"kind": "rectangle", "x": 0.25, "y": 0.25, "width": 0.5, "height": 0.25}]}


def test_an_extension_in_steps_is_a_chain_for_each_image(admin, image, phantom):
    extending = order(generator=phantom.pk, mode="outpainting", pad_bottom="25", n="2", steps="3", launch="yes")
    admin.post(reverse("generation:edit", args=[image.pk]), extending)
    chain = list(Job.objects.values_list("number", "after__number", "on_hold", "height"))
    assert chain == [
        *[(1, None, False, 320), (2, 1, True, 384), (3, 2, True, 448)],
        *[(4, None, False, 320), (5, 4, True, 384), (6, 5, True, 448)],
    ]


def test_a_variation_needs_neither_mask_nor_pad(admin, image, phantom):
    admin.post(reverse("generation:edit", args=[image.pk]), order(generator=phantom.pk, mode="variation", launch="yes"))
    assert Job.objects.get().mask_shape is None


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"mask_width": ""}, "Draw a mask first"),
        ({"mode": "outpainting"}, "Say how far"),
        ({"shapes": "{"}, "The mask can&#x27;t be read"),
        ({"shapes": '{"shapes": 7}'}, "no list of shapes"),
        ({"shapes": json.dumps({"shapes": [{"kind": "star"}]})}, "is none of them"),
        ({"mode": "outpainting", "pad_top": "1", "n": "4000", "steps": "3"}, "more than a batch holds"),
        ({"new_collection": ""}, "Name the collection"),
    ],
)
def test_what_is_missing_or_wrong_is_said_and_nothing_launched(admin, image, phantom, fields, words):
    answer = admin.post(
        reverse("generation:edit", args=[image.pk]), order(generator=phantom.pk, launch="yes", **fields)
    )
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Batch.objects.exists()


def test_the_page_says_when_a_real_image_may_not_leave(admin, image):
    address = reverse("generation:edit", args=[image.pk])
    assert "No consent is recorded" in admin.get(address).content.decode()
    Collection.objects.update(may_be_sent=True)
    assert "may not be sent" not in admin.get(address).content.decode()
    assert address in admin.get(reverse("images:detail", args=[image.pk])).content.decode()


def test_a_mask_is_drawn_by_pointer_and_keyboard_and_ordered(start_web, client, page, transactional_db):
    web = start_web()
    image = factories.image(factories.collection(licence="CC0", may_be_sent=True), size=(320, 400))
    client.force_login(factories.admin())
    key = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": web.url}])
    page.goto(f"{web.url}/images/{image.pk}/")
    page.get_by_role("link", name="Inpaint or extend").click()
    page.locator("[data-mask][data-on]").wait_for()  # its tools move the board
    board = page.locator("[data-board]")
    box = board.bounding_box()
    scale = min(box["width"] / 320, box["height"] / 400)
    left, top = box["x"] + (box["width"] - 320 * scale) / 2, box["y"] + (box["height"] - 400 * scale) / 2

    def point(x: float, y: float) -> tuple[float, float]:
        return left + x * 320 * scale, top + y * 400 * scale

    def drag(*points: tuple[float, float]) -> None:
        page.mouse.move(*point(*points[0]))
        page.mouse.down()
        for place in points[1:]:
            page.mouse.move(*point(*place))
        page.mouse.up()

    drag((0.75, 0.5), (0.25, 0.25))  # a rectangle, from its lower right corner
    page.get_by_role("radio", name="polygon").check()
    for corner in ((0.1, 0.6), (0.4, 0.6), (0.25, 0.8)):
        page.mouse.click(*point(*corner))
    page.keyboard.press("Enter")
    page.get_by_role("radio", name="brush").check()
    drag((0.6, 0.7), (0.8, 0.75), (0.7, 0.9))
    drag((0.9, 0.9), (0.95, 0.95))
    page.get_by_role("button", name="Undo").click()
    numbers = page.get_by_role("group", name="A rectangle in numbers")
    for name, value in {"Left": "10", "Top": "5", "Width": "20", "Height": "10"}.items():
        numbers.get_by_label(name).fill(value)
    numbers.get_by_role("button", name="Add this rectangle").press("Enter")
    page.get_by_text("4 shapes drawn.").wait_for()
    page.get_by_role("button", name="Launch").wait_for()
    check(page, "edit")
    if folder := os.environ.get("RADIORATE_SCREENSHOTS"):
        for width, height in ((1366, 768), (2560, 1440)):
            page.set_viewport_size({"width": width, "height": height})
            page.screenshot(path=f"{folder}/edit-{width}.png", full_page=True)
    page.get_by_role("button", name="Launch").click()
    page.wait_for_url("**/generation/*/")
    job = Job.objects.get()
    assert job.source == image
    rectangle, polygon, brush, typed = job.mask_shape["shapes"]
    assert [rectangle[name] for name in ("x", "y", "width", "height")] == pytest.approx(
        [0.25, 0.25, 0.5, 0.25], abs=0.01
    )
    assert polygon["points"] == [pytest.approx(corner, abs=0.01) for corner in ((0.1, 0.6), (0.4, 0.6), (0.25, 0.8))]
    assert brush["points"][-1] == pytest.approx([0.7, 0.9], abs=0.01)
    assert typed == {"kind": "rectangle", "x": 0.1, "y": 0.05, "width": 0.2, "height": 0.1}
    assert masking.problems(job.mask_shape) == []
