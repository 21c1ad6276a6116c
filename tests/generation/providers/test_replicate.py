"""Replicate: a model's own names for its inputs, predictions that fail for a refusal, and prices by image or second."""

import base64
from decimal import Decimal

import numpy as np
import pytest

from generation.provider import ErrorKind, JobHandle, Mode, ProviderError, Refusal
from tests.generation.stand_ins.cases import CASES, answer_of, mask
from tests.generation.stand_ins.replicate import Replicate
from tests.generation.stand_ins.server import picture

CASE = next(case for case in CASES if case.provider == "replicate")
EDITING = {"prompt": "text", "image": "img", "mask": "mask_image"}


@pytest.fixture
def service():
    with Replicate() as service:
        yield service


def sent(service, **fields):
    """The input that reached the service."""
    options = fields.pop("options", {})
    assert isinstance(CASE.make(service.url, **options).submit(CASE.order(**fields)), JobHandle)
    return service.orders[-1].json["input"]


def test_the_order_stands_under_the_models_own_names(service):
    options = {
        "fields": {"prompt": "text", "seed": "random_seed", "aspect_ratio": "aspect_ratio"},
        "input": {"steps": 4},
    }
    body = sent(service, options=options, seed=8, width=1024, height=1536)
    assert body == {"text": "An X-ray of the knee", "random_seed": 8, "aspect_ratio": "2:3", "steps": 4}
    assert service.orders[0].path == "/v1/models/black-forest-labs/flux-fill-pro/predictions"


def test_a_version_is_ordered_by_its_own_path(service):
    sent(service, model=f"stanford/roentgen:{'a' * 64}")
    assert service.orders[0].path == "/v1/predictions" and service.orders[0].json["version"] == "a" * 64


@pytest.mark.parametrize(("changes", "flipped"), [("white", False), ("black", True)])
def test_a_mask_is_sent_in_the_models_polarity(changes, flipped, service):
    body = sent(service, mode=Mode.INPAINTING, options={"fields": EDITING, "mask_changes": changes})
    prefix, _, text = body["mask_image"].partition(",")
    assert prefix == "data:image/png;base64"
    assert np.array_equal(picture(base64.b64decode(text)), 255 - picture(mask()) if flipped else picture(mask()))


def test_what_a_generator_can_do_follows_from_the_fields_it_names():
    assert CASE.make("").capabilities("").modes == {Mode.TEXT_TO_IMAGE}
    assert CASE.make("", fields=EDITING).capabilities("").modes == {Mode.INPAINTING, Mode.OUTPAINTING}
    assert CASE.make("", fields={"prompt": "p", "image": "i"}).capabilities("").modes == {Mode.VARIATION}
    assert not CASE.make("", fields=EDITING).capabilities("").takes_seed


def test_seconds_are_reserved_to_the_longest_and_charged_as_they_were_told(service):
    rates = {"second": Decimal("0.001")}
    provider, order = CASE.make(service.url, billing="second", most_seconds=60), CASE.order(rates=rates)
    assert provider.estimate_usd(order) == Decimal("0.06")
    assert answer_of(provider, order).cost_usd == Decimal("0.0025")


def test_a_list_that_prices_images_too_does_not_change_what_a_second_costs(service):
    rates = {"second": Decimal("0.001"), "image": Decimal("0.05")}
    provider = CASE.make(service.url, billing="second", most_seconds=59.5)
    assert answer_of(provider, CASE.order(rates=rates)).cost_usd == Decimal("0.0025")
    assert service.orders[0].headers["cancel-after"] == "60s", "nothing computes longer than was reserved for"


def test_an_image_is_charged_by_the_list(service):
    delivery = answer_of(CASE.make(service.url), CASE.order(seed=3))
    assert (delivery.cost_usd, delivery.seed, delivery.provider_request_id) == (None, 3, "p1")
    assert delivery.model_reported == "black-forest-labs/flux-fill-pro v1"


def test_a_prediction_that_failed_for_its_content_is_a_refusal(service):
    service.script = "refused"
    refusal = answer_of(CASE.make(service.url), CASE.order())
    assert isinstance(refusal, Refusal) and "E005" in refusal.message and len(service.orders) == 1


@pytest.mark.parametrize(
    ("script", "code"), [("failed", "job_failed"), ("no_image", "no_image"), ("strange_result", "strange_host")]
)
def test_a_prediction_without_an_image_is_lost(script, code, service):
    service.script = script
    with pytest.raises(ProviderError) as caught:
        answer_of(CASE.make(service.url), CASE.order())
    assert (caught.value.kind, caught.value.code) == (ErrorKind.LOST, code)


@pytest.mark.parametrize(
    ("options", "fields", "word"),
    [
        ({}, {"model": "no-owner"}, "owner/name"),
        ({}, {"model": "../predictions"}, "owner/name"),
        ({"fields": {"prompt": "p", "picture": "i"}}, {}, "picture"),
        ({"fields": {"seed": "s"}}, {}, "the prompt among them"),
        ({"input": {"num_outputs": 4}}, {}, "several"),
        ({}, {"mode": Mode.INPAINTING}, "allow no inpainting"),
        ({"mask_changes": "red"}, {}, "white or black"),
        *[({"most_seconds": wrong}, {}, "number from 5") for wrong in ("long", -300, 0, 86_400, True, float("nan"))],
        ({"billing": "seconds"}, {}, "image or second"),
    ],
)
def test_what_it_cannot_fill_is_said_and_never_sent(options, fields, word, service):
    provider = CASE.make(service.url, **options)
    assert word in " ".join(provider.problems(CASE.order(**fields)))
    with pytest.raises(ProviderError):
        provider.submit(CASE.order(**fields))
    assert service.orders == []
