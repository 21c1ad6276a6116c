"""Hugging Face: its own service or an endpoint of one's own, and a model that is still being loaded."""

import pytest

from generation.provider import ErrorKind, Mode, ProviderError
from tests.generation.stand_ins.cases import CASES
from tests.generation.stand_ins.huggingface import HuggingFace

CASE = next(case for case in CASES if case.provider == "huggingface")


@pytest.fixture
def service():
    with HuggingFace() as service:
        yield service


def test_the_parameters_are_sent_and_the_bytes_are_the_image(service):
    delivery = CASE.make(service.url, guidance_scale=4).submit(CASE.order(seed=0, width=512, height=512))
    assert service.orders[0].path == "/hf-inference/models/StanfordAIMI/RoentGen-v2"
    parameters = {"width": 512, "height": 512, "seed": 0, "guidance_scale": 4}
    assert service.orders[0].json == {"inputs": "An X-ray of the knee", "parameters": parameters}
    assert (delivery.seed, delivery.cost_usd, delivery.provenance["said"]) == (0, None, {"x-compute-type": "gpu"})


def test_an_endpoint_of_ones_own_has_its_model(service):
    CASE.make(service.url).submit(CASE.order(model=""))
    assert service.orders[0].path == "/"
    assert "needs a model" in " ".join(CASE.make("").problems(CASE.order(model="")))


def test_a_model_that_is_being_loaded_says_when_to_come_back(service):
    service.script = "loading"
    with pytest.raises(ProviderError) as caught:
        CASE.make(service.url).submit(CASE.order())
    assert (caught.value.kind, caught.value.retry_after_seconds) == (ErrorKind.UNAVAILABLE, 20.5)


def test_words_in_place_of_an_image_are_lost(service):
    service.script = "no_image"
    with pytest.raises(ProviderError) as caught:
        CASE.make(service.url).submit(CASE.order())
    assert (caught.value.kind, caught.value.code) == (ErrorKind.LOST, "no_image")


def test_edits_are_not_offered():
    assert CASE.make("").capabilities("").modes == {Mode.TEXT_TO_IMAGE}
    assert "text alone" in " ".join(CASE.make("").problems(CASE.order(mode=Mode.INPAINTING)))
