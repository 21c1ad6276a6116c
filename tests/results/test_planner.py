"""The planner's page: a grid, the least effort that is enough, and its way into a new study."""

import re

import pytest
from django.urls import reverse

from radiorate.results import planner
from radiorate.results.statistics import planning
from tests import factories
from tests.results.test_complete import simulated


@pytest.fixture
def admin_client(client, db):
    client.force_login(factories.admin())
    return client


def look(client, **wanted):
    answer = client.get(reverse("results:planner"), wanted)
    assert answer.status_code == 200
    return answer.content.decode()


WANTED = {"effect": 0.5, "power": 80, "reader": 0.1, "case": 0.25, "residual": 0.8}


def test_the_answer_is_the_least_reading_that_reaches_the_goal(db):
    (plan,) = planner.page(WANTED)["plans"]
    best = plan["best"]
    assert best["power"] >= 0.8
    grid = planning.grid(list(planner.READERS), list(planner.PAIRS), 0.5, planner.ASSUMED, planner.RUNS, planner.SEED)
    enough = [row for row in grid if row["power"] >= 0.8]
    assert best["readers"] * best["pairs"] == min(row["readers"] * row["pairs"] for row in enough)
    framed = [cell for cell in plan["plot"].figure.cells if cell.is_enough]
    assert len(framed) == len(enough)


def test_a_width_that_readers_forbid_is_said_so(db):
    (plan,) = planner.page(WANTED | {"reader": 5, "half_width": 0.1})["plans"]
    assert plan["best"] is None
    assert "readers differ" in plan["answer"]


def test_the_page_has_an_answer_before_anything_is_asked_and_leads_to_a_study(admin_client):
    page = look(admin_client)
    assert "The least reading that is enough" in page
    link = re.search(r'href="(/studies/new/\?pairs_wanted=(\d+))"', page)
    assert f'name="pairs_wanted" value="{link[2]}"' in admin_client.get(link[1]).content.decode()


def test_what_cannot_be_planned_is_said_at_the_field(admin_client):
    assert "less than or equal to 99" in look(admin_client, **(WANTED | {"power": 120}))
    assert "not all zero" in look(admin_client, **(WANTED | {"reader": 0, "case": 0, "residual": 0}))


def test_a_closed_study_is_a_pilot_and_a_sealed_one_is_not(admin_client, rated_study):
    closed, sealed = rated_study(pairs=6, readers=3), rated_study(pairs=2, readers=2, closed=False)
    page = look(admin_client, **WANTED, pilot=closed.pk)
    assert "With the likely variances" in page
    assert "With the cautious variances" in page
    assert "simulated" in page
    assert "valid choice" in look(admin_client, **WANTED, pilot=sealed.pk)


def test_a_pilot_without_the_criterion_says_which_it_has():
    with pytest.raises(planner.BadPilot, match="the pilot has anatomy"):
        planner.of_pilot(simulated(readers=2, pairs=4), "artifacts")


def test_no_study_takes_the_planners_address(db):
    from radiorate.studies import definition

    with pytest.raises(definition.Invalid, match="planner is taken"):
        definition.create({"title": "Planner"}, None)
