"""Areas and signal detection against their definitions, counted pair by pair."""

from math import sqrt
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from radiorate.results.statistics import discrimination

SCORES = st.lists(st.integers(-5, 5), min_size=2, max_size=15)
z = NormalDist().inv_cdf


@given(SCORES, SCORES)
def test_area_and_delong_error_are_those_of_the_definition(positive, negative):
    wins = np.array([[(a > b) + (a == b) / 2 for b in negative] for a in positive])
    found = discrimination.auc(positive, negative)
    assert found["value"] == pytest.approx(wins.mean())
    variance = wins.mean(axis=1).var(ddof=1) / len(positive) + wins.mean(axis=0).var(ddof=1) / len(negative)
    assert found["standard_error"] == pytest.approx(sqrt(variance) if variance > 1e-20 else np.nan, nan_ok=True)


def test_perfect_separation_is_no_certainty():
    found = discrimination.auc([3, 4, 5], [-1, -2])
    assert found["value"] == 1
    assert np.isnan(found["standard_error"])


def test_detection_is_corrected_log_linearly_always():
    found = discrimination.detection(20, 5, 10, 15)
    assert found["d_prime"] == pytest.approx(z(20.5 / 26) - z(10.5 / 26))
    forced = discrimination.detection(20, 5, 10, 15, design="2afc")
    assert forced["d_prime"] == pytest.approx(found["d_prime"] / sqrt(2))
    assert forced["criterion"] == pytest.approx(-(z(20.5 / 26) + z(10.5 / 26)) / 2)
    assert np.isfinite(discrimination.detection(25, 0, 0, 25)["d_prime"])


def test_mean_area_resamples_readers_and_cases_together():
    random = np.random.default_rng(1)
    truth = random.random((6, 50)) < 0.5
    scores = np.clip(np.round(random.normal(size=(6, 50)) + 1.2 * truth), -3, 3)
    readers = random.multinomial(6, np.full(6, 1 / 6), size=800).astype(float)
    cases = random.multinomial(50, np.full(50, 1 / 50), size=800).astype(float)
    found = discrimination.mean_auc(scores, truth, readers, cases)
    each = [discrimination.auc(row[real], row[~real])["value"] for row, real in zip(scores, truth, strict=True)]
    assert found["value"] == pytest.approx(np.mean(each))
    assert found["low"] < found["value"] < found["high"]
    fixed = discrimination.mean_auc(scores, truth, np.ones_like(readers), cases)
    assert fixed["high"] - fixed["low"] < found["high"] - found["low"]


@pytest.mark.parametrize(("positive", "negative"), [([], [1]), ([1], []), ([[1]], [1])])
def test_an_empty_class_is_refused(positive, negative):
    with pytest.raises(ValueError, match="positive and negative"):
        discrimination.auc(positive, negative)
