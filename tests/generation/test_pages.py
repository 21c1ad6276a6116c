"""An admin launches, watches, cancels, resumes and settles on pages; with a browser, and with plain requests."""

import re
from datetime import timedelta
from decimal import Decimal
from html import unescape
from uuid import uuid4

import pytest
from django.db.models.functions import Now
from playwright.sync_api import expect

from generation import lifecycle, protocols
from generation.models import Batch, Job
from radiorate.accounts.models import AuditEntry
from radiorate.images.models import Collection
from tests import factories
from tests.conftest import eventually
from tests.generation.observing import is_ended, states

ORDER = {"prompt": "A {view} radiograph of the {region}", "regions": "hand, knee", "n": 2, "budget_usd": "0"}
ORDER |= {"new_collection": "first phantoms", "width": 128, "height": 128}


@pytest.fixture
def admin_client(client, db):
    client.force_login(factories.admin())
    return client


@pytest.fixture
def phantom(db):
    return factories.generator(name="draws", provider="phantom", model="phantom-1")


def text(response) -> str:
    """What the page says, without its tags."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


def test_the_order_is_shown_before_it_is_sent(admin_client, phantom):
    response = admin_client.post("/generation/launch/", {**ORDER, "generator": phantom.pk})
    assert "4 images free into “first phantoms”" in text(response)
    assert "2 A radiograph of the hand free hand" in text(response)
    assert not Batch.objects.exists() and not Collection.objects.exists()


def test_what_the_generator_cannot_do_is_said_in_words(admin_client, phantom):
    response = admin_client.post("/generation/launch/", {**ORDER, "generator": phantom.pk, "regions": "toe"})
    assert response.status_code == 422
    assert "The generator draws can't draw the toe; it draws: " in text(response)
    assert not Batch.objects.exists()


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("prompt", "", "Choose a protocol or write a prompt."),
        ("prompt", "An X-ray of {patient}", "In braces may stand only {region}, {view}, {side} and {sex}."),
        ("prompt", "An X-ray of {region.__class__}", "In braces may stand only {region}, {view}, {side} and {sex}."),
        ("prompt", "An X-ray {", "In braces may stand only {region}, {view}, {side} and {sex}."),
        ("new_collection", "", "Name the collection the images are for."),
        ("n", 6000, "less than or equal to 5000"),
        ("budget_usd", "-1", "greater than or equal to 0"),
    ],
)
def test_an_order_with_a_mistake_names_it(admin_client, phantom, field, value, sentence):
    response = admin_client.post("/generation/launch/", {**ORDER, "generator": phantom.pk, field: value})
    assert response.status_code == 422
    assert sentence in text(response)
    assert not Batch.objects.exists()


def test_the_budget_must_cover_one_image_and_a_short_one_is_said(admin_client, phantom):
    phantom.options = {"price_usd": "0.5"}
    phantom.save()
    order = {**ORDER, "generator": phantom.pk}
    for asked in (order, {**order, "launch": "yes"}):
        response = admin_client.post("/generation/launch/", asked)
        assert response.status_code == 422
        assert "One image of draws can cost 0.5 USD, and the budget is 0 USD." in text(response)
        assert b'name="launch"' not in response.content
    response = admin_client.post("/generation/launch/", {**order, "budget_usd": "1"})
    assert "The budget does not cover the whole order" in text(response)
    assert "2.00 USD at most" in text(response)
    assert not Batch.objects.exists()


EXPERIMENT = {"protocol": "adams-2023-radiographs", "budget_usd": "0"}


def test_an_experiment_is_shown_with_every_prompt_and_whose_words_they_are(admin_client, phantom):
    response = admin_client.post("/generation/launch/", {**EXPERIMENT, "generator": phantom.pk})
    page = text(response)
    assert "32 images free into “adams-2023-radiographs, draws”" in page
    assert "8 prompts, 32 images from each generator" in page
    for region in ("head", "chest", "shoulder", "abdomen", "pelvis", "hand", "knee", "ankle"):
        assert f"4 An X-ray of the {region} assumed {region}" in page
    assert '<span class="stated">An X-ray of</span> the <span class="stated">ankle</span>' in response.content.decode()
    assert "Images per prompt 4" in page.split("stated in the publication")[-1].split("assumed by us")[0]


def test_thousands_of_orders_are_priced_by_their_kinds(admin_client, phantom, django_assert_max_num_queries):
    phantom.options = {"price_usd": "0.01"}
    phantom.save()
    asked = {**EXPERIMENT, "generator": phantom.pk, "n": 600, "budget_usd": "48"}
    with django_assert_max_num_queries(20):
        page = text(admin_client.post("/generation/launch/", asked))
    assert "4800 images 48.00 USD at most" in page and "600 An X-ray of the knee" in page


@pytest.mark.django_db(transaction=True)
def test_several_generators_get_the_same_orders_or_none_gets_any(admin_client, phantom):
    other = factories.generator(name="other", provider="phantom")
    gone = factories.generator(name="gone", provider="departed")
    three = {**EXPERIMENT, "generator": [phantom.pk, other.pk, gone.pk], "regions": "knee", "launch": "yes"}
    response = admin_client.post("/generation/launch/", three)
    assert response.status_code == 422
    assert "The generator gone can't be used: no provider is named departed." in text(response)
    assert not Batch.objects.exists() and not Collection.objects.exists()
    response = admin_client.post("/generation/launch/", {**three, "generator": [phantom.pk, other.pk]}, follow=True)
    assert "Launched 2 batches" in text(response)
    assert [batch.generator.name for batch in Batch.objects.order_by("pk")] == ["draws", "other"]
    assert set(Batch.objects.values_list("collection__name", flat=True)) == {
        "adams-2023-radiographs, draws",
        "adams-2023-radiographs, other",
    }


def test_the_form_says_what_each_generator_does_and_a_broken_protocol_spoils_nothing(admin_client, settings, tmp_path):
    factories.generator(name="words", provider="gemini", model="any")
    factories.generator(name="gone", provider="departed")
    settings.PROTOCOL_FOLDERS = [str(tmp_path)]
    (tmp_path / "own.toml").write_text('title = "Own"')
    page = text(admin_client.get("/generation/launch/"))
    assert "words gemini, any text to image no inpainting no outpainting" in page
    assert "No code for the provider departed is installed." in page
    assert "The protocol own can't be read: it has no “prompts”." in page


def test_real_images_are_not_sent_out_without_licence_and_consent(admin_client, phantom):
    outside = factories.generator(name="outside", provider="openai", model="gpt-image-2")
    real = factories.collection("real", name="radiographs")
    factories.image(real, body_part="knee", view_position="AP", size=(640, 800))
    asked = {"protocol": "adams-2023-inpainting", "regions": "knee", "sources": real.pk, "budget_usd": "9"}
    page = text(admin_client.post("/generation/launch/", {**asked, "generator": outside.pk}))
    assert (
        "No consent is recorded to send images of the collection “radiographs”" in page
        and "Nothing is launched while a generator" in page
    )
    assert "4 images free" in text(admin_client.post("/generation/launch/", {**asked, "generator": phantom.pk}))


def test_what_all_generators_can_do_is_offered_where_they_cannot_do_it_all(admin_client, phantom):
    asked = {"generator": phantom.pk, "budget_usd": "0", "protocol": "adams-2023-pathology"}
    response = admin_client.post("/generation/launch/", asked)
    assert response.status_code == 422
    assert "The phantom draws radiographs; it can't draw CT." in text(response)
    assert 'name="only" value="hand, ankle, chest"' in response.content.decode()
    response = admin_client.post("/generation/launch/", {**asked, "only": "hand, ankle, chest"})
    assert response.status_code == 200
    assert "16 images free" in text(response) and 'value="hand, ankle, chest"' in response.content.decode()


def test_a_comparison_asks_for_a_second_generator_and_a_monthly_set_tells_of_its_last_run(admin_client, phantom):
    asked = {"generator": phantom.pk, "budget_usd": "0"}
    page = text(admin_client.post("/generation/launch/", {**asked, "protocol": "generators-compared"}))
    assert "This experiment compares generators: choose 2 or more." in page
    facts = protocols.load("sentinel").facts()
    batch = factories.batch(generator=phantom, protocol="sentinel", protocol_facts=facts)
    page = text(admin_client.post("/generation/launch/", {**asked, "protocol": "sentinel"}))
    assert f"({batch}), as the same set." in page
    Batch.objects.update(protocol_facts=facts | {"title": "T"})
    assert "as another set." in text(admin_client.post("/generation/launch/", {**asked, "protocol": "sentinel"}))


def test_an_experiment_that_edits_draws_its_images_and_says_what_is_missing(admin_client, phantom):
    real = factories.collection("real", name="radiographs")
    asked = {"generator": phantom.pk, "budget_usd": "0", "protocol": "adams-2023-inpainting"}
    assert "choose the collection they come from" in text(admin_client.post("/generation/launch/", asked))
    knees = [factories.image(real, body_part="knee", view_position="AP") for _ in range(5)]
    asked["sources"] = real.pk
    page = text(admin_client.post("/generation/launch/", asked))
    assert "“radiographs” has no AP or PA image of: pelvis, ankle, chest, shoulder, wrist, thoracic spine." in page
    response = admin_client.post("/generation/launch/", {**asked, "only": "knee"})
    drawn = [knee for knee in knees if str(knee.pk) in response.content.decode()]
    assert len(drawn) == 1 and "4 An X-ray of the knee assumed" in text(response)
    again = admin_client.post("/generation/launch/", {**asked, "regions": "knee"})
    assert str(drawn[0].pk) in again.content.decode()


@pytest.mark.django_db(transaction=True)
def test_a_launch_without_javascript_ends_on_the_batch(admin_client, phantom):
    response = admin_client.post(
        "/generation/launch/", {**ORDER, "generator": phantom.pk, "launch": "yes"}, follow=True
    )
    batch = Batch.objects.get()
    assert response.redirect_chain == [(f"/generation/{batch.pk}/", 302)]
    assert "A radiograph of the knee" in text(response)
    assert (batch.jobs.count(), batch.collection.name) == (4, "first phantoms")


@pytest.mark.django_db(transaction=True)
def test_launch_cancel_resume_and_settle_are_in_the_audit_trail(admin_client, phantom):
    admin_client.post("/generation/launch/", {**ORDER, "generator": phantom.pk, "budget_usd": "1", "launch": "yes"})
    batch = Batch.objects.get()
    job = batch.jobs.first()
    lose(job, Decimal("0.04"))
    assert "Cancelled 3 waiting jobs" in text(admin_client.post(f"/generation/{batch.pk}/cancel/", follow=True))
    page = admin_client.post(f"/generation/jobs/{job.pk}/settle/", {"charged": "yes", "then": "give_up"}, follow=True)
    assert "settled by a person: charged" in text(page)
    page = admin_client.post(f"/generation/{batch.pk}/resume/", {"budget_usd": "2"}, follow=True)
    assert "3 jobs wait again" in text(page)
    actions = ["batch.launched", "batch.cancelled", "job.settled", "batch.resumed"]
    assert list(AuditEntry.objects.order_by("pk").values_list("action", flat=True)) == actions


@pytest.mark.django_db(transaction=True)
def test_one_word_settles_all_unknown_jobs_a_page_showed(admin_client, phantom):
    batch = factories.batch(jobs=4, generator=phantom)
    _waiting, *lost = batch.jobs.all()
    for job in lost:
        lose(job)
    word = {"charged": "no", "then": "again"}
    address = f"/generation/{batch.pk}/settle/"
    page = text(admin_client.get(f"/generation/{batch.pk}/"))
    assert "Settle 3 unknown jobs" in page and "needs a decision" not in page
    assert "3 jobs are unknown now. Look again." in text(admin_client.post(address, {**word, "seen": 2}, follow=True))
    assert "Say both" in text(admin_client.post(address, {"charged": "no", "seen": 3}, follow=True))
    assert states(batch) == {"queued": 1, "unknown": 3}
    assert "Settled 3 jobs." in text(admin_client.post(address, {**word, "seen": 3}, follow=True))
    assert states(batch) == {"queued": 4}
    assert batch.jobs.exclude(sent_at=None).count() == 3, "what is ordered again is sent at once"
    entries = AuditEntry.objects.filter(action="job.settled").values_list("target", "detail")
    told = {"was_charged": False, "ordered_again": True}
    assert list(entries) == [(f"batch {batch.pk}, job {job.number}", told) for job in lost]


def test_a_job_lost_again_and_again_and_free_by_a_persons_word_is_resumed(admin_client, phantom):
    batch = factories.batch(generator=phantom)
    job = batch.jobs.get()
    for then in ["again"] * 4 + ["give_up"]:
        lose(job)
        admin_client.post(f"/generation/jobs/{job.pk}/settle/", {"charged": "no", "then": then})
    assert states(batch) == {"failed": 1}
    page = admin_client.post(f"/generation/{batch.pk}/resume/", {"budget_usd": "0"}, follow=True)
    assert "1 jobs wait again" in text(page)
    assert states(batch) == {"queued": 1}


def test_a_batch_says_how_long_no_worker_has_reported(admin_client, phantom, settings):
    settings.LEASE_SECONDS, settings.SWEEP_SECONDS = 300, 15
    batch = factories.batch(jobs=2, generator=phantom)
    for job in batch.jobs.all():
        lifecycle.claim(job.pk)
    assert "No worker has reported" not in text(admin_client.get(f"/generation/{batch.pk}/"))
    batch.jobs.update(lease_until=Now() + timedelta(seconds=259.9))
    page = text(admin_client.get(f"/generation/{batch.pk}/"))
    due = batch.jobs.first().lease_until + timedelta(seconds=15)
    assert re.search(r"No worker has reported on 2 running jobs for 4\d s\.", page)
    assert f"its jobs are taken back by {due:%H:%M:%S} at the latest" in page
    batch.jobs.update(lease_until=Now() - timedelta(seconds=60))
    assert "should have been taken back by now" in text(admin_client.get(f"/generation/{batch.pk}/"))


def lose(job: Job, reserved_usd: Decimal = Decimal(0)) -> None:
    """As if the worker that had begun this job's order had died."""
    attempt = lifecycle.begin(job.pk, token := lifecycle.claim(job.pk), uuid4(), reserved_usd)
    lifecycle.lose(attempt, token, "no answer")


