"""A batch is watched, paused, let go on and gone through job by job; looking on stays cheap however large it is."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from generation import batches, lifecycle, pacing, progress, reaper
from generation.models import Attempt, Batch, Job
from generation.provider import Delivery, ErrorKind, JobHandle, ProviderError, Refusal
from radiorate.accounts.models import AuditEntry
from tests import factories
from tests.generation.observing import states
from tests.generation.test_pages import text

DELIVERY = Delivery(b"", "image/png", cost_usd=Decimal(0))


@pytest.fixture
def admin_client(client, db):
    client.force_login(factories.admin())
    return client


def begin(job: Job) -> tuple[Attempt, object]:
    token = lifecycle.claim(job.pk)
    return lifecycle.begin(job.pk, token, uuid4(), Decimal(0)), token


def row_of(batch: Batch) -> progress.Progress:
    return progress.of(Batch.objects.with_progress().get(pk=batch.pk))


def ended(batch: Batch, jobs: int, every: float, quiet: float = 0) -> None:
    """As if so many jobs had ended, one in `every` seconds, the last one `quiet` seconds ago."""
    for place, job in enumerate(batch.jobs.filter(state="queued")[:jobs]):
        at = Now() - timedelta(seconds=quiet + every * place)
        Job.objects.filter(pk=job.pk).update(state="succeeded", finished_at=at)


# -- pause and go on -------------------------------------------------------------------------------------------------
def test_a_paused_batch_begins_nothing_and_ends_what_was_begun(admin_client):
    batch = factories.batch(jobs=4)
    begun, claimed, polled, _waiting = batch.jobs.all()
    attempt, token = begin(begun)
    late = lifecycle.claim(claimed.pk)
    taken, its_token = begin(polled)
    lifecycle.keep_handle(taken, its_token, JobHandle("at the provider"))
    lifecycle.give_up(attempt, token, ProviderError(ErrorKind.THROTTLED, "429", "later"))
    Job.objects.filter(pk=polled.pk).update(state="queued", claim=None)
    page = text(admin_client.post(f"/generation/{batch.pk}/pause/", follow=True))
    assert "Paused: 2 jobs wait" in page and "Go on" in page and "pausing" in page
    assert lifecycle.begin(claimed.pk, late, uuid4(), Decimal(0)) is None, "claimed and not begun: it waits"
    assert Job.objects.get(pk=claimed.pk).tries == 0
    assert set(batch.jobs.filter(on_hold=True)) == set(batch.jobs.exclude(pk=polled.pk))
    assert lifecycle.claim(polled.pk), "an order the provider has taken is polled on"
    assert reaper.sweep().sent_again == 0
    assert "already" in text(admin_client.post(f"/generation/{batch.pk}/pause/", follow=True))
    assert "3 jobs go on" in text(admin_client.post(f"/generation/{batch.pk}/go-on/", follow=True))
    assert not batch.jobs.filter(on_hold=True).exists()
    assert "isn't paused" in text(admin_client.post(f"/generation/{batch.pk}/go-on/", follow=True))
    actions = AuditEntry.objects.order_by("pk").values_list("action", "detail")
    assert list(actions) == [("batch.paused", {"jobs": 2}), ("batch.gone_on", {"jobs": 3})]


def test_a_job_that_is_claimed_as_the_pause_comes_is_begun_without_the_check(monkeypatch, db):
    """The control: only the question under the batch's lock keeps a claimed job from being sent in a paused batch."""
    batch = factories.batch()
    token = lifecycle.claim(batch.jobs.get().pk)
    lifecycle.pause(batch.pk)
    Batch.objects.filter(pk=batch.pk).update(paused_at=None)
    assert lifecycle.begin(batch.jobs.get().pk, token, uuid4(), Decimal(0)) is not None


def test_a_step_that_waits_for_another_goes_on_waiting(db):
    batch = factories.batch(jobs=2)
    first, second = batch.jobs.all()
    Job.objects.filter(pk=second.pk).update(after=first, on_hold=True)
    lifecycle.pause(batch.pk)
    assert lifecycle.go_on(batch.pk) == [first.pk]
    assert Job.objects.get(pk=second.pk).on_hold


