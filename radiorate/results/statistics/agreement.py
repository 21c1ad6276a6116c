"""How far readers agree with each other and with themselves."""

from math import nan, sqrt

import numpy as np
from numpy.typing import ArrayLike

WEIGHTS = ("unweighted", "linear", "quadratic", "ordinal")
LEVELS = ("nominal", "ordinal", "interval")


def _ratings(ratings: ArrayLike) -> np.ndarray:
    array = np.asarray(ratings, dtype=float)
    if array.ndim != 2 or array.size == 0:
        raise ValueError("ratings: a table of cases x readers with at least one cell")
    return array


def counts(ratings: ArrayLike, categories: ArrayLike) -> np.ndarray:
    """How many readers gave each category to each case: (cases, categories); ratings (cases, readers), nan = missing.

    Raises ValueError on a value that is none of the categories.
    """
    array, grades = _ratings(ratings), np.asarray(categories, dtype=float)
    table = (array[:, :, None] == grades).sum(axis=1)
    if table.sum() != np.isfinite(array).sum():
        raise ValueError("ratings: a value is none of the categories")
    return table


def exact(ratings: ArrayLike) -> dict[str, float]:
    """{value}: the chance that two of a case's readers gave the same value, averaged over cases read twice or more.

    ratings: (cases, readers), nan = missing. nan where no case has two readings.
    """
    array = _ratings(ratings)
    table = counts(array, np.unique(array[np.isfinite(array)])).astype(float)
    readers = table.sum(axis=1)
    table, readers = table[readers >= 2], readers[readers >= 2]
    if not len(table):
        return {"value": nan}
    return {"value": float(((table * (table - 1)).sum(axis=1) / (readers * (readers - 1))).mean())}


def _alpha(coincidences: np.ndarray, grades: np.ndarray, level: str) -> np.ndarray:
    """Alpha of coincidence matrices (..., categories, categories); nan where there is no disagreement to expect."""
    marginal = coincidences.sum(axis=-1)
    total = marginal.sum(axis=-1)
    if level == "nominal":
        distance: np.ndarray = 1.0 - np.eye(len(grades))
    elif level == "interval":
        distance = (grades[:, None] - grades) ** 2
    else:
        # Rank distance: what lies between two grades, both ends counted half.
        middle = np.cumsum(marginal, axis=-1) - marginal / 2
        distance = (middle[..., :, None] - middle[..., None, :]) ** 2
    observed = (coincidences * distance).sum(axis=(-2, -1))
    expected = (marginal[..., :, None] * marginal[..., None, :] * distance).sum(axis=(-2, -1))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(expected > 0, 1 - (total - 1) * observed / expected, nan)


def _coincidences(ratings: np.ndarray, grades: np.ndarray) -> np.ndarray:
    """Each case's coincidence matrix (cases, categories, categories); a case with one reading has a zero matrix."""
    table = counts(ratings, grades).astype(float)
    readers = table.sum(axis=1)
    pairs = table[:, :, None] * table[:, None, :]
    diagonal = np.arange(len(grades))
    pairs[:, diagonal, diagonal] -= table
    return np.where(readers[:, None, None] >= 2, pairs / np.maximum(readers - 1, 1)[:, None, None], 0.0)


def krippendorff_alpha(ratings: ArrayLike, level: str = "ordinal") -> dict[str, float]:
    """{value}: Krippendorff's alpha, 1 = perfect, 0 = as chance would, below 0 = worse.

    ratings: (cases, readers), nan = missing; level: nominal, ordinal or interval. Cases with one reading count for
    nothing, not even in the marginals. nan where all readings are one value. ValueError on empty input.
    Source: Krippendorff 2011, Computing Krippendorff's alpha-reliability.
    """
    if level not in LEVELS:
        raise ValueError(f"level: {level} is none of {', '.join(LEVELS)}")
    array = _ratings(ratings)
    grades = np.unique(array[np.isfinite(array)])
    return {"value": float(_alpha(_coincidences(array, grades).sum(axis=0), grades, level))}


