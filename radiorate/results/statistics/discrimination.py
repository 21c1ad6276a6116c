"""Whether readers can tell: areas under the curve of their confidence, signal detection, what belief does."""

from math import nan, sqrt

import numpy as np
from numpy.typing import ArrayLike

from radiorate.results.statistics.blinding import blinding_indices

__all__ = [
    "auc",
    "auc_difference",
    "belief_bias",
    "blinding_indices",
    "detection",
    "forced_choice_d_prime",
    "mean_auc",
    "placements",
    "roc_points",
]


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


def forced_choice_d_prime(correct: float, trials: float, correction: bool = True) -> dict[str, float]:
    """{d_prime}: sqrt(2) z(share correct) of choices between two, without regard to sides.

    correct may be a fraction (an undecided choice is half). correction: log-linear, 0.5 to correct and 1 to trials;
    without it all or nothing correct gives +-infinity. nan without trials; ValueError outside 0..trials.
    Source: Macmillan & Creelman 2005, Detection Theory, chapter 7.
    """
    from scipy.special import ndtri

    if not 0 <= correct <= trials:
        raise ValueError(f"{correct} correct of {trials} trials")
    if trials == 0:
        return {"d_prime": nan}
    share = (correct + 0.5) / (trials + 1) if correction else correct / trials
    return {"d_prime": sqrt(2) * float(ndtri(share))}


def auc_difference(
    positive_a: ArrayLike, negative_a: ArrayLike, positive_b: ArrayLike, negative_b: ArrayLike
) -> dict[str, float]:
    """{difference, standard_error, z, p} of two areas, a minus b, over the same cases (or of the same reader).

    positive_a, positive_b: (n,) scores of the same positives in the same order; negative_a, negative_b: (m,) likewise.
    nan where the difference does not vary. ValueError when the shapes differ or a class has fewer than two cases.
    Source: DeLong, DeLong, Clarke-Pearson 1988, Biometrics 44:837.
    """
    from scipy.special import ndtr

    one, two = np.asarray(positive_a, dtype=float), np.asarray(positive_b, dtype=float)
    three, four = np.asarray(negative_a, dtype=float), np.asarray(negative_b, dtype=float)
    if one.shape != two.shape or three.shape != four.shape or {one.ndim, three.ndim} != {1}:
        raise ValueError("both areas need the same cases in the same order")
    if min(one.size, three.size) < 2:
        raise ValueError("two positives and two negatives at least")
    above_a, below_a = placements(one, three)
    above_b, below_b = placements(two, four)
    difference = float(above_a.mean() - above_b.mean())
    variance = (above_a - above_b).var(ddof=1) / one.size + (below_a - below_b).var(ddof=1) / three.size
    if variance < 1e-24:
        return {"difference": difference, "standard_error": nan, "z": nan, "p": nan}
    z = difference / sqrt(variance)
    return {"difference": difference, "standard_error": sqrt(variance), "z": z, "p": 2 * float(ndtr(-abs(z)))}


def roc_points(positive: ArrayLike, negative: ArrayLike) -> list[list[float]]:
    """The operating points [false positive rate, true positive rate] by falling threshold, [0, 0] to [1, 1].

    positive, negative: (n,), (m,) scores; one point for each value that occurs, none left out for lying on a line.
    ValueError when a class is empty.
    """
    above, below = np.asarray(positive, dtype=float), np.asarray(negative, dtype=float)
    if above.ndim != 1 or below.ndim != 1 or not above.size or not below.size:
        raise ValueError("positive and negative need at least one score each")
    thresholds = np.unique(np.concatenate([above, below]))[::-1]
    return [[0.0, 0.0], *([float((below >= t).mean()), float((above >= t).mean())] for t in thresholds)]


def belief_bias(score: ArrayLike, believed_real: ArrayLike, reader: ArrayLike, case: ArrayLike) -> dict[str, float]:
    """{difference, standard_error, low, high}: how much higher an image scores when its reader believed it real.

    One entry a reading of images that are all real, or all synthetic: score in points, believed_real bool, reader,
    case. The difference is within readers, whose severity drops out; its error sums what readings of one reader and of
    one case share (t with the smaller of both numbers less one degrees of freedom). nan where no reader believed both,
    or there are fewer than two readers or cases. ValueError on empty input or differing lengths.
    Source: least squares with an effect per reader; Cameron, Gelbach, Miller 2011, J Bus Econ Stat 29:238.
    """
    from scipy.special import stdtrit

    points, belief = np.asarray(score, dtype=float), np.asarray(believed_real, dtype=float)
    if points.ndim != 1 or not points.size or len({points.shape, belief.shape, np.shape(reader), np.shape(case)}) > 1:
        raise ValueError("score, believed_real, reader and case must have one length, at least one")
    _, row = np.unique(np.asarray(reader), return_inverse=True)
    _, column = np.unique(np.asarray(case), return_inverse=True)

    def within(values: np.ndarray) -> np.ndarray:
        return values - (np.bincount(row, weights=values) / np.bincount(row))[row]

    own = within(belief)
    information = float((own**2).sum())
    undefined = {"standard_error": nan, "low": nan, "high": nan}
    if information < 1e-12:
        return {"difference": nan, **undefined}
    difference = float((own * points).sum()) / information
    residual = own * (within(points) - difference * own) / information
    by_reader, by_case = np.bincount(row, weights=residual), np.bincount(column, weights=residual)
    units = min(len(by_reader), len(by_case))
    variance = float((by_reader**2).sum() + (by_case**2).sum() - (residual**2).sum())
    # Where the two-way sum fails, the larger of the one-way ones is the cautious one.
    variance = variance if variance > 0 else float(max((by_reader**2).sum(), (by_case**2).sum()))
    if units < 2 or variance < 1e-24:
        return {"difference": difference, **undefined}
    error = sqrt(variance * units / (units - 1))
    half = float(stdtrit(units - 1, 0.975)) * error
    return {"difference": difference, "standard_error": error, "low": difference - half, "high": difference + half}


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
