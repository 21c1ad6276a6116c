"""Several tests as one family."""

import numpy as np
from numpy.typing import ArrayLike


def adjust(p: ArrayLike, method: str) -> list[float]:
    """The adjusted p values in the order given; nan is no test: it counts for nothing and stays where it is.

    p: (tests,) in 0..1 or nan. method: holm (the chance of any false finding) or bh (the share of false ones among the
    findings). ValueError on another method and outside 0..1.
    Source: Holm 1979, Scand J Stat 6:65; Benjamini & Hochberg 1995, J R Stat Soc B 57:289.
    """
    values = np.asarray(p, dtype=float)
    if method not in ("holm", "bh"):
        raise ValueError(f"method: {method} is neither holm nor bh")
    if values.ndim != 1 or ((values < 0) | (values > 1)).any():
        raise ValueError("p: a sequence of numbers in 0..1")
    adjusted = values.copy()
    tested = np.flatnonzero(~np.isnan(values))
    order = tested[np.argsort(values[tested], kind="stable")]
    count = len(order)
    if method == "holm":
        adjusted[order] = np.maximum.accumulate(values[order] * (count - np.arange(count)))
    else:
        scaled = values[order] * count / np.arange(1, count + 1)
        adjusted[order] = np.minimum.accumulate(scaled[::-1])[::-1]
    return np.minimum(adjusted, 1.0).tolist()
