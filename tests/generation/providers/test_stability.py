"""Stability AI: what is sent, in which polarity, and that a blurred picture is a refusal."""

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from generation.provider import Delivery, Mode, ProviderError, Refusal
from tests.generation.stand_ins.cases import CASES, PAD, mask, order
from tests.generation.stand_ins.server import picture
from tests.generation.stand_ins.stability import Stability

CASE = next(case for case in CASES if case.provider == "stability")


@pytest.fixture
def service():
    with Stability() as service:
        yield service


def sent(service, **fields) -> dict[str, bytes]:
    """The form that reached the service."""
    options = fields.pop("options", {})
    assert isinstance(CASE.make(service.url, **options).submit(CASE.order(**fields)), Delivery)
    return service.orders[-1].form


@pytest.mark.parametrize(
    ("model", "endpoint", "own"),
    [
        ("ultra", "generate/ultra", {}),
        ("core", "generate/core", {"style_preset": b"photographic"}),
        ("sd3.5-medium", "generate/sd3", {"model": b"sd3.5-medium", "cfg_scale": b"5"}),
    ],
)
def test_the_model_names_the_endpoint_and_its_fields(model, endpoint, own, service):
    options = {"style_preset": "photographic", "cfg_scale": 5}
    form = sent(service, model=model, options=options, seed=11, width=832, height=1248, negative_prompt="colour")
    assert service.orders[0].path.endswith(endpoint)
    expected = {"prompt": b"An X-ray of the knee", "aspect_ratio": b"2:3", "seed": b"11", "output_format": b"png"}
    assert form == expected | {"negative_prompt": b"colour"} | own


def test_inpainting_sends_white_for_change_and_lets_no_mask_grow(service):
    form = sent(service, mode=Mode.INPAINTING)
    assert service.orders[0].path.endswith("edit/inpaint")
    assert form["grow_mask"] == b"0"
    assert np.array_equal(picture(form["mask"]), picture(mask()))
    assert picture(form["mask"])[0, 0] == 255
    assert picture(form["image"]).shape == picture(form["mask"]).shape


def test_outpainting_sends_the_pad_of_each_side(service):
    form = sent(
        service, mode=Mode.OUTPAINTING, prompt="", options={"creativity": 0.3}, rates={"outpainting": Decimal(1)}
    )
    sides = {"left": PAD.left, "right": PAD.right, "up": PAD.top, "down": PAD.bottom}
    assert {name: int(form[name]) for name in sides} == sides
    assert form["creativity"] == b"0.3" and "prompt" not in form


def test_a_variation_sends_the_source_and_how_much_of_it_is_redrawn(service):
    form = sent(service, mode=Mode.VARIATION, options={"strength": 0.6}, rates={"variation": Decimal(1)})
    assert form["mode"] == b"image-to-image" and form["strength"] == b"0.6" and "aspect_ratio" not in form


def test_the_seed_that_was_drawn_is_kept_and_none_is_sent(service):
    assert "seed" not in sent(service)
    delivery = CASE.make(service.url).submit(CASE.order())
    assert (delivery.seed, delivery.cost_usd) == (4242, None)
    assert delivery.provenance["said"] == {"finish_reason": "SUCCESS", "seed": 4242}
    assert delivery.provenance["sent"]["model"] == "sd3.5-large"


@pytest.mark.parametrize(
    ("script", "stage", "billed"),
    [("refused", "input", False), ("filtered", "output", True), ("filtered_bytes", "output", True)],
)
def test_each_shape_of_a_refusal_is_a_refusal(script, stage, billed, service):
    service.script = script
    refusal = CASE.make(service.url).submit(CASE.order())
    assert isinstance(refusal, Refusal)
    assert (refusal.stage, refusal.billed) == (stage, billed)
    assert refusal.provider_request_id and len(service.orders) == 1


def test_the_bytes_themselves_are_an_image_too(service):
    service.script = "bytes"
    delivery = CASE.make(service.url).submit(CASE.order(seed=9))
    assert (delivery.mime, delivery.seed) == ("image/png", 9)


@pytest.mark.parametrize("script", ["no_image", "strange_reason"])
def test_a_success_without_a_finished_image_is_lost(script, service):
    service.script = script
    with pytest.raises(ProviderError) as caught:
        CASE.make(service.url).submit(CASE.order())
    assert (caught.value.kind, caught.value.code) == ("lost", "no_image")


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"seed": 0}, "any seed"),
        ({"seed": 2**32}, "seeds"),
        ({"prompt": " "}, "needs a prompt"),
        ({"prompt": "x" * 10_001}, "10000"),
        ({"width": 1000, "height": 1100}, "1000 × 1100"),
        ({"mode": Mode.VARIATION}, "strength"),
        ({"model": ""}, "needs a model"),
    ],
)
def test_what_it_cannot_fill_is_said_and_never_sent(fields, word, service):
    provider = CASE.make(service.url)
    assert word in " ".join(provider.problems(CASE.order(**fields)))
    with pytest.raises(ProviderError) as caught:
        provider.submit(CASE.order(**fields))
    assert caught.value.kind == "rejected" and service.orders == []


def test_an_edit_without_its_mask_is_not_sent(service):
    with pytest.raises(ProviderError, match="without a mask"):
        CASE.make(service.url).submit(replace(order(mode=Mode.INPAINTING), model="core", mask=None))
    assert service.orders == []


def test_core_varies_nothing():
    assert Mode.VARIATION not in CASE.make("").capabilities("core").modes
    assert Mode.VARIATION in CASE.make("").capabilities("ultra").modes
