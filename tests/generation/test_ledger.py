"""The ledger's page, file and command say what the rows say; generators and prices are an admin's, keys nobody's."""

import csv
import io
from datetime import timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from generation import ledger, lifecycle, spending
from generation.models import Attempt, Batch, Generator, Home, Price
from radiorate.accounts.models import AuditEntry
from tests import factories
from tests.generation.observing import states

HEADER = (
    "batch,job,attempt,provider,model,mode,idempotency_key,outcome,reserved_cost,actual_cost,currency,"
    "provider_request_id,started_at,ended_at"
)


@pytest.fixture
def admin_client(client, db):
    client.force_login(factories.admin())
    return client


def attempt(batch: Batch, outcome: str, reserved: str, actual: str | None, **fields) -> Attempt:
    job = factories.job(batch, state=fields.pop("state", "succeeded"))
    usd = None if actual is None else Decimal(actual)
    fields = {"outcome": outcome, "reserved_usd": Decimal(reserved), "actual_usd": usd, "claim": uuid4()} | fields
    return Attempt.objects.create(job=job, number=1, **fields)


@pytest.fixture
def spent(db) -> Batch:
    """A batch with a call of every kind, 0.07 charged and 0.15 more at most."""
    batch = factories.batch(jobs=0, generator=factories.generator(name="paid", provider="phantom", model="=1+1"))
    attempt(batch, "delivered", "0.04", "0.0300")
    attempt(batch, "delivered", "0.04", "0.04", by_price_list=True, provider_request_id="@cmd")
    attempt(batch, "throttled", "0.04", "0", state="queued")
    attempt(batch, "begun", "0.05", None, state="queued")
    attempt(batch, "refused", "0.06", None, state="refused")
    attempt(batch, "lost", "0.04", None, state="unknown")
    return batch


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_the_sums_are_charged_reserved_and_not_known(spent):
    total = ledger.total(Attempt.objects.all())
    told = (total.attempts, total.charged_usd, total.listed_usd, total.open_usd, total.unknown_usd)
    assert told == (6, Decimal("0.07"), Decimal("0.04"), Decimal("0.05"), Decimal("0.10"))
    assert total.most_usd == Attempt.objects.all().most_usd()
    line = ledger.by_month_and_batch(Attempt.objects.all()).get()
    assert (line["batch"], line["generator"], line["charged_usd"]) == (spent.pk, "paid", Decimal("0.07"))


def test_the_page_filters_by_month_generator_and_outcome(spent, admin_client):
    earlier = factories.batch(jobs=0, generator=factories.generator(name="earlier"))
    then = timezone.now() - timedelta(days=62)
    attempt(earlier, "delivered", "0.50", "0.50", begun_at=then)
    url = reverse("generation:ledger")
    assert admin_client.get(url).context["total"].charged_usd == Decimal("0.57")
    for chosen, usd in (
        ({"month": f"{then:%Y-%m}"}, "0.50"),
        ({"generator": "paid"}, "0.07"),
        ({"outcome": "lost"}, "0"),
        ({"generator": "gone", "month": "1999-99"}, "0.57"),  # a filter that can't be read hides nothing
    ):
        assert admin_client.get(url, chosen).context["total"].charged_usd == Decimal(usd)


def test_a_page_of_many_batches_asks_as_often_as_one_of_few(spent, admin_client, django_assert_max_num_queries):
    for _ in range(30):
        attempt(factories.batch(jobs=0, generator=spent.generator), "delivered", "1", "1")
    with django_assert_max_num_queries(20):
        page = admin_client.get(reverse("generation:ledger")).content.decode()
    assert "Page 1 of 2" in page