def alpha_interval(
    ratings: ArrayLike, case: ArrayLike, weights: np.ndarray, level: str = "ordinal", confidence: float = 0.95
) -> dict[str, float]:
    """{low, high}: percentile limits of alpha over resampled cases, for these readers.

    ratings: (images, readers); case: (images,) the index of the case an image belongs to, which is drawn as a whole;
    weights: (resamples, cases) how often each case was drawn. nan where alpha is undefined or rests on one case.
    """
    array = _ratings(ratings)
    grades = np.unique(array[np.isfinite(array)])
    by_image = _coincidences(array, grades)
    used = by_image.any(axis=(1, 2))
    if len(np.unique(np.asarray(case)[used])) < 2:
        return {"low": nan, "high": nan}
    drawn = weights[:, np.asarray(case)] @ by_image.reshape(len(array), -1)
    alphas = _alpha(drawn.reshape(-1, len(grades), len(grades)), grades, level)
    alphas = alphas[np.isfinite(alphas)]
    if not len(alphas):
        return {"low": nan, "high": nan}
    low, high = np.quantile(alphas, [(1 - confidence) / 2, (1 + confidence) / 2])
    return {"low": float(low), "high": float(high)}


def weight_matrix(weights: str, categories: ArrayLike) -> np.ndarray:
    """Credit for each pair of categories (categories, categories): 1 on the diagonal, less the further apart.

    Raises ValueError on another kind of weights than unweighted, linear, quadratic, ordinal.
    """
    grades = np.asarray(categories, dtype=float)
    apart = np.abs(grades[:, None] - grades)
    if weights == "unweighted":
        return np.eye(len(grades))
    if weights == "linear":
        return 1 - apart / np.ptp(grades)
    if weights == "quadratic":
        return 1 - (apart / np.ptp(grades)) ** 2
    if weights == "ordinal":  # pairs of categories between the two, both ends included (Gwet 2014)
        steps = np.abs(np.arange(len(grades))[:, None] - np.arange(len(grades))) + 1
        return 1 - steps * (steps - 1) / (len(grades) * (len(grades) - 1))
    raise ValueError(f"weights: {weights} is none of {', '.join(WEIGHTS)}")


def gwet(ratings: ArrayLike, weights: str, categories: ArrayLike, confidence: float = 0.95) -> dict[str, float]:
    """Gwet's AC1 (unweighted) or AC2: {value, standard_error, low, high, agreement, chance}.

    ratings: (cases, readers), nan = missing; categories: all grades of the scale, seen or not. The interval is for
    these readers and new cases, t with cases - 1 degrees of freedom, cut at 1; nan with fewer than two cases.
    Source: Gwet 2008, Br J Math Stat Psychol 61:29; Gwet 2014, Handbook of Inter-Rater Reliability.
    """
    from scipy.special import stdtrit

    table = counts(ratings, categories).astype(float)
    credit = weight_matrix(weights, categories)
    readers = table.sum(axis=1)
    table, readers = table[readers > 0], readers[readers > 0]
    cases, grades = len(table), table.shape[1]
    twice = readers >= 2
    if not twice.any():
        return dict.fromkeys(("value", "standard_error", "low", "high", "agreement", "chance"), nan)
    agreed = (table * (table @ credit.T - 1)).sum(axis=1)
    per_case = np.divide(agreed, readers * (readers - 1), out=np.zeros(cases), where=twice)
    agreement = per_case.sum() / twice.sum()
    prevalence = table / readers[:, None]
    mean = prevalence.mean(axis=0)
    scale = credit.sum() / (grades * (grades - 1))
    chance = scale * float((mean * (1 - mean)).sum())
    value = (agreement - chance) / (1 - chance)
    own = cases / twice.sum() * (per_case - chance * twice) / (1 - chance)
    own_chance = scale * (prevalence * (1 - mean)).sum(axis=1)
    linear = own - 2 * (1 - value) * (own_chance - chance) / (1 - chance)
    error = sqrt(((linear - value) ** 2).sum() / (cases * (cases - 1))) if cases > 1 else nan
    half = float(stdtrit(cases - 1, 0.5 + confidence / 2)) * error if cases > 1 else nan
    return {
        "value": float(value),
        "standard_error": error,
        "low": float(value - half),
        "high": min(1.0, float(value + half)) if half == half else nan,
        "agreement": float(agreement),
        "chance": chance,
    }


