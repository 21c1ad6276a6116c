"""The planned study against studies simulated reading by reading, and against closed forms."""

from math import sqrt

import numpy as np
import pytest
import scipy.stats as stats  # noqa: TID253  (a test pays the import once)

from radiorate.results.statistics import mrmc, planning

COMPONENTS = {"reader": 0.05, "case": 0.25, "residual": 0.8}


def test_drawing_mean_squares_gives_what_drawing_every_reading_gives():
    random, held, halves, runs = np.random.default_rng(1), 0, [], 250
    for _ in range(runs):
        reader, case = sqrt(0.05) * random.normal(size=(4, 1)), sqrt(0.25) * random.normal(size=(1, 40))
        values = 0.4 + reader + case + sqrt(0.8) * random.normal(size=(4, 40))
        found = mrmc.mean_with_interval(*mrmc.readings(values))
        held += not found["low"] <= 0 <= found["high"]
        halves.append((found["high"] - found["low"]) / 2)
    planned = planning.power(4, 40, 0.4, COMPONENTS)
    assert planned["power"] == pytest.approx(held / runs, abs=0.08)  # 250 runs: +-6 points
    assert planned["half_width"] == pytest.approx(np.median(halves), rel=0.08)


def test_without_an_effect_five_studies_of_a_hundred_find_one():
    assert planning.power(8, 60, 0, COMPONENTS, runs=20000)["power"] == pytest.approx(0.05, abs=0.008)


def test_with_reader_differences_alone_the_power_is_that_of_a_t_test_of_readers():
    found = planning.power(6, 100000, 0.5, {"reader": 0.2, "case": 0.0, "residual": 0.0}, runs=20000)
    shift = 0.5 / sqrt(0.2 / 6)
    bound = stats.t.ppf(0.975, 5)
    expected = stats.nct.sf(bound, 5, shift) + stats.nct.cdf(-bound, 5, shift)
    assert found["power"] == pytest.approx(expected, abs=0.012)


def test_more_pairs_do_not_help_past_what_readers_differ():
    rows = planning.grid([4, 12], [20, 2000], 0.3, {"reader": 0.2, "case": 0.1, "residual": 0.5})
    assert [(row["readers"], row["pairs"]) for row in rows] == [(4, 20), (4, 2000), (12, 20), (12, 2000)]
    assert rows[2]["standard_error"] < rows[1]["reader_wall"] <= rows[1]["standard_error"]
    assert rows[0]["standard_error"] == pytest.approx(sqrt(0.2 / 4 + 0.1 / 20 + 0.5 / 80))


@pytest.mark.parametrize(
    ("readers", "components"),
    [(1, COMPONENTS), (4, COMPONENTS | {"case": -0.1}), (4, dict.fromkeys(COMPONENTS, 0.0))],
)
def test_one_reader_or_no_variance_is_refused(readers, components):
    with pytest.raises(ValueError, match=r"readers|components"):
        planning.power(readers, 40, 0.4, components)
