"""Areas under the curve of several readers in several modalities: analyses of variance and the U-statistic."""

from itertools import combinations
from math import inf, isfinite, nan, sqrt
from typing import Any

import numpy as np

from radiorate.results.statistics.discrimination import placements

Found = dict[str, Any]

COLUMNS = ("reader", "case", "modality", "truth", "score")
RANDOM = ("readers+cases", "cases", "readers")


def _cube(scores: Any) -> tuple[np.ndarray, np.ndarray, list[Any]]:
    """Scores (modalities, readers, cases), nan where nobody read, the truth (cases,) as bool, and the modalities."""
    reader, case, modality, truth, score = (np.asarray(scores[name]) for name in COLUMNS)
    if not score.size:
        raise ValueError("scores: no row")
    modalities, of_modality = np.unique(modality, return_inverse=True)
    readers, of_reader = np.unique(reader, return_inverse=True)
    cases, of_case = np.unique(case, return_inverse=True)
    if not np.isin(truth, (0, 1)).all():
        raise ValueError("truth: 0 or 1")
    shape = len(modalities), len(readers), len(cases)
    if len(np.unique(np.ravel_multi_index((of_modality, of_reader, of_case), shape))) < len(score):
        raise ValueError("scores: a reader reads a case in a modality once")
    cube = np.full(shape, nan)
    cube[of_modality, of_reader, of_case] = score.astype(float)
    positive = np.zeros(len(cases), dtype=bool)
    positive[of_case] = truth.astype(bool)
    if (positive[of_case] != truth.astype(bool)).any():
        raise ValueError("truth: a case is both 0 and 1")
    if positive.all() or not positive.any():
        raise ValueError("truth: cases of both kinds are needed")
    return cube, positive, modalities.tolist()


def _complete(scores: Any) -> tuple[np.ndarray, np.ndarray, list[Any]]:
    cube, positive, modalities = _cube(scores)
    if np.isnan(cube).any():
        raise ValueError("scores: cells are missing; ustatistic_auc takes such tables")
    if min(positive.sum(), (~positive).sum()) < 2:
        raise ValueError("truth: two cases of each kind at least")
    return cube, positive, modalities


