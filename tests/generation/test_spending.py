"""Prices, the month's limit, slots and pauses: what lets a call begin, asked under locks by many workers at once."""

import contextlib
import threading
from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db.models.functions import Now

from generation import batches, beginning, lifecycle, pacing, progress, reaper, restoring, sending, spending
from generation.models import Attempt, Batch, Generator, Home, Job
from generation.provider import Delivery, ErrorKind, ProviderError
from radiorate.accounts.models import AuditEntry
from tests import factories
from tests.generation.observing import outcomes, states
from tests.generation.test_runner import overspend, run_all

USD = Decimal("0.04")


@pytest.fixture
def priced(generator) -> Generator:
    """The fake, with a price list as a real service has one, and without a word on what a call has cost."""
    generator.options["rate"] = "image"
    generator.save()
    return generator


def begin(job: Job, usd: str = "0") -> Attempt | None:
    token = lifecycle.claim(job.pk)
    assert token
    return lifecycle.begin(job.pk, token, uuid4(), Decimal(usd))


def throttle(attempt: Attempt, seconds: float = 60) -> None:
    error = ProviderError(ErrorKind.THROTTLED, "429", "too many", retry_after_seconds=seconds)
    lifecycle.give_up(attempt, attempt.claim, error)


# -- prices ------------------------------------------------------------------------------------------------------------
def test_a_missing_price_forbids_the_launch_in_one_sentence(priced, order):
    with pytest.raises(batches.Impossible, match=r"^The price list of fake-1 lacks the price of: image\.$"):
        order(2)
    assert not Batch.objects.exists()


def test_the_price_in_force_is_reserved_and_is_charged_where_no_cost_is_told(priced, order, fake):
    fake.tells_cost = False
    for usd, since in (("0.02", date(2020, 1, 1)), ("0.0336", date(2024, 1, 1)), ("9", date(2999, 1, 1))):
        priced.prices.create(rate="image", usd=Decimal(usd), since=since)
    batch = order()
    run_all(batch)
    attempt = Attempt.objects.get()
    assert (attempt.reserved_usd, attempt.actual_usd, attempt.by_price_list) == (
        Decimal("0.0336"),
        Decimal("0.0336"),
        True,
    )
    assert progress.of(Batch.objects.with_progress().get()).charged_usd == Decimal("0.0336")


def test_a_cost_is_never_shown_lower_than_it_was_told(db):
    batch = factories.batch(budget_usd=1)
    attempt = begin(batch.jobs.get(), "0.00000001")
    assert Attempt.objects.get(pk=attempt.pk).reserved_usd == Decimal("0.000001")


# -- the month ---------------------------------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("is_locked", "bought"), [(True, 1), (False, 2)])
def test_the_monthly_limit_holds_over_batches_and_without_its_lock_would_not(
    fake, order, settings, monkeypatch, is_locked, bought
):
    """Two workers with different generators look at the month before either spends; with the lock the second waits."""
    settings.LEASE_SECONDS = 30
    spending.set_monthly_usd(Decimal("0.04"), factories.admin())
    if not is_locked:
        monkeypatch.setattr(spending, "LOCK", "")
    queryset, both_looked = type(Attempt.objects.all()), threading.Barrier(2)
    this_month = queryset.this_month

    def looked_at_together(attempts):
        found = this_month(attempts)
        most = found.most_usd()
        with contextlib.suppress(threading.BrokenBarrierError):
            both_looked.wait(timeout=0.5 if is_locked else 20)
        monkeypatch.setattr(found, "most_usd", lambda: most)
        return found

    monkeypatch.setattr(queryset, "this_month", looked_at_together)
    first, second = order(), order()
    second.generator = factories.generator(provider="fake", options=first.generator.options)
    second.save()
    together(first, second)
    assert len(fake.billed) == bought


@pytest.mark.django_db(transaction=True)
def test_forty_launches_pass_neither_the_month_nor_their_budgets(fake, order, settings):
    """Many small batches at once, the limit lowered meanwhile: the provider's ledger never passes it."""
    settings.LEASE_SECONDS = 30
    spending.set_monthly_usd(Decimal("0.60"), factories.admin())
    launched = [order(2, budget="0.04") for _ in range(40)]
    overspend(Job.objects.filter(batch__in=launched[:10]))
    assert len(fake.billed) == 10
    spending.set_monthly_usd(Decimal("0.44"), factories.admin())
    overspend(Job.objects.filter(batch__in=launched[10:]))
    assert len(fake.billed) == 11
    assert all(progress.of(batch).most_usd <= USD for batch in Batch.objects.with_progress())
    assert all(states(batch)["succeeded"] <= 1 for batch in launched)
    reasons = set(Job.objects.filter(state="cancelled").values_list("state_reason", flat=True))
    assert "the monthly limit of 0.44 USD has no room for another call" in reasons
    assert AuditEntry.objects.filter(action="spending.limited").count() == 2


def test_what_was_spent_in_another_month_does_not_count(db):
    first, second = factories.batch(jobs=2, budget_usd=10).jobs.all()
    spending.set_monthly_usd(Decimal("0.05"), factories.admin())
    assert begin(first, "0.04")
    Attempt.objects.update(begun_at=Now() - timedelta(days=32))
    assert begin(second, "0.04")


