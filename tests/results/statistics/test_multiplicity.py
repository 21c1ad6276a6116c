"""Families of tests, on the example of Benjamini & Hochberg 1995, J R Stat Soc B 57:289, section 3.2."""

import numpy as np
import pytest
import scipy.stats as stats  # noqa: TID253  (a test pays the import once)
from statsmodels.stats.multitest import multipletests  # noqa: TID253

from radiorate.results.statistics.multiplicity import adjust

P = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1]


def test_the_published_example_finds_four_by_its_own_method_and_three_by_holms():
    assert (np.array(adjust(P, "bh")) <= 0.05).sum() == 4
    assert (np.array(adjust(P, "holm")) <= 0.05).sum() == 3
    assert adjust(P, "bh") == pytest.approx(stats.false_discovery_control(P))
    assert adjust(P, "holm") == pytest.approx(multipletests(P, method="holm")[1])


@pytest.mark.parametrize("method", ["holm", "bh"])
def test_the_order_given_is_the_order_returned(method):
    order = np.random.default_rng(1).permutation(len(P))
    assert adjust(np.array(P)[order], method) == pytest.approx(np.array(adjust(P, method))[order])


def test_what_was_not_tested_is_no_test():
    assert adjust([0.01, np.nan, 0.03], "holm") == pytest.approx([0.02, np.nan, 0.03], nan_ok=True)
    assert adjust([], "bh") == []


def test_another_method_and_impossible_values_are_refused():
    with pytest.raises(ValueError, match="method"):
        adjust([0.1], "bonferroni")
    with pytest.raises(ValueError, match=r"0\.\.1"):
        adjust([1.1], "holm")
