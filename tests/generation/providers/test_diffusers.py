"""Models from folders: real pipelines with tiny random weights, where torch is; and what holds without it."""

import socket
from importlib import util
from uuid import UUID

import numpy as np
import pytest
from PIL import Image

from generation import pictures
from generation.provider import Connection, Delivery, ErrorKind, Mode, Order, Pad, ProviderError
from generation.providers import diffusers as module
from generation.providers.diffusers import Provider
from tests import factories
from tests.generation.stand_ins.server import picture
from tests.generation.tiny_models import save

SIDE = 64
MASK = pictures.png(Image.fromarray(np.kron([[255, 0]], np.ones((SIDE, SIDE // 2))).astype(np.uint8)))

needs_torch = pytest.mark.skipif(
    not all(map(util.find_spec, module.NEEDED)),
    reason="takes requirements-diffusers.txt, which is an install of its own",
)


def ordered(mode=Mode.TEXT_TO_IMAGE, **fields) -> Order:
    source = factories.png(seed=3, size=(SIDE, SIDE))
    edit = {"image": source, "mask": MASK}
    grown = {"image": source, "pad": Pad(left=16, bottom=32), "width": SIDE + 16, "height": SIDE + 32}
    given = {Mode.TEXT_TO_IMAGE: {}, Mode.OUTPAINTING: grown, Mode.VARIATION: {"image": source}}.get(mode, edit)
    told = {"model": "tiny", "prompt": "An X-ray of the hand", "seed": 7, "width": SIDE, "height": SIDE}
    return Order(UUID(int=1), mode, **{**told, "options": {"steps": 2}, **given, **fields})


# -- with a pipeline ---------------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    save(folder / "tiny")
    save(folder / "tiny-inpainting", channels=9)
    return Connection(str(folder))


@pytest.fixture
def no_network(monkeypatch):
    def refuse(*_):
        raise AssertionError("a model from a folder asked the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)


@needs_torch
def test_a_seed_repeats_an_image_to_the_byte_and_no_other_does(models, no_network):
    provider = Provider({}, models)
    first, again, other = (provider.submit(ordered(seed=seed)) for seed in (7, 7, 8))
    assert isinstance(first, Delivery)
    assert first.data == again.data != other.data
    assert picture(first.data).shape == (SIDE, SIDE, 3)
    assert (first.seed, first.cost_usd) == (7, 0)


@needs_torch
def test_without_a_seed_each_order_is_its_own_image_and_can_be_repeated(models):
    provider = Provider({}, models)
    first, other = (provider.submit(ordered(seed=seed)) for seed in (None, 1))
    assert (first.seed, first.data) == (1, other.data)  # the order's key is number 1


@needs_torch
@pytest.mark.parametrize("model", ["tiny", "tiny-inpainting"])
@pytest.mark.parametrize("mode", [Mode.INPAINTING, Mode.OUTPAINTING, Mode.VARIATION])
def test_edits_come_back_at_the_ordered_size(mode, model, models):
    provider, asked = Provider({}, models), ordered(mode, model=model)
    if mode not in provider.capabilities(model).modes:
        assert (model, mode) == ("tiny-inpainting", Mode.VARIATION)
        return
    assert provider.problems(asked) == []
    assert picture(provider.submit(asked).data).shape[:2] == (asked.height, asked.width)


@needs_torch
def test_what_an_image_was_computed_with_is_told(models, tmp_path):
    told = Provider({"guidance_scale": 3.5}, models).submit(ordered(negative_prompt="colour"))
    assert told.model_reported == f"tiny@{told.provenance['weights_sha256'][:12]}"
    assert told.provenance["sent"]["guidance_scale"] == 3.5 and told.provenance["sent"]["num_inference_steps"] == 2
    assert told.provenance["sent"]["negative_prompt"] == "colour"
    assert set(told.provenance["versions"]) == set(module.NEEDED)
    # Other weights under the same name are another model.
    save(tmp_path / "tiny", seed=1)
    other = Provider({}, Connection(f"file://{tmp_path}")).submit(ordered())
    assert other.model_reported != told.model_reported


@needs_torch
def test_a_computation_ends_at_its_time_and_is_not_tried_again(models):
    with pytest.raises(ProviderError) as caught:
        Provider({}, models).submit(ordered(timeout_seconds=0, options={"steps": 50}))
    assert (caught.value.kind, caught.value.code) == (ErrorKind.REJECTED, "too_slow")


@needs_torch
def test_a_broken_model_is_said_to_be_one_and_loses_nothing(tmp_path):
    save(tmp_path / "tiny")
    (tmp_path / "tiny" / "unet" / "diffusion_pytorch_model.safetensors").write_bytes(b"cut off")
    with pytest.raises(ProviderError) as caught:
        Provider({}, Connection(str(tmp_path))).submit(ordered())
    assert (caught.value.kind, caught.value.code) == (ErrorKind.REJECTED, "not_computed")


# -- without one -------------------------------------------------------------------------------------------------------
@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder of models beside a secret one, with torch thought to be there."""
    monkeypatch.setattr(module.util, "find_spec", lambda name: name)
    for name in ("models/tiny", "secret"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "model_index.json").write_text("{}")
    (tmp_path / "models" / "link").symlink_to(tmp_path / "secret")
    return tmp_path / "models"


def test_without_torch_one_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setattr(module.util, "find_spec", lambda name: None if name == "torch" else name)
    provider = Provider({}, Connection("/nowhere"))
    (sentence,) = provider.problems(ordered())
    assert "torch is not installed" in sentence and "requirements-diffusers.txt" in sentence
    with pytest.raises(ProviderError, match="torch is not installed"):
        provider.submit(ordered())


@pytest.mark.parametrize("name", ["../secret", "link", "/etc", "", ".", "tiny/../../secret", "unheard-of"])
def test_a_model_lies_in_the_folder_of_models_or_is_none(name, folder):
    provider = Provider({}, Connection(str(folder)))
    assert provider.problems(ordered()) == []
    assert "holds no model" in " ".join(provider.problems(ordered(model=name)))


@pytest.mark.parametrize(
    ("words", "options", "fields"),
    [
        ("no option url", {"url": "https://models.example"}, {}),
        ("multiples of 8", {}, {"width": 100}),
        ("Seeds are", {}, {"seed": -1}),
        ("The steps", {}, {"options": {"steps": 0}}),
        ("The strength", {}, {"options": {"strength": "much"}}),
        ("The guidance scale", {"guidance_scale": "strong"}, {}),
        ("The type of numbers", {"dtype": "int8"}, {}),
        ("The device", {"device": "meta"}, {}),
    ],
)
def test_what_can_not_be_computed_is_told_before_a_batch_starts(words, options, fields, folder):
    assert words in " ".join(Provider(options, Connection(str(folder))).problems(ordered(**fields)))


@pytest.mark.parametrize("address", ["", "https://models.example", "/unheard/of"])
def test_a_folder_of_models_must_be_there(address, folder):
    assert "No folder of models" in " ".join(Provider({}, Connection(address)).problems(ordered()))


def test_images_stay_here_and_cost_nothing(folder):
    provider = Provider({}, Connection(str(folder)))
    can = provider.capabilities("tiny")
    assert can.keeps_images_here and can.rates == {} and provider.estimate_usd(ordered()) == 0
    assert can.repeats_exactly and not Provider({"device": "cuda"}, Connection("")).capabilities("").repeats_exactly
