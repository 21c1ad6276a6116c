"""The whole analysis: to the means and agreement come grading, preference, blinding, belief, families of tests."""

import math
from collections.abc import Callable, Iterator

import numpy as np

from radiorate.results import analysis, course
from radiorate.results.analysis import Json
from radiorate.results.dataset import BOTH, LEFT, REAL, RIGHT, SYNTHETIC, Dataset, Scale
from radiorate.results.statistics import agreement, blinding, discrimination, grading, mrmc, multiplicity, preference

CHANCE = 0.5
UNNAMED = "synthetic"  # a generator no file names
LARGEST_LOGIT = 8.0  # beyond it no maximum exists: one origin has all the better grades


def analyse(
    dataset: Dataset,
    seed: int = analysis.SEED,
    resamples: int = analysis.RESAMPLES,
    told: Callable[[float], None] = lambda share: None,
) -> Json:
    """All that is said of a study's ratings; `told` hears which share of the work is done."""
    found = analysis.analyse(dataset, seed, resamples)
    told(0.3)
    random = np.random.default_rng(seed)
    cases, readers = (analysis.draws(random, len(each), resamples) for each in (dataset.pairs, dataset.readers))
    if len(dataset.readers) < analysis.FEWEST_READERS:  # the interval is for these readers
        readers = np.ones_like(readers)
    more: Json = {
        "time": course.timing(dataset),
        "drift": course.drift(dataset),
        "preference": prefer(dataset, dataset.believed, readers, cases)
        | {"by_criterion": {key: prefer(dataset, each, readers, cases) for key, each in dataset.preferred.items()}},
        "multiplicity": {"families": list(families(found))},
    }
    for index, scale in enumerate(dataset.criteria):
        scores = dataset.scores[index]
        repeated = dataset.repeats.criterion == index
        found["criteria"][scale.key] |= analysis.plain(
            {
                "vgc": compare_grades(scores, scale, readers, cases),
                "ordinal_model": model_grades(scores, scale, dataset.readers),
                "belief": {name: weigh_belief(dataset, scores, origin) for name, origin in analysis.ORIGINS.items()},
            }
        )
        if repeated.any():  # how much lower a second look scores, and between which limits 95 % of them lie
            limits = agreement.limits_of_agreement(dataset.repeats.first[repeated], dataset.repeats.again[repeated])
            found["criteria"][scale.key]["repeatability"]["limits_of_agreement"] = analysis.plain(limits)
        told(0.3 + 0.7 * (index + 1) / len(dataset.criteria))
    found["discrimination"] |= analysis.plain({"equivalence": equivalence(dataset), "blinding": guesses(dataset)})
    return found | analysis.plain(more)


def compare_grades(scores: np.ndarray, scale: Scale, readers: np.ndarray, cases: np.ndarray) -> Json:
    """The chance that a synthetic image is graded above a real one: mean of the readers; whole pairs are resampled."""
    real, synthetic = scores[:, :, REAL], scores[:, :, SYNTHETIC]
    if np.isnan(real).all() or np.isnan(synthetic).all():
        return {**dict.fromkeys(("auc", "low", "high"), math.nan), "points": []}
    told = [each[np.isfinite(each)] for each in (real, synthetic)]
    points = grading.vgc(told[0], told[1], list(scale.grades))["points"]
    return {**grading.vgc_interval(real, synthetic, (readers, cases)), "points": points}


def model_grades(scores: np.ndarray, scale: Scale, names: tuple[str, ...]) -> Json:
    """Odds ratio of a better grade for real images, and how lenient each reader is, in logits, by a mixed model.

    Cases are not in the model, so it has no interval: that of the difference says how sure this is.
    """
    grades = np.array(scale.grades)
    counts = (scores[..., None] == grades).sum(axis=1)  # readers, origins, grades
    reader, origin, grade = np.nonzero(counts)
    undefined: Json = {"odds_ratio": None, "leniency": {}, "reader_standard_deviation": None}
    if min(len(set(values.tolist())) for values in (reader, origin, grade)) < 2:
        return undefined | {"reason": "two readers, both origins and two grades at least"}
    weights = counts[reader, origin, grade]
    found = grading.cumulative_link_mixed(grades[grade], origin == REAL, reader, list(scale.grades), weights)
    if abs(found["coefficients"][0]) > LARGEST_LOGIT:
        return undefined | {"reason": "one origin has all the better grades"}
    return {
        "odds_ratio": math.exp(found["coefficients"][0]),
        "leniency": {names[int(index)]: value for index, value in found["effects"].items()},
        "reader_standard_deviation": found["standard_deviation"],
        "thresholds": found["thresholds"],
        "readings": int(weights.sum()),
    }


