"""The command's whole analysis: the dashboard's numbers unchanged, the rest against what was simulated."""

import numpy as np
import pytest

from radiorate.results import analysis, complete, dataset


def simulated(readers=6, pairs=40, *, gap=-0.8, right=0.8, seed=1):
    """A dataset where synthetic images score `gap` lower and the real one is named with chance `right`."""
    random = np.random.default_rng(seed)
    scores, choices, showings = [], [], []
    for reader, pair in np.ndindex(readers, pairs):
        latent = 3.5 + random.normal() + np.array([0, gap]) + 0.2 * (reader - readers / 2)
        for origin in (dataset.REAL, dataset.SYNTHETIC):
            value = np.clip(round(latent[origin] + random.normal()), 1, 5)
            scores.append((reader, pair, 0, origin, value, dataset.SCORED, 0))
        real_is_left, is_right = random.random() < 0.5, random.random() < right
        believed = dataset.LEFT if real_is_left == is_right else dataset.RIGHT
        choices.append((reader, pair, real_is_left, believed, random.integers(1, 6), 30, 0))
        showings.append((reader, pair, 1, pair))
    return dataset.assemble(
        study="simulated",
        simulated=True,
        readers=[f"r{index}" for index in range(readers)],
        pairs=[dataset.PairFacts(f"p{index:02}", f"gen-{'ab'[index % 2]}", "hand", "AP") for index in range(pairs)],
        criteria=[dataset.Scale("anatomy")],
        scores=scores,
        choices=choices,
        showings=showings,
    )


@pytest.fixture(scope="module")
def found():
    return complete.analyse(simulated())


def test_the_numbers_of_the_dashboard_are_those_of_the_command(found):
    shown = analysis.analyse(simulated())
    for key, value in shown["criteria"]["anatomy"].items():
        assert found["criteria"]["anatomy"][key] == value
    for key, value in shown["discrimination"].items():
        assert found["discrimination"][key] == value


def test_lower_grades_of_synthetic_images_show_in_area_and_odds(found):
    anatomy = found["criteria"]["anatomy"]
    assert anatomy["vgc"]["high"] < 0.5
    assert anatomy["ordinal_model"]["odds_ratio"] > 1.5
    leniency = anatomy["ordinal_model"]["leniency"]
    assert leniency["r0"] < 0 < leniency["r5"]


def test_real_images_named_more_often_show_in_abilities_and_blinding(found):
    for generator in ("gen-a", "gen-b"):
        assert found["preference"]["abilities"][generator] < -0.7
        assert found["preference"]["intervals"][generator]["high"] < 0
    assert found["discrimination"]["blinding"]["james"]["high"] < 0.5
    assert all(each["low"] > 0 for each in found["discrimination"]["blinding"]["bang"])
    assert found["discrimination"]["equivalence"]["smallest_margin"] > 0.25


def test_a_family_has_a_p_of_the_very_interval_that_is_shown(found):
    criteria, generators, *_ = found["multiplicity"]["families"]
    assert (criteria["method"], generators["method"]) == ("holm", "bh")
    assert generators["tests"] == ["anatomy, gen-a", "anatomy, gen-b"]
    assert (criteria["p"][0] < 0.05) == (found["criteria"]["anatomy"]["difference"]["low"] > 0)


def test_where_nothing_was_chosen_or_varies_there_is_no_number():
    bare = simulated(readers=1, pairs=3)
    bare.believed[:] = -1
    bare.scores[:] = 4
    found = complete.analyse(bare)
    assert found["preference"]["abilities"] == {}
    assert found["discrimination"]["equivalence"]["smallest_margin"] is None
    assert found["criteria"]["anatomy"]["ordinal_model"]["odds_ratio"] is None
    assert found["criteria"]["anatomy"]["vgc"]["auc"] == 0.5
    assert found["criteria"]["anatomy"]["belief"]["real"]["difference"] is None
    assert found["multiplicity"]["families"][0]["p"] == [None]


def test_labels_exchanged_at_random_find_nothing():
    study = simulated(gap=0.0, right=0.5, seed=2)
    found = complete.analyse(study)
    assert min(found["multiplicity"]["families"][0]["adjusted"]) > 0.05
    assert found["criteria"]["anatomy"]["vgc"]["low"] < 0.5 < found["criteria"]["anatomy"]["vgc"]["high"]
    limits = found["preference"]["intervals"]
    assert all(limits[name]["low"] < 0 < limits[name]["high"] for name in ("gen-a", "gen-b"))
