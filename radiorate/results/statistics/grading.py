"""Ordered grades as what they are: visual grading characteristics and cumulative link models."""

from collections.abc import Sequence
from math import nan, sqrt
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from radiorate.results.statistics.discrimination import auc

NODES = 15  # of the adaptive quadrature; more change no printed digit
INNER_STEPS = 50
Levels = int | Sequence[float]


def grades(levels: Levels) -> np.ndarray:
    """The grades of a scale in order: 1..levels, or those listed; ValueError on fewer than two."""
    listed = np.asarray(levels, dtype=float)
    found = 1.0 + np.arange(int(listed)) if listed.ndim == 0 else np.unique(listed)
    if len(found) < 2:
        raise ValueError("levels: two grades at least")
    return found


def vgc(reference: ArrayLike, test: ArrayLike, levels: Levels, confidence: float = 0.95) -> dict[str, Any]:
    """{auc, standard_error, low, high, points}: the chance that a test image is graded above a reference image.

    reference, test: (n,), (m,) grades; levels: how many, or the list of them. 0.5 is alike, ties count half. points:
    [share of references, share of tests] graded t or better by falling t, [0, 0] to [1, 1]. The interval takes the two
    groups and all grades for independent (DeLong), so it is for one reader; nan without spread. ValueError on an empty
    group or a grade outside the scale.
    Source: Bath & Mansson 2007, Br J Radiol 80:169.
    """
    scale = grades(levels)
    below, above = np.asarray(reference, dtype=float), np.asarray(test, dtype=float)
    if not np.isin(below, scale).all() or not np.isin(above, scale).all():
        raise ValueError("reference and test: a grade is not on the scale")
    found = auc(above, below, confidence)
    points = [[0.0, 0.0], *([float((below >= t).mean()), float((above >= t).mean())] for t in scale[::-1])]
    return {"auc": found.pop("value"), **found, "points": points}


def vgc_interval(
    reference: np.ndarray, test: np.ndarray, draws: tuple[np.ndarray, np.ndarray], confidence: float = 0.95
) -> dict[str, float]:
    """{auc, low, high}: the readers' mean area, with percentile limits over resampled readers and pairs.

    reference, test: (readers, pairs) grades of the two images of each pair, nan = missing; draws: how often each reader
    (resamples, readers) and each pair (resamples, pairs) was drawn, both images with it. nan where no reader graded
    both kinds. Under about 8 readers too narrow where readers differ.
    """
    scale = np.unique(np.concatenate([reference[np.isfinite(reference)], test[np.isfinite(test)]]))
    readers, pairs = reference.shape

    def areas(weights: np.ndarray) -> np.ndarray:
        """Each reader's area (resamples, readers), nan where one kind was not drawn."""
        below, above = (
            (weights @ (each.T[:, :, None] == scale).reshape(pairs, -1).astype(float)).reshape(-1, readers, len(scale))
            for each in (reference, test)
        )
        beaten = np.cumsum(below, axis=-1) - below / 2
        with np.errstate(invalid="ignore", divide="ignore"):
            return (above * beaten).sum(axis=-1) / (above.sum(axis=-1) * below.sum(axis=-1))

    own = areas(np.ones((1, pairs)))[0]
    if np.isnan(own).all():
        return {"auc": nan, "low": nan, "high": nan}
    reader_draws, case_draws = draws
    drawn = areas(case_draws)
    shares = reader_draws * np.isfinite(drawn)
    with np.errstate(invalid="ignore", divide="ignore"):
        means = (shares * np.nan_to_num(drawn)).sum(axis=1) / shares.sum(axis=1)
    low, high = np.quantile(means[np.isfinite(means)], [(1 - confidence) / 2, (1 + confidence) / 2])
    return {"auc": float(np.nanmean(own)), "low": float(low), "high": float(high)}


