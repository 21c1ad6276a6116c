"""OpenAI Images: what is sent is what OpenAI publishes, sent once, and what a refusal, a price and a mask become."""

import base64
import json
from dataclasses import replace
from decimal import Decimal
from uuid import uuid4

import numpy as np
import pytest
from PIL import Image

from generation import pictures
from generation.lending import LentClient, SecondRequest
from generation.models import Generator
from generation.ordering import provider_of
from generation.provider import Connection, Delivery, ErrorKind, Mode, Order, Pad, ProviderError, Refusal
from generation.providers.openai import Provider
from generation.web import Service, bearer
from tests import factories
from tests.generation.stand_ins.aimock import Aimock
from tests.generation.stand_ins.openai import USAGE, OpenAI
from tests.generation.stand_ins.server import KEY, Recorded, picture

RATES = {"text_in": Decimal(5), "image_in": Decimal(8), "image_out": Decimal(30)}
SIDE = 1024
LEFT_HALF = np.zeros((SIDE, SIDE), np.uint8)
LEFT_HALF[:, : SIDE // 2] = 255


@pytest.fixture
def service():
    with OpenAI() as service:
        yield service


@pytest.fixture
def openai():
    """The library."""
    import openai

    return openai


def provider(url: str = "", **options) -> Provider:
    return Provider(options, Connection(url, KEY))


def ordered(mode=Mode.TEXT_TO_IMAGE, **fields) -> Order:
    """An order at a size that any model takes."""
    edit = {"image": factories.png(seed=3, size=(SIDE, SIDE)), "mask": png(LEFT_HALF)}
    grown = {"image": factories.png(seed=3, size=(768, 896)), "pad": Pad(left=256, top=128)}
    sources = {Mode.TEXT_TO_IMAGE: {}, Mode.OUTPAINTING: grown, Mode.VARIATION: {"image": edit["image"]}}
    # The facts of an order are for providers that draw from them; nothing here may send them.
    facts = {"body_part": "hand", "patient_sex": "F", "source": {"findings": "a fracture"}}
    told = {"prompt": "An X-ray of the hand", "width": SIDE, "height": SIDE, "rates": RATES, "options": facts}
    return Order(
        uuid4(), mode, **{"model": "gpt-image-2", "timeout_seconds": 5, **told, **sources.get(mode, edit), **fields}
    )


def png(pixels: np.ndarray) -> bytes:
    return pictures.png(Image.fromarray(pixels))


# -- what is sent ------------------------------------------------------------------------------------------------------
SHAPES = [
    (model, mode, options)
    for model, options in {"gpt-image-1": {"quality": "low", "user": "a"}, "dall-e-2": {}}.items()
    for mode in sorted(provider().capabilities(model).modes)
]


@pytest.mark.parametrize(("model", "mode", "options"), SHAPES)
def test_every_order_is_one_that_openais_published_description_allows(model, mode, options, service, shared):
    import jsonschema

    described = shared and shared / "cases" / "openai" / "images-api.json"
    if not (described and described.is_file()):
        pytest.skip("OpenAI's description is not beside the project")
    one = provider(service.url, **options)
    asked = ordered(mode, model=model, rates={**RATES, "image": Decimal("0.02")})
    assert isinstance(one.submit(asked), Delivery)
    sent = service.orders[0]
    paths = json.loads(described.read_text())["paths"]
    content = paths[sent.path]["post"]["requestBody"]["content"]
    if mode == Mode.TEXT_TO_IMAGE:
        schema, body = content["application/json"]["schema"], sent.json
    else:
        schema = content["multipart/form-data"]["schema"]
        body = {name: part.decode("latin-1") for name, part in sent.form.items()} | {"n": int(sent.form["n"])}
    assert set(body) <= set(schema["properties"])
    jsonschema.validate(body, schema)
    assert body["model"] == model and body["n"] == 1 and body["size"] == "1024x1024"
    assert ("response_format" in body) == (model == "dall-e-2")


def test_where_the_mask_says_change_the_sent_one_is_transparent_and_the_source_goes_as_it_is(service):
    asked = ordered(Mode.INPAINTING)
    provider(service.url).submit(asked)
    form = service.orders[0].form
    assert form["image"] == asked.image
    assert np.array_equal(picture(form["mask"])[..., 3], 255 - LEFT_HALF)


def test_outpainting_sends_the_source_on_a_larger_transparent_canvas(service):
    asked = ordered(Mode.OUTPAINTING)
    provider(service.url).submit(asked)
    form = service.orders[0].form
    canvas = picture(form["image"])
    assert canvas.shape == (SIDE, SIDE, 4)
    assert np.array_equal(canvas[..., 3], picture(form["mask"])[..., 3])
    assert np.array_equal(canvas[128:, 256:, 0], picture(asked.image))
    assert (canvas[128:, 256:, 3] == 255).all() and canvas[..., 3].sum() == 255 * 768 * 896


def test_a_variation_goes_with_its_words_and_without_a_mask(service):
    provider(service.url).submit(ordered(Mode.VARIATION))
    assert "mask" not in service.orders[0].form and "image" in service.orders[0].form


def test_the_idempotency_key_goes_along_and_the_library_never_holds_the_key(service, openai, monkeypatch):
    held = []
    monkeypatch.setattr(openai, "OpenAI", lambda real=openai.OpenAI, **ways: held.append(ways) or real(**ways))
    asked = ordered()
    provider(service.url).submit(asked)
    assert service.orders[0].headers["idempotency-key"] == str(asked.key)
    assert service.orders[0].headers["x-client-request-id"] == str(asked.key)
    assert KEY not in repr(held) and held[0]["max_retries"] == 0


# -- once --------------------------------------------------------------------------------------------------------------
def test_a_library_that_tries_again_by_itself_sends_three_times_and_here_once(service, openai):
    """The control of every count of orders: OpenAI's own client, as it comes and as it is lent ours."""
    service.script, service.retry_after = "throttled", "0.001"
    with pytest.raises(openai.RateLimitError):
        openai.OpenAI(api_key=KEY, base_url=service.url).images.generate(prompt="A hand")
    assert len(service.orders) == 3
    lent = LentClient(Service("A", "", Connection(service.url, KEY), bearer), 5)
    with pytest.raises(SecondRequest):
        openai.OpenAI(api_key=KEY, base_url=service.url, http_client=lent).images.generate(prompt="A hand")
    assert len(service.orders) == 4


def test_a_library_follows_a_redirect_of_the_paid_request_and_here_it_does_not(service, openai):
    with Recorded() as elsewhere:
        service.script, service.redirect_to = "redirect", f"{elsewhere.url}/images/generations"
        with pytest.raises(openai.NotFoundError):
            openai.OpenAI(api_key=KEY, base_url=service.url, max_retries=0).images.generate(prompt="A hand")
        assert [request.method for request in elsewhere.asked] == ["POST"]
        with pytest.raises(ProviderError):
            provider(service.url).submit(ordered())
        assert len(elsewhere.asked) == 1


def test_what_breaks_before_the_request_was_not_sent_and_what_breaks_after_it_is_lost(service, monkeypatch):
    def breaks(*_, **__):
        raise RuntimeError("a fault")

    before, after = "openai.resources.images.Images.generate", "generation.web.Service.forward"
    for where, kind in {before: ErrorKind.REJECTED, after: ErrorKind.LOST}.items():
        with monkeypatch.context() as faulty, pytest.raises(ProviderError) as caught:
            faulty.setattr(where, breaks)
            provider(service.url).submit(ordered())
        assert caught.value.kind is kind
    assert service.orders == []


# -- what comes back ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("script", "stage", "code"),
    [
        ("refused", "input", "moderation_blocked"),
        ("filtered", "output", "moderation_blocked"),
        ("azure", "input", "ResponsibleAIPolicyViolation"),
        ("dalle", "input", "content_policy_violation"),
    ],
)
def test_a_refusal_is_a_result_with_its_stage_code_and_words(script, stage, code, service):
    service.script = script
    refusal = provider(service.url).submit(ordered())
    assert isinstance(refusal, Refusal)
    assert (refusal.stage, refusal.code, refusal.billed) == (stage, code, None)
    assert "safety system" in refusal.message and refusal.provider_request_id == "request-1"
    assert len(service.orders) == 1


