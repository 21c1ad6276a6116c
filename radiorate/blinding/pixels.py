"""What the pixels themselves tell without any anatomy: how they were framed, windowed, compressed and denoised.

Everything but the last three is processing. A reader need not look at a bone to see it, and nor need a program that is
said to have found out fakes; where one of those alone sorts the origins, the pipeline must treat both alike first.
"""

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image as Picture

from radiorate.blinding import signs
from radiorate.results.statistics.discrimination import auc

TRIVIAL = ("border", "aspect", "clipped", "grey_levels", "comb", "blockiness")
ADVISORY = ("noise", "high_frequencies", "signs_in_a_row")
SORTS = 0.90  # the area from which on a trivial measure alone sorts the origins
FEWEST = 20  # pictures of an origin; below, an area is only told
FOLDS = 5

Row = tuple[dict[str, float], bool, int]


def judge(rows: Sequence[Row]) -> dict[str, Any]:
    """{pictures, areas, together, problems}: how well each measure sorts the origins, and all of them together.

    rows: (measures, is real, number of its pair) of each picture. An area is that under the curve, turned so that it is
    0.5 or more, with DeLong's interval; `together` is what a picture's measures predict that were not learned from.
    """
    real = np.array([is_real for _, is_real, _ in rows], bool)
    counts = {"real": int(real.sum()), "synthetic": int((~real).sum())}
    result: dict[str, Any] = {"pictures": counts, "areas": {}, "together": None, "problems": []}
    if not min(counts.values()):
        return result
    table = np.array([[found[name] for name in (*TRIVIAL, *ADVISORY)] for found, _, _ in rows])
    for name, column in zip((*TRIVIAL, *ADVISORY), table.T, strict=True):
        area = _area(column, real)
        result["areas"][name] = area
        if name in TRIVIAL and area["value"] >= SORTS and min(counts.values()) >= FEWEST:
            words_of = name.replace("_", " ")
            result["problems"].append(f"The {words_of} alone tells real from synthetic (area {area['value']:.2f}).")
    if min(counts.values()) >= FEWEST:
        result["together"] = _area(_predicted(table, real, np.array([pair for *_, pair in rows])), real, turned=False)
    return result


def planted(rows: Sequence[Row]) -> list[list[Row]]:
    """The same pictures with black bars on the real ones alone."""
    if min(sum(is_real == origin for _, is_real, _ in rows) for origin in (True, False)) < FEWEST:
        return []
    return [[({**found, "border": found["border"] + is_real}, is_real, pair) for found, is_real, pair in rows]]


def measures(grey: np.ndarray) -> dict[str, float]:
    """What can be measured of a picture without looking at it; grey levels of shape (side, side), uint8.

    border: share of the side that is uniform at its four edges together. aspect: log of width to height of what is not
    border. clipped: share of pure black and pure white. grey_levels: how many occur. comb: share of levels that do
    not, between the least and the most. blockiness: steps at every 8th pixel against those between. noise: log of the
    median absolute Laplacian. high_frequencies: share of power in the outer half of the spectrum.
    signs_in_a_row: as of letters.
    """
    side = grey.shape[0]
    rows, columns = _varied(grey), _varied(grey.T)
    content = grey[rows, columns]
    levels = np.bincount(grey.ravel(), minlength=256) > 0
    span = np.flatnonzero(levels)
    values = content.astype(np.float32)
    return {
        "border": 2 - (content.shape[0] + content.shape[1]) / side,
        "aspect": float(np.log(content.shape[1] / content.shape[0])),
        "clipped": float(((content == 0) | (content == 255)).mean()),
        "grey_levels": float(levels.sum()),
        "comb": 1 - len(span) / (span[-1] - span[0] + 1),
        "blockiness": (_blockiness(values) + _blockiness(values.T)) / 2,
        "noise": _noise(values),
        "high_frequencies": _high(values),
        "signs_in_a_row": float(signs.longest_row(content)) if min(content.shape) > signs.SMALLEST_SIDE else 0.0,
    }


def grey(png: bytes) -> np.ndarray:
    """The grey levels of a stored file, uint8 of shape (height, width)."""
    return np.asarray(Picture.open(io.BytesIO(png)).convert("L"))


def _varied(grey: np.ndarray) -> slice:
    """The rows between the uniform ones at both ends; all of a picture that is uniform."""
    found = np.flatnonzero(np.ptp(grey, axis=1))
    return slice(found[0], found[-1] + 1) if len(found) else slice(None)


def _blockiness(values: np.ndarray) -> float:
    """Mean step at every 8th column against that at the others, for the phase where it is largest; (rows, columns)."""
    if values.shape[1] < 16:
        return 1.0
    steps = np.abs(np.diff(values, axis=1)).mean(axis=0)
    whole = steps[: len(steps) // 8 * 8].reshape(-1, 8).mean(axis=0)
    at = int(whole.argmax())
    return float((whole[at] + 1e-3) / (np.delete(whole, at).mean() + 1e-3))


def _noise(values: np.ndarray) -> float:
    if min(values.shape) < 3:
        return 0.0
    around = values[:-2, 1:-1] + values[2:, 1:-1] + values[1:-1, :-2] + values[1:-1, 2:]
    return float(np.log(np.median(np.abs(around - 4 * values[1:-1, 1:-1])) + 0.1))


def _high(values: np.ndarray) -> float:
    power = np.abs(np.fft.rfft2(values - values.mean())) ** 2
    down = np.abs(np.fft.fftfreq(values.shape[0]))[:, None]
    across = np.fft.rfftfreq(values.shape[1])[None, :]
    return float(np.log((power[(down > 0.25) | (across > 0.25)].sum() + 1) / (power.sum() + 1)))


def _area(scores: np.ndarray, real: np.ndarray, *, turned: bool = True) -> dict[str, float]:
    found = auc(scores[real], scores[~real])
    value, low, high = (found[name] for name in ("value", "low", "high"))
    if turned and value < 0.5:
        value, low, high = 1 - value, 1 - high, 1 - low
    return {"value": value, "low": low, "high": high}


def _predicted(table: np.ndarray, real: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """What ridge regression on the standardised measures says of each picture whose pair it has not seen.

    table: (pictures, measures); real: (pictures,) bool; pairs: (pictures,) int, whole pairs are left out together.
    """
    predicted = np.zeros(len(table))
    for fold in range(FOLDS):
        left_out = pairs % FOLDS == fold
        if left_out.all() or not left_out.any():
            continue
        seen = table[~left_out]
        spread = seen.std(axis=0) + 1e-9
        design = (seen - seen.mean(axis=0)) / spread
        aim = real[~left_out] - real[~left_out].mean()
        weights = np.linalg.solve(design.T @ design + len(design) * 0.01 * np.eye(table.shape[1]), design.T @ aim)
        predicted[left_out] = (table[left_out] - seen.mean(axis=0)) / spread @ weights
    return predicted
