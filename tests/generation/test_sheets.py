"""Edits by models of fixed sizes: nothing is refused for its size, and no pixel outside the mask moves."""

import base64
import io
import itertools
import re
from decimal import Decimal

import numpy as np
import pytest
from django.core.files.storage import default_storage
from PIL import Image as Picture

from generation import editing, launching, protocols, runner, sheets, sources
from generation.models import Job, Output, Price
from generation.protocols import draw
from generation.provider import Connection, Mode, Sizes
from generation.providers.openai import SIZES, Provider
from tests import factories
from tests.generation.stand_ins.openai import USAGE, OpenAI
from tests.generation.stand_ins.server import KEY, Reply, Request, picture, words

E3, E4, BODY = "adams-2023-inpainting", "adams-2023-outpainting", "adams-2023-full-body"
BOUNDS = [SIZES[model] for model in ("dall-e-2", "gpt-image-1", "gpt-image")]
BOUNDS += [Sizes(grid=8, shortest=64, longest=4096), Sizes(grid=16, most_pixels=4 * 1024 * 1024)]
SOURCES = {"abdomen": (1760, 2140), "chest": (2140, 1760), "pelvis": (300, 260), "knee": (70, 90), "wrist": (520, 900)}
SOURCES |= {"hand": (1024, 1024), "shoulder": (3000, 900), "ankle": (901, 333)}
SPINE = {"cervical spine": (640, 1400), "thoracic spine": (200, 640), "lumbar spine": (1760, 2140)}


class Strict(OpenAI):
    """Takes a mask of the image's size and one of the model's sizes alone, and repaints all of the picture."""

    def deliver(self, request: Request) -> Reply:
        if set(request.form) < {"image", "mask", "size", "model"}:
            return words(400, self.error(400, "an edit takes an image, its mask and a size"))
        form = request.form
        image, mask = (Picture.open(io.BytesIO(form[name])) for name in ("image", "mask"))
        if image.size != mask.size or form["size"].decode() != f"{image.width}x{image.height}":
            return words(400, self.error(400, f"{image.size}, {mask.size} and {form['size']} are three sizes"))
        if not rule(form["model"].decode()).holds(*image.size):
            return words(400, self.error(400, f"{image.size} is none of its sizes"))
        data = base64.b64encode(factories.png(seed=len(self.orders), size=image.size)).decode()
        return words(200, {"created": 1, "data": [{"b64_json": data}], "usage": USAGE})


def rule(model: str) -> Sizes:
    return SIZES["gpt-image" if model == "gpt-image-2" else model]


@pytest.fixture
def strict(db, settings):
    with Strict() as service:
        settings.API_KEYS, settings.BASE_URLS = {"OPENAI": KEY}, {"OPENAI": service.url}
        yield service


@pytest.fixture
def radiographs(db):
    of = factories.collection(licence="CC BY 4.0", may_be_sent=True)
    for region, size in (SOURCES | SPINE).items():
        factories.image(of, size=size, body_part=region, view_position="AP")
    return of


def generator(model: str):
    made = factories.generator(provider="openai", model=model)
    for rate in Provider({}, Connection("", KEY)).capabilities(model).rates:
        Price.objects.create(generator=made, rate=rate, usd=Decimal("0.01"))
    return made


def pixels(file) -> np.ndarray:
    with default_storage.open(str(file)) as stored:
        return picture(stored.read())


