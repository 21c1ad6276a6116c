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


def test_forced_choice_is_root_two_times_the_deviate_of_the_share():
    """Share .75 is d' .954 in the tables of Hacker & Ratcliff 1979, Percept Psychophys 26:168 (two alternatives)."""
    assert discrimination.forced_choice_d_prime(75, 100, correction=False)["d_prime"] == pytest.approx(0.954, abs=5e-4)
    assert discrimination.forced_choice_d_prime(75, 100)["d_prime"] == pytest.approx(sqrt(2) * z(75.5 / 101))
    assert np.isfinite(discrimination.forced_choice_d_prime(10, 10)["d_prime"])


@given(st.integers(2, 8), st.integers(2, 8), st.integers(0, 10**6))
def test_the_difference_of_paired_areas_has_the_jackknife_like_error_of_its_definition(n, m, seed):
    random = np.random.default_rng(seed)
    a, b = random.integers(1, 6, size=(2, n + m)).astype(float)
    wins = [np.array([[(x > y) + (x == y) / 2 for y in each[n:]] for x in each[:n]]) for each in (a, b)]
    gap = wins[0] - wins[1]
    variance = gap.mean(axis=1).var(ddof=1) / n + gap.mean(axis=0).var(ddof=1) / m
    found = discrimination.auc_difference(a[:n], a[n:], b[:n], b[n:])
    assert found["difference"] == pytest.approx(gap.mean())
    if variance > 1e-20:
        assert found["standard_error"] == pytest.approx(sqrt(variance))
        assert found["p"] == pytest.approx(2 * NormalDist().cdf(-abs(gap.mean()) / sqrt(variance)))
    else:
        assert np.isnan(found["p"])


@given(SCORES, SCORES)
def test_the_area_under_the_points_is_the_area(positive, negative):
    x, y = np.array(discrimination.roc_points(positive, negative)).T
    assert ((x[0], y[0]), (x[-1], y[-1])) == ((0, 0), (1, 1))
    assert np.trapezoid(y, x) == pytest.approx(discrimination.auc(positive, negative)["value"])


def test_belief_moves_scores_within_readers_whatever_their_severity():
    random = np.random.default_rng(3)
    reader, case = map(np.ravel, np.indices((6, 40)))
    belief = random.random(240) < 0.3 + 0.08 * reader
    score = 3 + 0.5 * belief - 1.0 * reader + 0.3 * random.normal(size=40)[case] + 0.4 * random.normal(size=240)
    found = discrimination.belief_bias(score, belief, reader, case)
    dummies = np.column_stack([belief, reader[:, None] == np.arange(6)]).astype(float)
    assert found["difference"] == pytest.approx(np.linalg.lstsq(dummies, score)[0][0])
    assert found["low"] < 0.5 < found["high"] < 1
    shifted = discrimination.belief_bias(score + 10 * reader, belief, reader, case)
    assert shifted == pytest.approx(found)
    assert np.isnan(discrimination.belief_bias(score, np.ones(240), reader, case)["difference"])
