"""Means over readers and cases: against the analysis of variance, brute force, and their own promise of coverage."""

import itertools

import numpy as np
import pytest
import scipy.stats as stats  # noqa: TID253  (a test pays the import once)

from radiorate.results.statistics import mrmc


def study(random, readers, cases, variances, mean=0.0):
    """A (readers, cases) matrix of a reader effect, a case effect and the rest."""
    reader, case, rest = np.sqrt(variances)
    effects = reader * random.normal(size=(readers, 1)) + case * random.normal(size=(1, cases))
    return mean + effects + rest * random.normal(size=(readers, cases))


def test_complete_data_give_the_mean_squares_of_a_two_way_analysis_of_variance():
    values = study(np.random.default_rng(1), 5, 30, (0.2, 0.3, 0.8))
    readers, cases = values.shape
    rows, columns, mean = values.mean(axis=1), values.mean(axis=0), values.mean()
    reader = cases * ((rows - mean) ** 2).sum() / (readers - 1)
    case = readers * ((columns - mean) ** 2).sum() / (cases - 1)
    rest = ((values - rows[:, None] - columns + mean) ** 2).sum() / ((readers - 1) * (cases - 1))
    total = reader + case - rest
    df = total**2 / (reader**2 / (readers - 1) + case**2 / (cases - 1) + rest**2 / ((readers - 1) * (cases - 1)))
    error = np.sqrt(total / values.size)

    found = mrmc.mean_with_interval(*mrmc.readings(values))
    assert found["standard_error"] == pytest.approx(error, rel=1e-10)
    assert found["df"] == pytest.approx(df, rel=1e-9)
    assert found["high"] == pytest.approx(mean + stats.t.ppf(0.975, df) * error, rel=1e-9)
    components = mrmc.variance_components(*mrmc.readings(values))
    assert components["residual"] == pytest.approx(rest, rel=1e-9)
    assert components["reader"] == pytest.approx((reader - rest) / cases, rel=1e-9)
    assert components["case"] == pytest.approx((case - rest) / readers, rel=1e-9)


def test_with_missing_cells_the_moments_are_those_counted_pair_by_pair():
    random = np.random.default_rng(2)
    values = study(random, 4, 9, (0.3, 0.4, 0.5), mean=1)
    values[random.random(values.shape) < 0.3] = np.nan
    cells = [(r, c) for r, c in np.ndindex(values.shape) if not np.isnan(values[r, c])]
    products = {(False, False): [], (True, False): [], (False, True): [], (True, True): []}
    for one, two in itertools.product(cells, repeat=2):
        products[one[0] == two[0], one[1] == two[1]].append(values[one] * values[two])
    nothing, reader, case, both = (np.mean(products[key]) for key in products)

    found = mrmc.variance_components(*mrmc.readings(values))
    assert found["reader"] == pytest.approx(reader - nothing)
    assert found["case"] == pytest.approx(case - nothing)
    assert found["residual"] == pytest.approx(both - reader - case + nothing)
    interval = mrmc.mean_with_interval(*mrmc.readings(values))
    assert interval["value"] ** 2 - nothing == pytest.approx(interval["standard_error"] ** 2)


@pytest.mark.parametrize(
    ("readers", "cases", "variances", "missing"),
    [(4, 40, (0.05, 0.25, 0.8), 0.0), (20, 60, (0.05, 0.25, 0.8), 0.0), (5, 40, (0.2, 0.1, 0.8), 0.25)],
)
def test_the_interval_holds_the_truth_in_95_of_100_studies(readers, cases, variances, missing):
    random, runs, held = np.random.default_rng(4), 400, 0
    for _ in range(runs):
        values = study(random, readers, cases, variances)
        values[random.random(values.shape) < missing] = np.nan
        found = mrmc.mean_with_interval(*mrmc.readings(values))
        held += found["low"] <= 0 <= found["high"]
    assert 0.92 <= held / runs <= 0.98  # 400 runs: +-2.2 points around 95 %


def test_taking_readings_for_independent_facts_would_hold_the_truth_far_less_often():
    random, runs, held = np.random.default_rng(4), 400, 0
    for _ in range(runs):
        values = study(random, 4, 40, (0.2, 0.1, 0.8)).ravel()
        half = 1.96 * values.std(ddof=1) / np.sqrt(values.size)
        held += abs(values.mean()) <= half
    assert held / runs < 0.7


def test_a_variance_that_is_not_positive_gives_no_standard_error_and_says_how_it_was_replaced():
    # Readers and cases differ less than the rest would make them: both components come out negative.
    values = np.tile([[1.0, -1.0], [-1.0, 1.0]], (2, 5))
    found = mrmc.mean_with_interval(*mrmc.readings(values + 0.01 * np.arange(10)))
    assert np.isnan(found["standard_error"])
    assert found["method"] in ("hillis", "cut")
    assert found["low"] < found["value"] < found["high"]


def test_readings_that_do_not_vary_have_a_mean_and_no_interval():
    found = mrmc.mean_with_interval(*mrmc.readings(np.ones((3, 8))))
    assert found["value"] == 1
    assert np.isnan([found["standard_error"], found["low"], found["high"]]).all()


def test_one_reader_leaves_cases_random_by_a_t_interval():
    values = np.random.default_rng(5).normal(size=(1, 20))
    found = mrmc.mean_with_interval(*mrmc.readings(values))
    expected = stats.t.interval(0.95, 19, values.mean(), values.std(ddof=1) / np.sqrt(20))
    assert found["random"] == "cases"
    assert (found["low"], found["high"]) == pytest.approx(expected)


def test_a_reader_who_copies_another_never_narrows_below_the_cases_alone():
    values = study(np.random.default_rng(6), 4, 40, (0.3, 0.2, 0.5))
    copied = np.vstack([values, values[:1]])
    found = mrmc.mean_with_interval(*mrmc.readings(copied))
    cases_only = mrmc.mean_over(*mrmc.readings(copied)[::2])
    assert found["high"] - found["low"] > cases_only["high"] - cases_only["low"]


def test_relabelling_readers_and_cases_changes_nothing():
    values = study(np.random.default_rng(7), 4, 12, (0.3, 0.2, 0.5))
    random = np.random.default_rng(8)
    shuffled = values[random.permutation(4)][:, random.permutation(12)]
    one, two = (mrmc.mean_with_interval(*mrmc.readings(matrix)) for matrix in (values, shuffled))
    for key in ("value", "standard_error", "df", "low", "high"):
        assert one[key] == pytest.approx(two[key])


def test_a_repeated_cell_is_refused():
    with pytest.raises(ValueError, match="once"):
        mrmc.mean_with_interval([1, 2], ["a", "a"], [1, 1])


def test_nothing_read_is_refused():
    with pytest.raises(ValueError, match="at least one"):
        mrmc.mean_with_interval([], [], [])


def test_cautious_variances_lie_above_the_true_ones_in_about_four_pilots_of_five():
    random, above = np.random.default_rng(9), []
    for _ in range(200):
        found = mrmc.cautious_components(*mrmc.readings(study(random, 5, 30, (0.2, 0.3, 0.8))))
        above.append([found[name] >= truth for name, truth in (("reader", 0.2), ("case", 0.3), ("residual", 0.8))])
    assert np.mean(above, axis=0) == pytest.approx([0.8, 0.8, 0.8], abs=0.1)  # 200 runs: +-5.7 points
    assert np.isnan(mrmc.cautious_components([1, 2], ["a", "a"], [1, 2])["reader"])
