"""ComfyUI: the operator's workflow filled in, masks as transparency, and a job that is found again by its id."""

import json
from dataclasses import asdict

import numpy as np
import pytest

from generation import answers
from generation.provider import Delivery, ErrorKind, JobHandle, Mode, Pending, ProviderError
from generation.providers import comfyui
from tests.generation.stand_ins.cases import CASES, PAD, SIZE, answer_of, mask
from tests.generation.stand_ins.comfyui import NODES, WORKFLOW, ComfyUI
from tests.generation.stand_ins.server import picture

CASE = next(case for case in CASES if case.provider == "comfyui")
EDITING = {"prompt": "6.text", "seed": "3.seed", "image": "10.image", "mask": "11.image"}
EXTENDING = {**{side: f"12.{side}" for side in vars(PAD)}, "prompt": "6.text", "image": "10.image"}


@pytest.fixture
def service():
    with ComfyUI() as service:
        yield service


def sent(service, nodes=NODES, **fields):
    """The workflow that reached the service."""
    assert isinstance(CASE.make(service.url, nodes=nodes).submit(CASE.order(**fields)), JobHandle)
    return service.orders[-1].json["prompt"]


def test_the_workflow_is_filled_by_id_or_title_and_otherwise_as_it_was(service):
    graph = sent(service, seed=2**31, width=512, height=640)
    assert graph["6"]["inputs"] == {"text": "An X-ray of the knee", "clip": ["4", 1]}
    assert graph["5"]["inputs"] == {"width": 512, "height": 640, "batch_size": 1}
    assert graph["3"]["inputs"]["seed"] == 2**31 and graph["3"]["inputs"]["steps"] == 2
    assert WORKFLOW["3"]["inputs"]["seed"] == 1  # the generator's own options are not written into
    assert service.orders[0].json["prompt_id"] == str(CASE.order().key)


def test_a_mask_is_sent_as_transparency_and_as_white(service):
    graph = sent(service, nodes=EDITING, mode=Mode.INPAINTING)
    uploaded = picture(service.uploads[graph["11"]["inputs"]["image"]])
    change = picture(mask())
    assert np.array_equal(255 - uploaded[..., 3], change)  # a LoadImage's mask is 1 - alpha
    assert np.array_equal(uploaded[..., 0], change)  # a LoadImageMask of the channel red
    assert picture(service.uploads[graph["10"]["inputs"]["image"]]).shape == SIZE[::-1]


def test_one_node_may_load_the_image_and_its_mask(service):
    graph = sent(service, nodes={**EDITING, "mask": EDITING["image"]}, mode=Mode.INPAINTING)
    (uploaded,) = map(picture, service.uploads.values())
    assert np.array_equal(255 - uploaded[..., 3], picture(mask()))
    assert np.array_equal(uploaded[..., 0], picture(CASE.order(mode=Mode.INPAINTING).image))
    assert graph["11"]["inputs"]["image"] == "example.png"


def test_outpainting_is_by_the_workflows_own_pad_or_on_a_canvas_made_here(service):
    graph = sent(service, nodes=EXTENDING, mode=Mode.OUTPAINTING)
    assert {side: graph["12"]["inputs"][side] for side in vars(PAD)} == vars(PAD)
    assert picture(service.uploads[graph["10"]["inputs"]["image"]]).shape == SIZE[::-1]
    graph = sent(service, nodes=EDITING, mode=Mode.OUTPAINTING)
    canvas = picture(service.uploads[graph["10"]["inputs"]["image"]])
    assert canvas.shape == (SIZE[1] + PAD.top + PAD.bottom, SIZE[0] + PAD.left + PAD.right)


@pytest.mark.parametrize(
    ("nodes", "modes"),
    [
        (NODES, {Mode.TEXT_TO_IMAGE}),
        (EDITING, {Mode.INPAINTING, Mode.OUTPAINTING}),
        (EXTENDING, {Mode.OUTPAINTING}),
        ({"prompt": "6.text", "image": "10.image"}, {Mode.VARIATION}),
    ],
)
def test_what_a_generator_can_do_follows_from_the_nodes_it_names(nodes, modes):
    assert CASE.make("", nodes=nodes).capabilities("").modes == modes
    assert CASE.make("", nodes=nodes).capabilities("").takes_seed == ("seed" in nodes)


def test_a_queued_workflow_is_polled_by_its_id_and_never_queued_again(service):
    handle = CASE.make(service.url).submit(CASE.order(seed=5))
    assert isinstance(CASE.make(service.url).poll(handle), Pending)
    delivery = CASE.make(service.url).poll(JobHandle(**asdict(handle)))
    assert isinstance(delivery, Delivery)
    assert (delivery.seed, delivery.model_reported, delivery.provenance["node"]) == (5, "roentgen.safetensors", "9")
    assert len(delivery.provenance["workflow_sha256"]) == 64
    assert len(service.orders) == 1


