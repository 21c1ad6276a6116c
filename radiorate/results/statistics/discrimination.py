"""Whether readers can tell: area under the curve of their confidence, and signal detection."""

from math import nan, sqrt

import numpy as np
from numpy.typing import ArrayLike


def placements(positive: np.ndarray, negative: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of each positive the share of negatives below it, of each negative the share of positives above; ties half."""
    below, above = np.sort(negative), np.sort(positive)
    left, right = np.searchsorted(below, positive, "left"), np.searchsorted(below, positive, "right")
    of_positive = (left + right) / (2 * len(negative))
    left, right = np.searchsorted(above, negative, "left"), np.searchsorted(above, negative, "right")
    return of_positive, 1 - (left + right) / (2 * len(positive))


def auc(positive: ArrayLike, negative: ArrayLike, confidence: float = 0.95) -> dict[str, float]:
    """{value, standard_error, low, high}: the chance that a positive scores above a negative, ties half.

    positive, negative: (n,), (m,) scores. The interval is value +- z * standard error, cut at 0 and 1; nan with one
    case in a class or without any spread. ValueError when a class is empty.
    Source: DeLong, DeLong, Clarke-Pearson 1988, Biometrics 44:837.
    """
    from scipy.special import ndtri

    above, below = np.asarray(positive, dtype=float), np.asarray(negative, dtype=float)
    if above.ndim != 1 or below.ndim != 1 or not above.size or not below.size:
        raise ValueError("positive and negative need at least one score each")
    of_positive, of_negative = placements(above, below)
    value = float(of_positive.mean())
    if min(len(above), len(below)) < 2:
        return {"value": value, "standard_error": nan, "low": nan, "high": nan}
    error = sqrt(of_positive.var(ddof=1) / len(above) + of_negative.var(ddof=1) / len(below))
    if error < 1e-12:  # complete separation: the formula's zero is no certainty
        return {"value": value, "standard_error": nan, "low": nan, "high": nan}
    half = float(ndtri(0.5 + confidence / 2)) * error
    return {"value": value, "standard_error": error, "low": max(0.0, value - half), "high": min(1.0, value + half)}


def detection(
    hits: float, misses: float, false_alarms: float, correct_rejections: float, design: str = "yes-no"
) -> dict[str, float]:
    """{hit_rate, false_alarm_rate, d_prime, criterion}, always with the log-linear correction.

    design: yes-no, or 2afc, where a hit is "left" said when left was real and the criterion is the side bias. nan when
    one of the two kinds of trial is missing.
    Source: Macmillan & Creelman 2005, Detection Theory; correction: Hautus 1995, Behav Res Methods 27:46.
    """
    from scipy.special import ndtri

    if design not in ("yes-no", "2afc"):
        raise ValueError(f"design: {design} is neither yes-no nor 2afc")
    if min(hits, misses, false_alarms, correct_rejections) < 0:
        raise ValueError("a count is negative")
    if hits + misses == 0 or false_alarms + correct_rejections == 0:
        return dict.fromkeys(("hit_rate", "false_alarm_rate", "d_prime", "criterion"), nan)
    hit_rate = (hits + 0.5) / (hits + misses + 1)
    false_rate = (false_alarms + 0.5) / (false_alarms + correct_rejections + 1)
    z_hit, z_false = float(ndtri(hit_rate)), float(ndtri(false_rate))
    return {
        "hit_rate": hit_rate,
        "false_alarm_rate": false_rate,
        "d_prime": (z_hit - z_false) / (sqrt(2) if design == "2afc" else 1),
        "criterion": -(z_hit + z_false) / 2,
    }


def mean_auc(
    scores: np.ndarray,
    truth: np.ndarray,
    reader_weights: np.ndarray,
    case_weights: np.ndarray,
    confidence: float = 0.95,
) -> dict[str, float]:
    """{value, low, high}: the readers' mean area, with percentile limits over resampled readers and cases.

    scores: (readers, cases), nan = missing; truth: (readers, cases) bool, which may differ by reader (the side a case
    was shown on); weights: (resamples, readers), (resamples, cases), how often each was drawn.
    nan where no reader met both truths. Under about 8 readers the interval is too narrow where readers differ.
    """
    values, totals, total_weight = [], 0.0, 0.0
    levels = np.unique(scores[np.isfinite(scores)])
    for row, real, drawn in zip(scores, truth, reader_weights.T, strict=True):
        seen = np.isfinite(row)
        if not (seen & real).any() or not (seen & ~real).any():
            continue
        values.append(auc(row[seen & real], row[seen & ~real])["value"])
        at_level = (row[:, None] == levels).astype(float)
        above = case_weights @ (at_level * real[:, None])
        below = case_weights @ (at_level * ~real[:, None])
        beaten = np.cumsum(below, axis=1) - below / 2
        possible = above.sum(axis=1) * below.sum(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            area = (above * beaten).sum(axis=1) / possible
        usable = possible > 0
        totals = totals + np.where(usable, area, 0) * drawn
        total_weight = total_weight + drawn * usable
    if not values:
        return {"value": nan, "low": nan, "high": nan}
    with np.errstate(invalid="ignore", divide="ignore"):
        areas = np.asarray(totals / total_weight)
    low, high = np.quantile(areas[np.isfinite(areas)], [(1 - confidence) / 2, (1 + confidence) / 2])
    return {"value": float(np.mean(values)), "low": float(low), "high": float(high)}
