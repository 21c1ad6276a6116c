"""A held image is looked at, with the words found in it, and released or masked: what was masked is kept nowhere."""

import io
from typing import Any

import numpy as np
import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse
from PIL import Image as Picture

from radiorate.accounts.models import AuditEntry
from radiorate.images import intake, masking, previews, rendition
from radiorate.images.decoding import decode
from radiorate.images.facts import NOTHING_TOLD
from radiorate.images.models import Image
from tests import factories
from tests.images.test_writing import written

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(factories.admin())
    return client


def held(text: str = "DOE JOHN 1961") -> Image:
    stream = io.BytesIO()
    Picture.fromarray(written(text, 32, ink=255)).save(stream, "PNG")
    return intake.store(stream.getvalue(), "a.png", factories.collection(), NOTHING_TOLD)


def test_words_are_held_with_their_place_and_without_their_letters() -> None:
    image = held()
    assert image.state == Image.State.HELD
    [(left, top, right, bottom)] = image.provenance["words"]
    assert 0 <= left <= 20 and 0 <= top <= 20 and 200 < right < 400 and 30 < bottom < 70
    assert "DOE" not in str(image.provenance) and "DOE" not in image.state_reason


def test_the_page_draws_the_found_boxes_and_offers_both_ways_out(admin: Client) -> None:
    image = held()
    left, top, right, bottom = image.provenance["words"][0]
    outline = f"M{left} {top}H{right}V{bottom}H{left}Z"
    assert outline in admin.get(reverse("images:held")).content.decode()
    page = admin.get(reverse("images:look", args=[image.pk])).content.decode()
    assert outline in page and f"{left} {top} {right} {bottom}</textarea>" in page
    assert f'viewBox="{left} {top} {right - left} {bottom - top}"' in page, "enlarged, to be read"
    assert "Release as it is" in page and "Mask these and release" in page


def test_masked_pixels_are_black_and_nothing_of_them_is_kept(
    admin: Client, django_capture_on_commit_callbacks: Any
) -> None:
    image = held()
    for side in (previews.THUMBNAIL, previews.LARGE, previews.LARGEST):
        previews.preview(image, side)
    before, digest = str(image.original), image.pixel_sha256
    address = reverse("images:look", args=[image.pk])
    told = {"boxes": "0 0 600 60\n", "reason": "a name", "act": "mask"}
    with django_capture_on_commit_callbacks(execute=True):
        assert admin.post(address, told)["Location"] == reverse("images:detail", args=[image.pk])
    image.refresh_from_db()
    grey = decode(image.original.read()).array
    assert not grey[:60, :600].any() and grey[60:].any()
    assert image.state == Image.State.AVAILABLE and image.pixel_sha256 != digest
    assert image.provenance["masked"] == {"recipe": masking.RECIPE, "boxes": [[0, 0, 600, 60]]}
    assert default_storage.listdir("originals")[1] == [image.original.name.removeprefix("originals/")]
    assert image.original.name != before and not default_storage.listdir("previews")[1]
    shown = np.asarray(Picture.open(io.BytesIO(previews.preview(image, previews.LARGE))))
    assert not shown[:50].any()
    entry = AuditEntry.objects.get(action="image.masked")
    assert entry.actor and entry.reason == "a name" and entry.detail["boxes"] == [[0, 0, 600, 60]]


@pytest.mark.parametrize("drawn", [previews, rendition])
def test_a_picture_drawn_while_parts_are_masked_is_not_kept(drawn: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    image, decode = held(), drawn.decode

    def masked_meanwhile(data: bytes) -> Any:
        monkeypatch.setattr(drawn, "decode", decode)
        masking.mask(Image.objects.get(pk=image.pk), [(0, 0, 600, 60)], factories.admin(), "a name")
        return decode(data)

    monkeypatch.setattr(drawn, "decode", masked_meanwhile)
    if drawn is previews:
        previews.preview(image, previews.LARGE)
    else:
        with pytest.raises(FileNotFoundError, match="masked just now"):
            rendition.make(image, "r1/256/pad")
    folder = "previews" if drawn is previews else "renditions"
    assert not default_storage.exists(folder) or not default_storage.listdir(folder)[1]


def test_masking_an_image_that_was_not_held_leads_back_to_it(admin: Client) -> None:
    held()
    image = factories.image()
    told = {"boxes": "0 0 9 9", "reason": "a marker", "act": "mask"}
    answer = admin.post(reverse("images:look", args=[image.pk]), told)
    assert answer["Location"] == reverse("images:detail", args=[image.pk])
    assert "1 rectangle, black-1" in admin.get(answer["Location"]).content.decode()


def test_both_origins_are_masked_by_the_same_recipe() -> None:
    data = factories.png(4, (300, 200))
    masked = []
    for origin in ("real", "synthetic"):
        image = intake.store(data, "a.png", factories.collection(origin), NOTHING_TOLD)
        masking.mask(image, [(10, 20, 110, 60)], factories.admin(), "a marker")
        masked.append(Image.objects.get(pk=image.pk))
    first, second = (image.original.read() for image in masked)
    assert first == second and masked[0].provenance["masked"] == masked[1].provenance["masked"]
    assert masked[0].fingerprint.hash == masked[1].fingerprint.hash


@pytest.mark.parametrize("boxes", ["", "1 2 3", "a b c d", "50 50 40 60", "9000 9000 9100 9100", "-1 0 5 5"])
def test_what_is_no_rectangle_of_the_picture_masks_nothing(admin: Client, boxes: str) -> None:
    image = held()
    answer = admin.post(reverse("images:look", args=[image.pk]), {"boxes": boxes, "reason": "a name", "act": "mask"})
    assert answer.status_code == 422
    image.refresh_from_db()
    assert image.state == Image.State.HELD and not AuditEntry.objects.filter(action="image.masked").exists()


def test_an_image_of_an_opened_study_is_not_masked() -> None:
    image = factories.open_study(pairs=1).real_collections.get().images.get()
    with pytest.raises(masking.NotPossible, match="a study that was opened"):
        masking.mask(image, [(0, 0, 50, 50)], factories.admin(), "late")


def test_a_fault_while_masking_leaves_all_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    image = held()

    def fail(*args: Any, **kwargs: Any) -> None:
        raise OSError("gone")

    monkeypatch.setattr(masking.audit, "record", fail)
    with pytest.raises(OSError, match="gone"):
        masking.mask(image, [(0, 0, 50, 50)], None, "a name")
    assert Image.objects.get(pk=image.pk).pixel_sha256 == image.pixel_sha256
    assert default_storage.listdir("originals")[1] == [image.original.name.removeprefix("originals/")]


@pytest.mark.django_db(transaction=True)
def test_a_rectangle_is_drawn_on_the_picture(live_server_process: Any, admin: Client, context: Any) -> None:
    web = live_server_process
    image = factories.image(state="held", state_reason="words", size=(400, 400))
    context.add_cookies([{"name": "sessionid", "value": admin.cookies["sessionid"].value, "url": web.url}])
    page = context.new_page()
    page.goto(f"{web.url}/images/{image.pk}/look/")
    sheet = page.locator("[data-boxes]").bounding_box()
    unit = sheet["width"] / 400
    page.mouse.move(sheet["x"] + 40 * unit, sheet["y"] + 20 * unit)
    page.mouse.down()
    page.mouse.move(sheet["x"] + 200 * unit, sheet["y"] + 80 * unit)
    page.mouse.up()
    drawn = [int(number) for number in page.get_by_label("Rectangles to mask").input_value().split()]
    assert np.abs(np.array(drawn) - (40, 20, 200, 80)).max() <= 2
