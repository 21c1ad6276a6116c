"""Whether a blinding held: guesses of what each case was, against what it was."""

from math import nan, sqrt
from typing import Any

import numpy as np
from numpy.typing import ArrayLike


def _interval(value: float, variance: float, confidence: float) -> dict[str, float]:
    from scipy.special import ndtri

    error = sqrt(variance) if variance > 0 else nan
    half = float(ndtri(0.5 + confidence / 2)) * error
    return {"value": value, "standard_error": error, "low": value - half, "high": value + half}


def _james(share: np.ndarray) -> complex:
    """James' index of the cells' shares (3, 2): 1 = nobody knows or all guess wrong, 0.5 = as chance, 0 = all know."""
    unknown = share[2].sum()
    guessed, truth = share[:2].sum(axis=1), share[:2].sum(axis=0)
    by_chance = guessed[0] * truth[1] + guessed[1] * truth[0]
    return unknown + (1 - unknown) ** 2 * (share[0, 1] + share[1, 0]) / (2 * by_chance)


def _james_variance(share: np.ndarray, total: float) -> float:
    """By the delta method for multinomial counts; a complex step gives each derivative to the last digit."""
    slopes = np.zeros(share.shape)
    for cell in np.ndindex(share.shape):
        moved = share.astype(complex)
        moved[cell] += 1e-30j
        slopes[cell] = _james(moved).imag / 1e-30
    return float((share * slopes**2).sum() - (share * slopes).sum() ** 2) / total


def blinding_indices(counts: ArrayLike, confidence: float = 0.95) -> dict[str, Any]:
    """{james: {value, standard_error, low, high}, bang: [{...} of the first truth, {...} of the second]}.

    counts: (3, 2), rows the guess (first, second, do not know), columns the truth (first, second). James runs from 0
    (all know) over 0.5 (as chance would) to 1 (nobody knows); Bang is the share of right guesses less that of wrong
    ones, so below 0 where the wrong one is named. nan for what has no answers. ValueError on another shape, negatives.
    Source: James et al 1996, Stat Med 15:1421; Bang, Ni, Davis 2004, Control Clin Trials 25:143.
    """
    table = np.asarray(counts, dtype=float)
    if table.shape != (3, 2) or (table < 0).any() or table.sum() == 0:
        raise ValueError("counts: guess (first, second, unknown) x truth (first, second), none negative")
    total, share = float(table.sum()), table / table.sum()
    guessed, truth = share[:2].sum(axis=1), share[:2].sum(axis=0)
    james = _interval(nan, nan, confidence)
    if guessed[0] * truth[1] + guessed[1] * truth[0] > 0:
        james = _interval(float(_james(share).real), _james_variance(share, total), confidence)
    bang = []
    for arm in (0, 1):
        answers = table[:, arm].sum()
        if not answers:
            bang.append(_interval(nan, nan, confidence))
            continue
        right, wrong = table[arm, arm] / answers, table[1 - arm, arm] / answers
        bang.append(_interval(right - wrong, (right + wrong - (right - wrong) ** 2) / answers, confidence))
    return {"james": james, "bang": bang}