def test_file_and_command_hold_the_same_rows_and_no_formula(spent, admin_client, capsys):
    answer = admin_client.post(reverse("generation:export_ledger"))
    told = b"".join(answer.streaming_content).decode()
    call_command("export_ledger", batch=spent.pk)
    assert capsys.readouterr().out == told
    assert told.splitlines()[0] == HEADER
    first, second, *_, lost = rows(told)
    assert (first["batch"], first["job"], first["attempt"]) == (str(spent.pk), "1", "1")
    assert (first["reserved_cost"], first["actual_cost"], first["currency"]) == ("0.040000", "0.030000", "USD")
    assert (first["model"], second["provider_request_id"]) == ("'=1+1", "'@cmd")
    assert (lost["outcome"], lost["actual_cost"], lost["ended_at"]) == ("lost", "", "")
    assert {UUID(row["idempotency_key"]) for row in rows(told)} == set(
        Attempt.objects.values_list("idempotency_key", flat=True)
    )
    assert first["started_at"].endswith("Z")
    assert AuditEntry.objects.filter(action="ledger.exported").count() == 2


def test_the_command_takes_a_month_or_a_batch_and_says_what_is_wrong(spent, capsys):
    call_command("export_ledger", month="1999-12")
    assert capsys.readouterr().out == f"{HEADER}\n"
    call_command("export_ledger", month=f"{timezone.now():%Y-%m}")
    assert len(rows(capsys.readouterr().out)) == 6
    for wrong in ({"month": "November"}, {"batch": 10**6}):
        with pytest.raises(CommandError):
            call_command("export_ledger", **wrong)


def test_the_monthly_limit_is_edited_and_the_trail_keeps_it(admin_client):
    for text, stored in (("12.50", Decimal("12.50")), ("-1", Decimal("12.50")), ("", None)):
        admin_client.post(reverse("generation:set_limit"), {"monthly_usd": text})
        assert spending.monthly_usd() == stored
    assert AuditEntry.objects.filter(action="spending.limited").count() == 2


def test_what_nobody_knows_is_settled_by_one_word(spent, admin_client):
    page = admin_client.get(reverse("generation:ledger"))
    assert page.context["unsettled_count"] == 2
    chosen = [found.pk for found in page.context["unsettled"]]
    nonsense = {"attempt": ["²", "9" * 5000], "charged": "yes", "then": "give_up"}
    assert admin_client.post(reverse("generation:settle_attempts"), nonsense).status_code == 302
    word = {"attempt": chosen, "charged": "yes", "then": "give_up"}
    assert (
        "Settled 2 of 2."
        in admin_client.post(reverse("generation:settle_attempts"), word, follow=True).content.decode()
    )
    settled = Attempt.objects.filter(pk__in=chosen)
    assert [(row.actual_usd, row.by_price_list) for row in settled] == [(row.reserved_usd, True) for row in settled]
    assert states(spent)["unknown"] == 0
    assert not ledger.unsettled().exists()
    assert AuditEntry.objects.filter(action__in=["job.settled", "refusal.settled"]).count() == 2


def test_a_running_batchs_budget_is_lowered_and_holds_for_the_next_call(admin_client):
    batch = factories.batch(jobs=1, budget_usd=1)
    assert b"Store the budget" in admin_client.get(reverse("generation:batch", args=[batch.pk])).content
    admin_client.post(reverse("generation:set_budget", args=[batch.pk]), {"budget_usd": "0.01"})
    job = batch.jobs.get()
    assert lifecycle.begin(job.pk, lifecycle.claim(job.pk), uuid4(), Decimal("0.04")) is None
    assert states(batch) == {"cancelled": 1}
    assert AuditEntry.objects.get(action="batch.budget_set").detail == {"from_usd": "1.0000", "to_usd": "0.01"}


def test_a_restored_database_is_told_and_released_on_the_ledger(admin_client):
    waiting = factories.batch(jobs=2)
    assert b"restored from a backup" not in admin_client.get(reverse("generation:ledger")).content
    Home.objects.update_or_create(pk=1, defaults={"identity": "yesterday"})
    for name in ("ledger", "batches"):
        assert b"restored from a backup" in admin_client.get(reverse(f"generation:{name}")).content
    admin_client.post(reverse("generation:resume_after_restore"))
    assert b"restored from a backup" not in admin_client.get(reverse("generation:ledger")).content
    assert states(waiting) == {"cancelled": 2}
    assert AuditEntry.objects.filter(action="generation.resumed_after_restore").exists()


