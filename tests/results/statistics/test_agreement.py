"""Agreement against R on the 149 Winnipeg patients of Westlund & Kurland (1953), classed 1..4 by two neurologists.

The table is that of Landis & Koch 1977, Biometrics 33:159. Values: R 4.2.2 with vcd 1.4.11 (kappa), irr 0.84.1 (alpha),
irrCAC 1.4 (AC1, AC2) and psych 2.2.9 (ICC).
"""

import krippendorff
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from statsmodels.stats import inter_rater  # noqa: TID253  (a test pays the import once)

from radiorate.results.statistics import agreement

TABLE = np.array([[38, 5, 0, 1], [33, 11, 3, 0], [10, 14, 5, 6], [3, 7, 3, 10]])
FIRST, SECOND = (index.repeat(TABLE.ravel()) + 1 for index in map(np.ravel, np.indices(TABLE.shape)))
BOTH = np.column_stack([FIRST, SECOND])
GRADES = [1, 2, 3, 4]
RATINGS = arrays.arrays(
    float, st.tuples(st.integers(2, 12), st.integers(2, 5)), elements=st.sampled_from([1.0, 2.0, 3.0, 4.0, 5.0, np.nan])
)


@pytest.mark.parametrize(
    ("weights", "value", "error"),
    [
        ("unweighted", 0.20794246404, 0.05045536524),
        ("linear", 0.37973054799, 0.05166682622),
        ("quadratic", 0.5245764643318, 0.06005509883),
    ],
)
def test_weighted_kappa_equals_that_of_r(weights, value, error):
    found = agreement.cohen_kappa(FIRST, SECOND, weights, GRADES)
    assert found["value"] == pytest.approx(value, abs=1e-9)
    assert found["standard_error"] == pytest.approx(error, abs=1e-9)


def test_kappa_counts_the_grades_nobody_used():
    used = agreement.cohen_kappa([1, 2, 2, 1], [1, 2, 1, 1], "linear", [1, 2])
    scale = agreement.cohen_kappa([1, 5, 5, 1], [1, 5, 4, 1], "linear", [1, 2, 3, 4, 5])
    assert used["value"] != scale["value"]
    assert scale["agreement"] == pytest.approx(1 - 0.25 / 4)


@pytest.mark.parametrize(("level", "value"), [("nominal", 0.1809953), ("ordinal", 0.4566873), ("interval", 0.4986738)])
def test_krippendorff_alpha_equals_that_of_r(level, value):
    assert agreement.krippendorff_alpha(BOTH, level)["value"] == pytest.approx(value, abs=1e-6)


@given(RATINGS, st.sampled_from(["nominal", "ordinal", "interval"]))
def test_krippendorff_alpha_equals_another_program_with_any_holes(ratings, level):
    seen = ratings[np.isfinite(ratings).sum(axis=1) >= 2]
    if len(np.unique(seen[np.isfinite(seen)])) < 2:
        if np.isfinite(ratings).any():
            assert np.isnan(agreement.krippendorff_alpha(ratings, level)["value"])
        return
    expected = krippendorff.alpha(reliability_data=seen.T, level_of_measurement=level)
    assert agreement.krippendorff_alpha(ratings, level)["value"] == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    ("weights", "value", "error"),
    [
        ("unweighted", 0.25778, 0.0546),
        ("linear", 0.46511, 0.05145),
        ("quadratic", 0.62209, 0.05548),
        ("ordinal", 0.57244, 0.05378),
    ],
)
def test_gwet_coefficients_equal_those_of_r(weights, value, error):
    found = agreement.gwet(BOTH, weights, GRADES)
    assert found["value"] == pytest.approx(value, abs=6e-6)
    assert found["standard_error"] == pytest.approx(error, abs=6e-6)


def test_intraclass_correlations_equal_those_of_r():
    found = agreement.icc(BOTH)
    expected = {
        "ICC(1,1)": (0.49951691, 0.36898711, 0.61077922),
        "ICC(2,1)": (0.52625576, 0.29445853, 0.67916781),
        "ICC(3,1)": (0.58921408, 0.47362322, 0.68485005),
        "ICC(1,k)": (0.66623711, 0.53906586, 0.75836491),
        "ICC(2,k)": (0.68960352, 0.45495244, 0.80893381),
        "ICC(3,k)": (0.74151632, 0.64280097, 0.81295075),
    }
    for form, limits in expected.items():
        assert [found[form][key] for key in ("value", "low", "high")] == pytest.approx(limits, abs=1e-6)


