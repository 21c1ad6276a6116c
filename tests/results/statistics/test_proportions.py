"""Intervals of shares against Newcombe 1998, Stat Med 17:857, table I (methods 3, 5); tests against other programs."""

import numpy as np
import pytest
import scipy.stats as stats  # noqa: TID253  (a test pays the import once)
from statsmodels.stats import contingency_tables as tables  # noqa: TID253

from radiorate.results.statistics.proportions import cochran_q, equivalence_to_chance, mcnemar_exact, proportion


@pytest.mark.parametrize(
    ("successes", "trials", "wilson", "exact"),
    [
        (81, 263, (0.2553, 0.3662), (0.2527, 0.3676)),
        (15, 148, (0.0624, 0.1605), (0.0578, 0.1617)),
        (0, 20, (0.0, 0.1611), (0.0, 0.1684)),
        (1, 29, (0.0061, 0.1718), (0.0009, 0.1776)),
    ],
)
def test_intervals_are_those_of_the_published_table(successes, trials, wilson, exact):
    for method, limits in (("wilson", wilson), ("clopper-pearson", exact)):
        found = proportion(successes, trials, method)
        assert (found["low"], found["high"]) == pytest.approx(limits, abs=5e-5)
        turned = proportion(trials - successes, trials, method)
        assert (1 - turned["high"], 1 - turned["low"]) == pytest.approx(limits, abs=5e-5)


def test_undecided_answers_count_half():
    assert proportion(3.5, 7)["value"] == 0.5


def test_no_trials_have_no_share():
    found = proportion(0, 0)
    assert all(value != value for value in found.values())


@pytest.mark.parametrize(("successes", "trials", "method"), [(3, 2, "wilson"), (-1, 2, "wilson"), (1, 2, "wald")])
def test_impossible_counts_and_unknown_methods_are_refused(successes, trials, method):
    with pytest.raises(ValueError, match=r"successes|method"):
        proportion(successes, trials, method)


@pytest.mark.parametrize(("b", "c"), [(0, 0), (3, 3), (1, 8), (150, 86)])
def test_mcnemar_equals_another_program(b, c):
    expected = 1.0 if b + c == 0 else stats.binomtest(b, b + c).pvalue
    assert mcnemar_exact(b, c)["p"] == pytest.approx(expected)


def test_cochran_q_equals_another_program_and_of_two_readers_mcnemar_without_correction():
    random = np.random.default_rng(1)
    correct = (random.random((40, 4)) < [0.5, 0.6, 0.7, 0.8]).astype(int)
    found, expected = cochran_q(correct), tables.cochrans_q(correct)
    assert (found["q"], found["df"], found["p"]) == pytest.approx((expected.statistic, expected.df, expected.pvalue))
    b, c = (correct[:, 0] > correct[:, 1]).sum(), (correct[:, 0] < correct[:, 1]).sum()
    assert cochran_q(correct[:, :2])["q"] == pytest.approx((b - c) ** 2 / (b + c))
    assert np.isnan(cochran_q(np.ones((5, 3)))["p"])


@pytest.mark.parametrize("successes", [0, 18, 30, 44, 60])
def test_equivalence_is_two_exact_tests_that_must_both_succeed(successes):
    found = equivalence_to_chance(successes, 60, 0.1)
    assert found["p_lower"] == pytest.approx(stats.binomtest(successes, 60, 0.4, alternative="greater").pvalue)
    assert found["p_upper"] == pytest.approx(stats.binomtest(successes, 60, 0.6, alternative="less").pvalue)
    assert found["p"] == max(found["p_lower"], found["p_upper"])


def test_few_trials_never_show_equivalence_and_many_at_chance_do():
    assert equivalence_to_chance(5, 10, 0.1)["p"] > 0.3
    assert equivalence_to_chance(500, 1000, 0.1)["p"] < 1e-6
    with pytest.raises(ValueError, match="margin"):
        equivalence_to_chance(5, 10, 0.5)
