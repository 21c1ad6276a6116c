"""A form that is sent twice, by a double click or a reload, launches once; and asks for all prices at once."""

import re
import threading
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from django.db import connection

from generation import batches, launching
from generation.models import Batch, Job
from tests import factories

ADDRESS = "/generation/launch/"
ORDER = {"prompt": "A knee", "n": 1, "budget_usd": "0", "new_collection": "knees", "width": 128, "height": 128}


@pytest.fixture
def phantoms(db):
    return [factories.generator(name=name, provider="phantom", model="phantom-1") for name in ("one", "two")]


def test_a_form_sent_twice_leads_to_what_it_launched(client, phantoms):
    client.force_login(factories.admin())
    page = client.get(ADDRESS).content.decode()
    number = re.search(r'name="launch_id" value="([-0-9a-f]{36})"', page)[1]
    order = {**ORDER, "generator": [one.pk for one in phantoms], "launch": "yes", "launch_id": number}
    assert f'value="{number}"' in client.post(ADDRESS, {**order, "n": 0}).content.decode(), "a form kept its number"
    client.post(ADDRESS, order)
    first = Batch.objects.get(launch_id=number)
    again = client.post(ADDRESS, order, follow=True)
    assert again.redirect_chain == [(f"/generation/{first.pk}/", 302)]
    assert "launched already, and once only" in again.content.decode()
    assert (Batch.objects.count(), Job.objects.count()) == (2, 2)
    assert number not in client.get(ADDRESS).content.decode()
    client.post(ADDRESS, order | {"launch_id": str(uuid4())})
    assert Batch.objects.count() == 4


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("number", "launches"), [(uuid4(), 1), (None, 2)])
def test_of_two_at_the_same_moment_one_launches(phantoms, number: UUID | None, launches):
    """The control sends no number, and both launch."""
    both, ended = threading.Barrier(2, timeout=20), []
    given = {"orders": [batches.JobSpec("A knee", width=128, height=128)], "budget_usd": Decimal(0), "actor": None}
    of = factories.collection("synthetic")

    def launch() -> None:
        both.wait()
        try:
            ended.append(len(launching.launch(generators=phantoms, collection=of, launch_id=number, **given)))
        except launching.Launched as before:
            ended.append(before.batch.launch_id)
        finally:
            connection.close()

    threads = [threading.Thread(target=launch) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Batch.objects.count() == 2 * launches
    assert ended.count(number) == 2 - launches


def test_the_prices_of_all_generators_are_asked_for_at_once(db, django_assert_num_queries):
    generators = [factories.generator(provider="openai", model="gpt-image-1") for _ in range(3)]
    orders = [batches.JobSpec(prompt=f"knee {number}") for number in range(4)]
    with django_assert_num_queries(1):
        offers = launching.offers(generators, orders, Decimal(1))
    assert all("lacks the price of" in offer.problems[0] for offer in offers)