def _model(scores: ArrayLike, design: ArrayLike, levels: Levels) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Places of the scores among the grades that occur, the design as floats, and those grades' places on the scale."""
    scale, values = grades(levels), np.asarray(scores, dtype=float)
    columns = np.asarray(design, dtype=float)
    columns = columns[:, None] if columns.ndim == 1 else columns
    if values.ndim != 1 or not values.size or columns.shape[0] != len(values) or columns.ndim != 2:
        raise ValueError("scores and design: one row a score, at least one")
    if not np.isfinite(columns).all() or not np.isin(values, scale).all():
        raise ValueError("scores and design: nothing missing, and every score on the scale")
    used, place = np.unique(np.searchsorted(scale, values), return_inverse=True)
    if len(used) < 2:
        raise ValueError("scores: two different grades at least")
    return place, columns, used


def _of_scale(cuts: np.ndarray, used: np.ndarray, levels: Levels) -> list[float]:
    """A threshold above each grade but the last; nan below the lowest and above the highest grade that occurs."""
    found = []
    for grade in range(len(grades(levels)) - 1):
        below = int((used <= grade).sum())
        found.append(float(cuts[below - 1]) if 0 < below < len(used) else nan)
    return found


def cumulative_link(scores: ArrayLike, design: ArrayLike, levels: Levels) -> dict[str, Any]:
    """{thresholds, coefficients, standard_errors, log_likelihood}: logit P(score <= j) = threshold_j - x b.

    scores: (n,) grades; design: (n, p) without a constant; levels: how many grades, or the list. A positive coefficient
    raises scores; exp(b) is the odds ratio of a better grade. standard_errors are the coefficients'. A threshold no
    score lies below or above is nan. The scores count as independent: for one reader, or as a starting point.
    ValueError on empty input, one grade alone, or a score off the scale.
    Source: McCullagh 1980, J R Stat Soc B 42:109; computed by statsmodels' OrderedModel.
    """
    from statsmodels.miscmodels.ordinal_model import OrderedModel

    place, columns, used = _model(scores, design, levels)
    model = OrderedModel(place, columns, distr="logit")
    fitted = model.fit(method="bfgs", gtol=1e-8, maxiter=1000, disp=False)
    width = columns.shape[1]
    return {
        # params has logarithms of the gaps between thresholds; this gives the thresholds, between two infinities.
        "thresholds": _of_scale(model.transform_threshold_params(fitted.params)[1:-1], used, levels),
        "coefficients": [float(value) for value in fitted.params[:width]],
        "standard_errors": [float(value) for value in fitted.bse[:width]],
        "log_likelihood": float(fitted.llf),
    }