def test_the_list_asks_the_same_number_of_questions_however_long_it_is(
    admin_client, phantom, django_assert_num_queries
):
    for count in (1, 8):
        while Batch.objects.count() < count:
            factories.batch(jobs=3, generator=phantom)
        with django_assert_num_queries(5):
            admin_client.get("/generation/")
        with django_assert_num_queries(12):
            admin_client.get(f"/generation/{Batch.objects.latest('pk').pk}/")


@pytest.mark.parametrize("state", ["strange", "%00", "failed%27"])
def test_a_state_that_does_not_exist_filters_nothing(admin_client, phantom, state):
    batch = factories.batch(generator=phantom)
    response = admin_client.get(f"/generation/{batch.pk}/?state={state}")
    assert "An X-ray of a hand" in text(response)


def test_a_refusal_shows_its_words(admin_client, fake, order):
    from generation import runner

    fake.script = ["refusal"]
    batch = order()
    runner.run(batch.jobs.get().pk)
    page = text(admin_client.get(f"/generation/jobs/{batch.jobs.get().pk}/"))
    assert "not allowed by our policy" in page and "moderation_blocked" in page and "at the input" in page


def test_what_a_person_wrote_is_shown_as_text(admin_client, phantom):
    job = factories.batch(generator=phantom).jobs.get()
    Job.objects.filter(pk=job.pk).update(prompt="<script>alert(1)</script>", state_reason="<b>")
    for address in (f"/generation/{job.batch_id}/", f"/generation/jobs/{job.pk}/"):
        assert b"<script>alert" not in admin_client.get(address).content


