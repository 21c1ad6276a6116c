"""What the phantom's edits promise: true pixels where it knows the picture, an honest label where it does not."""

from __future__ import annotations

import io
import json
from uuid import UUID

import numpy as np
import pytest
from PIL import Image

from generation import editing, masking
from generation.phantom.edits import Shown
from generation.phantom.frame import Margins
from generation.phantom.scene import Patient
from generation.provider import Delivery, Mode, Order, Pad, ProviderError
from generation.providers.phantom import Provider
from tests import factories

KEY = UUID("5a0a1f5e-3a4e-4c1e-9a52-0d8f3f9b7c11")
WIDTH, HEIGHT = 256, 320
JOINT = {"shapes": [{"kind": "rectangle", "x": 0.1, "y": 0.35, "width": 0.8, "height": 0.35}]}
CORNER = {"shapes": [{"kind": "rectangle", "x": 0, "y": 0, "width": 0.1, "height": 0.1}]}
KNEE = {"body_part": "knee", "view_position": "AP", "laterality": "L"}


def deliver(mode: Mode, width: int = WIDTH, height: int = HEIGHT, *, seed: int = 11, **fields) -> Delivery:
    options = {**KNEE, "defects": [], **fields.pop("options", {})}
    order = Order(KEY, mode, "phantom", "a knee", seed=seed, width=width, height=height, options=options, **fields)
    delivery = Provider().submit(order)
    assert isinstance(delivery, Delivery)
    return delivery


def said(delivery: Delivery) -> dict:
    """What the program tells the phantom of its own picture: after a stay in the database."""
    return json.loads(json.dumps({**delivery.provenance, **delivery.truth}))


def pixels(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)))


def png(mask: np.ndarray) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(mask).save(stream, "PNG")
    return stream.getvalue()


def inpaint(picture: Delivery, shape=JOINT, **options) -> tuple[Delivery, np.ndarray]:
    mask = masking.draw(shape, WIDTH, HEIGHT)
    return deliver(Mode.INPAINTING, image=picture.data, mask=png(mask), seed=5, options=options), mask


@pytest.fixture(scope="module")
def knee() -> Delivery:
    return deliver(Mode.TEXT_TO_IMAGE)


def test_a_defect_is_put_inside_the_mask_and_nowhere_else(knee):
    edited, mask = inpaint(knee, source=said(knee), defects=["fused_joint"])
    canvas, after = pixels(knee.data), pixels(edited.data)
    assert np.array_equal(after[mask == 0], canvas[mask == 0])
    whole = Shown.read(edited.provenance["scene"])
    assert whole.defects == ("fused_joint",)
    assert np.array_equal(after[mask == 255], whole.draw(5).pixels[mask == 255])
    assert np.abs(after.astype(int) - canvas)[mask == 255].mean() > 1
    assert edited.provenance["true_pixels"] is True
    made = editing.composite(canvas, mask, after)
    assert (made.changed_outside, np.array_equal(made.pixels, after)) == (0, True)


def test_the_truth_names_the_defects_that_can_be_seen_in_the_edit(knee):
    edited, _ = inpaint(knee, source=said(knee), defects=["fused_joint"])
    [finding] = edited.truth["defects"]
    assert finding["name"] == "fused_joint"
    assert 0.1 <= finding["x"] <= 0.9 and 0.35 <= finding["y"] <= 0.7
    elsewhere, _ = inpaint(knee, CORNER, source=said(knee), defects=["fused_joint"])
    assert elsewhere.truth["defects"] == []
    flawed = deliver(Mode.TEXT_TO_IMAGE, options={"defects": ["fused_joint"]})
    again, _ = inpaint(flawed, CORNER, source=said(flawed))
    assert [finding["name"] for finding in again.truth["defects"]] == ["fused_joint"]


@pytest.mark.parametrize(("part", "view"), [("knee", "AP"), ("hand", "PA"), ("ankle", "AP"), ("wrist", "PA")])
def test_a_wider_picture_is_that_of_the_same_patient_with_the_source_in_it(part, view):
    facts = {"body_part": part, "view_position": view}
    source = deliver(Mode.TEXT_TO_IMAGE, options=facts)
    pad = Pad(top=64) if part in ("ankle", "wrist") else Pad(bottom=64)
    options = {**facts, "source": said(source)}
    wide = deliver(Mode.OUTPAINTING, WIDTH, HEIGHT + 64, image=source.data, pad=pad, seed=5, options=options)
    assert wide.provenance["true_pixels"] is True
    _, mask = editing.extended(pixels(source.data), pad)
    assert np.array_equal(pixels(wide.data)[mask == 0].reshape(HEIGHT, WIDTH), pixels(source.data))
    whole = Shown.read(wide.provenance["scene"]).draw(5).pixels
    assert np.array_equal(pixels(wide.data)[mask == 255], whole[mask == 255])
    # The anatomy goes on across the border: rows on both sides of it are as alike as two rows within the source.
    rows = pixels(wide.data).astype(float)
    border = pad.top or HEIGHT
    across, within = (np.abs(rows[y] - rows[y - 4]).mean() for y in (border + 1, border + (20 if pad.top else -20)))
    assert across < within + 6


def test_a_drawing_that_would_end_in_the_air_is_not_called_true(knee):
    shown = Shown.read(said(knee)["scene"])
    assert shown.goes_on(Margins(bottom=64))
    assert not shown.goes_on(Margins(bottom=600))
    options = {"source": said(knee)}
    wide = deliver(Mode.OUTPAINTING, WIDTH, HEIGHT + 608, image=knee.data, pad=Pad(bottom=608), options=options)
    assert (wide.provenance["true_pixels"], wide.provenance["scene"]["in_body"]) == (False, True)