class _Mixed:
    """The likelihood of a cumulative link model with normal effects of one or two groupings."""

    def __init__(self, place: np.ndarray, columns: np.ndarray, groups: np.ndarray, weights: np.ndarray) -> None:
        self.place, self.columns, self.weights = place, columns, weights
        self.cuts, self.width = int(place.max()), columns.shape[1]
        indices = [np.unique(each, return_inverse=True)[1] for each in groups.T]
        self.sizes = [int(each.max()) + 1 for each in indices]
        self.indices = [each + offset for each, offset in zip(indices, np.cumsum([0, *self.sizes]), strict=False)]
        self.factor = np.repeat(np.arange(len(self.sizes)), self.sizes)
        self.modes = np.zeros(sum(self.sizes))  # of the last call: where the next search begins

    def split(self, parameters: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Thresholds (first, then logarithms of the gaps), coefficients, standard deviations (as logarithms)."""
        cuts = parameters[0] + np.concatenate([[0.0], np.cumsum(np.exp(parameters[1 : self.cuts]))])
        rest = parameters[self.cuts :]
        return cuts, rest[: self.width], np.exp(rest[self.width :])

    def _terms(self, cuts: np.ndarray, level: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Log-likelihood of each row at its linear predictor, slope and (negative) curvature in it."""
        from scipy.special import expit, log_expit

        above, below = (each if level.ndim > 1 else each[:, 0] for each in self._ends(cuts))
        lower, upper = below - level, above - level
        # F(b) - F(a) as a product, which does not vanish where both are near 1.
        log = log_expit(upper) + log_expit(-lower) + np.log1p(-np.exp(lower - upper))
        low, high = expit(lower), expit(upper)
        return log, low + high - 1, -(low * (1 - low) + high * (1 - high))

    def _find_modes(self, cuts: np.ndarray, fixed: np.ndarray, spread: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The most likely effects in units of their standard deviation, and the information there; by Newton."""
        count = len(self.modes)
        scale = spread[self.factor]
        for _ in range(INNER_STEPS):
            level = fixed + sum(scale[each] * self.modes[each] for each in self.indices)
            _, slope, curvature = self._terms(cuts, level)
            gradient, information = -self.modes, np.eye(count)
            for one in self.indices:
                gradient = gradient + np.bincount(one, self.weights * slope, count) * scale
                for two in self.indices:
                    known = -self.weights * curvature * scale[one] * scale[two]
                    information += np.bincount(one * count + two, known, count * count).reshape(count, count)
            step = np.linalg.solve(information, gradient)
            self.modes = self.modes + step * min(1.0, 3.0 / max(float(np.abs(step).max()), 1e-300))
            if np.abs(step).max() < 1e-9:
                break
        return self.modes, information

    def fit_of(self, parameters: np.ndarray) -> tuple[float, np.ndarray]:
        """Log-likelihood, effects integrated out, and its gradient.

        Adaptive Gauss-Hermite quadrature for one grouping; Laplace's approximation, and differences of it, for two.
        """
        if len(self.sizes) == 1:
            return self._quadrature(parameters)
        moves = 1e-4 * np.eye(len(parameters))
        ends = [(self._laplace(parameters + move), self._laplace(parameters - move)) for move in moves]
        slope = np.array([(up - down) / 2e-4 for up, down in ends])
        return self._laplace(parameters), slope

    def _laplace(self, parameters: np.ndarray) -> float:
        cuts, slopes, spread = self.split(parameters)
        fixed = self.columns @ slopes
        modes, information = self._find_modes(cuts, fixed, spread)
        level = fixed + sum(spread[self.factor][each] * modes[each] for each in self.indices)
        log, _, _ = self._terms(cuts, level)
        return float((self.weights * log).sum() - (modes**2).sum() / 2 - np.linalg.slogdet(information)[1] / 2)

    def _quadrature(self, parameters: np.ndarray) -> tuple[float, np.ndarray]:
        """Log-likelihood and gradient, which is that of the rows, averaged over each group's likely effects."""
        from scipy.special import expit, logsumexp

        cuts, slopes, spread = self.split(parameters)
        group = self.indices[0]
        fixed = self.columns @ slopes
        modes, information = self._find_modes(cuts, fixed, spread)
        nodes, node_weights = np.polynomial.hermite.hermgauss(NODES)
        width = sqrt(2) / np.sqrt(np.diag(information))
        effects = modes[:, None] + width[:, None] * nodes
        level = fixed[:, None] + spread[0] * effects[group]
        log, in_level, _ = self._terms(cuts, level)
        by_group = np.zeros(effects.shape)
        np.add.at(by_group, group, self.weights[:, None] * log)
        terms = by_group - effects**2 / 2 + nodes**2 + np.log(node_weights)
        whole = logsumexp(terms, axis=1)
        value = float((whole + np.log(width)).sum() - len(modes) * np.log(2 * np.pi) / 2)

        share = self.weights[:, None] * np.exp(terms - whole[:, None])[group]
        density = [expit(each - level) * expit(level - each) / np.exp(log) for each in self._ends(cuts)]
        up, down = ((share * each).sum(axis=1) for each in density)
        in_cuts = np.bincount(self.place, up, self.cuts + 1)[:-1] - np.bincount(self.place, down, self.cuts + 1)[1:]
        # Each threshold is the first and the gaps up to it: what moves a gap moves all thresholds above.
        in_gaps = np.cumsum(in_cuts[::-1])[::-1]
        in_gaps[1:] *= np.exp(parameters[1 : self.cuts])
        in_slopes = (share * in_level).sum(axis=1) @ self.columns
        in_spread = (share * in_level * spread[0] * effects[group]).sum()
        return value, np.concatenate([in_gaps, in_slopes, [in_spread]])

    def _ends(self, cuts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The thresholds above and below each row's grade, (rows, 1), infinite at the ends of the scale."""
        ends = np.concatenate([[-np.inf], cuts, [np.inf]])[:, None]
        return ends[self.place + 1], ends[self.place]


def cumulative_link_mixed(
    scores: ArrayLike, design: ArrayLike, groups: ArrayLike, levels: Levels, counts: ArrayLike | None = None
) -> dict[str, Any]:
    """`cumulative_link` with a normal effect of each group: readers who are severe or lenient, cases hard or easy.

    groups: (n,) labels of one grouping, or (n, 2) of two crossed ones, reader and case; counts: (n,) how often a row
    occurred, once if not given. Returns {thresholds, coefficients, standard_errors, log_likelihood,
    standard_deviation, effects}: standard_deviation is a float, or one a grouping; effects has the most likely effect
    of each group in logits by label, positive where scores are higher (a lenient reader). One grouping is integrated
    by adaptive quadrature, two by Laplace's approximation, which takes a matrix of all groups. ValueError as there.
    Source: Tutz & Hennevogl 1996, Comput Stat Data Anal 22:537; Christensen 2019, R package ordinal.
    """
    from scipy.optimize import minimize

    place, columns, used = _model(scores, design, levels)
    labels = np.asarray(groups)
    labels = labels[:, None] if labels.ndim == 1 else labels
    if labels.ndim != 2 or len(labels) != len(place) or labels.shape[1] > 2:
        raise ValueError("groups: one label a score, or two")
    weights = np.ones(len(place)) if counts is None else np.asarray(counts, dtype=float)
    model = _Mixed(place, columns, labels, weights)
    shares = np.cumsum(np.bincount(place, weights))[:-1] / weights.sum()
    cuts = np.log(shares / (1 - shares))
    start = np.concatenate(
        [cuts[:1], np.log(np.diff(cuts)), np.zeros(columns.shape[1]), np.full(labels.shape[1], np.log(0.5))]
    )

    def minus(parameters: np.ndarray) -> tuple[float, np.ndarray]:
        value, slope = model.fit_of(parameters)
        return -value, -slope

    best = minimize(minus, start, jac=True, method="BFGS", options={"gtol": 1e-5}).x
    moves = 1e-3 * np.eye(len(best))
    curvature = np.array([(minus(best + move)[1] - minus(best - move)[1]) / 2e-3 for move in moves])
    variances = np.diag(np.linalg.pinv((curvature + curvature.T) / 2))
    errors = np.sqrt(np.where(variances > 0, variances, nan))
    likelihood, _ = model.fit_of(best)
    found_cuts, slopes, spread = model.split(best)
    chosen = slice(model.cuts, model.cuts + model.width)
    names = [str(name) for each in labels.T for name in np.unique(each)]
    effects = spread[model.factor] * model.modes
    parts = np.split(np.arange(len(names)), np.cumsum(model.sizes)[:-1])
    by_grouping = [{names[index]: float(effects[index]) for index in part} for part in parts]
    return {
        "thresholds": _of_scale(found_cuts, used, levels),
        "coefficients": slopes.tolist(),
        "standard_errors": errors[chosen].tolist(),
        "log_likelihood": likelihood,
        "standard_deviation": float(spread[0]) if len(spread) == 1 else spread.tolist(),
        "effects": by_grouping[0] if len(by_grouping) == 1 else by_grouping,
    }