def test_too_many_requests_for_want_of_credit_stop_the_batch(service):
    service.script = "overdrawn"
    with pytest.raises(ProviderError) as caught:
        provider(service.url).submit(ordered())
    error = caught.value
    assert (error.kind, error.code, error.stops_batch) == (ErrorKind.REJECTED, "insufficient_quota", True)
    assert error.retry_after_seconds is None


def test_usage_becomes_the_cost_which_never_exceeds_what_was_reserved(service):
    one, asked = provider(service.url), ordered(Mode.INPAINTING)
    delivery = one.submit(asked)
    assert delivery.cost_usd == (50 * 5 + 1200 * 8 + 4160 * 30) / Decimal(1_000_000)
    assert delivery.cost_usd < one.estimate_usd(asked)
    assert delivery.provenance["said"]["usage"] == USAGE
    assert delivery.provenance["sent"]["prompt"] == asked.prompt


def test_an_answer_without_an_image_is_lost_never_sent_again(service):
    service.script = "no_image"
    with pytest.raises(ProviderError) as caught:
        provider(service.url).submit(ordered())
    assert (caught.value.kind, caught.value.code) == (ErrorKind.LOST, "no_image")


def test_an_address_in_the_answer_is_fetched_from_the_services_own_host_alone(service):
    """The image is paid for when its address comes: whatever hinders fetching it, it isn't ordered again."""
    service.script = "url"
    assert provider(service.url).submit(ordered()).data == factories.png(seed=8)
    for service.script in ("strange_url", "gone_url"):
        with pytest.raises(ProviderError) as caught:
            provider(service.url).submit(ordered())
        assert caught.value.kind is ErrorKind.LOST


