"""Edits of an image from the launch to the stored picture: what may go out, what comes back, what is kept."""

import io
from base64 import b64decode
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from django.core.files.storage import default_storage
from PIL import Image as Picture

from generation import batches, lifecycle, reaper, runner, sources
from generation.batches import Impossible, JobSpec
from generation.models import Batch, Job, Output
from generation.provider import Mode, Pad
from radiorate.images import checkup, sharing
from radiorate.images import lifecycle as images
from radiorate.images.models import Collection, Image
from tests import factories
from tests.conftest import eventually
from tests.generation.observing import states
from tests.generation.test_runner import run_all

MASK = {"shapes": [{"kind": "rectangle", "x": 0.25, "y": 0.25, "width": 0.5, "height": 0.25}]}


@pytest.fixture
def real(db) -> Image:
    """A real radiograph that may be sent, 96 x 128 pixels."""
    of = factories.collection(licence="CC BY 4.0", may_be_sent=True)
    facts = {"laterality": "L", "patient_sex": "F", "view_modifier": "weight-bearing", "attribution": "A. Person"}
    return factories.image(of, size=(96, 128), **facts)


@pytest.fixture
def launch(generator):
    def act(*orders: JobSpec, **changes) -> Batch:
        given = {"generator": generator, "collection": factories.collection("synthetic"), "orders": orders}
        return batches.launch(**given | changes, budget_usd=Decimal(100), actor=factories.admin())

    return act


def inpainting(source: Image | None, **fields) -> JobSpec:
    return JobSpec("An X-ray of a knee", Mode.INPAINTING, **{"source": source, "mask_shape": MASK} | fields)


def outpainting(source: Image | None, **fields) -> JobSpec:
    return JobSpec("An X-ray of a leg", Mode.OUTPAINTING, **{"source": source, "pad": Pad(bottom=32)} | fields)


def pixels(file) -> np.ndarray:
    with default_storage.open(str(file)) as stored, Picture.open(io.BytesIO(stored.read())) as picture:
        return np.asarray(picture)


def output(batch: Batch, number: int = 1) -> Output:
    return Output.objects.get(attempt__job__batch=batch, attempt__job__number=number)


# -- what comes back ---------------------------------------------------------------------------------------------------
def test_what_a_provider_repaints_outside_the_mask_is_put_back(fake, launch, real):
    batch = launch(inpainting(real))
    run_all(batch)
    made, source, inside = output(batch), pixels(real.original), np.zeros((128, 96), bool)
    inside[32:64, 24:72] = True
    edited, delivered = pixels(made.image.original), pixels(made.delivered)
    assert np.array_equal(edited[~inside], source[~inside])
    assert np.array_equal(edited[inside], delivered[inside])
    assert not np.array_equal(delivered[~inside], source[~inside])  # the control: as it came, other pixels changed
    assert made.changed_outside > 0.5
    assert made.image.provenance["edit"]["changed_outside"] == pytest.approx(made.changed_outside, abs=1e-6)
    assert np.array_equal(pixels(Job.objects.get().mask) == 255, inside)
    with Picture.open(io.BytesIO(b64decode(fake.calls[0].order["image"]))) as sent:
        assert np.array_equal(np.asarray(sent), source)
        assert sent.info == {}


def test_an_edit_shows_what_its_source_shows_and_is_under_its_licence(fake, launch, real):
    batch = launch(inpainting(real, patient_sex="M"))
    run_all(batch)
    made = output(batch).image
    assert (made.body_part, made.view_position, made.view_modifier) == ("knee", "AP", "weight-bearing")
    assert (made.laterality, made.patient_sex, made.modality) == ("L", "M", "DX")
    assert (made.licence, made.attribution) == ("CC BY 4.0", "A. Person")
    assert made.reference == real