def test_a_batch_on_hold_leaves_its_generators_slots_to_others(db):
    generator = factories.generator(slots=2)
    paused = factories.batch(jobs=2, generator=generator)
    paused.jobs.update(sent_at=Now())
    assert pacing.room(generator) == 0, "their messages are out"
    lifecycle.pause(paused.pk)
    assert pacing.room(generator) == 2


def test_what_was_cancelled_while_paused_waits_for_no_further_word(db):
    batch = factories.batch(jobs=2)
    lifecycle.pause(batch.pk)
    lifecycle.cancel(batch.pk, "no more")
    assert lifecycle.go_on(batch.pk) == [], "from a page that showed it paused"
    assert len(lifecycle.resume(batch.pk)) == 2
    assert not batch.jobs.filter(on_hold=True).exists()


def test_going_on_leaves_the_steps_of_other_batches_alone(db):
    one, other = factories.batch(), factories.batch(jobs=2)
    first, second = other.jobs.all()
    Job.objects.filter(pk=first.pk).update(state="succeeded", finished_at=Now())
    Job.objects.filter(pk=second.pk).update(after=first, on_hold=True)
    lifecycle.pause(one.pk)
    assert lifecycle.go_on(one.pk) == [one.jobs.get().pk]
    assert Job.objects.get(pk=second.pk).on_hold
    assert lifecycle.next_steps() == [second.pk]


# -- one job again ---------------------------------------------------------------------------------------------------
ENDS = {
    "rejected": lambda attempt, token: lifecycle.give_up(
        attempt, token, ProviderError(ErrorKind.REJECTED, "400", "no such size")
    ),
    "spoilt": lambda attempt, token: lifecycle.spoil(attempt, token, DELIVERY, "no picture"),
    "refused": lambda attempt, token: lifecycle.refuse(attempt, token, Refusal("input", "policy", "not allowed")),
    "lost": lambda attempt, token: lifecycle.lose(attempt, token, "no answer"),
    "succeeded": lambda attempt, token: lifecycle.succeed(attempt, token, DELIVERY),
}


@pytest.mark.parametrize(
    ("end", "freely", "by_word"),
    [
        ("rejected", True, True),
        ("spoilt", False, True),
        ("refused", False, False),
        ("lost", False, False),
        ("succeeded", False, False),
    ],
)
def test_only_what_surely_cost_nothing_is_ordered_again_without_a_persons_word(admin_client, end, freely, by_word):
    job = factories.batch().jobs.get()
    ENDS[end](*begin(job))
    page = text(admin_client.get(f"/generation/jobs/{job.pk}/"))
    assert ("Nothing was charged" in page) == freely
    assert ("worth another charge" in page) == (by_word and not freely)
    admin_client.post(f"/generation/jobs/{job.pk}/retry/")
    assert (states(job.batch) == {"queued": 1}) == freely
    admin_client.post(f"/generation/jobs/{job.pk}/retry/", {"even_if_charged": "on"})
    assert (states(job.batch) == {"queued": 1}) == by_word
    assert AuditEntry.objects.filter(action="job.ordered_again").count() == by_word


def test_nothing_is_ordered_again_in_a_stopped_batch(admin_client):
    batch = factories.batch()
    batches.cancel(batch, factories.admin())
    address = f"/generation/jobs/{batch.jobs.get().pk}/"
    assert "Order it again" not in text(admin_client.get(address))
    assert "The batch is stopped" in text(admin_client.post(f"{address}retry/", follow=True))
    assert states(batch) == {"cancelled": 1}


# -- how far it is ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("done", "every", "quiet", "words", "poll"),
    [
        (0, 1, 0, "", 5),  # launched an hour ago and nothing has ended
        (4, 1, 0, "", 1),
        (10, 2, 0, "about 20 s left", 1),  # 10 left, one in two seconds
        (10, 2, 18, "about 40 s left", 2),  # nothing has ended for 18 seconds: the estimate grows
        (10, 60, 0, "about 10 min left", 1),
        (10, 60, 3600, "", 5),  # the last one ended an hour ago: nobody knows
    ],
)
def test_the_time_left_is_said_when_there_is_something_to_go_by(db, done, every, quiet, words, poll):
    batch = factories.batch(jobs=20, created_at=timezone.now() - timedelta(hours=1))
    ended(batch, done, every, quiet)
    pace = progress.pace(row_of(batch))
    assert (pace.words, pace.poll_seconds) == (words, poll)


