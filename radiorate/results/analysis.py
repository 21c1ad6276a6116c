"""The analysis of a dataset in the form of RATINGS: the numbers of the dashboard and of `manage.py analyse`."""

import math
from typing import Any

import numpy as np

import radiorate
from radiorate.results import defects
from radiorate.results.dataset import BOTH, LEFT, MISSING, NONE, NOT_ASSESSABLE, REAL, SCORED, SYNTHETIC, Dataset
from radiorate.results.statistics import agreement, discrimination, mrmc, proportions

FORMAT = "radiorate-analysis/1"
SEED, RESAMPLES = 1, 1000
GROUPS = ("generator", "body_part", "view_position", "mode", "patient_sex")
ORIGINS = {"real": REAL, "synthetic": SYNTHETIC}
FEWEST_READERS = 3  # with fewer, the interval is for these readers
FEWEST_PAIRS = 3  # two leave one degree of freedom: t is 12.7, and the interval wider than the scale
MOST_UNSCORED = 0.2  # a larger share of a criterion's scores missing is worth a warning

Json = dict[str, Any]


def analyse(dataset: Dataset, seed: int = SEED, resamples: int = RESAMPLES) -> Json:
    """The whole analysis as JSON-ready values: finite floats of 12 digits, None where something is undefined."""
    random = np.random.default_rng(seed)
    case_weights = draws(random, len(dataset.pairs), resamples)
    reader_weights = draws(random, len(dataset.readers), resamples)
    warnings: list[str] = []
    if dataset.simulated:
        warnings.append("These ratings are simulated: a program made them, no person.")
    criteria = {
        scale.key: criterion(dataset, index, case_weights, warnings) for index, scale in enumerate(dataset.criteria)
    }
    result = {
        "format": FORMAT,
        "version": radiorate.__version__,
        "seed": seed,
        "resamples": resamples,
        "study": dataset.study,
        "simulated": dataset.simulated,
        "n": counts(dataset),
        "criteria": criteria,
        "discrimination": discriminate(dataset, reader_weights, case_weights, warnings),
        "repeats": repeats_by_reader(dataset),
        "counted": {key: share_right(right) for key, right in dataset.counted.items()},
        "marks": defects.count(dataset),
        "warnings": sorted(warnings),  # in an order of their own: criteria come in any order
    }
    return plain(result)


def counts(dataset: Dataset) -> Json:
    """How much there is: first showings of main pairs only."""
    return {
        "readers": len(dataset.readers),
        "pairs": len(dataset.pairs),
        "scores": int((dataset.status == SCORED).sum()),
        "not_assessable": int((dataset.status == NOT_ASSESSABLE).sum()),
        "missing": int((dataset.status == MISSING).sum()),
        "choices": int((dataset.believed >= 0).sum()),
        "marks": len(dataset.marks),
    }


def criterion(dataset: Dataset, index: int, case_weights: np.ndarray, warnings: list[str]) -> Json:
    """One criterion: by origin, the difference, by group of pairs, agreement, repeats."""
    scale, scores = dataset.criteria[index], dataset.scores[index]
    gaps = scores[:, :, REAL] - scores[:, :, SYNTHETIC]
    status = dataset.status[index]
    asked, unscored = (status != NONE).sum(), np.isin(status, (NOT_ASSESSABLE, MISSING)).sum()
    if unscored > MOST_UNSCORED * asked:
        warnings.append(f"{scale.key}: {unscored} of {asked} scores are missing or not assessable; none was filled in.")
    found: Json = {
        "minimum": scale.minimum,
        "maximum": scale.maximum,
        "by_origin": {name: _by_origin(scores[:, :, origin], scale.grades) for name, origin in ORIGINS.items()},
        "difference": mean(gaps, scale.key, warnings),
        "agreement": {
            "all": agree(scores, scale.grades, case_weights),
            **{name: agree(scores[:, :, [origin]], scale.grades, case_weights) for name, origin in ORIGINS.items()},
        },
        "repeatability": repeat(dataset, index),
    }
    for group in GROUPS:
        names = np.array([getattr(pair, group) for pair in dataset.pairs])
        found[f"by_{group}"] = {
            name: {"difference": mean(gaps[:, names == name], f"{scale.key}, {name}", warnings)}
            for name in sorted(set(names[~np.isnan(gaps).all(axis=0)]) - {""})
        }
    return found