def test_a_batch_is_watched_live_and_the_watching_ends_with_it(page, client, fake, order, start_fake_worker, start_web):
    """In Chromium: pictures arrive without a reload, the poll stops, and cancel and settle work."""
    fake.script = ["wait", "drop", "refusal", "image"]
    web = start_web()
    batch = order(6)
    sign_in(page, web.url, client)
    page.goto(f"{web.url}/generation/{batch.pk}/")
    assert page.locator("table.jobs img").count() == 0
    start_fake_worker(LEASE_SECONDS=60)  # the call that waits must outlast the page's polls
    page.locator("table.jobs img").first.wait_for(timeout=30_000)
    fake.gate.set()
    eventually(lambda: is_ended(batch), 30)
    expect(page.locator("#batch[hx-trigger]")).to_have_count(0)
    page.get_by_text("needs a decision").wait_for()
    assert states(batch) == {"succeeded": 4, "unknown": 1, "refused": 1}
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.wait_for_timeout(1500)
    assert asked == []
    page.get_by_role("link", name="1 unknown").click()
    page.locator("table.jobs tbody a").first.click()
    page.get_by_label("It was not charged").check()
    page.get_by_label("Leave it").check()
    page.get_by_role("button", name="Settle").click()
    page.get_by_text("Settled.").wait_for()
    assert states(batch)["failed"] == 1


def test_the_form_counts_and_prices_while_it_is_filled_in(page, client, transactional_db, start_web):
    web = start_web()
    factories.generator(name="draws", provider="phantom", options={"price_usd": "0.05"})
    sign_in(page, web.url, client)
    page.goto(f"{web.url}/generation/launch/")
    page.get_by_label("Protocol").select_option("phantom-mixed")
    page.get_by_label("Name of the new collection").fill("mixed")
    page.get_by_label("Budget in US dollars").fill("9")
    page.get_by_label("Budget in US dollars").blur()
    page.get_by_text("1.20 USD at most").wait_for()
    page.get_by_role("button", name="Launch", exact=True).click()
    page.get_by_role("heading", name="Batch").wait_for()
    assert Batch.objects.get().jobs.count() == 24


def sign_in(page, url: str, client) -> None:
    """Open the browser's session as an admin."""
    client.force_login(factories.admin())
    page.context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": url}])
