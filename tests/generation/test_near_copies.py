"""Outputs that copy a real image are found whatever was done to the copy; others are left alone."""

import io
import json
from uuid import uuid4

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from PIL import Image as Picture

from generation import near_copies
from generation.models import NearCopy, Output
from radiorate.images import fingerprints, intake
from radiorate.images.facts import NOTHING_TOLD
from radiorate.images.models import Fingerprint
from tests import factories
from tests.conftest import eventually

SIZE = (360, 450)


def radiograph(seed: int) -> Picture.Image:
    """A picture with structure at several sizes, another one for each seed."""
    random = np.random.default_rng(seed)
    page = np.zeros(SIZE[::-1])
    for cells, weight in ((4, 60), (9, 45), (20, 30), (45, 12)):
        coarse = Picture.fromarray(random.normal(size=(cells, cells)).astype(np.float32))
        page += weight * np.asarray(coarse.resize(SIZE, Picture.Resampling.BICUBIC))
    return Picture.fromarray(np.clip(page + 110, 0, 255).astype(np.uint8))


def brighter(picture: Picture.Image) -> Picture.Image:
    return picture.point(lambda level: level * 0.7 + 60)


def compressed(picture: Picture.Image) -> Picture.Image:
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=35)
    return Picture.open(stream)


def cut(picture: Picture.Image, left=0.02, top=0.02, right=0.02, bottom=0.02) -> Picture.Image:
    width, height = picture.size
    return picture.crop((int(width * left), int(height * top), int(width * (1 - right)), int(height * (1 - bottom))))


def padded(picture: Picture.Image) -> Picture.Image:
    page = Picture.new("L", (450, 450))
    page.paste(picture, (45, 0))
    return page


def mirrored(picture: Picture.Image) -> Picture.Image:
    return picture.transpose(Picture.Transpose.FLIP_LEFT_RIGHT)


ALTERED = {
    "scaled": lambda picture: picture.resize((200, 250)),
    "squashed": lambda picture: picture.resize((512, 512)),
    "brighter": brighter,
    "compressed": compressed,
    "cut by 2 % a side": cut,
    "cut by 8 % at one corner": lambda picture: cut(picture, 0.08, 0.08, 0, 0),
    "mirrored": mirrored,
    "padded": padded,
    "all at once": lambda picture: compressed(mirrored(cut(brighter(picture.resize((288, 360)))))),
}


def stored(picture: Picture.Image, collection):
    stream = io.BytesIO()
    picture.save(stream, "PNG")
    return intake.store(stream.getvalue(), "a.png", collection, NOTHING_TOLD)


def output(picture: Picture.Image, **job) -> Output:
    batch = factories.batch(jobs=0)
    return factories.output(factories.job(batch, **job), image=stored(picture, batch.collection))


@pytest.fixture
def real(db):
    """Six real images; the copies are of the first."""
    into = factories.collection("real")
    return [stored(radiograph(seed), into) for seed in range(6)]


def flagged(one: Output) -> list:
    near_copies.find(Output.objects.filter(pk=one.pk), again=True)
    return list(one.near_copies.values_list("real", flat=True))


@pytest.mark.parametrize("alter", ALTERED.values(), ids=ALTERED)
def test_an_altered_copy_is_found(real, alter):
    assert flagged(output(alter(radiograph(0)))) == [real[0].pk]


def test_another_picture_is_not(real):
    assert flagged(output(radiograph(99))) == []


def test_without_sizes_and_places_a_cut_copy_is_missed(real, monkeypatch):
    """The control: what finds the cut copy is that it is laid over the real image in several ways."""
    copy = output(cut(radiograph(0), 0.08, 0.08, 0, 0))
    with monkeypatch.context() as without:
        without.setattr(fingerprints, "SIZES", (fingerprints.SIDE,))
        without.setattr(fingerprints, "PLAY", 0)
        assert flagged(copy) == []
    assert flagged(copy) == [real[0].pk]