def weigh_belief(dataset: Dataset, scores: np.ndarray, origin: int) -> Json:
    """How much higher images of one origin score where they were believed real; undecided answers left out."""
    shown, correct = scores[:, :, origin], dataset.correct
    reader, case = np.nonzero(np.isfinite(shown) & np.isin(correct, (0, 1)))
    if not len(reader):
        return dict.fromkeys(("difference", "standard_error", "low", "high"), math.nan)
    believed_real = (correct[reader, case] == 1) == (origin == REAL)
    return discrimination.belief_bias(shown[reader, case], believed_real, reader, case)


def equivalence(dataset: Dataset) -> Json:
    """The smallest margin around chance within which the share correct lies by two one-sided tests at 5 %."""
    value, reader, case = mrmc.readings(dataset.correct)
    if not len(value):
        return {"low": math.nan, "high": math.nan, "smallest_margin": math.nan}
    if len(set(reader.tolist())) < analysis.FEWEST_READERS:
        found = mrmc.mean_over(value, case, confidence=0.9)
    else:
        found = mrmc.mean_with_interval(value, reader, case, confidence=0.9)
    low, high = float(found["low"]), float(found["high"])
    return {"low": low, "high": high, "smallest_margin": max(abs(low - CHANCE), abs(high - CHANCE))}


def guesses(dataset: Dataset) -> Json:
    """Answers left, right, undecided by where the real image was, and the indices of blinding; answers independent."""
    answered = dataset.believed >= 0
    said = (dataset.believed == LEFT, dataset.believed == RIGHT, dataset.believed >= BOTH)
    truths = (answered & dataset.real_is_left, answered & ~dataset.real_is_left)
    counts = [[int((guess & truth).sum()) for truth in truths] for guess in said]
    return {"counts": counts, **(blinding.blinding_indices(counts) if answered.any() else {})}


def prefer(dataset: Dataset, chosen: np.ndarray, readers: np.ndarray, cases: np.ndarray) -> Json:
    """Each generator's ability to be chosen, in logits against real images, out of all answers; and how many these are.

    chosen: (readers, pairs), LEFT, RIGHT, BOTH or NEITHER for a tie, -1 without an answer: which image was believed
    real, or which one was preferred.
    """
    seen = chosen >= 0
    if not seen.any():
        return {"abilities": {}, "standard_errors": {}, "intervals": {}, "side": None, "tie": None, "answers": {}}
    made = np.array([pair.generator or UNNAMED for pair in dataset.pairs])
    by = np.broadcast_to(made, seen.shape)
    first, second = np.where(dataset.real_is_left, "real", by), np.where(dataset.real_is_left, by, "real")
    outcome = np.clip(chosen, -1, BOTH)
    frame = {"first": first[seen], "second": second[seen], "outcome": np.array(preference.OUTCOMES)[outcome[seen]]}
    table, _ = preference.tabulate(frame, "real", side=True, ties=bool((outcome == BOTH).any()))
    place = {(table.names[one], table.names[two]): kind for kind, (one, two) in enumerate(table.kinds)}
    kind = np.full(seen.shape, -1)
    for (one, two), index in place.items():
        kind[seen & (first == one) & (second == two)] = index
    found = preference.bradley_terry(frame, "real")
    real = seen & (outcome == np.where(dataset.real_is_left, LEFT, RIGHT))
    tie = outcome == BOTH
    told = {"real": real, "synthetic": seen & ~real & ~tie, "tie": tie}
    answers = {
        name: {"pairs": int((seen & (by == name)).any(axis=0).sum())}
        | {word: int((each & (by == name)).sum()) for word, each in told.items()}
        for name in sorted(set(by[seen].tolist()))
    }
    intervals = preference.ability_intervals(table, kind, outcome, (readers, cases))
    return found | {"intervals": intervals, "answers": answers}


def families(found: Json) -> Iterator[Json]:
    """The tests of differences real minus synthetic: criteria by Holm, each kind of group over all criteria by BH."""
    criteria = found["criteria"]
    yield _family("criteria", "holm", {key: each["difference"] for key, each in criteria.items()})
    for group in analysis.GROUPS:
        entries = {
            f"{key}, {name}": each["difference"]
            for key, criterion in criteria.items()
            for name, each in criterion[f"by_{group}"].items()
        }
        if entries:
            yield _family(group, "bh", entries)


def _family(name: str, method: str, differences: Json) -> Json:
    differences = dict(sorted(differences.items()))  # criteria come in any order
    p = [_p(each) for each in differences.values()]
    return {
        "name": name,
        "method": method,
        "tests": list(differences),
        "p": p,
        "adjusted": multiplicity.adjust(p, method),
    }


def _p(difference: Json) -> float:
    """Two-sided, of no difference: by the very interval that is shown, whatever its method; nan where there is none."""
    from scipy.special import stdtr, stdtrit

    if difference["low"] is None or difference["df"] is None:
        return math.nan
    df = difference["df"]
    error = (difference["high"] - difference["low"]) / 2 / stdtrit(df, 0.975)
    return 2 * float(stdtr(df, -abs(difference["value"]) / error))
