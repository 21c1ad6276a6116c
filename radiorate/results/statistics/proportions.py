"""Intervals of shares."""

from math import nan, sqrt


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