# -- slots, calls a minute, pauses -------------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("is_locked", "begun"), [(True, 1), (False, 2)])
def test_slots_hold_over_batches_and_without_their_lock_would_not(
    fake, order, generator, settings, monkeypatch, is_locked, begun
):
    settings.LEASE_SECONDS = 30
    Generator.objects.update(slots=1)
    look, looks, both_looked = pacing._open_calls, [], threading.Barrier(2)

    def looked_at_together(of):
        count = look(of)
        with contextlib.suppress(threading.BrokenBarrierError):
            both_looked.wait(timeout=0.5 if is_locked else 20)
        looks.append(count)
        if len(looks) == 2:
            fake.gate.set()  # the first call lasts until the second worker has looked
        return count

    monkeypatch.setattr(pacing, "_open_calls", looked_at_together)
    if not is_locked:
        monkeypatch.setattr(beginning, "LOCKS", "")
        monkeypatch.setattr(spending, "LOCK", "")  # behind which the second would wait to look
    fake.script = ["wait"]
    together(order(), order())
    assert len(fake.calls) == begun


def test_money_that_calls_at_work_have_reserved_is_waited_for_and_money_that_is_spent_is_not(db):
    batch = factories.batch(jobs=3, generator=factories.generator(), budget_usd=Decimal("1"))
    first, second, third = batch.jobs.all()
    attempt = begin(first, "0.80")
    assert begin(second, "0.80") is None
    second.refresh_from_db()
    assert (second.state, second.tries) == ("queued", 0)
    assert "while others are at work" in second.state_reason
    lifecycle.spoil(attempt, attempt.claim, Delivery(b"", "image/png", cost_usd=Decimal("0.30")), "no picture")
    Job.objects.update(not_before=None)
    assert begin(third, "0.80") is None
    third.refresh_from_db()
    assert third.state == "cancelled", "0.30 are spent, so 0.80 never fit again"
    assert begin(second, "0.70")


def test_a_job_that_finds_no_slot_waits_without_using_up_a_try(db):
    generator = factories.generator(slots=1)
    first, second = factories.batch(jobs=2, generator=generator).jobs.all()
    assert begin(first)
    assert begin(second) is None
    second.refresh_from_db()
    assert (second.state, second.tries, second.claim) == ("queued", 0, None)
    assert "slots" in second.state_reason
    assert second.not_before is not None


def test_calls_a_minute_are_counted_by_the_clock_of_the_database(db):
    generator = factories.generator(per_minute=2)
    jobs = list(factories.batch(jobs=4, generator=generator).jobs.all())
    assert [begin(job) is not None for job in jobs[:3]] == [True, True, False]
    held = Job.objects.get(pk=jobs[2].pk)
    earliest = Attempt.objects.order_by("begun_at").first()
    assert held.not_before == earliest.begun_at + timedelta(minutes=1)
    Attempt.objects.update(begun_at=Now() - timedelta(seconds=61))
    assert begin(jobs[3])


def test_only_as_many_messages_go_out_as_there_are_slots(fake, order, generator, transactional_db):
    Generator.objects.update(slots=2)
    batch = order(5)
    assert batch.jobs.exclude(sent_at=None).count() == 2
    fake.script = ["image"]
    run_all(batch)  # each end of a call sends the next
    assert states(batch) == {"succeeded": 5}
    assert not batch.jobs.filter(sent_at=None).exists()


def test_a_pause_holds_every_job_of_the_connection_and_no_other(db):
    sharing = [factories.generator(provider="phantom", connection=name) for name in ("", "Phantom")]
    apart = factories.generator(connection="elsewhere")
    first, *others = [factories.batch(generator=generator).jobs.get() for generator in (*sharing, apart)]
    throttle(begin(first))
    assert [lifecycle.claim(job.pk) is not None for job in others] == [False, True]
    late = factories.batch(generator=sharing[1]).jobs.get()
    assert begin(late) is None
    late.refresh_from_db()
    assert (late.state, late.tries) == ("queued", 0)
    assert late.not_before == Generator.objects.get(pk=sharing[1].pk).held_until


@pytest.mark.parametrize(("told", "kept"), [(7_200, 7_200), (10**9, 86_400)])
def test_a_pause_is_as_long_as_the_provider_says_but_a_day_at_most(db, told, kept):
    job = factories.batch().jobs.get()
    throttle(begin(job), told)
    held_until = Generator.objects.get(pk=job.batch.generator_id).held_until
    assert abs((held_until - job.attempts.get().begun_at).total_seconds() - kept) < 60


def test_a_shorter_pause_does_not_end_a_longer_one(db):
    first, second = factories.batch(jobs=2).jobs.all()
    attempts = begin(first), begin(second)
    throttle(attempts[0], 60)
    until = Generator.objects.get(pk=first.batch.generator_id).held_until
    throttle(attempts[1], 1)
    assert Generator.objects.get(pk=first.batch.generator_id).held_until == until


# -- restores ----------------------------------------------------------------------------------------------------------
def test_after_a_restore_nothing_is_sent_until_an_admin_says_so(fake, order, transactional_db):
    restoring.come_home()
    batch = order(2)
    sending.send(list(batch.jobs.values_list("pk", flat=True)))
    Home.objects.update(identity="the database of yesterday")
    batch.jobs.update(sent_at=None)
    run_all(batch)
    assert reaper.sweep().sent_again == 0
    assert (fake.calls, states(batch), outcomes(batch)) == ([], {"queued": 2}, [])
    assert batch.jobs.first().state_reason == restoring.REASON
    restoring.come_home()
    run_all(batch)
    assert states(batch) == {"succeeded": 2}


def together(*launched: Batch) -> None:
    """Run the batches' jobs, one thread a batch."""
    overspend(Job.objects.filter(batch__in=launched), workers=len(launched))
