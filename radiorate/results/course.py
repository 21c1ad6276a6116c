"""How readers went through a study: their time on each pair, and whether their judgement moved on the way."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from radiorate.results import analysis
from radiorate.results.dataset import Dataset

PARTS = 4  # quarters of what a reader has read

Json = dict[str, Any]


def timing(dataset: Dataset) -> Json:
    """Quartiles of the seconds a pair, of each reader and of all readings; pauses are taken out already."""
    rows = {code: _quartiles(dataset.seconds[row]) for row, code in enumerate(dataset.readers)}
    return {"all": _quartiles(dataset.seconds), "by_reader": {code: each for code, each in rows.items() if each["n"]}}


def _quartiles(seconds: np.ndarray) -> Json:
    told = seconds[np.isfinite(seconds)]
    if not len(told):
        return {"n": 0, "lower_quartile": np.nan, "median": np.nan, "upper_quartile": np.nan}
    lower, middle, upper = np.quantile(told, [0.25, 0.5, 0.75])
    return {"n": len(told), "lower_quartile": lower, "median": middle, "upper_quartile": upper}


def drift(dataset: Dataset) -> Json:
    """By quarter of each reader's answers in their order, and by session: mean scores, share correct, median seconds.

    A criterion's score of a pair is the mean of its two images, so it moves with severity and not with the origin.
    """
    return {"quarter": list(_parts(dataset, _quarters(dataset))), "session": list(_parts(dataset, dataset.session))}


def _quarters(dataset: Dataset) -> np.ndarray:
    """(readers, pairs): 1 to 4 by the place of an answer among the reader's own, 0 where there is none."""
    counted = (dataset.place >= 0).sum(axis=1, keepdims=True)
    return np.where(dataset.place >= 0, dataset.place * PARTS // np.maximum(counted, 1) + 1, 0)


def _parts(dataset: Dataset, part: np.ndarray) -> Iterator[Json]:
    for each in np.unique(part[part > 0]):
        inside = part == each
        yield {
            "part": int(each),
            "scores": {
                scale.key: analysis.mean(np.where(inside, dataset.scores[index].mean(axis=-1), np.nan))
                for index, scale in enumerate(dataset.criteria)
            },
            "correct": analysis.mean(np.where(inside, dataset.correct, np.nan)),
            "seconds": _quartiles(np.where(inside, dataset.seconds, np.nan))["median"],
        }