# -- where a picture lies ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("sizes", BOUNDS)
def test_every_picture_finds_a_sheet_of_the_models_sizes_and_comes_back_from_it(sizes):
    for across, down in itertools.product((16, 256, 592, 848, 1408, 2400), repeat=2):
        sheet = sheets._fitting(across, down, sizes)
        assert sheet is not None and sizes.holds(sheet.width, sheet.height)
        mask = np.zeros((down, across), np.uint8)
        mask[down // 4 : down // 2, across // 3 : -(-across // 2)] = 255
        drawn = sheet.lay_mask(mask)
        assert drawn.shape == (sheet.height, sheet.width) and set(np.unique(drawn)) <= {0, 255}
        assert (drawn == 255).sum() == (sheet.inside(drawn) == 255).sum(), "what lies around is not to be changed"
        assert (sheet.cut(drawn)[mask == 255] > 0).all(), "all that may change is changed"
        if not sheet.is_smaller:
            assert np.array_equal(sheet.cut(drawn), mask), "what lies on the sheet unshrunk comes back exactly"


@pytest.mark.parametrize(
    ("size", "model", "sheet", "drawn"),
    [
        ((848, 1024), "gpt-image-1", (1024, 1024), (848, 1024)),
        ((768, 1408), "gpt-image-1", (1024, 1536), (768, 1408)),
        ((256, 256), "gpt-image-1", (1024, 1024), (1024, 1024)),
        ((512, 640), "gpt-image-1", (1024, 1536), (1024, 1280)),
        ((300, 300), "dall-e-2", (1024, 1024), (900, 900)),
        ((400, 400), "dall-e-2", (512, 512), (400, 400)),
        ((2048, 1024), "dall-e-2", (1024, 1024), (1024, 512)),
        ((848, 1024), "gpt-image-2", (848, 1024), (848, 1024)),
        ((512, 512), "gpt-image-2", (1024, 1024), (1024, 1024)),
        ((800, 800), "gpt-image-2", (816, 816), (800, 800)),
    ],
)
def test_the_sheet_is_the_smallest_that_is_filled_and_nothing_is_shrunk_without_need(size, model, sheet, drawn):
    can = Provider({}, Connection("", KEY)).capabilities(model)
    found = sheets._fitting(*size, can.sizes[Mode.INPAINTING])
    if size == sheet == drawn:
        assert can.sizes[Mode.INPAINTING].holds(*size)
    assert ((found.width, found.height), found.drawn) == (sheet, drawn)


# -- the paper's edits -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "model"),
    [(E3, "dall-e-2"), (E3, "gpt-image-1"), (E4, "gpt-image-1"), (E4, "gpt-image-2"), (BODY, "dall-e-2")],
)
def test_the_papers_edits_go_through_whole_and_keep_the_sources_pixels(name, model, strict, radiographs):
    protocol = protocols.load(name)
    orders = protocol.orders(sources=draw.sources(protocol, radiographs))
    # One of each prompt and, to be quick, of smaller sources; the body is small already.
    smaller = {} if name == BODY else {"width": 512, "height": 512}
    one = protocol.orders(sources=draw.sources(protocol, radiographs), n=1, **smaller)
    given = {"generators": [generator(model)], "budget_usd": Decimal(90), "protocol": protocol}
    (offer,) = launching.offers(given["generators"], orders, Decimal(90), protocol)
    assert (offer.problems, offer.estimate is None) == ([], False)
    (batch,) = launching.launch(**given, orders=one, actor=factories.admin())
    for job in batch.jobs.order_by("number"):
        runner.run(job.pk)
    assert {(job.state, job.state_reason) for job in batch.jobs.all()} == {("succeeded", "")}
    assert len(strict.orders) == len(one)
    for output in Output.objects.select_related("attempt__job__source__collection"):
        job, edited, came = output.attempt.job, pixels(output.image.original), pixels(output.delivered)
        source = sources.picture(job.source, job)
        if job.mode == "inpainting":
            mask, canvas = pixels(job.mask), source
        else:
            canvas, mask = editing.extended(source, sources.pad_of(job))
        assert np.array_equal(edited[mask == 0], canvas[mask == 0])
        assert edited[mask == 255].std() > 10, "what is new is what came"
        assert output.changed_outside > 0.5, "the control: as it came, what is to be kept had changed"
        note = output.image.provenance["edit"]
        sheet = note.get("sheet", {"height": job.height, "width": job.width})
        assert came.shape == (sheet["height"], sheet["width"])
        assert ("sheet" in note) == (not rule(model).holds(job.width, job.height))


def test_what_lies_around_the_picture_is_sent_black_and_not_to_be_changed(strict, radiographs):
    protocol = protocols.load(E3)
    orders = protocol.orders(only=["thoracic spine"], n=1, sources=draw.sources(protocol, radiographs))
    (batch,) = launching.launch(
        generators=[generator("gpt-image-1")], orders=orders, budget_usd=Decimal(9), actor=factories.admin()
    )
    runner.run(batch.jobs.get().pk)
    (sent,) = strict.orders
    image, alpha = picture(sent.form["image"]), picture(sent.form["mask"])[:, :, 3]
    source = pixels(batch.jobs.get().source.original)
    assert (image.shape, source.shape) == ((1536, 1024), (640, 200))
    # 208 pixels wide on the grid, twice as large, in the middle.
    across, down = Job.objects.get().width * 2, 1280
    left, top = (1024 - across) // 2, (1536 - down) // 2
    around = np.ones(image.shape, bool)
    around[top : top + down, left : left + across] = False
    assert not image[around].any() and (alpha[around] == 255).all()
    assert 0.05 < (alpha == 0)[~around].mean() < 0.2


def test_the_launch_page_says_what_is_done_to_pictures_of_other_sizes(strict, radiographs, admin_client):
    asked = {"protocol": E4, "sources": radiographs.pk, "budget_usd": "90"}
    page = admin_client.post("/generation/launch/", {**asked, "generator": generator("dall-e-2").pk})
    assert page.status_code == 200
    said = " ".join(re.sub("<[^>]*>", " ", page.content.decode()).split())
    assert "laid on a sheet of a size it edits, and cut out of the answer again" in said
    assert "larger than any size it edits: sent smaller" in said
    assert said.count("Outside the mask every pixel stays the source's own.".replace("'", "&#x27;")) == 2
