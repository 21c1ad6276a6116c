"""Shares: their intervals, and whether they differ from each other or from chance."""

from math import nan, sqrt

import numpy as np
from numpy.typing import ArrayLike


def proportion(successes: float, trials: float, method: str = "wilson", confidence: float = 0.95) -> dict[str, float]:
    """A share and its interval: {value, low, high}; nan everywhere when there were no trials.

    method: wilson (Wilson 1927, J Am Stat Assoc 22:209; successes may be fractions, an undecided answer counts 0.5)
    or clopper-pearson (Clopper & Pearson 1934, Biometrika 26:404; whole numbers). Raises ValueError on another method
    and on successes outside 0..trials.
    """
    from scipy.special import betaincinv, ndtri

    if method not in ("wilson", "clopper-pearson"):
        raise ValueError(f"method: {method} is neither wilson nor clopper-pearson")
    if not 0 <= successes <= trials:
        raise ValueError(f"{successes} successes in {trials} trials")
    if trials == 0:
        return {"value": nan, "low": nan, "high": nan}
    share = successes / trials
    if method == "clopper-pearson":
        if successes % 1 or trials % 1:
            raise ValueError("clopper-pearson needs whole numbers")
        tail = (1 - confidence) / 2
        low = betaincinv(successes, trials - successes + 1, tail) if successes else 0.0
        high = betaincinv(successes + 1, trials - successes, 1 - tail) if successes < trials else 1.0
        return {"value": share, "low": float(low), "high": float(high)}
    z = float(ndtri(0.5 + confidence / 2))
    centre = (share + z * z / (2 * trials)) / (1 + z * z / trials)
    half = z * sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials)) / (1 + z * z / trials)
    # At 0/n and n/n the limit is exactly 0 and 1; rounding would leave 1e-17.
    return {
        "value": share,
        "low": 0.0 if successes == 0 else centre - half,
        "high": 1.0 if successes == trials else centre + half,
    }


def mcnemar_exact(b: int, c: int) -> dict[str, float]:
    """{p}: two-sided, whether one of two conditions of the same cases succeeds more often; 1 without any discordance.

    b, c: the numbers of cases only the first, only the second condition had right. ValueError when negative.
    Source: McNemar 1947, Psychometrika 12:153; exact binomial p, doubled and cut at 1.
    """
    from scipy.special import bdtr

    if min(b, c) < 0 or b % 1 or c % 1:
        raise ValueError("b and c: whole numbers from 0")
    return {"p": min(1.0, 2 * float(bdtr(min(b, c), b + c, 0.5)))}


def cochran_q(correct: ArrayLike) -> dict[str, float]:
    """{q, df, p}: whether several readers (or conditions) are right equally often on the same cases.

    correct: (cases, readers) of 0 and 1, nothing missing. q and p are nan where every case was the same for all. The
    readers are these; it generalises to new cases alone. ValueError on another shape or value.
    Source: Cochran 1950, Biometrika 37:256.
    """
    from scipy.special import chdtrc

    table = np.asarray(correct, dtype=float)
    if table.ndim != 2 or table.shape[0] < 1 or table.shape[1] < 2 or not np.isin(table, (0, 1)).all():
        raise ValueError("correct: cases x readers of 0 and 1, two readers at least")
    readers = table.shape[1]
    by_reader, by_case = table.sum(axis=0), table.sum(axis=1)
    spread = float((by_case * (readers - by_case)).sum())
    if spread == 0:
        return {"q": nan, "df": float(readers - 1), "p": nan}
    q = (readers - 1) * readers * float(((by_reader - by_reader.mean()) ** 2).sum()) / spread
    return {"q": q, "df": float(readers - 1), "p": float(chdtrc(readers - 1, q))}


def equivalence_to_chance(successes: int, trials: int, margin: float, chance: float = 0.5) -> dict[str, float]:
    """{p_lower, p_upper, p}: two one-sided exact tests that the share lies within chance +- margin.

    p_lower is small where chance - margin would hardly give so many successes, p_upper where chance + margin would
    hardly give so few; p is the larger, and a small p says "as good as chance", which a large p of a test against
    chance does not. For one reader. ValueError on no trials, fractions, or a margin that leaves nothing to exclude.
    Source: Schuirmann 1987, J Pharmacokinet Biopharm 15:657, with the binomial distribution.
    """
    from scipy.special import bdtr, bdtrc

    if not 0 <= successes <= trials or trials < 1 or successes % 1 or trials % 1:
        raise ValueError(f"{successes} successes in {trials} trials")
    if margin <= 0 or chance - margin <= 0 or chance + margin >= 1:
        raise ValueError("margin: chance +- margin must lie within 0..1")
    p_lower = float(bdtrc(successes - 1, trials, chance - margin)) if successes else 1.0
    p_upper = float(bdtr(successes, trials, chance + margin))
    return {"p_lower": p_lower, "p_upper": p_upper, "p": max(p_lower, p_upper)}
