"""Google Gemini: what is sent, that it is sent once, and that an answer which is no image never becomes one."""

import base64
from decimal import Decimal
from uuid import uuid4

import pytest

from generation.provider import Connection, Delivery, ErrorKind, Mode, Order, ProviderError, Refusal
from generation.providers.gemini import Provider
from tests import factories
from tests.generation.stand_ins.aimock import Aimock
from tests.generation.stand_ins.gemini import USAGE, Gemini
from tests.generation.stand_ins.server import KEY

RATES = {"text_in": Decimal(2), "text_out": Decimal(12), "image_out": Decimal(120)}


@pytest.fixture
def service():
    with Gemini() as service:
        yield service


def provider(url: str = "", **options) -> Provider:
    return Provider(options, Connection(url, KEY))


def ordered(mode=Mode.TEXT_TO_IMAGE, **fields) -> Order:
    told = {"model": "gemini-image-1", "prompt": "An X-ray of the hand", "rates": RATES, "timeout_seconds": 5}
    told["options"] = {"body_part": "wrist", "patient_sex": "F", "source": {"findings": "a fracture"}}
    image = factories.png(seed=3) if mode == Mode.VARIATION else None
    return Order(uuid4(), mode, **{**told, "image": image, **fields})


def sent(service, **fields) -> dict:
    options = fields.pop("options", {})
    assert isinstance(provider(service.url, **options).submit(ordered(**fields)), Delivery)
    return service.orders[-1].json


@pytest.mark.parametrize(
    ("size", "config"),
    [
        ((1024, 1024), {"aspectRatio": "1:1"}),
        ((832, 1248), {"aspectRatio": "2:3"}),
        ((2048, 1600), {"aspectRatio": "5:4", "imageSize": "2K"}),
        ((1792, 4096), {"aspectRatio": "9:16", "imageSize": "4K"}),
    ],
)
def test_width_and_height_become_the_nearest_ratio_and_size_there_is(size, config, service):
    body = sent(service, width=size[0], height=size[1], seed=11)
    assert "fracture" not in str(body) and "wrist" not in str(body)  # facts are for providers that draw from them
    asked = body["generationConfig"]
    assert asked["imageConfig"] == config
    assert (asked["seed"], asked["responseModalities"]) == (11, ["IMAGE"])


def test_a_variation_sends_the_source_beside_the_words(service):
    words, source = sent(service, mode=Mode.VARIATION)["contents"][0]["parts"]
    assert words == {"text": "An X-ray of the hand"}
    assert base64.urlsafe_b64decode(source["inlineData"]["data"]) == factories.png(seed=3)