def test_an_answer_of_another_size_is_resampled_and_that_is_noted(fake, launch, real):
    fake.script = ["job"]  # its polls give 128 x 160 whatever was ordered
    batch = launch(inpainting(real))
    run_all(batch)
    made = output(batch)
    assert (made.image.width, made.image.height) == (96, 128)
    assert made.image.provenance["edit"]["resampled_from"] == [128, 160]
    assert pixels(made.delivered).shape == (160, 128)


def test_an_outpainted_picture_holds_its_source_and_the_distance_from_it(fake, launch, real):
    batch = launch(outpainting(real, pad=Pad(left=10, bottom=32)))
    run_all(batch)
    made = output(batch)
    edited, distance = pixels(made.image.original), pixels(made.distance)
    assert edited.shape == distance.shape == (160, 112)
    assert np.array_equal(edited[:128, 16:], pixels(real.original))
    assert not distance[:128, 16:].any()
    assert (distance[0, 0], distance[159, 16], distance[159, 0]) == (16, 32, round(np.hypot(16, 32)))


def test_a_variation_is_kept_as_it_came_and_knows_its_source(fake, launch, real):
    batch = launch(JobSpec("A knee", Mode.VARIATION, source=real))
    run_all(batch)
    made = output(batch)
    assert (made.image.reference, made.delivered.name, made.image.licence) == (real, "", "")


def test_bytes_that_are_no_picture_are_no_edit(fake, launch, real):
    fake.script = ["garbage"]
    batch = launch(inpainting(real))
    run_all(batch)
    assert states(batch) == {"failed": 1}
    assert not Output.objects.exists()


def test_a_storage_that_fails_leaves_no_files_and_buys_nothing_again(transactional_db, fake, launch, real, monkeypatch):
    run_all(launch(outpainting(real)))  # so that the folder is there
    batch, there = launch(inpainting(real)), set(default_storage.listdir("edits")[1])
    monkeypatch.setattr(runner, "STORE_WAIT_SECONDS", 0)
    failures, create = iter([True, False]), Output.objects.create

    def failing(**fields):
        if next(failures):
            raise OSError("the disk is full")
        return create(**fields)

    monkeypatch.setattr(Output.objects, "create", failing)
    run_all(batch)
    assert (states(batch), len(fake.calls)) == ({"succeeded": 1}, 2)
    kept = {f"edits/{name}" for name in set(default_storage.listdir("edits")[1]) - there}
    assert kept == {str(output(batch).delivered), str(batch.jobs.get().mask)}


# -- what can't be ordered ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"source": None}, "there must be a source"),
        ({"mask_shape": None}, "there must be a mask"),
        ({"mask_shape": {"shapes": [{"kind": "circle"}]}}, "“circle” is none of them"),
        ({"mask_shape": {"shapes": [MASK["shapes"][0] | {"width": 0.001}]}}, "holds no pixel"),
        (
            {"mask_shape": {"shapes": [{**MASK["shapes"][0], "x": 0, "y": 0, "width": 1, "height": 1}]}},
            "no pixel to keep",
        ),
        ({"width": 20, "height": 20}, "narrower than 32 pixels"),
        ({"mode": Mode.OUTPAINTING}, "one side at least must grow"),
        ({"mode": Mode.OUTPAINTING, "pad": Pad(left=-16, right=32)}, "none can shrink"),
    ],
)
def test_an_edit_that_cannot_be_done_is_not_launched(launch, real, fields, words):
    spec = inpainting(real)
    with pytest.raises(Impossible, match=words):
        launch(JobSpec(**vars(spec) | fields))
    assert not Batch.objects.exists()


def test_a_picture_that_would_not_be_taken_in_is_not_ordered(launch, real, settings):
    """The canvas of an extended image counts, and that of each later step."""
    settings.IMAGE_MAX_PIXELS = 96 * 160
    assert launch(outpainting(real))
    for orders in ([outpainting(real), outpainting(None, step_after=0)], [JobSpec("A knee", width=161, height=96)]):
        with pytest.raises(Impossible, match="pixels is too large: at most 15,360 in all"):
            launch(*orders)


