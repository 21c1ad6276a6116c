"""How many readers and pairs a study needs: its analysis, simulated before there is a reading."""

from math import isfinite, sqrt

import numpy as np

COMPONENTS = ("reader", "case", "residual")


def power(
    readers: int,
    pairs: int,
    effect: float,
    components: dict[str, float],
    runs: int = 2000,
    seed: int = 1,
    confidence: float = 0.95,
) -> dict[str, float]:
    """{power, half_width, standard_error} of the mean difference real minus synthetic over all readers and pairs.

    readers, pairs: two at least, every reader reads every pair; effect: the true mean difference in points;
    components: variances {reader, case, residual} of a reader's difference of a pair, in squared points. power is the
    share of simulated studies whose interval for new readers and new pairs leaves 0 out, half_width the median of half
    its length, standard_error the closed form sqrt(reader / R + case / P + residual / (R P)). The Monte-Carlo error of
    power is sqrt(power (1 - power) / runs). ValueError on fewer readers or pairs, or negative or no variances.
    The mean and the mean squares of a complete normal table are independent, normal and chi-squared, so these are drawn
    and not the readings; the interval is that of `mrmc.mean_with_interval`.
    """
    from scipy.special import stdtrit

    values = [float(components[name]) for name in COMPONENTS]
    if readers < 2 or pairs < 2 or runs < 1:
        raise ValueError("readers, pairs: two at least; runs: one at least")
    if min(values) < 0 or sum(values) == 0 or not all(map(isfinite, values)):
        raise ValueError("components: variances, not all zero")
    reader, case, residual = values
    random = np.random.default_rng(seed)
    error = sqrt(reader / readers + case / pairs + residual / (readers * pairs))
    mean = effect + error * random.standard_normal(runs)

    def square(expected: float, df: int) -> np.ndarray:
        return expected * random.chisquare(df, runs) / df

    rest_df = (readers - 1) * (pairs - 1)
    of_reader = square(residual + pairs * reader, readers - 1)
    of_case = square(residual + readers * case, pairs - 1)
    rest = square(residual, rest_df)
    with np.errstate(invalid="ignore", divide="ignore"):
        total = of_reader + of_case - rest
        df = total**2 / (of_reader**2 / (readers - 1) + of_case**2 / (pairs - 1) + rest**2 / rest_df)
        # Where the unbiased variance is no use, Hillis' takes its place.
        other = of_reader + np.maximum(of_case - rest, 0.0)
        is_usable = (total > 0) & (df >= 1)
        df = np.where(is_usable, df, other**2 / (of_reader**2 / (readers - 1)))
        half = stdtrit(df, 0.5 + confidence / 2) * np.sqrt(np.where(is_usable, total, other) / (readers * pairs))
    return {
        "power": float((np.abs(mean) > half).mean()),
        "half_width": float(np.median(half)),
        "standard_error": error,
    }


def grid(
    readers: list[int], pairs: list[int], effect: float, components: dict[str, float], runs: int = 2000, seed: int = 1
) -> list[dict[str, float]]:
    """`power` of every number of readers with every number of pairs, and what no number of pairs can get below.

    Each row {readers, pairs, power, monte_carlo_error, half_width, standard_error, reader_wall}: reader_wall is the
    standard error with infinitely many pairs, sqrt(reader / R).
    """
    rows = []
    for of_readers in readers:
        for of_pairs in pairs:
            found = power(of_readers, of_pairs, effect, components, runs, seed)
            spread = sqrt(found["power"] * (1 - found["power"]) / runs)
            wall = sqrt(components["reader"] / of_readers)
            row = {"readers": of_readers, "pairs": of_pairs, **found}
            rows.append({**row, "monte_carlo_error": spread, "reader_wall": wall})
    return rows
