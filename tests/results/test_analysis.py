"""What the analysis leaves undefined, and why."""

import numpy as np
import pytest

from radiorate.results import analysis
from radiorate.results.statistics import mrmc

GAPS = np.array([[1.0, 2.0, 0.0, 1.0], [0.0, 2.0, 1.0, -1.0], [1.0, 1.0, 0.0, 2.0]])


@pytest.mark.parametrize("pairs", [1, 2])
def test_very_few_pairs_have_a_mean_and_the_reason_why_no_interval(pairs):
    found = analysis.mean(GAPS[:, :pairs])
    assert found["value"] == pytest.approx(GAPS[:, :pairs].mean())
    assert found["method"] == f"undefined: too few pairs for an interval ({pairs})"
    assert all(np.isnan(found[key]) for key in ("low", "high", "df", "standard_error"))
    assert (found["readers"], found["pairs"]) == (3, pairs)


@pytest.mark.parametrize("pairs", [3, 4])
def test_from_three_pairs_on_the_interval_is_that_of_the_method(pairs):
    expected = mrmc.mean_with_interval(*mrmc.readings(GAPS[:, :pairs]))
    found = analysis.mean(GAPS[:, :pairs])
    assert {key: found[key] for key in expected} == expected
    assert np.isfinite([found["low"], found["high"]]).all()
