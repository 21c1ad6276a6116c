"""Blinding indices of the CRISP trial as Bang, Ni, Davis 2004 (Control Clin Trials 25:143) print them."""

import numpy as np
import pytest

from radiorate.results.statistics.discrimination import blinding_indices

CRISP = [[82, 27], [25, 29], [170, 83]]  # guess active, placebo, unknown; truth active, placebo


def test_the_published_trial_is_reproduced():
    """James .75 (.71 to .79); Bang .21 (.13 to .28) in the active and .01 (-.10 to .12) in the placebo group."""
    found = blinding_indices(CRISP)
    assert found["james"]["value"] == pytest.approx(0.74793, abs=1e-5)  # this and the error: R package BI 1.2.0
    assert found["james"]["standard_error"] == pytest.approx(0.0217374, abs=1e-7)
    assert [round(each["value"], 2) for each in found["bang"]] == [0.21, 0.01]
    first = found["bang"][0]
    right, wrong = 82 / 277, 25 / 277
    assert first["standard_error"] == pytest.approx(np.sqrt((right + wrong - (right - wrong) ** 2) / 277))


def test_the_error_of_james_index_is_that_of_resampled_answers():
    counts = np.array(CRISP)
    random = np.random.default_rng(1)
    drawn = random.multinomial(counts.sum(), counts.ravel() / counts.sum(), size=1500).reshape(-1, 3, 2)
    spread = np.std([blinding_indices(table)["james"]["value"] for table in drawn[:400]])
    assert blinding_indices(CRISP)["james"]["standard_error"] == pytest.approx(spread, rel=0.1)


def test_wrong_guesses_are_negative_and_all_unknown_has_no_index_of_james():
    found = blinding_indices([[1, 8], [9, 2], [0, 0]])
    assert [each["value"] < 0 for each in found["bang"]] == [True, True]
    unknown = blinding_indices([[0, 0], [0, 0], [5, 5]])
    assert np.isnan(unknown["james"]["value"])
    assert [each["value"] for each in unknown["bang"]] == [0, 0]
    assert np.isnan(blinding_indices([[1, 0], [2, 0], [0, 0]])["bang"][1]["value"])


@pytest.mark.parametrize("counts", [[[1, 2], [3, 4]], [[0, 0], [0, 0], [0, 0]], [[-1, 2], [3, 4], [0, 0]]])
def test_another_shape_is_refused(counts):
    with pytest.raises(ValueError, match="counts"):
        blinding_indices(counts)
