"""Ordered grades: the wine data of Randall 1989 as Christensen's R package ordinal fits them, and definitions.

Nine judges, bitterness 1..5 of eight glasses each: cold, warm (four each), and among these without, with skin contact.
Christensen 2019 (vignettes of ordinal) prints for clm: temperature 2.503 (0.529), contact 1.528 (0.477), thresholds
-1.344, 1.251, 3.467, 5.006, log-likelihood -86.49; with a judge effect by ten quadrature nodes: 3.06, 1.83, -81.53.
"""

import numpy as np
import pytest
import scipy.stats as stats  # noqa: TID253  (a test pays the import once)

from radiorate.results.statistics import grading

WINE = ["23344455", "12132354", "23325544", "32323253", "23433333", "32322454", "11222323", "22233334", "12323244"]
SCORES = np.array([[int(digit) for digit in row] for row in WINE]).ravel()
JUDGE = np.repeat(np.arange(9), 8)
DESIGN = np.column_stack([np.tile([0, 0, 0, 0, 1, 1, 1, 1], 9), np.tile([0, 0, 1, 1, 0, 0, 1, 1], 9)])


def test_the_published_cumulative_link_model_is_reproduced():
    found = grading.cumulative_link(SCORES, DESIGN, 5)
    assert found["coefficients"] == pytest.approx([2.503, 1.528], abs=5e-4)
    assert found["standard_errors"] == pytest.approx([0.529, 0.477], abs=5e-4)
    assert found["thresholds"] == pytest.approx([-1.344, 1.251, 3.467, 5.006], abs=5e-4)
    assert found["log_likelihood"] == pytest.approx(-86.49, abs=5e-3)


def test_the_published_mixed_model_is_reproduced():
    found = grading.cumulative_link_mixed(SCORES, DESIGN, JUDGE, 5)
    assert found["coefficients"] == pytest.approx([3.06, 1.83], abs=5e-3)
    assert found["log_likelihood"] == pytest.approx(-81.53, abs=5e-3)
    assert found["effects"]["0"] > found["effects"]["6"]  # the first judge grades highest, the seventh lowest


def test_counted_rows_are_rows_repeated():
    rows, counts = np.unique(np.column_stack([SCORES, JUDGE, DESIGN]), axis=0, return_counts=True)
    one = grading.cumulative_link_mixed(rows[:, 0], rows[:, 2:], rows[:, 1], 5, counts)
    two = grading.cumulative_link_mixed(SCORES, DESIGN, JUDGE, 5)
    for key in ("coefficients", "standard_errors", "thresholds", "log_likelihood", "standard_deviation"):
        assert one[key] == pytest.approx(two[key], rel=1e-3)


def test_crossed_effects_find_readers_cases_and_a_drift():
    random = np.random.default_rng(1)
    reader, case = map(np.ravel, np.indices((6, 40)))
    severity, ease = np.linspace(-1.5, 1.5, 6), 0.8 * random.normal(size=40)
    position = np.tile(np.linspace(0, 1, 40), 6)
    design = np.column_stack([case % 2, position])
    latent = design @ [-1.2, 0.8] + severity[reader] + ease[case] + random.logistic(size=240)
    found = grading.cumulative_link_mixed(
        1 + np.digitize(latent, [-2, -1, 0.5, 2]), design, np.column_stack([reader, case]), 5
    )
    for value, error, truth in zip(found["coefficients"], found["standard_errors"], (-1.2, 0.8), strict=True):
        assert abs(value - truth) < 2.5 * error
    assert stats.spearmanr(list(found["effects"][0].values()), severity)[0] > 0.8
    assert 0.3 < found["standard_deviation"][1] < 1.5


def test_grades_nobody_gave_leave_the_thresholds_in_their_places():
    found = grading.cumulative_link([2, 2, 4, 4, 2, 4], [0, 1, 0, 1, 0, 1], 5)
    assert np.isnan([found["thresholds"][0], found["thresholds"][3]]).all()
    assert found["thresholds"][1] == found["thresholds"][2]


def test_the_vgc_area_is_the_chance_of_a_better_grade():
    random = np.random.default_rng(2)
    reference, test = random.integers(1, 6, 30), random.integers(1, 5, 25)
    found = grading.vgc(reference, test, 5)
    chance = np.mean([(b > a) + (a == b) / 2 for a in reference for b in test])
    assert found["auc"] == pytest.approx(chance)
    x, y = np.array(found["points"]).T
    assert np.trapezoid(y, x) == pytest.approx(chance)
    assert (found["points"][0], found["points"][-1], len(found["points"])) == ([0, 0], [1, 1], 6)
    assert grading.vgc(reference, reference, [1, 2, 3, 4, 5])["auc"] == pytest.approx(0.5)


@pytest.mark.parametrize(
    "call",
    [
        lambda: grading.vgc([1, 2], [6], 5),
        lambda: grading.vgc([1], [1], 1),
        lambda: grading.cumulative_link([1, 1], [0, 1], 5),
        lambda: grading.cumulative_link([1, 2], [0], 5),
        lambda: grading.cumulative_link_mixed([1, 2], [0, 1], [1], 5),
    ],
)
def test_what_is_off_the_scale_or_of_other_length_is_refused(call):
    with pytest.raises(ValueError, match=r"scale|levels|scores|groups"):
        call()


def test_the_mean_area_of_readers_resamples_whole_pairs():
    random = np.random.default_rng(3)
    quality = random.normal(size=(1, 40))  # of the pair, so that both images of it are alike
    real, synthetic = (
        np.clip(np.round(3 + shift + 1.5 * quality + 0.5 * random.normal(size=(5, 40))), 1, 5) for shift in (0.3, 0)
    )
    real[0, :10] = np.nan
    draws = tuple(random.multinomial(n, np.full(n, 1 / n), size=600).astype(float) for n in (5, 40))
    found = grading.vgc_interval(real, synthetic, draws)
    own = [grading.vgc(a[np.isfinite(a)], b, 5)["auc"] for a, b in zip(real, synthetic, strict=True)]
    assert found["auc"] == pytest.approx(np.mean(own))
    assert found["low"] < found["auc"] < found["high"]
    independent = grading.vgc(real[1], synthetic[1], 5)  # two groups that have nothing to do with each other
    assert found["high"] - found["low"] < 0.6 * (independent["high"] - independent["low"])
    assert np.isnan(grading.vgc_interval(real * np.nan, synthetic, draws)["auc"])