def cohen_kappa(
    first: ArrayLike, second: ArrayLike, weights: str, categories: ArrayLike, confidence: float = 0.95
) -> dict[str, float]:
    """Chance-corrected agreement of two readings of the same cases: {value, standard_error, low, high, agreement}.

    first, second: (cases,), nothing missing; categories: all grades of the scale, seen or not. value is nan when both
    used one and the same category. Raises ValueError when the shapes differ or are empty.
    Source: Cohen 1968, Psychol Bull 70:213; standard error: Fleiss, Cohen, Everitt 1969, Psychol Bull 72:323.
    """
    from scipy.special import ndtri

    one, two = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    if one.ndim != 1 or one.shape != two.shape or not one.size:
        raise ValueError("first and second must have one length, at least one")
    grades = np.asarray(categories, dtype=float)
    rows, columns = one[:, None] == grades, two[:, None] == grades
    if rows.sum() != len(one) or columns.sum() != len(two):
        raise ValueError("a value is none of the categories")
    table = rows.T.astype(float) @ columns / len(one)
    credit = weight_matrix(weights, grades)
    row, column = table.sum(axis=1), table.sum(axis=0)
    agreement, chance = float((table * credit).sum()), float(row @ credit @ column)
    if 1 - chance < 1e-12:
        return {"value": nan, "standard_error": nan, "low": nan, "high": nan, "agreement": agreement}
    value = (agreement - chance) / (1 - chance)
    of_rows, of_columns = credit @ column, credit.T @ row
    spread = (table * (credit - (of_rows[:, None] + of_columns) * (1 - value)) ** 2).sum()
    variance = (spread - (value - chance * (1 - value)) ** 2) / (len(one) * (1 - chance) ** 2)
    error = sqrt(max(variance, 0.0))
    half = float(ndtri(0.5 + confidence / 2)) * error
    return {
        "value": value,
        "standard_error": error,
        "low": value - half,
        "high": value + half,
        "agreement": agreement,
    }


def icc(ratings: ArrayLike, confidence: float = 0.95) -> dict[str, dict[str, float]]:
    """The six intraclass correlations, each {value, low, high, f, df1, df2}, of a complete table (cases, readers).

    "ICC(2,1)": absolute agreement of any one reader; "ICC(2,k)": of the mean of as many readers. nan where the readings
    do not vary. ValueError on a hole, fewer than two cases or fewer than two readers.
    Source: Shrout & Fleiss 1979, Psychol Bull 86:420; McGraw & Wong 1996, Psychol Methods 1:30.
    """
    from scipy.special import fdtri

    array = _ratings(ratings)
    n, k = array.shape
    if n < 2 or k < 2 or not np.isfinite(array).all():
        raise ValueError("ratings: two cases and two readers at least, nothing missing")
    cases, readers, mean = array.mean(axis=1), array.mean(axis=0), array.mean()
    between = k * ((cases - mean) ** 2).sum() / (n - 1)
    reader = n * ((readers - mean) ** 2).sum() / (k - 1)
    within = ((array - cases[:, None]) ** 2).sum() / (n * (k - 1))
    rest = ((array - cases[:, None] - readers + mean) ** 2).sum() / ((n - 1) * (k - 1))
    high_p = (1 + confidence) / 2

    def entry(limits: list[float], f: float, df2: float) -> dict[str, float]:
        value, low, high = map(float, limits)
        return {"value": value, "low": low, "high": high, "f": float(f), "df1": float(n - 1), "df2": float(df2)}

    with np.errstate(invalid="ignore", divide="ignore"):
        result = {}
        for form, error, df2 in (("1", within, n * (k - 1)), ("3", rest, (n - 1) * (k - 1))):
            f = between / error
            low, high = f / fdtri(n - 1, df2, high_p), f * fdtri(df2, n - 1, high_p)
            result[f"ICC({form},1)"] = entry([(x - 1) / (x + k - 1) for x in (f, low, high)], f, df2)
            result[f"ICC({form},k)"] = entry([1 - 1 / x for x in (f, low, high)], f, df2)
        single = (between - rest) / (between + (k - 1) * rest + k * (reader - rest) / n)
        a, b = k * single / (n * (1 - single)), 1 + k * single * (n - 1) / (n * (1 - single))
        df = (a * reader + b * rest) ** 2 / ((a * reader) ** 2 / (k - 1) + (b * rest) ** 2 / ((n - 1) * (k - 1)))
        upper, lower = fdtri(n - 1, df, high_p), fdtri(df, n - 1, high_p)
        noise = k * reader + (k * n - k - n) * rest
        low = n * (between - upper * rest) / (upper * noise + n * between)
        high = n * (lower * between - rest) / (noise + n * lower * between)
        f = between / rest
        result["ICC(2,1)"] = entry([single, low, high], f, (n - 1) * (k - 1))
        # The Spearman-Brown step-up of the single reader's limits (Shrout & Fleiss).
        average = (between - rest) / (between + (reader - rest) / n)
        stepped = [k * x / (1 + (k - 1) * x) for x in (low, high)]
        result["ICC(2,k)"] = entry([average, *stepped], f, (n - 1) * (k - 1))
    return dict(sorted(result.items()))