def test_a_queue_that_is_not_shown_leaves_the_job_pending_until_its_history_is_there(service):
    service.script = "hidden_queue"
    assert isinstance(answer_of(CASE.make(service.url), CASE.order()), Delivery)


def test_without_a_seed_no_two_orders_are_equal(service):
    graph = sent(service)
    assert graph["3"]["inputs"]["seed"] == CASE.order().key.int % 2**32


@pytest.mark.parametrize(
    ("script", "kind", "code", "word"),
    [
        ("run_failed", ErrorKind.REJECTED, "run_failed", "out of memory"),
        ("forgotten", ErrorKind.LOST, "no_such_job", "knows nothing"),
        ("nothing_stored", ErrorKind.LOST, "no_image", "no picture"),
    ],
)
def test_a_job_without_a_picture_is_lost_unless_the_server_says_that_it_failed(script, kind, code, word, service):
    service.script = script
    with pytest.raises(ProviderError) as caught:
        answer_of(CASE.make(service.url), CASE.order())
    assert (caught.value.kind, caught.value.code) == (kind, code)
    assert caught.value.is_of_order is (kind is ErrorKind.REJECTED)
    assert word in caught.value.message


def test_a_rejected_workflow_says_which_node_and_why(service):
    service.script = "bad_node"
    with pytest.raises(ProviderError, match=r"node 4: Value not in list \(ckpt_name") as caught:
        CASE.make(service.url).submit(CASE.order())
    assert caught.value.kind is ErrorKind.REJECTED


@pytest.mark.parametrize(
    "node_errors",
    [{"4": None}, {"4": {"errors": 7}}, {"4": {"errors": ["x", None]}}, ["x"], "x", {"4": {"errors": {}}}],
)
def test_a_rejection_in_another_shape_is_still_one(node_errors):
    said = json.dumps({"error": "no", "node_errors": node_errors}).encode()
    assert comfyui._explained(answers.Answer(400, {}, said)).body == said


@pytest.mark.parametrize("messages", [None, 7, ["x", None, [], ["execution_error"], ["execution_error", 7]], {"a": 1}])
def test_a_run_that_failed_in_other_words_still_failed(messages, service, monkeypatch):
    provider = CASE.make(service.url)
    run = {"status": {"status_str": "error", "messages": messages}}
    monkeypatch.setattr(provider, "_run", lambda _: run)
    with pytest.raises(ProviderError, match="the run failed"):
        provider.poll(JobHandle("p1"))
    run.update({"status": messages, "outputs": {"9": {"images": messages}}})
    with pytest.raises(ProviderError, match="no picture came of it"):
        provider.poll(JobHandle("p1"))


def test_a_failed_upload_has_ordered_nothing(service, monkeypatch):
    monkeypatch.setattr(service, "ask", lambda _: None)
    with pytest.raises(ProviderError) as caught:
        CASE.make(service.url, nodes=EDITING).submit(CASE.order(mode=Mode.INPAINTING))
    assert (caught.value.kind, caught.value.code) == (ErrorKind.UNAVAILABLE, "connection_dropped")
    assert service.orders == []


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"workflow": None}, "Export (API)"),
        ({"workflow": {"nodes": [], "links": []}}, "Export (API)"),
        ({"nodes": {"seed": "3.seed"}}, "where the prompt goes"),
        ({"nodes": {"prompt": "77.text"}}, "no node for prompt"),
        ({"nodes": {"prompt": "6.words"}}, "no input words"),
        ({"nodes": {"prompt": "6.clip"}}, "comes from another node"),
        ({"nodes": {"prompt": "6.text", "pad": "3.seed"}}, "nothing to fill in for “pad”"),
        ({"output": "77"}, "no node 77"),
        (
            {"workflow": {**WORKFLOW, "5": {"class_type": "E", "inputs": {"batch_size": 4, "width": 1, "height": 1}}}},
            "several",
        ),
        ({"nodes": {**NODES, "image": "10.image"}}, "does no text to image"),
    ],
)
def test_a_workflow_that_cannot_be_filled_is_found_before_a_batch_starts(options, word, service):
    provider = CASE.make(service.url, **options)
    assert word in " ".join(provider.problems(CASE.order()))
    with pytest.raises(ProviderError):
        provider.submit(CASE.order())
    assert service.orders == service.asked == []