def test_where_its_drawing_ends_the_body_of_the_patient_goes_on():
    facts = {"body_part": "pelvis", "view_position": "AP", "laterality": ""}
    source, pad = deliver(Mode.TEXT_TO_IMAGE, options=facts), Pad(top=128, bottom=128)
    options = {**facts, "source": said(source)}
    wide = deliver(Mode.OUTPAINTING, WIDTH, HEIGHT + 256, image=source.data, pad=pad, seed=5, options=options)
    assert (wide.provenance["true_pixels"], wide.provenance["scene"]["in_body"]) == (False, True)
    _, mask = editing.extended(pixels(source.data), pad)
    assert np.array_equal(pixels(wide.data)[mask == 0].reshape(HEIGHT, WIDTH), pixels(source.data))


@pytest.mark.parametrize(
    ("part", "side"),
    [
        *((part, "") for part in ("head", "cervical spine", "chest", "thoracic spine", "abdomen", "lumbar spine")),
        *(("pelvis", ""), ("knee", "L"), ("knee", "R"), ("ankle", "L"), ("ankle", "R")),
    ],
)
def test_the_body_shows_a_region_where_its_own_picture_does(part, side):
    shown = Shown(part, Patient(11, "F", "AP", side), (), WIDTH, HEIGHT)
    own, body = shown.draw().pixels, shown.draw_body().pixels

    def alike(down: int, right: int) -> float:
        moved = np.roll(body, (down, right), (0, 1))[30:-30, 30:-30]
        return float(np.corrcoef(moved.ravel(), own[30:-30, 30:-30].ravel())[0, 1])

    # The control: a little further in any direction it is less alike.
    assert alike(0, 0) > max(0.65, *(alike(*by) for by in ((20, 0), (-20, 0), (0, 20), (0, -20))))


def test_a_body_grows_around_one_knee_step_by_step():
    picture, size = deliver(Mode.TEXT_TO_IMAGE, 128, 128), (128, 128)
    for pad, part, is_true in (
        (Pad(top=192), "leg", True),
        (Pad(bottom=192), "leg", True),
        (Pad(left=128, right=128, top=112), "pelvis", False),
        (Pad(top=320), "full body", False),
    ):
        size = size[0] + pad.left + pad.right, size[1] + pad.top + pad.bottom
        options = {"source": said(picture), "body_part": part}
        picture = deliver(Mode.OUTPAINTING, *size, image=picture.data, pad=pad, options=options)
        assert picture.provenance["true_pixels"] is is_true
        assert picture.truth["body_part"] == ("knee" if is_true else part)
    shown = Shown.read(picture.provenance["scene"])
    assert (shown.in_body, shown.beyond) == (True, Margins(128, 192 + 112 + 320, 128, 192))
    mask = np.zeros(size[::-1], np.uint8)
    mask[:64] = 255
    edit = Order(
        KEY, Mode.INPAINTING, "phantom", "", seed=6, width=size[0], height=size[1], image=picture.data, mask=png(mask),
        options={"source": said(picture), "body_part": "full body", "defects": []},
    )  # fmt: skip
    again = Provider().submit(edit)
    assert again.provenance["true_pixels"] is False
    assert np.array_equal(pixels(again.data)[64:], pixels(picture.data)[64:])


def test_a_picture_it_does_not_know_is_filled_in_its_tone_and_labelled():
    source = factories.png(seed=3, size=(WIDTH, HEIGHT))
    mask = masking.draw(JOINT, WIDTH, HEIGHT)
    edited = deliver(Mode.INPAINTING, image=source, mask=png(mask), seed=5)
    canvas, after = pixels(source), pixels(edited.data)
    assert np.array_equal(after[mask == 0], canvas[mask == 0])
    assert not np.array_equal(after, canvas)
    assert (edited.provenance["true_pixels"], edited.provenance["simulated"]) == (False, True)


def test_a_picture_at_another_size_shows_the_same():
    shown = Shown.read(said(deliver(Mode.TEXT_TO_IMAGE))["scene"])
    half = shown.at(WIDTH // 2, HEIGHT // 2).draw().pixels
    small = np.asarray(Image.fromarray(shown.draw().pixels).resize((WIDTH // 2, HEIGHT // 2)))
    assert np.corrcoef(half.ravel(), small.ravel())[0, 1] > 0.98


def test_a_variation_is_another_patient_with_the_same_facts():
    source = deliver(Mode.TEXT_TO_IMAGE, options={"defects": ["missing_fibula"]})
    order = Order(
        KEY, Mode.VARIATION, "phantom", "a knee", seed=12, width=WIDTH, height=HEIGHT, image=source.data,
        options={**KNEE, "source": said(source)},
    )  # fmt: skip
    other = Provider().submit(order)
    assert [finding["name"] for finding in other.truth["defects"]] == ["missing_fibula"]
    assert other.provenance["patient_sex"] == source.provenance["patient_sex"]
    assert other.truth["seed"] == 12
    assert np.abs(pixels(other.data).astype(int) - pixels(source.data)).mean() > 5


def test_an_edit_without_its_pictures_is_rejected():
    with pytest.raises(ProviderError, match="no picture"):
        deliver(Mode.INPAINTING)
