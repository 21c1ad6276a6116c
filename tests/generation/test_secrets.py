"""A service's key goes from the environment to that service and nowhere else: no page, no row, no log."""

from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from generation import batches
from generation.models import Batch, Output, Price
from tests import factories
from tests.conftest import eventually
from tests.generation.observing import is_ended, states
from tests.generation.stand_ins.openai import OpenAI
from tests.generation.stand_ins.server import KEY

OTHER = "canary-of-another-service"  # a key that no order needs


def everything_stored() -> str:
    """Every row of every table as text."""
    texts = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT t::text FROM "{table}" t')  # noqa: S608
            texts += [text for (text,) in cursor.fetchall()]
    return "\n".join(texts)


def pages(client, batch: Batch) -> str:
    """Every page of this room, and that of the image."""
    jobs = [f"generation/jobs/{pk}/" for pk in batch.jobs.values_list("pk", flat=True)]
    rooms = ["", "launch/", "generators/", f"generators/{batch.generator_id}/", "ledger/"]
    rooms += [f"{batch.pk}/", f"{batch.pk}/?view=grid", "near-copies/"]
    image = Output.objects.filter(attempt__job__batch=batch).first().image_id
    addresses = [f"generation/{room}" for room in rooms] + jobs + [f"images/{image}/", "accounts/audit/"]
    answers = [client.get(f"/{address}") for address in addresses]
    assert {answer.status_code for answer in answers} == {200}
    return "\n".join(
        (b"".join(answer.streaming_content) if answer.streaming else answer.content).decode() for answer in answers
    )


def test_a_key_is_on_no_page_in_no_row_and_in_no_log(client, settings, start_worker, tmp_path, capfd, caplog):
    with OpenAI() as service:
        settings.API_KEYS = {"OPENAI": KEY, "FLUX": OTHER}
        settings.BASE_URLS = {"OPENAI": f"{service.url}/v1"}
        generator = factories.generator(name="theirs", provider="openai", model="gpt-image-2")
        for rate in ("text_in", "image_in", "image_out"):
            Price.objects.create(generator=generator, rate=rate, usd=Decimal(30))
        told = {"OPENAI_API_KEY": KEY, "FLUX_API_KEY": OTHER, "OPENAI_BASE_URL": f"{service.url}/v1"}
        worker = start_worker(pool="threads", **told)
        admin = factories.admin()

        def order() -> Batch:
            batch = batches.launch(
                generator=generator,
                collection=factories.collection("synthetic"),
                orders=[batches.JobSpec(prompt="An X-ray of the hand")],
                budget_usd=Decimal(9),
                actor=admin,
            )
            eventually(lambda: is_ended(batch))
            return batch

        made = order()
        service.script = "401"  # the service says the key back in its refusal
        failed = order()
    assert states(made) == {"succeeded": 1} and states(failed) == {"failed": 1}
    assert all(request.headers["authorization"] == f"Bearer {KEY}" for request in service.orders)

    folder = tmp_path / "elsewhere"
    folder.mkdir()
    (folder / "manifest.csv").write_text("file,prompt\nx.png,An X-ray\nnone.png,An X-ray\n")
    (folder / "x.png").write_bytes(factories.png())
    with pytest.raises(CommandError):
        call_command("import_outputs", str(folder), generator="theirs", collection="elsewhere", json=True)
    (folder / "manifest.csv").write_text("file,prompt\nx.png,An X-ray\n")
    call_command("import_outputs", str(folder), generator="theirs", collection="elsewhere", json=True)

    client.force_login(admin)
    told_anywhere = {
        "a page": pages(client, made) + client.get(f"/generation/jobs/{failed.jobs.get().pk}/").content.decode(),
        "a row": everything_stored(),
        "the worker's log": worker.output,
        "this process's log": caplog.text + "".join(capfd.readouterr()),
    }
    assert "status 401 for" in told_anywhere["a row"] and "status 401 for" in told_anywhere["a page"], (
        "what the service said came so far, so its key could have too"
    )
    assert "generation.tasks.run_job" in told_anywhere["the worker's log"]
    for place, text in told_anywhere.items():
        for key in (KEY, OTHER):
            assert key not in text, f"a key is told in {place}"