def fleiss_kappa(counts: ArrayLike) -> dict[str, float | list[float]]:
    """{value, standard_error, z, per_category}: chance-corrected agreement of as many readers on every case.

    counts: (cases, categories), how many readers put the case there; every row has one sum, two or more. The standard
    error is that under no agreement, for the test z and for no interval; per_category has each category's kappa
    against all others. The order of categories counts for nothing. nan where all readings are one category.
    ValueError on another shape or unequal sums.
    Source: Fleiss 1971, Psychol Bull 76:378; standard error: Fleiss, Nee, Landis 1979, Psychol Bull 86:974.
    """
    table = np.asarray(counts, dtype=float)
    if table.ndim != 2 or table.size == 0 or (table < 0).any() or (table % 1).any():
        raise ValueError("counts: cases x categories of whole numbers")
    cases, readers = len(table), float(table[0].sum())
    if readers < 2 or (table.sum(axis=1) != readers).any():
        raise ValueError("counts: every case needs the same number of readers, two or more")
    share = table.mean(axis=0) / readers
    rest = share * (1 - share)
    apart = (table * (readers - table)).sum(axis=0) / (cases * readers * (readers - 1))
    with np.errstate(invalid="ignore", divide="ignore"):
        per_category = np.where(rest > 0, 1 - apart / rest, nan)
    if rest.sum() == 0:
        return {"value": nan, "standard_error": nan, "z": nan, "per_category": per_category.tolist()}
    value = float(1 - apart.sum() / rest.sum())
    spread = rest.sum() ** 2 - (rest * (1 - 2 * share)).sum()
    error = sqrt(2 * max(spread, 0.0) / (cases * readers * (readers - 1))) / float(rest.sum())
    z = value / error if error > 0 else nan
    return {"value": value, "standard_error": error, "z": z, "per_category": per_category.tolist()}


def limits_of_agreement(first: ArrayLike, second: ArrayLike) -> dict[str, float]:
    """{bias, standard_deviation, low, high} of first minus second; 95 % of differences are expected within the limits.

    first, second: (cases,), nothing missing. The limits are bias +- 1.96 standard deviations; nan with one case.
    ValueError when the shapes differ or are empty.
    Source: Bland & Altman 1986, Lancet 327:307; 1999, Stat Methods Med Res 8:135.
    """
    one, two = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    if one.ndim != 1 or one.shape != two.shape or not one.size:
        raise ValueError("first and second must have one length, at least one")
    bias = float((one - two).mean())
    spread = float((one - two).std(ddof=1)) if one.size > 1 else nan
    return {
        "bias": bias,
        "standard_deviation": spread,
        "low": bias - 1.96 * spread,
        "high": bias + 1.96 * spread,
    }


def repeatability(first: ArrayLike, second: ArrayLike) -> dict[str, float]:
    """{within_standard_deviation, coefficient} of two readings each of the same images by the same reader.

    coefficient = 1.96 sqrt(2) s_w: 95 % of repeats differ by less. ValueError when the shapes differ or are empty.
    Source: Bland & Altman 1986, Lancet 327:307.
    """
    one, two = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    if one.ndim != 1 or one.shape != two.shape or not one.size:
        raise ValueError("first and second must have one length, at least one")
    within = float(np.sqrt(((one - two) ** 2).mean() / 2))
    return {"within_standard_deviation": within, "coefficient": 1.96 * sqrt(2) * within}