def _by_origin(scores: np.ndarray, grades: range) -> Json:
    values = scores[np.isfinite(scores)]
    return {
        "n": len(values),
        "mean": values.mean() if len(values) else math.nan,
        "standard_deviation": values.std(ddof=1) if len(values) > 1 else math.nan,
        "counts": [int((values == grade).sum()) for grade in grades],
    }


def mean(matrix: np.ndarray, name: str = "", warnings: list[str] | None = None) -> Json:
    """The mean of a (readers, pairs) matrix with holes, for new readers and cases where there are readers enough."""
    value, reader, case = mrmc.readings(matrix)
    readers, pairs = len(set(reader.tolist())), len(set(case.tolist()))
    if not len(value):
        empty = dict.fromkeys(("value", "standard_error", "df", "low", "high"), math.nan)
        return {**empty, "readers": 0, "pairs": 0, "random": None, "method": None}
    found = mrmc.mean_with_interval(value, reader, case)
    if pairs < FEWEST_PAIRS:
        undefined = dict.fromkeys(("standard_error", "df", "low", "high"), math.nan)
        reason = f"undefined: too few pairs for an interval ({pairs})"
        return {
            "value": found["value"],
            **undefined,
            "readers": readers,
            "pairs": pairs,
            "random": None,
            "method": reason,
        }
    if readers < FEWEST_READERS or found["method"] == mrmc.TOO_FEW_SHARED:
        found = mrmc.mean_over(value, case)
    if found["method"] in ("hillis", "cut") and warnings is not None:
        warnings.append(
            f"{name}: the unbiased variance is too small to use; the interval is that of method {found['method']}."
        )
    return {**found, "readers": readers, "pairs": pairs}


def agree(scores: np.ndarray, grades: range, case_weights: np.ndarray) -> Json:
    """How far readers agree on the images of (readers, pairs, origins); None where fewer than two readers rated."""
    readers, pairs, origins = scores.shape
    images = scores.transpose(1, 2, 0).reshape(pairs * origins, readers)
    case = np.repeat(np.arange(pairs), origins)
    rated = np.isfinite(images)
    taking_part = rated.any(axis=0)
    images, case = images[rated.any(axis=1)][:, taking_part], case[rated.any(axis=1)]
    if images.shape[1] < 2:
        undefined = {"value": math.nan, "low": math.nan, "high": math.nan}
        return {"krippendorff_ordinal": undefined, "exact": {"value": math.nan}, "images": len(images)}
    alpha = agreement.krippendorff_alpha(images, "ordinal")
    # With two readers no interval is honest: it would promise what two persons can't show.
    limits = {"low": math.nan, "high": math.nan}
    if images.shape[1] >= FEWEST_READERS and not math.isnan(alpha["value"]):
        limits = agreement.alpha_interval(images, case, case_weights)
    complete = images[np.isfinite(images).all(axis=1)]
    icc: Json = {"cases": len(complete)}
    if len(complete) >= 2:
        icc |= agreement.icc(complete)
    return {
        "krippendorff_ordinal": alpha | limits,
        "gwet_ac2_quadratic": agreement.gwet(images, "quadratic", list(grades)),
        "icc": icc,
        "exact": agreement.exact(images),
        "images": len(images),
    }


def repeat(dataset: Dataset, index: int) -> Json:
    """One criterion's hidden repeats against the first showings, all readers together."""
    chosen = dataset.repeats.criterion == index
    first, again = dataset.repeats.first[chosen], dataset.repeats.again[chosen]
    if not len(first):
        return {"repeats": 0}
    grades = list(dataset.criteria[index].grades)
    return {
        "repeats": len(first),
        "exact_agreement": (first == again).mean(),
        "weighted_kappa": agreement.cohen_kappa(first, again, "quadratic", grades)["value"],
        **agreement.repeatability(first, again),
    }


