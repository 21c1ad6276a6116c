"""Outputs are left out for a reason of the list, before a study draws them, and all of it is counted and undone."""

import pytest

from generation import near_copies, quality
from generation.models import NearCopy, Output
from radiorate.accounts.models import AuditEntry
from radiorate.images.models import Image
from radiorate.studies import lifecycle, pairing
from tests import factories
from tests.generation.test_pages import text


@pytest.fixture
def admin_client(client, db):
    client.force_login(factories.admin())
    return client


def outputs(count: int, **fields) -> list[Output]:
    batch = factories.batch(jobs=count, **fields)
    batch.jobs.update(state="succeeded")
    return [factories.output(job) for job in batch.jobs.all()]


def test_an_output_is_excluded_for_a_reason_of_the_list_counted_and_taken_back(admin_client):
    one, *_others = outputs(4)
    job, batch = one.attempt.job, one.attempt.job.batch
    address = f"/generation/outputs/{one.pk}/"
    for wrong in ({}, {"ground": "ugly"}, {"ground": "other", "words": "ugly"}, {"words": "ugly"}):
        assert "choose a reason from the list" in text(admin_client.post(f"{address}exclude/", wrong, follow=True))
    assert Image.objects.get(pk=one.image_id).state == "available"
    page = admin_client.post(f"{address}exclude/", {"ground": "unreadable", "words": "black"}, follow=True)
    assert page.redirect_chain == [(f"/generation/jobs/{job.pk}/", 302)]
    assert "Excluded: unreadable: black" in text(page)
    page = text(admin_client.get(f"/generation/{batch.pk}/"))
    assert "1 of 4 images of this batch are excluded: 1 unreadable." in page and "1 of 4 (25.0 %)" in page
    assert admin_client.get(f"/generation/{batch.pk}/?view=grid").content.count(b'class="excluded"') == 1
    assert "already" in text(admin_client.post(f"{address}exclude/", {"ground": "unreadable"}, follow=True))
    assert "Give a reason" in text(admin_client.post(f"{address}take-back/", follow=True))
    assert "Taken back" in text(admin_client.post(f"{address}take-back/", {"words": "wrong job"}, follow=True))
    actions = AuditEntry.objects.order_by("pk").values_list("action", "reason")
    assert list(actions) == [("image.withdrawn", "unreadable: black"), ("image.restored", "wrong job")]
    assert quality.of(batch).of_batch == quality.Rate(0, 4)


def test_the_rate_is_that_of_the_generator_over_all_its_batches(admin_client):
    generator = factories.generator()
    for each in [*outputs(3, generator=generator)[:2], *outputs(5, generator=generator)[:1]]:
        quality.exclude(each, factories.admin(), "technical_fault")
    outputs(2)
    told = quality.of(each.attempt.job.batch)
    assert (told.of_batch, told.of_generator) == (quality.Rate(1, 5), quality.Rate(3, 8))
    assert told.grounds == [("technical fault", 1)]


def test_what_an_opened_study_has_drawn_is_not_excluded(admin_client):
    study = factories.study(2)
    batch = factories.batch(collection=study.synthetic_collections.get())
    image = factories.image(batch.collection)
    one = factories.output(batch.jobs.get(), image=image)
    factories.reader(study)
    Image.objects.filter(collection=batch.collection).exclude(pk=image.pk).update(
        state="withdrawn", state_reason="another"
    )
    Image.objects.filter(collection=study.real_collections.get()).exclude(
        pk=study.real_collections.get().images.first().pk
    ).update(state="withdrawn", state_reason="another")
    assert [pair.second for pair in pairing.propose(study).pairs] == [image]
    lifecycle.open_study(study, factories.admin())
    page = admin_client.post(f"/generation/outputs/{one.pk}/exclude/", {"ground": "unreadable"}, follow=True)
    assert "It stands in a pair of a study that was opened" in text(page)
    image.refresh_from_db()
    assert image.state == "available"


def test_a_near_copy_is_shown_beside_the_real_image_and_decided_about(admin_client):
    copy, other = outputs(2)
    real = factories.image()
    for output, correlation in ((copy, 0.97), (other, 0.83)):
        NearCopy.objects.create(output=output, real=real, hash_distance=3, correlation=correlation)
    page = text(admin_client.get("/generation/near-copies/"))
    assert page.index("correlation 0.97") < page.index("correlation 0.83") and "3 of 64 bits differ" in page
    batch = copy.attempt.job.batch
    assert "2 images look like a real one" in text(admin_client.get(f"/generation/{batch.pk}/"))
    from_page = {"near_copies": "yes"}
    page = admin_client.post(
        f"/generation/outputs/{copy.pk}/exclude/", {**from_page, "ground": "near_copy"}, follow=True
    )
    assert page.redirect_chain == [("/generation/near-copies/", 302)] and "0.97" not in text(page)
    keep = f"/generation/outputs/{other.pk}/keep/"
    page = text(admin_client.post(keep, {**from_page, "note": "another patient"}, follow=True))
    assert "Kept, and noted." in page and "No output waits for a decision" in page and "1 were looked at" in page
    assert "already" in text(admin_client.post(keep, from_page, follow=True))
    told = AuditEntry.objects.get(action="near_copy.kept")
    assert (told.reason, told.detail["real"]) == ("another patient", str(real.pk))
    assert list(quality.to_look_at()) == []


def test_comparing_again_keeps_what_was_decided(admin_client, monkeypatch):
    asked = []
    monkeypatch.setattr(near_copies, "ask", lambda *batch: asked.append(batch))
    [one] = outputs(1)
    near_copies.find(Output.objects.all())
    assert not near_copies.waiting().exists()
    NearCopy.objects.create(output=one, real=factories.image(), hash_distance=3, correlation=0.9)
    quality.keep(one.near_copies.all(), factories.admin(), "")
    admin_client.post("/generation/near-copies/again/")
    assert asked == [()] and near_copies.waiting().get() == one
    assert NearCopy.objects.get().kept_at


def test_the_page_of_near_copies_asks_the_same_however_many_there_are(admin_client, django_assert_num_queries):
    real = factories.image()
    for count in (1, 8):
        for output in outputs(count):
            NearCopy.objects.create(output=output, real=real, hash_distance=3, correlation=0.9)
        with django_assert_num_queries(6):
            admin_client.get("/generation/near-copies/")