def test_options_go_along_and_the_library_never_holds_the_key(service, monkeypatch):
    monkeypatch.setenv("GOOGLE_GENAI_USE_VERTEXAI", "true")
    monkeypatch.setenv("GEMINI_API_KEY", "a key of somebody else")
    options = {"aspect_ratio": "21:9", "image_size": "2K", "temperature": 0.2}
    asked = sent(service, options={**options, "safety_settings": {"HARM_CATEGORY_HARASSMENT": "BLOCK_NONE"}})
    assert asked["generationConfig"]["imageConfig"] == {"aspectRatio": "21:9", "imageSize": "2K"}
    assert asked["safetySettings"] == [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_NONE"}]
    assert service.orders[0].headers["x-goog-api-key"] == KEY


@pytest.mark.parametrize(
    ("script", "stage", "code"),
    [
        ("refused", "input", "PROHIBITED_CONTENT"),
        ("filtered", "output", "IMAGE_SAFETY"),
        ("recited", "output", "IMAGE_RECITATION"),
        ("prohibited", "output", "IMAGE_PROHIBITED_CONTENT"),
        ("blurred", "output", "IMAGE_SAFETY"),
        ("not_made", "output", "no_image"),
        ("in_words", "output", "no_image"),
    ],
)
def test_a_success_without_a_whole_image_is_a_refusal(script, stage, code, service):
    service.script = script
    refusal = provider(service.url).submit(ordered())
    assert isinstance(refusal, Refusal)
    assert (refusal.stage, refusal.code, refusal.provider_request_id) == (stage, code, "response-1")
    assert refusal.message and len(service.orders) == 1


def test_an_answer_with_nothing_in_it_is_lost(service):
    service.script = "no_image"
    with pytest.raises(ProviderError) as caught:
        provider(service.url).submit(ordered())
    assert (caught.value.kind, caught.value.code) == (ErrorKind.LOST, "no_image")


def test_a_false_key_stops_the_batch_though_it_comes_as_a_bad_request(service):
    service.script = "false_key"
    with pytest.raises(ProviderError) as caught:
        provider(service.url).submit(ordered())
    assert (caught.value.kind, caught.value.code, caught.value.stops_batch) == (ErrorKind.REJECTED, "bad_key", True)


def test_when_to_come_back_is_read_from_the_body(service):
    service.script = "hurried"
    with pytest.raises(ProviderError) as caught:
        provider(service.url).submit(ordered())
    assert (caught.value.kind, caught.value.retry_after_seconds) == (ErrorKind.THROTTLED, 34)


def test_usage_becomes_the_cost_and_thoughts_are_no_images(service):
    one = provider(service.url)
    delivery = one.submit(ordered())
    assert delivery.data == factories.png(seed=7, size=(128, 160))
    assert delivery.cost_usd == (30 * 2 + 230 * 12 + 1120 * 120) / Decimal(1_000_000)
    assert delivery.cost_usd < one.estimate_usd(ordered())
    assert (delivery.model_reported, delivery.provenance["said"]["usageMetadata"]) == ("gemini-image-1", USAGE)


def test_no_more_can_be_received_than_was_reserved(service):
    most = sent(service, width=4096, height=4096)["generationConfig"]["maxOutputTokens"]
    asked = ordered(
        width=4096, height=4096, rates={"text_in": Decimal(0), "text_out": Decimal(1), "image_out": Decimal(1)}
    )
    assert provider().estimate_usd(asked) * 1_000_000 == most


def test_what_gemini_would_not_take_is_told_before_anything_is_ordered():
    wrong = {
        "no model": (provider(), ordered(model="")),
        "negative prompt": (provider(), ordered(negative_prompt="colour")),
        "seeds from 0": (provider(), ordered(seed=2**31)),
        "image size": (provider(image_size="8K"), ordered()),
        "The image size is": (provider(image_size=["1K"]), ordered()),
        "temperature": (provider(temperature="warm"), ordered()),
        "aspect ratio": (provider(aspect_ratio="7:1"), ordered()),
        "safety settings": (provider(safety_settings=["none"]), ordered()),
    }
    for words, (one, asked) in wrong.items():
        assert words in " ".join(one.problems(asked))
        assert isinstance(one.estimate_usd(asked), Decimal)
    assert Mode.INPAINTING not in provider().capabilities("gemini-image-1").modes


def test_against_a_strangers_service_each_order_is_one_request(tmp_path):
    """aimock has no image models of Gemini: an image is what it would answer as sound, with another type."""

    def fixture(words, response, **more):
        return {"match": {"userMessage": words}, "response": response, **more}

    image = {"audio": {"b64Json": base64.b64encode(factories.png(seed=1)).decode(), "contentType": "image/png"}}
    fixtures = [
        fixture("in words", {"content": "I can describe a hand."}),
        fixture("forbidden", {"content": "", "finishReason": "IMAGE_SAFETY"}),
        fixture("busy", {"error": {"message": "overloaded", "type": "UNAVAILABLE"}, "status": 503}),
        fixture("limit", image, chaos={"rateLimitRate": 1}),
        fixture("drop", image, chaos={"disconnectRate": 1}),
        fixture("broken", image, chaos={"malformedRate": 1}),
        fixture("hand", image),
    ]
    expected = {
        "a hand": Delivery,
        "in words": Refusal,
        "forbidden": Refusal,
        "busy": ErrorKind.UNAVAILABLE,
        "limit": ErrorKind.THROTTLED,
        "drop": ErrorKind.LOST,
        "broken": ErrorKind.LOST,
        "unheard of": ErrorKind.REJECTED,
    }
    with Aimock(fixtures, tmp_path) as stranger:
        for prompt, outcome in expected.items():
            try:
                answer = type(provider(stranger.url).submit(ordered(prompt=prompt)))
            except ProviderError as failure:
                answer = failure.kind
            assert answer is outcome, prompt
            assert [entry["method"] for entry in stranger.journal()] == ["POST"], prompt
