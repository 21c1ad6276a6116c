"""Paired differences by their ranks: for one reader, or for the means of pairs."""

from math import nan, sqrt

import numpy as np
from numpy.typing import ArrayLike


def _differences(differences: ArrayLike) -> np.ndarray:
    values = np.asarray(differences, dtype=float)
    if values.ndim != 1 or not values.size or not np.isfinite(values).all():
        raise ValueError("differences: one finite number a pair, at least one")
    return values


def _exact_p(doubled: np.ndarray, doubled_sum: int) -> float:
    """Two-sided p over all sign flips of ranks, ties and all.

    doubled: (n,) int, twice the midranks, so that they are whole; the numbers of sign patterns that give each sum are
    convolved rank by rank.
    """
    shares = np.zeros(int(doubled.sum()) + 1)
    shares[0] = 1.0
    for rank in doubled:
        shifted = np.zeros_like(shares)
        shifted[rank:] = shares[: len(shares) - rank]
        shares = (shares + shifted) / 2
    away = np.abs(2 * np.arange(len(shares)) - doubled.sum())
    return min(1.0, float(shares[away >= abs(2 * doubled_sum - doubled.sum())].sum()))


def wilcoxon_signed_rank(differences: ArrayLike, zeros: str = "wilcox", method: str = "exact") -> dict[str, float]:
    """{v, z, p}: the sum of positive ranks, its standard normal deviate, and the two-sided p.

    differences: (pairs,). zeros: wilcox drops zero differences before ranking, pratt ranks them and drops them then.
    method: exact (all sign flips, with the ties as they are) or asymptotic (no continuity correction). z and p are nan
    when all differences are zero. ValueError on empty input or another option.
    Source: Wilcoxon 1945, Biometrics Bull 1:80; Pratt 1959, J Am Stat Assoc 54:655.
    """
    from scipy.special import ndtr
    from scipy.stats import rankdata

    if zeros not in ("wilcox", "pratt"):
        raise ValueError(f"zeros: {zeros} is neither wilcox nor pratt")
    if method not in ("exact", "asymptotic"):
        raise ValueError(f"method: {method} is neither exact nor asymptotic")
    values = _differences(differences)
    if zeros == "wilcox":
        values = values[values != 0]
    ranks = rankdata(np.abs(values))[values != 0]
    positive = values[values != 0] > 0
    v = float(ranks[positive].sum())
    if not ranks.size:
        return {"v": v, "z": nan, "p": nan}
    z = (v - ranks.sum() / 2) / sqrt((ranks**2).sum() / 4)
    doubled = np.rint(2 * ranks).astype(int)
    p = _exact_p(doubled, int(doubled[positive].sum())) if method == "exact" else min(1.0, 2 * float(ndtr(-abs(z))))
    return {"v": v, "z": float(z), "p": p}


def hodges_lehmann(differences: ArrayLike) -> dict[str, float]:
    """{value}: the median of the means of all pairs of differences, each with itself too; zeros are kept.

    differences: (pairs,). ValueError on empty input.
    Source: Hodges & Lehmann 1963, Ann Math Stat 34:598.
    """
    values = _differences(differences)
    one, two = np.triu_indices(len(values))
    return {"value": float(np.median((values[one] + values[two]) / 2))}