# -- a stranger's service ----------------------------------------------------------------------------------------------
def test_against_a_strangers_service_each_order_is_one_request(tmp_path):
    def fixture(words, **answer):
        image = {"response": {"image": {"b64Json": base64.b64encode(factories.png(seed=1)).decode()}}}
        return {"match": {"endpoint": "image", "userMessage": words}, **image, **answer}

    def error(status, code):
        said = {"message": "Rejected by the safety system.", "type": "image_generation_user_error", "code": code}
        return {"response": {"error": said, "status": status}}

    fixtures = [
        fixture("forbidden", **error(400, "moderation_blocked")),
        fixture("busy", response={"error": {"message": "not now", "type": "server_error"}, "status": 503}),
        fixture("limit", chaos={"rateLimitRate": 1}),
        fixture("drop", chaos={"disconnectRate": 1}),
        fixture("broken", chaos={"malformedRate": 1}),
        fixture("hand"),
    ]
    expected = {
        "a hand": Delivery,
        "forbidden": Refusal,
        "busy": ErrorKind.UNAVAILABLE,
        "limit": ErrorKind.THROTTLED,
        "drop": ErrorKind.LOST,
        "broken": ErrorKind.LOST,
        "unheard of": ErrorKind.REJECTED,
    }
    with Aimock(fixtures, tmp_path) as stranger:
        one = provider(f"{stranger.url}/v1")
        for prompt, outcome in expected.items():
            for mode in (Mode.TEXT_TO_IMAGE, Mode.INPAINTING):
                try:
                    answer = type(one.submit(ordered(mode, prompt=prompt)))
                except ProviderError as failure:
                    answer = failure.kind
                assert answer is outcome, prompt
                assert [entry["method"] for entry in stranger.journal()] == ["POST"], prompt


# -- before a batch starts ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("model", "size", "is_made"),
    [
        ("gpt-image-2", (1536, 864), True),
        ("gpt-image-2.6-flare", (3840, 2160), True),
        ("gpt-image-2", (1000, 1000), False),
        ("gpt-image-2", (512, 512), False),
        ("gpt-image-2", (3840, 1024), False),
        ("gpt-image-1-mini", (1024, 1536), True),
        ("gpt-image-1-mini", (1536, 864), False),
        ("dall-e-2", (512, 512), True),
        ("dall-e-2", (1024, 1536), False),
        ("stablediffusion", (640, 400), True),
    ],
)
def test_a_size_the_model_does_not_make_is_told_before_anything_is_ordered(model, size, is_made):
    problems = provider().problems(ordered(model=model, width=size[0], height=size[1]))
    assert (problems == []) == is_made


def test_what_the_service_would_not_take_is_told_before_anything_is_ordered():
    wrong = {
        "1,000 characters": (provider(), ordered(model="dall-e-2", prompt="x" * 1001)),
        "no model": (provider(), ordered(model="")),
        "output format": (provider(output_format="svg"), ordered()),
        "negative prompt": (provider(), ordered(negative_prompt="colour")),
        "no option n": (provider(n=4), ordered()),
        "list of names": (provider(image_hosts="cdn.example"), ordered()),
        "most tokens": (provider(most_image_tokens="many"), ordered()),
    }
    for words, (one, asked) in wrong.items():
        assert words in " ".join(one.problems(asked))
        assert isinstance(one.estimate_usd(replace(asked, rates={**RATES, "image": Decimal(1)})), Decimal)


def test_an_edit_whose_pictures_do_not_fit_is_not_sent(service):
    for asked in (ordered(Mode.INPAINTING, mask=png(LEFT_HALF[:512, :512])), ordered(Mode.INPAINTING, mask=None)):
        with pytest.raises(ProviderError) as caught:
            provider(service.url).submit(asked)
        assert caught.value.kind is ErrorKind.REJECTED and service.orders == []


def test_a_server_without_keys_is_asked_without_one(service):
    with pytest.raises(ProviderError, match="401"):
        Provider({"needs_key": False}, Connection(service.url)).submit(ordered())
    assert "authorization" not in service.orders[0].headers


def test_a_generator_for_servers_that_still_speak_dall_e_2_is_ready_and_switched_off(db):
    ready = Generator.objects.get(name="dall-e-2-api")
    assert (ready.provider, ready.model, ready.connection, ready.is_active) == ("openai", "dall-e-2", "DALLE2", False)
    asked = ordered(model=ready.model, width=512, height=512)
    assert provider_of(ready).problems(asked) == []
    with pytest.raises(ProviderError, match="no key"):
        provider_of(ready).submit(asked)
