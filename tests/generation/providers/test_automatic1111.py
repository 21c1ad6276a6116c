"""AUTOMATIC1111: what is sent in each mode, mask and pad to the pixel, and what its info says."""

import base64

import numpy as np
import pytest

from generation.provider import Mode, ProviderError
from tests.generation.stand_ins.automatic1111 import SIGN_IN, Automatic1111
from tests.generation.stand_ins.cases import CASES, PAD, SIZE, mask
from tests.generation.stand_ins.server import picture

CASE = next(case for case in CASES if case.provider == "automatic1111")


@pytest.fixture
def service():
    with Automatic1111() as service:
        yield service


def sent(service, **fields):
    """The body that reached the service, as the path's last part says what for."""
    options = fields.pop("options", {})
    CASE.make(service.url, **options).submit(CASE.order(**fields))
    return service.orders[-1].path.rpartition("/")[2], service.orders[-1].json


def png_of(text: str):
    return picture(base64.b64decode(text))


def test_text_is_ordered_with_its_size_seed_and_checkpoint(service):
    options = {"steps": 30, "cfg_scale": 6.5, "sampler_name": "DPM++ 2M"}
    path, body = sent(service, seed=0, width=512, height=640, model="roentgen.safetensors", options=options)
    assert path == "txt2img"
    assert {name: body[name] for name in options} == options
    assert (body["seed"], body["width"], body["height"], body["batch_size"], body["n_iter"]) == (0, 512, 640, 1, 1)
    assert body["override_settings"] == {"sd_model_checkpoint": "roentgen.safetensors"}
    assert service.orders[0].headers["authorization"] == SIGN_IN


def test_inpainting_sends_white_for_change_with_a_sharp_edge(service):
    path, body = sent(service, mode=Mode.INPAINTING, options={"denoising_strength": 0.8})
    assert path == "img2img"
    assert np.array_equal(png_of(body["mask"]), picture(mask()))
    assert (body["mask_blur"], body["inpainting_mask_invert"], body["denoising_strength"]) == (0, 0, 0.8)
    assert png_of(body["init_images"][0]).shape == SIZE[::-1]


def test_outpainting_pads_the_source_and_changes_only_the_pad(service):
    _, body = sent(service, mode=Mode.OUTPAINTING)
    canvas, change = png_of(body["init_images"][0]), png_of(body["mask"])
    inner = np.s_[PAD.top : PAD.top + SIZE[1], PAD.left : PAD.left + SIZE[0]]
    assert canvas.shape == change.shape == (body["height"], body["width"])
    assert not change[inner].any() and (change == 255).sum() == change.size - SIZE[0] * SIZE[1]
    assert np.array_equal(canvas[inner], picture(CASE.order(mode=Mode.OUTPAINTING).image))
    assert (body["inpainting_fill"], body["denoising_strength"]) == (2, 1.0)


def test_a_variation_sends_no_mask(service):
    path, body = sent(service, mode=Mode.VARIATION)
    assert path == "img2img" and "mask" not in body and len(body["init_images"]) == 1


def test_the_seed_and_the_checkpoint_that_made_it_are_kept(service):
    delivery = CASE.make(service.url).submit(CASE.order())
    assert (delivery.seed, delivery.model_reported, delivery.cost_usd) == (31337, "roentgen 0a1b2c3d4e", 0)
    assert delivery.provenance["said"]["version"] == "v1.10.1"
    assert delivery.provenance["sent"]["seed"] == -1
    assert service.orders[0].json["seed"] == -1


def test_an_answer_without_an_image_is_lost(service):
    service.script = "no_image"
    with pytest.raises(ProviderError) as caught:
        CASE.make(service.url).submit(CASE.order())
    assert (caught.value.kind, caught.value.code) == ("lost", "no_image")


def test_sizes_that_it_would_round_are_not_sent(service):
    assert "500 × 512" in " ".join(CASE.make(service.url).problems(CASE.order(width=500, height=512)))
