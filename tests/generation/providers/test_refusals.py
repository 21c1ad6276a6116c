"""A success that is a refusal, from the service's answer to the rows: never an image, never a second order."""

from decimal import Decimal

import pytest

from generation import batches, runner
from generation.models import Attempt, Job, Output, Price
from radiorate.images.models import Image
from tests import factories
from tests.generation.stand_ins.cases import CASES, Case
from tests.generation.stand_ins.server import KEY

REFUSING = [
    ("openai", "refused", "moderation_blocked", None),
    ("gemini", "refused", "PROHIBITED_CONTENT", None),
    ("gemini", "blurred", "IMAGE_SAFETY", None),  # a picture came all the same
    ("stability", "filtered", "CONTENT_FILTERED", Decimal("0.065")),  # a blurred picture came, and is charged
    ("stability", "refused", "content_moderation", Decimal(0)),
    ("replicate", "refused", "flagged", None),
    ("flux", "filtered", "Content Moderated", None),
    ("flux", "refused", "Request Moderated", None),
]


def launch(case: Case, url: str, settings) -> Job:
    """One job of a generator that orders from the service."""
    name = case.provider.upper()
    settings.API_KEYS, settings.BASE_URLS = {name: KEY}, {name: url}
    generator = factories.generator(provider=case.provider, model=case.model, options=dict(case.options))
    for rate, usd in case.rates.items():
        Price.objects.create(generator=generator, rate=rate, usd=usd)
    batch = batches.launch(
        generator=generator,
        collection=factories.collection("synthetic"),
        orders=[batches.JobSpec(prompt="An X-ray of the knee", width=1024, height=1024, seed=3)],
        budget_usd=Decimal(1),
        actor=factories.admin(),
    )
    return batch.jobs.get()


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    for provider in ("flux", "comfyui", "replicate"):
        monkeypatch.setattr(f"generation.providers.{provider}.POLL_SECONDS", 0.01)


@pytest.mark.parametrize(("provider", "script", "code", "charged"), REFUSING)
def test_a_refusal_in_any_shape_is_counted_and_never_an_image(provider, script, code, charged, db, settings):
    case = next(case for case in CASES if case.provider == provider)
    with case.service() as service:
        service.script = script
        job = launch(case, service.url, settings)
        for _ in range(2):  # a second message does nothing
            runner.run(job.pk)
    job.refresh_from_db()
    attempt = Attempt.objects.get()
    assert (job.state, attempt.outcome, attempt.code, attempt.actual_usd) == ("refused", "refused", code, charged)
    assert attempt.provider_request_id and attempt.message
    assert (Image.objects.count(), Output.objects.count(), len(service.orders)) == (0, 0, 1)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.provider)
def test_a_delivery_becomes_one_image_with_what_the_service_said(case, db, settings):
    """The control of the above: the same path gives an image where none is refused."""
    with case.service() as service:
        job = launch(case, service.url, settings)
        runner.run(job.pk)
    job.refresh_from_db()
    output = Output.objects.get()
    assert (job.state, job.state_reason, len(service.orders)) == ("succeeded", "", 1)
    assert output.provenance and output.model_reported.startswith(case.model or "roentgen")
    assert KEY not in str(output.provenance) + str(output.image.provenance)