@given(RATINGS.filter(lambda ratings: np.isfinite(ratings).any()), st.randoms())
def test_relabelling_readers_and_cases_changes_no_agreement(ratings, random):
    rows, columns = list(range(ratings.shape[0])), list(range(ratings.shape[1]))
    random.shuffle(rows)
    random.shuffle(columns)
    shuffled = ratings[rows][:, columns]
    for measure in (agreement.krippendorff_alpha, agreement.exact):
        assert measure(shuffled)["value"] == pytest.approx(measure(ratings)["value"], abs=1e-9, nan_ok=True)


def test_one_grade_for_all_is_undefined_and_still_exact():
    same = np.full((5, 3), 4.0)
    assert np.isnan(agreement.krippendorff_alpha(same)["value"])
    assert np.isnan(agreement.cohen_kappa([4, 4], [4, 4], "quadratic", range(1, 6))["value"])
    assert agreement.exact(same)["value"] == 1


def test_the_interval_of_alpha_holds_its_value_and_narrows_with_more_cases():
    random = np.random.default_rng(3)

    def width(cases: int) -> float:
        quality = random.normal(size=cases)[:, None]
        ratings = np.clip(np.round(3 + quality + 0.6 * random.normal(size=(cases, 4))), 1, 5)
        weights = random.multinomial(cases, np.full(cases, 1 / cases), size=500).astype(float)
        limits = agreement.alpha_interval(ratings, np.arange(cases), weights)
        assert limits["low"] < agreement.krippendorff_alpha(ratings)["value"] < limits["high"]
        return limits["high"] - limits["low"]

    assert width(400) < width(25)


def test_repeatability_is_that_of_bland_and_altman():
    found = agreement.repeatability([1, 2, 3, 4], [1, 3, 3, 2])
    assert found["within_standard_deviation"] == pytest.approx(np.sqrt((1 + 4) / 4 / 2))
    assert found["coefficient"] == pytest.approx(1.96 * np.sqrt(2) * found["within_standard_deviation"])


@pytest.mark.parametrize("ratings", [[], [[]], [1, 2, 3]])
def test_an_empty_or_misshapen_table_is_refused(ratings):
    with pytest.raises(ValueError, match="ratings"):
        agreement.krippendorff_alpha(ratings)


DIAGNOSES = np.array(
    [[0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1], [7, 7, 0, 0, 0], [3, 2, 6, 3, 0]]
)


def test_fleiss_kappa_equals_another_program_and_its_categories_their_own_two_way_tables():
    found = agreement.fleiss_kappa(DIAGNOSES)
    assert found["value"] == pytest.approx(inter_rater.fleiss_kappa(DIAGNOSES))
    for category, own in enumerate(found["per_category"]):
        against_all = np.column_stack([DIAGNOSES[:, category], 14 - DIAGNOSES[:, category]])
        assert own == pytest.approx(inter_rater.fleiss_kappa(against_all))


def test_the_error_of_fleiss_kappa_is_that_without_agreement():
    """Of two categories sqrt(2 / (N n (n-1))) (Fleiss, Nee, Landis 1979); of more, what random ratings spread."""
    two = agreement.fleiss_kappa([[3, 1], [2, 2], [4, 0], [1, 3], [0, 4]])
    assert two["standard_error"] == pytest.approx(np.sqrt(2 / (5 * 4 * 3)))
    random = np.random.default_rng(1)
    tables = random.multinomial(5, [0.5, 0.3, 0.2], size=(400, 60))
    found = [agreement.fleiss_kappa(table) for table in tables]
    spread = np.std([each["value"] for each in found])
    assert spread == pytest.approx(np.mean([each["standard_error"] for each in found]), rel=0.1)


def test_limits_of_agreement_are_those_of_bland_and_altman():
    """Bland & Altman 1986, Lancet 327:307: peak expiratory flow by Wright and mini Wright meters, first readings.

    Published: mean difference -2.1 l/min, standard deviation 38.8 l/min.
    """
    wright = [494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178, 423, 427]
    mini = [512, 430, 520, 428, 500, 600, 364, 380, 658, 445, 432, 626, 260, 477, 259, 350, 451]
    found = agreement.limits_of_agreement(wright, mini)
    assert round(found["bias"], 1) == -2.1
    assert round(found["standard_deviation"], 1) == 38.8
    assert (found["low"], found["high"]) == pytest.approx((-2.118 - 1.96 * 38.765, -2.118 + 1.96 * 38.765), abs=0.01)


@pytest.mark.parametrize("counts", [[], [[1, 1], [2, 1]], [[1, 0]], [[1.5, 0.5]]])
def test_counts_of_unequal_or_single_readers_are_refused(counts):
    with pytest.raises(ValueError, match="counts"):
        agreement.fleiss_kappa(counts)
