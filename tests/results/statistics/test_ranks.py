"""Signed ranks against a textbook and all sign flips counted one by one."""

import itertools

import numpy as np
import pytest
import scipy.stats as stats  # noqa: TID253  (a test pays the import once)
from hypothesis import given
from hypothesis import strategies as st

from radiorate.results.statistics.ranks import hodges_lehmann, wilcoxon_signed_rank

# Hollander & Wolfe 1973, Nonparametric Statistical Methods, p. 29: depression scale before and during a tranquilizer.
BEFORE = [1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30]
DURING = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29]


def test_the_textbook_example_is_reproduced():
    """Published: T+ = 40, one-sided p = .0195, estimate .46."""
    differences = np.subtract(BEFORE, DURING)
    found = wilcoxon_signed_rank(differences)
    assert found["v"] == 40
    assert found["p"] / 2 == pytest.approx(0.01953, abs=5e-6)
    assert hodges_lehmann(differences)["value"] == pytest.approx(0.46)


@given(st.lists(st.integers(-3, 3), min_size=1, max_size=9), st.sampled_from(["wilcox", "pratt"]))
def test_with_ties_and_zeros_p_is_that_of_all_sign_flips(differences, zeros):
    values = np.array(differences, dtype=float)
    if zeros == "wilcox":
        values = values[values != 0]
    ranks = stats.rankdata(np.abs(values))[values != 0]
    found = wilcoxon_signed_rank(differences, zeros)
    if not ranks.size:
        assert np.isnan(found["p"])
        return
    v = ranks[values[values != 0] > 0].sum()
    flips = [np.dot(signs, ranks) for signs in itertools.product((0, 1), repeat=len(ranks))]
    away = np.abs(np.array(flips) - ranks.sum() / 2)
    assert found["v"] == v
    assert found["p"] == pytest.approx((away >= abs(v - ranks.sum() / 2) - 1e-9).mean())


@pytest.mark.parametrize("zeros", ["wilcox", "pratt"])
def test_the_normal_approximation_is_that_of_another_program(zeros):
    differences = np.random.default_rng(1).integers(-3, 5, size=40)
    found = wilcoxon_signed_rank(differences, zeros, "asymptotic")
    expected = stats.wilcoxon(differences, zero_method=zeros, method="asymptotic", correction=False)
    assert found["p"] == pytest.approx(expected.pvalue)
    assert found["z"] > 0


def test_zeros_are_kept_in_the_median_of_walsh_averages():
    assert hodges_lehmann([0, 0, 0, 4])["value"] == 0
    assert hodges_lehmann([1, 3])["value"] == 2


@pytest.mark.parametrize("options", [{"zeros": "split"}, {"method": "auto"}])
def test_other_options_and_empty_input_are_refused(options):
    with pytest.raises(ValueError, match="neither"):
        wilcoxon_signed_rank([1, 2], **options)
    with pytest.raises(ValueError, match="at least one"):
        hodges_lehmann([])
