"""Means over readers and cases: variances and intervals that hold for new readers and new cases."""

from dataclasses import dataclass
from math import nan, sqrt

import numpy as np
from numpy.typing import ArrayLike

from radiorate.results.statistics.multireader import dorfman_berbaum_metz, obuchowski_rockette, ustatistic_auc

__all__ = [
    "TOO_FEW_SHARED",
    "Interval",
    "Moments",
    "cautious_components",
    "dorfman_berbaum_metz",
    "mean_over",
    "mean_with_interval",
    "obuchowski_rockette",
    "readings",
    "ustatistic_auc",
    "variance_components",
]

Interval = dict[str, float | str]

TOO_FEW_SHARED = "undefined: too few readings share a case"


@dataclass(frozen=True)
class Moments:
    """What a reader x case matrix with holes says about its sources of variance."""

    mean: float
    cells: int
    readers: int
    cases: int
    reader: float  # unbiased variance components; any may come out negative
    case: float
    residual: float
    reader_square: float  # expected squares: residual + component x effective cells a reader, a case
    case_square: float

    @property
    def variance(self) -> float:
        """Unbiased variance of the mean for new readers and new cases; may come out <= 0."""
        return (self.reader_square + self.case_square - self.residual) / self.cells


def _matrix(value: ArrayLike, reader: ArrayLike, case: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Values (readers, cases) with 0 in the holes, and the mask of cells that are there."""
    values = np.asarray(value, dtype=float)
    if values.ndim != 1 or values.size == 0:
        raise ValueError("value: one number a reading, at least one")
    if values.shape != np.shape(reader) or values.shape != np.shape(case):
        raise ValueError("value, reader and case must have one length")
    if not np.isfinite(values).all():
        raise ValueError("value: leave missing readings out")
    readers, row = np.unique(np.asarray(reader), return_inverse=True)
    cases, column = np.unique(np.asarray(case), return_inverse=True)
    cell = row * len(cases) + column
    if len(np.unique(cell)) < len(cell):
        raise ValueError("a reader reads a case once: average or drop the repeats")
    matrix = np.zeros(len(readers) * len(cases))
    there = np.zeros(len(readers) * len(cases))
    matrix[cell] = values
    there[cell] = 1
    return matrix.reshape(len(readers), -1), there.reshape(len(readers), -1)


def _moments(matrix: np.ndarray, there: np.ndarray) -> Moments:
    """Unbiased second-moment components; nan where the design does not tell them apart.

    Products of two cells are averaged by what the cells share: nothing, the reader, the case, or both (U-statistics,
    Gallas 2006, Acad Radiol 13:353). On complete data this equals mean squares.
    """
    cells = there.sum()
    per_reader, per_case = there.sum(axis=1), there.sum(axis=0)
    squares = (matrix**2).sum()
    reader_sums, case_sums = (matrix.sum(axis=1) ** 2).sum(), (matrix.sum(axis=0) ** 2).sum()
    readers_squared, cases_squared = (per_reader**2).sum(), (per_case**2).sum()

    def average(products: float, pairs: float) -> float:
        return products / pairs if pairs > 0 else nan

    same_cell = squares / cells
    same_reader = average(reader_sums - squares, readers_squared - cells)
    same_case = average(case_sums - squares, cases_squared - cells)
    nothing = average(
        matrix.sum() ** 2 - reader_sums - case_sums + squares, cells**2 - readers_squared - cases_squared + cells
    )
    residual = same_cell - same_reader - same_case + nothing
    return Moments(
        mean=float(matrix.sum() / cells),
        cells=int(cells),
        readers=there.shape[0],
        cases=there.shape[1],
        reader=float(same_reader - nothing),
        case=float(same_case - nothing),
        residual=float(residual),
        reader_square=float(residual + (same_reader - nothing) * readers_squared / cells),
        case_square=float(residual + (same_case - nothing) * cases_squared / cells),
    )


def variance_components(value: ArrayLike, reader: ArrayLike, case: ArrayLike) -> dict[str, float]:
    """{mean, reader, case, residual}: the mean and unbiased variances, which may be negative.

    value, reader, case: one entry a reading, shape (readings,); absent cells are allowed, repeated ones are not.
    Raises ValueError on empty input, differing lengths or a repeated cell.
    """
    found = _moments(*_matrix(value, reader, case))
    return {"mean": found.mean, "reader": found.reader, "case": found.case, "residual": found.residual}


def cautious_components(
    value: ArrayLike, reader: ArrayLike, case: ArrayLike, confidence: float = 0.8
) -> dict[str, float]:
    """{reader, case, residual}: variances a new study should reckon with when these data are a small pilot.

    Arguments as in `variance_components`. Each is its one-sided upper limit, so none is negative; nan where the design
    does not tell the sources apart. Mean squares are taken for chi-squared with Satterthwaite's pieces.
    Source: Burdick & Graybill 1992, Confidence Intervals on Variance Components, with one mean square at its limit.
    """
    from scipy.special import chdtri

    matrix, there = _matrix(value, reader, case)
    found = _moments(matrix, there)
    rest = found.cells - found.readers - found.cases + 1
    if min(found.readers, found.cases) < 2 or rest < 1 or np.isnan(found.residual):
        return {"reader": nan, "case": nan, "residual": nan}

    def limit(square: float, df: int) -> float:
        return max(square, 0.0) * df / float(chdtri(df, confidence))

    def above_rest(square: float, units: int, sizes: np.ndarray) -> float:
        spread = (sizes**2).sum() / found.cells
        return float(max(limit(square, units - 1) - max(found.residual, 0.0), 0.0) / spread)

    return {
        "reader": above_rest(found.reader_square, found.readers, there.sum(axis=1)),
        "case": above_rest(found.case_square, found.cases, there.sum(axis=0)),
        "residual": limit(found.residual, rest),
    }


def mean_with_interval(value: ArrayLike, reader: ArrayLike, case: ArrayLike, confidence: float = 0.95) -> Interval:
    """The mean of all readings with an interval for new readers and new cases.

    value, reader, case: shape (readings,), absent cells allowed. Returns {value, standard_error, df, low, high,
    random, method}. The variance is the unbiased one with Satterthwaite's df. Where it comes out <= 0 (the standard
    error is nan then) or has less than one df, df and interval are Hillis' (method "hillis"), or those of components
    cut at 0 (method "cut"). With one reader only cases are random, with one case only readers; nan where the data do
    not vary at all.
    """
    matrix, there = _matrix(value, reader, case)
    if matrix.shape[0] == 1:
        return mean_over(value, case, confidence, random="cases")
    if matrix.shape[1] == 1:
        return mean_over(value, reader, confidence, random="readers")
    found = _moments(matrix, there)
    rest = found.cells - found.readers - found.cases + 1
    random = "readers+cases"
    if np.isnan(found.residual) or rest <= 0:
        return _interval(found.mean, nan, nan, confidence, random, TOO_FEW_SHARED)
    a, b, e = found.reader_square, found.case_square, found.residual
    # Relative to the size of the data: rounding must not pass for a variance.
    floor = 1e-12 * float((matrix**2).sum()) / found.cells
    total = a + b - e
    variance = total / found.cells if total > floor else nan
    if total > floor:
        df = total**2 / (a**2 / (found.readers - 1) + b**2 / (found.cases - 1) + e**2 / rest)
        if df >= 1:
            return _interval(found.mean, variance, df, confidence, random, "satterthwaite")
    # What is subtracted has eaten the variance up, or its degrees of freedom: such an interval would span everything.
    method = "hillis"
    total = a + max(b - e, 0.0)
    if a <= floor:
        method = "cut"
        e = max(e, 0.0)
        a = e + max(found.reader, 0.0) * (there.sum(axis=1) ** 2).sum() / found.cells
        b = e + max(found.case, 0.0) * (there.sum(axis=0) ** 2).sum() / found.cells
        total = a + b - e
    if total <= floor or a <= floor:
        return _interval(found.mean, nan, nan, confidence, random, "undefined: the readings do not vary")
    df = total**2 / (a**2 / (found.readers - 1))
    result = _interval(found.mean, total / found.cells, df, confidence, random, method)
    return result | {"standard_error": sqrt(variance) if variance > 0 else nan}


def mean_over(value: ArrayLike, unit: ArrayLike, confidence: float = 0.95, random: str = "cases") -> Interval:
    """The mean of all readings with an interval for new units alone (cases, say), the readers being these.

    value, unit: shape (readings,). Readings of one unit stay together: a ratio of sums, t with units - 1 degrees of
    freedom; with complete data the t interval of the units' means. Returns what `mean_with_interval` returns.
    """
    values = np.asarray(value, dtype=float)
    if values.ndim != 1 or values.size == 0 or values.shape != np.shape(unit):
        raise ValueError("value and unit must have one length, at least one")
    _, index = np.unique(np.asarray(unit), return_inverse=True)
    sums, counts = np.bincount(index, weights=values), np.bincount(index)
    mean, units = float(values.mean()), len(counts)
    if units < 2:
        return _interval(mean, nan, nan, confidence, random, f"undefined: one of the {random}")
    variance = units / (units - 1) * float(((sums - mean * counts) ** 2).sum()) / len(values) ** 2
    if variance <= 1e-24 * max(1.0, mean**2):
        return _interval(mean, nan, nan, confidence, random, "undefined: the readings do not vary")
    return _interval(mean, variance, units - 1, confidence, random, "t")


def _interval(mean: float, variance: float, df: float, confidence: float, random: str, method: str) -> Interval:
    from scipy.special import stdtrit

    error = sqrt(variance) if variance > 0 else nan
    half = float(stdtrit(df, 0.5 + confidence / 2)) * error
    return {
        "value": mean,
        "standard_error": error,
        "df": df,
        "low": mean - half,
        "high": mean + half,
        "random": random,
        "method": method,
    }


def readings(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(value, reader, case) of the cells of a (readers, cases) matrix that are not nan."""
    reader, case = np.nonzero(~np.isnan(matrix))
    return matrix[reader, case], reader, case
