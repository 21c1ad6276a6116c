"""FLUX: orders at an endpoint, polls that may be a refusal, and results from its own hosts alone."""

import base64
import logging
from dataclasses import asdict
from decimal import Decimal

import numpy as np
import pytest

from generation.provider import Delivery, ErrorKind, JobHandle, Mode, Pending, ProviderError, Refusal
from tests.generation.stand_ins.cases import CASES, PAD, answer_of, mask
from tests.generation.stand_ins.flux import Flux
from tests.generation.stand_ins.server import KEY, picture

CASE = next(case for case in CASES if case.provider == "flux")


@pytest.fixture
def service():
    with Flux() as service:
        yield service


def sent(service, **fields):
    """The body that reached the service."""
    options = fields.pop("options", {})
    assert isinstance(CASE.make(service.url, **options).submit(CASE.order(**fields)), JobHandle)
    return service.orders[-1].json


def png_of(text: str):
    return picture(base64.b64decode(text))


def test_text_is_ordered_by_size_and_seed(service):
    body = sent(service, seed=0, width=1024, height=1280, options={"safety_tolerance": 5})
    expected = {"prompt": "An X-ray of the knee", "seed": 0, "width": 1024, "height": 1280, "output_format": "png"}
    assert body == expected | {"safety_tolerance": 5}
    assert service.orders[0].path == "/v1/flux-2-pro"


def test_endpoints_that_take_shapes_get_a_shape(service):
    body = sent(service, model="flux-kontext-pro", width=1024, height=1536, mode=Mode.TEXT_TO_IMAGE)
    assert body["aspect_ratio"] == "2:3" and "width" not in body


def test_fill_sends_white_for_change(service):
    body = sent(service, model="flux-pro-1.0-fill", mode=Mode.INPAINTING)
    assert np.array_equal(png_of(body["mask"]), picture(mask()))
    assert png_of(body["image"]).shape == png_of(body["mask"]).shape
    assert "width" not in body


def test_expand_sends_the_pad_of_each_side(service):
    body = sent(service, model="flux-pro-1.0-expand", mode=Mode.OUTPAINTING, width=1024, height=1024)
    assert {side: body[side] for side in vars(PAD)} == vars(PAD)
    assert "mask" not in body


def test_the_outpainting_tool_gets_the_canvas_and_where_the_source_lies_in_it(service):
    body = sent(service, model="flux-tools/outpainting-v1", mode=Mode.OUTPAINTING)
    assert service.orders[0].path == "/v1/flux-tools/outpainting-v1"
    assert (body["reference_offset_x"], body["reference_offset_y"]) == (PAD.left, PAD.top)
    assert "input_image" in body and "image" not in body and body["height"] == 80 + PAD.top + PAD.bottom


def test_a_variation_sends_the_source(service):
    assert "input_image" in sent(service, mode=Mode.VARIATION)


def test_what_an_endpoint_does_follows_from_its_name():
    provider = CASE.make("")
    assert provider.capabilities("flux-pro-1.0-fill").modes == {Mode.INPAINTING}
    assert provider.capabilities("flux-pro-1.0-expand").modes == {Mode.OUTPAINTING}
    assert provider.capabilities("flux-2-max").modes == {Mode.TEXT_TO_IMAGE, Mode.VARIATION}
    assert provider.capabilities("flux-pro-1.1").modes == {Mode.TEXT_TO_IMAGE}
    assert set(provider.capabilities("flux-pro-1.0-fill").rates) == {"image"}


def test_the_most_an_order_can_cost_counts_begun_megapixels():
    provider = CASE.make("")
    usd = [provider.estimate_usd(CASE.order(width=size, height=size)) for size in (512, 1024, 2048)]
    assert usd == [Decimal("0.03"), Decimal("0.045"), Decimal("0.09")]
    assert provider.estimate_usd(CASE.order(model="flux-pro-1.0-fill", mode=Mode.INPAINTING)) == Decimal("0.03")


def test_an_order_taken_is_polled_and_never_ordered_again(service):
    provider = CASE.make(service.url)
    handle = provider.submit(CASE.order(seed=5))
    assert isinstance(provider.poll(handle), Pending)
    # What another worker knows of it is what was stored.
    delivery = CASE.make(service.url).poll(JobHandle(**asdict(handle)))
    assert isinstance(delivery, Delivery)
    assert (delivery.seed, delivery.cost_usd, delivery.model_reported) == (99, Decimal("0.045"), "flux-2-pro")
    assert delivery.provider_request_id == "task-1" and delivery.provenance["said"]["duration"] == 2.1
    assert delivery.provenance["sent"]["prompt"] == "An X-ray of the knee"
    assert len(service.orders) == 1


def test_no_log_holds_the_signed_address_of_a_result(service, caplog):
    def logged() -> str:
        with caplog.at_level(logging.DEBUG):
            answer_of(CASE.make(service.url), CASE.order())
        return caplog.text

    assert "sig=1" not in logged()
    with caplog.at_level(logging.INFO, "httpx"):  # the control: this is what an HTTP client writes by itself
        assert "sig=1" in logged()
    assert KEY not in caplog.text


@pytest.mark.parametrize(("script", "stage"), [("refused", "input"), ("filtered", "output")])
def test_a_moderated_poll_is_a_refusal(script, stage, service):
    service.script = script
    refusal = answer_of(CASE.make(service.url), CASE.order())
    assert isinstance(refusal, Refusal)
    assert (refusal.stage, refusal.billed, len(service.orders)) == (stage, None, 1)
    assert "Safety Filter" in refusal.message


@pytest.mark.parametrize(
    ("script", "kind", "code"),
    [
        ("failed", ErrorKind.LOST, "job_failed"),
        ("no_image", ErrorKind.LOST, "no_image"),
        ("gone", ErrorKind.LOST, "result_gone"),
        ("strange_poll", ErrorKind.LOST, "strange_host"),
        ("strange_result", ErrorKind.LOST, "strange_host"),
        ("private_result", ErrorKind.LOST, "strange_host"),
        ("poll_503", ErrorKind.UNAVAILABLE, "busy"),
        ("poll_429", ErrorKind.THROTTLED, "throttled"),
    ],
)
def test_a_failed_poll_says_whether_asking_again_may_help(script, kind, code, service):
    service.script = script
    with pytest.raises(ProviderError) as caught:
        answer_of(CASE.make(service.url), CASE.order())
    assert (caught.value.kind, caught.value.code) == (kind, code)
    assert caught.value.retry_after_seconds == (60 if script == "poll_429" else None)  # it holds a slot meanwhile
    assert len(service.orders) == 1


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"mode": Mode.INPAINTING}, "does no inpainting"),
        ({"model": "../v1/other"}, "name of an endpoint"),
        ({"width": 1000}, "steps of 16"),
        ({"width": 4096, "height": 4096}, "four megapixels"),
        ({"prompt": ""}, "prompt"),
        ({"negative_prompt": "colour"}, "no negative prompt"),
    ],
)
def test_what_it_cannot_fill_is_said_and_never_sent(fields, word, service):
    provider = CASE.make(service.url)
    assert word in " ".join(provider.problems(CASE.order(**fields)))
    with pytest.raises(ProviderError):
        provider.submit(CASE.order(**fields))
    assert service.orders == []