def test_thousands_of_edits_of_one_image_are_checked_without_reading_it(launch, real, monkeypatch, generator):
    monkeypatch.setattr(sources, "default_storage", None)
    assert batches.estimate(generator, [inpainting(real)] * 2000).total_usd == Decimal("0.04") * 2000


# -- what may go out ---------------------------------------------------------------------------------------------------
def test_without_consent_or_licence_nothing_is_launched(launch, real, fake):
    images.forbid_sending(real.collection, factories.admin(), "a second thought")
    with pytest.raises(Impossible, match="No consent is recorded"):
        launch(inpainting(Image.objects.get()))
    images.allow_sending(real.collection, factories.admin(), "a third one", "CC BY-ND 4.0")
    with pytest.raises(Impossible, match="allows no changes"):
        launch(inpainting(Image.objects.get()))
    assert not fake.calls


def test_a_provider_that_keeps_images_here_needs_neither(launch, real):
    images.forbid_sending(real.collection, factories.admin(), "a second thought")
    source = Image.objects.get()
    can = batches.provider_of(factories.generator()).capabilities("")
    assert can.keeps_images_here
    job = inpainting(source).job(Batch(), 1)
    assert sources.problems(job, can) == []


@pytest.mark.parametrize("is_guarded", [True, False])
def test_consent_withdrawn_before_the_call_cancels_it(launch, real, fake, is_guarded, monkeypatch):
    """The control takes the second look away, and the image goes out."""
    batch = launch(inpainting(real))
    images.forbid_sending(real.collection, factories.admin(), "a second thought")
    if not is_guarded:
        monkeypatch.setattr(sharing, "refusal", lambda image: "")
    run_all(batch)
    assert states(batch) == {"cancelled" if is_guarded else "succeeded": 1}
    assert len(fake.calls) == (0 if is_guarded else 1)
    if is_guarded:
        assert "No consent" in batch.jobs.get().state_reason
        images.allow_sending(real.collection, factories.admin(), "agreed again")
        batches.resume(batch, factories.admin(), Decimal(100))
        run_all(batch)
        assert states(batch) == {"succeeded": 1}


def test_a_withdrawn_source_is_not_sent(launch, real, fake):
    batch = launch(inpainting(real))
    images.withdraw(real, factories.admin(), "wrong patient")
    run_all(batch)
    assert (states(batch), fake.calls) == ({"cancelled": 1}, [])


# -- steps -------------------------------------------------------------------------------------------------------------
def steps(real: Image) -> list[JobSpec]:
    return [
        outpainting(real),
        outpainting(None, pad=Pad(left=16, top=16), step_after=0),
        outpainting(None, pad=Pad(right=16), step_after=1),
    ]


def test_each_step_extends_what_the_one_before_made(fake, launch, real):
    batch = launch(*steps(real))
    assert list(batch.jobs.values_list("on_hold", flat=True)) == [False, True, True]
    run_all(batch)
    first, second, third = (output(batch, number) for number in (1, 2, 3))
    assert [(one.image.width, one.image.height) for one in (first, second, third)] == [
        (96, 160),
        (112, 176),
        (128, 176),
    ]
    assert np.array_equal(pixels(second.image.original)[16:, 16:], pixels(first.image.original))
    assert np.array_equal(pixels(third.image.original)[16:144, 16:112], pixels(real.original))
    distance = pixels(third.distance)
    assert not distance[16:144, 16:112].any()
    assert (distance[15, 50], distance[175, 50], distance[50, 127]) == (1, 32, 16)
    assert third.image.reference == second.image
    assert (third.image.body_part, third.image.laterality) == ("knee", "L")


@pytest.mark.parametrize("answer", ["refusal", "garbage"])
def test_after_a_step_without_an_image_the_later_ones_are_cancelled(fake, launch, real, answer):
    fake.script = ["image", answer]
    batch = launch(*steps(real))
    run_all(batch)
    last = batch.jobs.get(number=3)
    assert (last.state, last.state_reason) == ("cancelled", "the step before gave no image")
    assert len(fake.calls) == 2