def test_nothing_is_asked_when_nothing_can_change_and_seldom_while_paused(admin_client):
    batch = factories.batch(jobs=8)
    address = f"/generation/{batch.pk}/"
    assert b'hx-trigger="every 1s"' in admin_client.get(address).content
    lifecycle.pause(batch.pk)
    ended(batch, 6, 1)
    assert b'hx-trigger="every 10s"' in admin_client.get(address).content
    assert progress.pace(row_of(batch)).words == ""
    lifecycle.go_on(batch.pk)
    ended(batch, 2, 1)
    assert b"hx-trigger" not in admin_client.get(address).content


def test_looking_on_asks_the_same_of_five_thousand_jobs_as_of_five(admin_client, django_assert_num_queries):
    batch = factories.batch(jobs=5)
    for view in ("table", "grid"):
        with django_assert_num_queries(7):
            admin_client.get(f"/generation/{batch.pk}/?view={view}", headers={"HX-Request": "true"})
    job = batch.jobs.first()
    Job.objects.bulk_create(
        [Job(batch=batch, number=number, mode=job.mode, prompt=job.prompt) for number in range(6, 5001)]
    )
    for query in ("", "page=100", "view=grid&page=53", "state=queued&page=7"):
        with django_assert_num_queries(7):
            page = admin_client.get(f"/generation/{batch.pk}/?{query}", headers={"HX-Request": "true"})
        assert page.content.count(b'id="job-') <= 96
    assert b'id="job-' in admin_client.get(f"/generation/{batch.pk}/?page=100").content
    assert "Page 100 of 100" in text(admin_client.get(f"/generation/{batch.pk}/?page=999"))


# -- in a browser ----------------------------------------------------------------------------------------------------
def test_jobs_are_gone_through_with_the_arrow_keys(page, client, transactional_db, start_web):
    web = start_web()
    batch = factories.batch(jobs=60)
    batch.jobs.update(state="failed", state_reason="the service said no")
    client.force_login(factories.admin())
    page.context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": web.url}])
    page.goto(f"{web.url}/generation/{batch.pk}/")
    page.get_by_role("link", name="Grid").click()
    focused = page.locator("[data-job]:focus .caption")
    page.locator("#jobs:focus").wait_for()
    page.keyboard.press("ArrowRight")
    assert focused.inner_text().startswith("1 ·")
    page.keyboard.press("ArrowRight")
    assert focused.inner_text().startswith("2 ·")
    page.keyboard.press("End")
    assert focused.inner_text().startswith("60 ·")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowDown")
    assert focused.inner_text().startswith("60 ·")
    page.get_by_role("link", name="Table").click()
    page.wait_for_url("**/?#jobs")
    page.locator("#jobs:focus").wait_for()
    page.keyboard.press("End")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**page=2*")
    page.locator("[data-job]").last.focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Job 60", exact=True).wait_for()
    page.keyboard.press("ArrowLeft")
    page.get_by_role("heading", name="Job 59", exact=True).wait_for()
    page.get_by_role("button", name="Order it again").click()
    page.get_by_text("The job waits again.").wait_for()
    assert states(batch) == {"failed": 59, "queued": 1}


def test_the_page_asks_less_often_while_nothing_happens(page, client, transactional_db, start_web):
    web = start_web()
    batch = factories.batch(jobs=2)
    lifecycle.pause(batch.pk)
    client.force_login(factories.admin())
    page.context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": web.url}])
    page.goto(f"{web.url}/generation/{batch.pk}/")
    live = page.locator("#batch")
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("button", name="Pause").wait_for()
    assert "every 1s" in live.get_attribute("hx-trigger")
    lifecycle.pause(batch.pk)
    page.get_by_role("button", name="Go on").wait_for()  # it has asked by itself
    assert "every 10s" in live.get_attribute("hx-trigger")
