"""Intervals of shares against Newcombe 1998, Stat Med 17:857, table I (methods 3 and 5)."""

import pytest

from radiorate.results.statistics.proportions import proportion


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