# -- generators --------------------------------------------------------------------------------------------------------
FIELDS = {"name": "mine", "provider": "phantom", "model": "", "options": "{}", "connection": "", "is_active": "on"}


def test_a_generator_is_made_priced_and_switched_off(admin_client, settings, monkeypatch):
    settings.PROVIDER_PACKAGES = ["generation.providers", "tests.generation.providers"]
    settings.API_KEYS = {"FAKE": "a-canary-key"}
    settings.BASE_URLS = {"FAKE": "https://canary.example"}
    asked = FIELDS | {"provider": "fake", "options": '{"url": "http://127.0.0.1:1", "rate": "image"}'}
    assert admin_client.post(reverse("generation:new_generator"), asked).status_code == 302
    made = Generator.objects.get(name="mine")
    url = reverse("generation:generator", args=[made.pk])
    price = {"rate": "image", "usd": "0.0336", "since": "2026-01-01", "source": "the provider's price page"}
    assert admin_client.post(reverse("generation:add_price", args=[made.pk]), price).status_code == 302
    assert Price.objects.get().added_by is not None
    page = admin_client.get(url).content.decode() + admin_client.get(reverse("generation:generators")).content.decode()
    assert "0.0336" in page
    assert "FAKE_BASE_URL" in page
    assert "canary" not in page
    off = {name: value for name, value in asked.items() if name != "is_active"}
    admin_client.post(url, off | {"slots": "4", "per_minute": "60"})
    made.refresh_from_db()
    assert (made.is_active, made.slots, made.per_minute) == (False, 4, 60)
    assert list(AuditEntry.objects.values_list("action", flat=True).order_by("pk")) == [
        "generator.created",
        "generator.priced",
        "generator.changed",
    ]


def test_what_images_were_made_with_stays_as_it_was(admin_client):
    made = factories.generator(name="used", options={"defect_rate": 0.5})
    factories.batch(generator=made)
    url = reverse("generation:generator", args=[made.pk])
    admin_client.post(url, FIELDS | {"name": "other", "options": '{"defect_rate": 1}', "slots": "2"})
    made.refresh_from_db()
    assert (made.name, made.options, made.slots) == ("used", {"defect_rate": 0.5}, 2)


@pytest.mark.parametrize(
    "wrong", [{"options": "[1]"}, {"options": "{"}, {"slots": "0"}, {"name": "with space"}, {"provider": "gone"}]
)
def test_a_generator_that_cannot_be_is_not_stored(admin_client, wrong):
    answer = admin_client.post(reverse("generation:new_generator"), FIELDS | wrong)
    assert answer.status_code == 422
    assert not Generator.objects.filter(name__in=["mine", "with space"]).exists()


@pytest.mark.parametrize(
    ("provider", "model", "options", "sentence"),
    [
        ("phantom", "", '{"defect_rat": 0.2}', "There is no option defect_rat; there are: body_part"),
        ("phantom", "", '{"defect_rate": 2}', "The defect rate is a share from 0 to 1."),
        ("openai", "gpt-image-2", '{"qualty": "low"}', "There is no option qualty; there are: background"),
        ("openai", "gpt-image-2", '{"output_format": "gif"}', "The output format is one of: png, jpeg, webp."),
        ("automatic1111", "", '{"step": 20}', "There is no option step; there are:"),
    ],
)
def test_an_option_that_nothing_would_look_at_is_said_when_the_generator_is_stored(
    admin_client, db, provider, model, options, sentence
):
    asked = FIELDS | {"provider": provider, "model": model, "options": options}
    answer = admin_client.post(reverse("generation:new_generator"), asked)
    assert answer.status_code == 422 and sentence in answer.content.decode()
    assert not Generator.objects.filter(name="mine").exists()


def test_what_is_wrong_without_any_option_keeps_no_generator_from_being_stored(admin_client, db):
    asked = FIELDS | {"provider": "stability", "model": "", "options": '{"cfg_scale": 5}'}
    assert admin_client.post(reverse("generation:new_generator"), asked).status_code == 302
    assert Generator.objects.get(name="mine").options == {"cfg_scale": 5}
