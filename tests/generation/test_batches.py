"""A batch is written whole or not at all, and its orders come through a real worker to images in the collection."""

from collections import Counter
from decimal import Decimal

from generation import batches, protocols
from generation.models import Batch, Job, Output
from tests import factories
from tests.conftest import eventually


def ended(batch: Batch) -> bool:
    return not batch.jobs.filter(state__in=[Job.State.QUEUED, Job.State.RUNNING]).exists()


def test_a_protocol_becomes_images_with_their_facts(celery_worker_process, transactional_db):
    generator = factories.generator(provider="phantom", model="phantom-1")
    protocol = protocols.load("phantom-mixed")
    batch = batches.launch(
        generator=generator,
        collection=batches.target("phantoms"),
        orders=protocol.orders(n=1, width=256, height=256),
        budget_usd=Decimal(0),
        actor=factories.admin(),
        protocol=protocol.name,
        protocol_facts=protocol.facts(),
    )
    eventually(lambda: ended(batch), 60)
    assert Counter(batch.jobs.values_list("state", flat=True)) == {"succeeded": len(protocol.orders(n=1))}
    for output in Output.objects.select_related("image", "attempt__job"):
        job, image = output.attempt.job, output.image
        assert (image.body_part, image.view_position) == (job.body_part, job.view_position)
        assert image.collection.name == "phantoms"
        assert image.provenance["prompt"] == job.prompt
        assert image.provenance["seed"] == job.seed