def share_right(right: np.ndarray) -> Json:
    """How often the number seen was the expected one, by origin, and the difference real minus synthetic.

    right: (readers, pairs, 2), 1, 0 or nan.
    """
    return {
        "by_origin": {
            name: {"n": int(np.isfinite(right[:, :, origin]).sum()), "right": int((right[:, :, origin] == 1).sum())}
            | {"share": mean(right[:, :, origin])}
            for name, origin in ORIGINS.items()
        },
        "difference": mean(right[:, :, REAL] - right[:, :, SYNTHETIC]),
    }


def repeats_by_reader(dataset: Dataset) -> Json:
    """Of each reader with hidden repeats: how many, and quadratic weighted kappa over all criteria together."""
    found = {}
    for row, code in enumerate(dataset.readers):
        own = dataset.repeats.reader == row
        if own.any():
            lowest = min(scale.minimum for scale in dataset.criteria)
            highest = max(scale.maximum for scale in dataset.criteria)
            first, again = dataset.repeats.first[own], dataset.repeats.again[own]
            kappa = agreement.cohen_kappa(first, again, "quadratic", range(lowest, highest + 1))["value"]
            found[code] = {"repeats": int(own.sum()), "weighted_kappa": kappa}
    return found


def discriminate(dataset: Dataset, reader_weights: np.ndarray, case_weights: np.ndarray, warnings: list[str]) -> Json:
    """Which image was believed real: share correct of all readers and of each, areas, side."""
    believed, correct, signed = dataset.believed, dataset.correct, dataset.signed_confidence
    decided_left, decided = (believed == LEFT).sum(), ((believed >= 0) & (believed < BOTH)).sum()
    return {
        "trials": int((believed >= 0).sum()),
        "undecided": int((believed >= BOTH).sum()),
        "accuracy": mean(correct, "share correct", warnings),
        "auc": discrimination.mean_auc(signed, dataset.real_is_left, reader_weights, case_weights),
        "by_reader": {
            code: _by_reader(correct[row], signed[row], dataset.real_is_left[row], believed[row])
            for row, code in enumerate(dataset.readers)
            if (believed[row] >= 0).any()
        },
        "share_left": proportions.proportion(int(decided_left), int(decided)),
        "roc": roc(dataset, signed),
    }


def roc(dataset: Dataset, signed: np.ndarray) -> Json:
    """Points [false alarms, hits] by falling confidence that left is real: of each reader, and of all pooled."""

    def points(answers: np.ndarray, real_is_left: np.ndarray) -> list[list[float]]:
        left, right = answers[real_is_left], answers[~real_is_left]
        left, right = left[np.isfinite(left)], right[np.isfinite(right)]
        return discrimination.roc_points(left, right) if len(left) and len(right) else []

    rows = {code: points(signed[row], dataset.real_is_left[row]) for row, code in enumerate(dataset.readers)}
    return {
        "all": points(signed, dataset.real_is_left),
        "by_reader": {code: each for code, each in rows.items() if each},
    }


def _by_reader(correct: np.ndarray, signed: np.ndarray, real_is_left: np.ndarray, believed: np.ndarray) -> Json:
    seen = believed >= 0
    left, right = seen & real_is_left, seen & ~real_is_left
    area = dict.fromkeys(("value", "standard_error", "low", "high"), math.nan)
    if left.any() and right.any():
        area = discrimination.auc(signed[left], signed[right])
    said_left, said_right = believed == LEFT, (believed >= 0) & (believed < BOTH) & (believed != LEFT)
    hits, misses, false_alarms, rejections = (
        int((said & shown).sum()) for shown in (left, right) for said in (said_left, said_right)
    )
    found = discrimination.detection(hits, misses, false_alarms, rejections, design="2afc")
    trials = int(seen.sum())
    return {
        "trials": trials,
        **proportions.proportion(float(correct[seen].sum()), trials),
        "d_prime": found["d_prime"],
        "criterion": found["criterion"],
        "auc": area,
    }


def draws(random: np.random.Generator, units: int, resamples: int) -> np.ndarray:
    """How often each unit is drawn in each resample, (resamples, units)."""
    if units == 0:
        return np.zeros((resamples, 0))
    return random.multinomial(units, np.full(units, 1 / units), size=resamples).astype(float)


def plain(value: Any) -> Any:
    """The value as JSON can hold it: numpy gone, floats of 12 significant digits, None for nan."""
    if isinstance(value, dict):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return float(f"{value:.12g}") if math.isfinite(value) else None
    return value