def test_steps_that_a_crash_left_waiting_are_released_by_the_reaper(fake, launch, real, monkeypatch):
    batch = launch(*steps(real))
    with monkeypatch.context() as crash:
        crash.setattr(lifecycle, "next_steps", lambda *_: [])
        run_all(batch)
    assert list(batch.jobs.values_list("state", "on_hold")) == [
        ("succeeded", False),
        ("queued", True),
        ("queued", True),
    ]
    reaper.sweep()
    assert list(batch.jobs.values_list("on_hold", flat=True)) == [False, False, True]


def test_a_step_of_a_real_image_needs_the_consent_for_that_one(fake, launch, real):
    """What a step extends holds the real image's pixels still."""
    batch = launch(*steps(real))
    runner.run(batch.jobs.get(number=1).pk)
    images.forbid_sending(Collection.objects.get(origin="real"), factories.admin(), "a second thought")
    run_all(batch)
    assert list(batch.jobs.values_list("state", flat=True)) == ["succeeded", "cancelled", "cancelled"]
    assert len(fake.calls) == 1


def test_a_jobs_page_shows_what_was_delivered_and_what_was_put_back(fake, launch, real, client):
    run_all(batch := launch(inpainting(real)))
    client.force_login(factories.admin())
    job, made = batch.jobs.get(), output(batch)
    page = client.get(f"/generation/jobs/{job.pk}/").content.decode()
    assert f"{100 * made.changed_outside:.1f} % of the pixels to keep came back changed" in page
    for name, file in (("delivered", made.delivered), ("mask", job.mask)):
        answer = client.get(f"/generation/jobs/{job.pk}/{name}/")
        assert (answer.content, answer["Content-Type"]) == (default_storage.open(file.name).read(), "image/png")
    assert client.get(f"/generation/jobs/{job.pk}/distance/").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_a_worker_goes_from_step_to_step_by_itself(start_worker):
    """The phantom extends its own picture twice; each step is sent when the one before has its image."""
    generator = factories.generator()
    whole = batches.launch(
        generator=generator,
        collection=factories.collection("synthetic"),
        orders=[JobSpec("An X-ray of a knee", body_part="knee", view_position="AP", seed=11, width=256, height=320)],
        budget_usd=Decimal(0),
        actor=None,
    )
    start_worker()
    eventually(lambda: states(whole) == {"succeeded": 1}, 40)
    extending = JobSpec("An X-ray of a leg", Mode.OUTPAINTING, pad=Pad(bottom=32))
    batch = batches.launch(
        generator=generator,
        collection=factories.collection("synthetic"),
        orders=[replace(extending, source=output(whole).image), replace(extending, step_after=0)],
        budget_usd=Decimal(0),
        actor=None,
    )
    eventually(lambda: states(batch) == {"succeeded": 2}, 40)
    first, second = output(batch), output(batch, 2)
    assert [made.provenance["true_pixels"] for made in (first, second)] == [True, True]
    assert (second.image.height, second.image.reference, second.changed_outside) == (384, first.image, 0)
    assert pixels(second.distance)[-1, 0] == 64


def test_the_check_of_the_store_knows_the_files_of_an_edit(fake, launch, real):
    run_all(batch := launch(outpainting(real)))
    files = {str(output(batch).delivered), str(output(batch).distance)}

    def found() -> dict[str, str]:
        return {finding.file: finding.problem for finding in checkup.findings() if finding.file in files}

    assert found() == {}
    default_storage.delete(str(output(batch).distance))
    assert found() == {str(output(batch).distance): "missing"}
    Output.objects.update(delivered="")
    assert found() == {str(output(batch).distance): "missing", (files - {str(output(batch).distance)}).pop(): "orphan"}
