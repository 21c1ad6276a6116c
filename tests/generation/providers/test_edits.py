"""An edit of a real radiograph, from the order's row through each service to the picture that is put together."""

import io
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from django.core.files.storage import default_storage
from PIL import Image as Picture

from generation import batches, runner
from generation.models import Output, Price
from generation.provider import Mode, Pad
from tests import factories
from tests.generation.stand_ins.cases import CASES, Case
from tests.generation.stand_ins.comfyui import NODES
from tests.generation.stand_ins.server import KEY

LEFT_HALF = {"shapes": [{"kind": "rectangle", "x": 0, "y": 0, "width": 0.5, "height": 1}]}
KNOWN = {case.provider: case for case in CASES}
BY_NODES = {"nodes": {**NODES, "image": "10.image", "mask": "11.image"}}
BY_FIELDS = {"fields": {"prompt": "prompt", "image": "image", "mask": "mask"}}
EDITING = {
    "stability": KNOWN["stability"],
    "flux": replace(KNOWN["flux"], model="flux-pro-1.0-fill"),
    "flux-expand": replace(KNOWN["flux"], model="flux-pro-1.0-expand"),
    "automatic1111": KNOWN["automatic1111"],
    "comfyui": replace(KNOWN["comfyui"], options={**KNOWN["comfyui"].options, **BY_NODES}),
    "replicate": replace(KNOWN["replicate"], options=BY_FIELDS),
}


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    for provider in ("flux", "comfyui", "replicate"):
        monkeypatch.setattr(f"generation.providers.{provider}.POLL_SECONDS", 0.01)


@pytest.mark.parametrize("name", EDITING)
def test_an_edit_keeps_every_pixel_that_it_may_not_change(name, db, settings):
    case = EDITING[name]
    lent = factories.collection(licence="CC BY 4.0", may_be_sent=True)
    source = factories.image(lent, data=factories.png(seed=10**6, size=(128, 160)))
    edit = {"mode": Mode.OUTPAINTING, "pad": Pad(left=32)} if name == "flux-expand" else {"mode": Mode.INPAINTING}
    edit |= {} if "pad" in edit else {"mask_shape": LEFT_HALF}
    with case.service() as service:
        settings.API_KEYS = {case.provider.upper(): KEY}
        settings.BASE_URLS = {case.provider.upper(): service.url}
        job = launched(case, batches.JobSpec("An X-ray of the knee", source=source, **edit))
        runner.run(job.pk)
        assert len(service.orders) == 1
    job.refresh_from_db()
    assert (job.state, job.state_reason) == ("succeeded", "")
    edited, kept = pixels(Output.objects.get().image.original), pixels(source.original)
    if name == "flux-expand":
        assert np.array_equal(edited[:, 32:], kept)
    else:
        assert np.array_equal(edited[:, 64:], kept[:, 64:])
        assert not np.array_equal(edited[:, :64], kept[:, :64])


def launched(case: Case, order: batches.JobSpec):
    """One job of a generator with every price it needs."""
    generator = factories.generator(provider=case.provider, model=case.model, options=dict(case.options))
    for rate in case.make("").capabilities(case.model).rates:
        Price.objects.create(generator=generator, rate=rate, usd=Decimal("0.05"))
    batch = batches.launch(
        generator=generator,
        collection=factories.collection("synthetic"),
        orders=[order],
        budget_usd=Decimal(1),
        actor=factories.admin(),
    )
    return batch.jobs.get()


def pixels(file) -> np.ndarray:
    with default_storage.open(str(file)) as stored, Picture.open(io.BytesIO(stored.read())) as picture:
        return np.asarray(picture)