def _all_placements(cube: np.ndarray, positive: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Placement values of each modality and reader: (modalities, readers, positives), (.., negatives)."""
    found = [[placements(row[positive], row[~positive]) for row in rows] for rows in cube]
    return np.array([[one for one, _ in rows] for rows in found]), np.array(
        [[two for _, two in rows] for rows in found]
    )


def _without_each(of_positive: np.ndarray, of_negative: np.ndarray) -> np.ndarray:
    """The areas with one case left out, (modalities, readers, cases), positives first; no area is computed anew."""
    area = of_positive.mean(axis=-1, keepdims=True)
    left_out = [(each.shape[-1] * area - each) / (each.shape[-1] - 1) for each in (of_positive, of_negative)]
    return np.concatenate(left_out, axis=-1)


def _covariance(of_positive: np.ndarray, of_negative: np.ndarray, method: str) -> np.ndarray:
    """Covariances of all areas, (modalities, readers, modalities, readers)."""
    shape = of_positive.shape[:2]
    if method == "jackknife":
        left_out = _without_each(of_positive, of_negative).reshape(shape[0] * shape[1], -1)
        cases = left_out.shape[1]
        return ((cases - 1) ** 2 / cases * np.atleast_2d(np.cov(left_out))).reshape(*shape, *shape)
    if method == "delong":
        above, below = (each.reshape(shape[0] * shape[1], -1) for each in (of_positive, of_negative))
        matrix = np.cov(above) / above.shape[1] + np.cov(below) / below.shape[1]
        return np.reshape(matrix, (*shape, *shape))
    raise ValueError(f"covariance: {method} is neither jackknife nor delong")


def _average(total: float, pairs: int) -> float:
    return float(total / pairs) if pairs else nan


def _covariances(covariance: np.ndarray) -> dict[str, float]:
    """The mean variance, and the mean covariances of one reader, of one modality, and of neither."""
    i, j = covariance.shape[:2]
    error = np.einsum("ijij->", covariance)
    one_reader = np.einsum("ijkj->", covariance) - error
    one_modality = np.einsum("ijik->", covariance) - error
    return {
        "error": _average(error, i * j),
        "cov1": _average(one_reader, i * (i - 1) * j),
        "cov2": _average(one_modality, i * j * (j - 1)),
        "cov3": _average(covariance.sum() - error - one_reader - one_modality, i * (i - 1) * j * (j - 1)),
    }


def _mean_squares(areas: np.ndarray) -> tuple[float, float, float]:
    """MS(modality), MS(reader), MS(modality x reader) of (modalities, readers); nan without degrees of freedom."""
    i, j = areas.shape
    of_modality, of_reader, mean = areas.mean(axis=1), areas.mean(axis=0), areas.mean()
    rest = areas - of_modality[:, None] - of_reader + mean
    return (
        _average(j * ((of_modality - mean) ** 2).sum(), i - 1),
        _average(i * ((of_reader - mean) ** 2).sum(), j - 1),
        _average((rest**2).sum(), (i - 1) * (j - 1)),
    )


def _interval(value: float, variance: float, df: float, confidence: float) -> Found:
    from scipy.special import ndtri, stdtrit

    error = sqrt(variance) if variance > 0 else nan
    quantile = float(ndtri(0.5 + confidence / 2) if df == inf else stdtrit(df, 0.5 + confidence / 2))
    return {
        "value": float(value),
        "standard_error": error,
        "df": float(df),
        "low": float(value) - quantile * error,
        "high": float(value) + quantile * error,
    }


def _area(value: float, variance: float, df: float, confidence: float) -> Found:
    """An interval that does not leave 0..1."""
    found = _interval(value, variance, df, confidence)
    return found | {"low": max(found["low"], 0.0), "high": min(found["high"], 1.0)} if variance > 0 else found


def _test(ms_modality: float, denominator: float, df1: int, df2: float) -> Found:
    """F with its degrees of freedom and p; nan with one modality, or where the denominator is no variance."""
    from scipy.special import chdtrc, fdtrc

    if df1 < 1 or not denominator > 0:
        return {"f": nan, "df1": df1, "df2": nan, "p": nan}
    f = ms_modality / denominator
    p = chdtrc(df1, df1 * f) if df2 == inf else fdtrc(df1, df2, f)
    return {"f": f, "df1": df1, "df2": df2, "p": float(p)}


def obuchowski_rockette(
    scores: Any, covariance: str = "jackknife", random: str = "readers+cases", confidence: float = 0.95
) -> Found:
    """Compares the areas of modalities over the same readers and cases.

    scores: a frame (or mapping of columns) of reader, case, modality, truth (1 = positive), score; every reader reads
    every case in every modality. covariance: jackknife or delong; random: readers+cases, cases, readers.
    Returns ms_modality, ms_modality_reader, components {reader, modality_reader, error, cov1, cov2, cov3} (may be
    negative; only sums in denominators are cut at 0), f, df1, df2, p, differences (first minus second of the sorted
    modalities, all pairs) and means by modality, each {value, standard_error, df, low, high}. With cases alone random
    df2 is infinite. nan where a component has no degrees of freedom. ValueError on missing or repeated cells.
    Source: Obuchowski & Rockette 1995, Commun Stat Simul 24:285; df: Hillis 2007, Stat Med 26:596.
    """
    if random not in RANDOM:
        raise ValueError(f"random: {random} is none of {', '.join(RANDOM)}")
    cube, positive, modalities = _complete(scores)
    above, below = _all_placements(cube, positive)
    areas, matrix = above.mean(axis=-1), _covariance(above, below, covariance)
    i, j = areas.shape
    ms_modality, ms_reader, ms_both = _mean_squares(areas)
    cov = _covariances(matrix)
    gap = max(cov["cov2"] - cov["cov3"], 0.0)
    own = [_covariances(matrix[[k]][:, :, [k]]) for k in range(i)]
    own_reader = [_average(((row - row.mean()) ** 2).sum(), j - 1) for row in areas]
    if random == "cases":
        # One reader has no covariance with others, and needs none.
        between = (j - 1) * (cov["cov2"] - cov["cov3"]) if j > 1 else 0.0
        denominator, df = cov["error"] - cov["cov1"] + between, inf
        spread = [
            ((each["error"] + (j - 1) * max(each["cov2"], 0.0)) / j if j > 1 else each["error"], inf) for each in own
        ]
    elif random == "readers":
        denominator, df = ms_both, float((i - 1) * (j - 1))
        spread = [(square / j, float(j - 1)) for square in own_reader]
    else:
        denominator = ms_both + j * gap
        df = denominator**2 / (ms_both**2 / ((i - 1) * (j - 1))) if ms_both > 0 else nan
        shared = [j * max(each["cov2"], 0.0) for each in own]
        spread = [
            ((square + each) / j, (square + each) ** 2 / (square**2 / (j - 1)) if square > 0 else nan)
            for square, each in zip(own_reader, shared, strict=True)
        ]
    means = areas.mean(axis=1)
    return {
        "ms_modality": ms_modality,
        "ms_modality_reader": ms_both,
        "components": {
            "reader": (ms_reader - ms_both) / i - cov["cov1"] + cov["cov3"],
            "modality_reader": ms_both - cov["error"] + cov["cov1"] + gap,
            **cov,
        },
        **_test(ms_modality, denominator, i - 1, df),
        "differences": [
            _interval(means[one] - means[two], 2 * denominator / j, df, confidence)
            for one, two in combinations(range(i), 2)
        ],
        "means": {
            str(name): _area(mean, variance, own_df, confidence)
            for name, mean, (variance, own_df) in zip(modalities, means, spread, strict=True)
        },
    }


def dorfman_berbaum_metz(scores: Any, random: str = "readers+cases", confidence: float = 0.95) -> Found:
    """The analysis of variance of jackknife pseudovalues: another way to `obuchowski_rockette`'s f, df and p.

    scores and random as there. Returns components {reader, case, modality_reader, modality_case, reader_case, error}
    (may be negative), f, df1, df2, p and differences. With cases alone random, f has the variance of pseudovalues in
    its denominator and (cases - 1) (modalities - 1) degrees of freedom. ValueError on missing or repeated cells.
    Source: Dorfman, Berbaum, Metz 1992, Invest Radiol 27:723; Hillis, Berbaum, Metz 2008, Acad Radiol 15:647.
    """
    if random not in RANDOM:
        raise ValueError(f"random: {random} is none of {', '.join(RANDOM)}")
    cube, positive, _ = _complete(scores)
    above, below = _all_placements(cube, positive)
    areas = above.mean(axis=-1)
    left_out = _without_each(above, below)
    i, j, k = left_out.shape
    pseudo = k * areas[:, :, None] - (k - 1) * left_out

    def square(*kept: int) -> float:
        """Mean square of an effect: the means over the other factors, swept of all that is below the effect."""
        effect = pseudo.mean(axis=tuple({0, 1, 2} - set(kept)), keepdims=True)
        for axis in kept:
            effect = effect - effect.mean(axis=axis, keepdims=True)
        df = int(np.prod([pseudo.shape[axis] - 1 for axis in kept]))
        return _average(pseudo.size / effect.size * float((effect**2).sum()), df)

    t, r, c, tr, tc, rc, trc = (square(*kept) for kept in ((0,), (1,), (2,), (0, 1), (0, 2), (1, 2), (0, 1, 2)))
    if random == "cases":
        denominator, df = tc, float((i - 1) * (k - 1))
    elif random == "readers":
        denominator, df = tr, float((i - 1) * (j - 1))
    else:
        denominator = tr + max(tc - trc, 0.0)
        df = denominator**2 / (tr**2 / ((i - 1) * (j - 1))) if tr > 0 else nan
    means = areas.mean(axis=1)
    return {
        "components": {
            "reader": (r - tr - rc + trc) / (i * k),
            "case": (c - tc - rc + trc) / (i * j),
            "modality_reader": (tr - trc) / k,
            "modality_case": (tc - trc) / j,
            "reader_case": (rc - trc) / i,
            "error": trc,
        },
        **_test(t, denominator, i - 1, df),
        "differences": [
            _interval(means[one] - means[two], 2 * denominator / (j * k), df, confidence)
            for one, two in combinations(range(i), 2)
        ],
    }


def ustatistic_auc(scores: Any, confidence: float = 0.95) -> Found:
    """Areas and their differences for new readers and new cases, from any design with missing cells.

    scores: a frame (or mapping of columns) of reader, case, modality, truth (1 = positive), score; absent rows are
    missing cells. The area pools all triples of a reader, a positive and a negative the reader read; its variance is
    unbiased. Returns means by modality and differences (first minus second of the sorted modalities), each {value,
    variance, standard_error, df, low, high, method}; df is Hillis'. In the interval a negative part of the cases is
    taken for 0; where the readers' part is <= 0 it is made wider, by leaving out one reader and one case in turn
    (method "jackknife", else "unbiased"). The standard error is nan where the variance is <= 0; all but value is nan
    where no two triples are disjoint.
    Source: Gallas 2006, Acad Radiol 13:353; Gallas & Brown 2008, Neural Netw 21:387; df: Obuchowski, Gallas, Hillis
    2012, Acad Radiol 19:1508.
    """
    cube, positive, modalities = _cube(scores)
    wins = []
    for rows in cube:
        gap = rows[:, positive, None] - rows[:, None, ~positive]
        there = np.isfinite(gap)
        won = np.where(there, np.heaviside(np.where(there, gap, 0.0), 0.5), 0.0)
        wins.append((won, there.astype(float)))
    sizes = [int(there.any(axis=(1, 2)).sum()) for _, there in wins]
    values = [_average(won.sum(), int(there.sum())) for won, there in wins]
    whole, between_readers = np.array(
        [
            [_covariance_of(one, won, two, of) for two, of in zip(values, wins, strict=True)]
            for one, won in zip(values, wins, strict=True)
        ]
    ).transpose(2, 0, 1)

    def entry(sign: np.ndarray, readers: int, interval: Any) -> Found:
        variance = float(sign @ whole @ sign)
        # What two readers have in common is of the cases, the rest has the readers' degrees of freedom (Hillis).
        of_cases = float(sign @ between_readers @ sign)
        of_readers, method = variance - of_cases, "unbiased"
        if not of_readers > 0 and isfinite(variance):
            of_readers, of_cases = _jackknifed(sign, wins)
            method = "jackknife"
        total = of_readers + max(of_cases, 0.0)
        df = total**2 / (of_readers**2 / (readers - 1)) if of_readers > 0 and readers > 1 else nan
        found = interval(float(sign @ values), total, df, confidence)
        error = sqrt(variance) if variance > 0 else nan
        return {**found, "variance": variance, "standard_error": error, "method": method}

    unit = np.eye(len(modalities))
    return {
        "means": {str(name): entry(unit[k], sizes[k], _area) for k, name in enumerate(modalities)},
        "differences": [
            entry(unit[k] - unit[m], min(sizes[k], sizes[m]), _interval)
            for k, m in combinations(range(len(modalities)), 2)
        ],
    }


def _jackknifed(sign: np.ndarray, wins: list[tuple[np.ndarray, np.ndarray]]) -> tuple[float, float]:
    """Variances of a contrast of areas with one reader, one case left out in turn; never negative, rather too large."""
    parts = []
    for axis in range(3):
        others = tuple({0, 1, 2} - {axis})
        with np.errstate(invalid="ignore", divide="ignore"):
            left_out = np.array(
                [(won.sum() - won.sum(axis=others)) / (there.sum() - there.sum(axis=others)) for won, there in wins]
            )
        contrast = sign @ np.where(sign[:, None] != 0, left_out, 0.0)
        parts.append((len(contrast) - 1) ** 2 / len(contrast) * float(np.var(contrast, ddof=1)))
    return parts[0], parts[1] + parts[2]


def _covariance_of(
    first: float, one: tuple[np.ndarray, np.ndarray], second: float, two: tuple[np.ndarray, np.ndarray]
) -> tuple[float, float]:
    """The unbiased covariance of two areas, and that of two different readers' areas, out of their wins.

    one, two: (readers, positives, negatives) wins, and which triples there are. Products of triples that share neither
    reader, positive nor negative have the areas' product as their mean; they are all products, less those that share
    something, by inclusion and exclusion over the three axes.
    """
    disjoint, other_readers = [], []
    for a, b in zip(one, two, strict=True):
        shared = {}
        for axes in range(8):
            summed = tuple(axis for axis in range(3) if not axes >> axis & 1)
            shared[axes] = float((a.sum(axis=summed) * b.sum(axis=summed)).sum())
        disjoint.append(sum((-1) ** axes.bit_count() * total for axes, total in shared.items()))
        other_readers.append(shared[0] - shared[1])
    # The counts are whole numbers, which rounding must not turn into almost none.
    product = _average(disjoint[0], round(disjoint[1]))
    return first * second - product, _average(other_readers[0], round(other_readers[1])) - product