def test_radiographs_are_told_apart_and_their_copies_found(db, shared):
    """On real plates, where two of one region are much alike."""
    if shared is None:
        pytest.skip("there are no radiographs here")
    from radiorate.images.decoding import decode

    files = sorted((shared / "data" / "radiographs").glob("chest*"))
    pictures = [fingerprints.small(decode(file.read_bytes()).array) for file in files if file.suffix != ".csv"]
    assert len(pictures) > 5
    known = fingerprints.known(
        [
            (index, int(fingerprints.perceptual_hash(each).astype(np.int64)), each.tobytes())
            for index, each in enumerate(pictures)
        ]  # type: ignore[misc]
    )
    for index, picture in enumerate(pictures):
        found = fingerprints.alike(picture[:, ::-1], known, near_copies.CORRELATION, near_copies.HASH_DISTANCE)
        assert [known.ids[one.index] for one in found] == [index]


def test_what_an_edit_was_made_from_is_no_near_copy_of_it(real):
    edited = radiograph(0)
    edited.paste(120, (100, 100, 180, 180))
    twin = stored(radiograph(0), factories.collection("real"))
    assert flagged(output(edited, source=real[0])) == []
    assert set(flagged(output(mirrored(edited)))) == {real[0].pk, twin.pk}


def test_a_search_goes_on_past_an_output_without_its_file(real, capsys):
    broken, copy = output(radiograph(50)), output(brighter(radiograph(3)))
    Fingerprint.objects.filter(image=broken.image).delete()
    broken.image.original.storage.delete(str(broken.image.original))
    call_command("find_near_copies", json=True)
    report = json.loads(capsys.readouterr().out)
    assert (report["compared"], report["flagged"], report["real_images"]) == (1, 1, 6)
    [told] = report["near_copies"]
    assert (told["image"], told["real"]) == (str(copy.image_id), str(real[3].pk))
    call_command("find_near_copies", batch=copy.attempt.job.batch_id)
    assert capsys.readouterr().out == "1 outputs compared with 6 real images, 1 look like one.\n"
    assert NearCopy.objects.count() == 1, "searched twice, written once"
    with pytest.raises(CommandError, match="no batch 0"):
        call_command("find_near_copies", batch=0)


def test_an_output_is_looked_at_once(real):
    batch_id = output(brighter(radiograph(1))).attempt.job.batch_id
    assert near_copies.find(near_copies.waiting(batch_id)).compared == 1
    assert near_copies.find(near_copies.waiting(batch_id)).compared == 0
    assert near_copies.find(near_copies.waiting()).compared == 0


def test_a_thousand_real_images_are_read_once(real, django_assert_num_queries):
    first, second = output(radiograph(60)), output(radiograph(61))
    near_copies.find(Output.objects.filter(pk=first.pk))
    with django_assert_num_queries(6):
        near_copies.find(Output.objects.filter(pk=second.pk))


@pytest.mark.django_db(transaction=True)
def test_a_delivered_copy_is_found_by_the_search_that_beat_asks_for(start_worker):
    """From the order to the finding: the phantom draws what the collection of real images holds already."""
    from generation import sending
    from generation.models import Generator
    from generation.ordering import order_of, provider_of

    batch = factories.batch(generator=Generator.objects.filter(provider="phantom").first() or factories.generator())
    job = batch.jobs.get()
    drawn = provider_of(batch.generator).submit(order_of(job, uuid4())).data
    original = stored(Picture.open(io.BytesIO(drawn)), factories.collection("real"))
    start_worker()
    sending.send([job.pk])
    eventually(lambda: near_copies.waiting(batch.pk).exists(), 60)
    near_copies.ask()
    found = eventually(lambda: NearCopy.objects.filter(output__attempt__job=job).first(), 60)
    assert found.real == original and found.correlation > 0.99
