"""Which competitor is preferred: abilities out of contests of two, with ties and an advantage of the first place."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, nan
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

OUTCOMES = ("first", "second", "tie")
ITERATIONS = 60
LARGEST_STEP = 2.0  # of a logit at once: far from the maximum a full step would overshoot
NO_LIMIT = 10.0  # an ability so far off is no estimate: someone always won in that resample


@dataclass(frozen=True)
class Contests:
    """Kinds of contest, and what a logit of each outcome is made of."""

    names: tuple[str, ...]
    reference: str
    kinds: np.ndarray  # (kinds, 2) indices of names: first, second
    side: bool
    ties: bool

    @property
    def free(self) -> list[int]:
        """The competitors whose ability is not fixed at 0."""
        return [index for index, name in enumerate(self.names) if name != self.reference]

    @property
    def design(self) -> np.ndarray:
        """(kinds, 2 or 3 outcomes, parameters): abilities of the free, then the side, then log nu, where wanted.

        First exp(a_i + s/2), second exp(a_j - s/2), tie nu exp((a_i + a_j)/2).
        """
        own = np.eye(len(self.names))[:, self.free]
        first, second = own[self.kinds[:, 0]], own[self.kinds[:, 1]]
        outcomes = [first, second, (first + second) / 2] if self.ties else [first, second]
        extra = [[0.5, -0.5, 0.0]] * self.side + [[0.0, 0.0, 1.0]] * self.ties
        columns = [np.repeat([values], len(self.kinds), axis=0)[:, : len(outcomes), None] for values in extra]
        return np.concatenate([np.stack(outcomes, axis=1), *columns], axis=2)


def fit(design: np.ndarray, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Maximum likelihood by Newton's method, of many tables at once: parameters (..., p), information (..., p, p).

    design: (kinds, outcomes, p); counts: (..., kinds, outcomes). Where the likelihood has no maximum the parameters
    come out far from 0.
    """
    totals = counts.sum(axis=-1)
    found = np.zeros((*counts.shape[:-2], design.shape[2]))
    for _ in range(ITERATIONS):
        logits = np.einsum("...p,kop->...ko", found, design)
        share = np.exp(logits - logits.max(axis=-1, keepdims=True))
        share /= share.sum(axis=-1, keepdims=True)
        expected = totals[..., None] * share
        slope = np.einsum("...ko,kop->...p", counts - expected, design)
        mean = np.einsum("...ko,kop->...kp", share, design)
        information = np.einsum("...ko,kop,koq->...pq", expected, design, design, optimize=True)
        information = information - np.einsum("...k,...kp,...kq->...pq", totals, mean, mean, optimize=True)
        # Without a maximum the information fades: the ridge keeps the step finite and changes no maximum.
        ridge = 1e-9 * np.eye(design.shape[2])
        step = np.linalg.solve(information + ridge, slope[..., None])[..., 0]
        step *= np.minimum(1, LARGEST_STEP / np.maximum(np.abs(step).max(axis=-1, keepdims=True), 1e-300))
        found = found + step
        if np.abs(step).max() < 1e-10:
            break
    return found, information


def _columns(contests: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    first, second, outcome = (np.asarray(contests[name]).astype(str) for name in ("first", "second", "outcome"))
    count = np.asarray(contests["count"], dtype=float) if "count" in contests else np.ones(len(first))
    if not len(first):
        raise ValueError("contests: no row")
    if not np.isin(outcome, OUTCOMES).all():
        raise ValueError(f"outcome: one of {', '.join(OUTCOMES)}")
    if (first == second).any() or (count < 0).any():
        raise ValueError("contests: two different competitors, and no negative count")
    return first, second, outcome, count


def tabulate(contests: Any, reference: str, side: bool, ties: bool) -> tuple[Contests, np.ndarray]:
    """The kinds of contest in a frame, and how often each had each outcome (kinds, outcomes)."""
    first, second, outcome, count = _columns(contests)
    names = tuple(sorted({*first.tolist(), *second.tolist()}))
    if reference not in names:
        raise ValueError(f"reference: {reference} took part in no contest")
    pairs = np.searchsorted(names, np.stack([first, second], axis=1))
    kinds, kind = np.unique(pairs, axis=0, return_inverse=True)
    counts = np.zeros((len(kinds), 3))
    np.add.at(counts, (kind.ravel(), np.array([OUTCOMES.index(each) for each in outcome])), count)
    if not ties:  # half a win for each
        counts = counts[:, :2] + counts[:, 2:] / 2
    return Contests(names, reference, kinds, side, ties), counts


def separated(contests: Contests, counts: np.ndarray) -> list[str]:
    """The competitors no finite ability fits, because a group of them lost (or won) every contest with the others.

    The names that the reference cannot reach, or that cannot reach it, by steps from one who won or tied to the other.
    """
    from scipy.sparse.csgraph import connected_components

    beaten = np.zeros((len(contests.names),) * 2)
    one, two = contests.kinds.T
    tied = counts[:, 2] if contests.ties else 0.0
    np.add.at(beaten, (one, two), counts[:, 0] + tied)
    np.add.at(beaten, (two, one), counts[:, 1] + tied)
    _, group = connected_components(beaten > 0, directed=True, connection="strong")
    own = group[contests.names.index(contests.reference)]
    return [name for name, each in zip(contests.names, group, strict=True) if each != own]


def _never_met(contests: Contests, counts: np.ndarray) -> list[str]:
    """The competitors without any chain of contests to the reference: nothing compares them."""
    from scipy.sparse.csgraph import connected_components

    met = np.zeros((len(contests.names),) * 2)
    np.add.at(met, tuple(contests.kinds.T), counts.sum(axis=1))
    _, group = connected_components(met > 0, directed=False)
    own = group[contests.names.index(contests.reference)]
    return [name for name, each in zip(contests.names, group, strict=True) if each != own]


def _with_penalty(contests: Contests, counts: np.ndarray) -> tuple[Contests, np.ndarray]:
    """Every pairing gets, in both orders, half a win of the one, half of the other, and half a tie."""
    orders = np.concatenate([contests.kinds, contests.kinds[:, ::-1]])
    kinds, kind = np.unique(orders, axis=0, return_inverse=True)
    more = np.full((len(kinds), counts.shape[1]), 0.5)
    np.add.at(more, kind.ravel()[: len(counts)], counts)
    return Contests(contests.names, contests.reference, kinds, contests.side, contests.ties), more


def bradley_terry(contests: Any, reference: str, side: bool = True, ties: bool = True) -> dict[str, Any]:
    """How much each competitor is preferred, as logits against the reference, which has 0.

    contests: a frame (or mapping of columns) of first, second (names), outcome (first, second, tie) and, if wanted,
    count. side: estimate the advantage of the first place, in logits; ties: estimate nu, or else count a tie as half a
    win for each. Returns abilities and standard_errors by name, side, side_standard_error, tie (nu),
    tie_probability_of_equals = nu / (2 + nu), separated, penalised. In the standard errors contests are independent.
    Where no finite maximum exists, separated names the competitors that cause it, and every pairing was given, in both
    orders, half a win for each and half a tie (penalised). A competitor no chain of contests links to the reference
    has nan. nan for side and tie where they are not estimated. ValueError on empty input or unknown words.
    Source: Bradley & Terry 1952, Biometrika 39:324; ties: Davidson 1970, J Am Stat Assoc 65:317; order: Davidson &
    Beaver 1977, Biometrics 33:693.
    """
    table, counts = tabulate(contests, reference, side, ties)
    away = _never_met(table, counts)
    kept = ~np.isin(np.array(table.names)[table.kinds], away).any(axis=1)
    return _estimate(Contests(table.names, reference, table.kinds[kept], side, ties), counts[kept], away)


def _estimate(table: Contests, counts: np.ndarray, away: Sequence[str]) -> dict[str, Any]:
    apart = [name for name in separated(table, counts) if name not in away]
    one_sided = table.side and (counts[:, :2].sum(axis=0) == 0).any()
    no_tie = table.ties and counts[:, 2].sum() == 0
    is_penalised = bool(apart or one_sided or (table.ties and counts[:, :2].sum() == 0))
    if is_penalised:
        table, counts = _with_penalty(table, counts)
    elif no_tie:  # nu is 0, and its logarithm no number to look for
        table, counts = Contests(table.names, table.reference, table.kinds, table.side, False), counts[:, :2]
    used = [index for index, name in enumerate(table.free) if table.names[name] not in away]
    rest = range(len(table.free), table.design.shape[2])
    chosen = [*used, *rest]
    values, information = fit(table.design[:, :, chosen], counts)
    errors = np.sqrt(np.diag(np.linalg.pinv(information)))
    abilities, standard_errors = dict.fromkeys(table.names, nan), dict.fromkeys(table.names, nan)
    abilities[table.reference], standard_errors[table.reference] = 0.0, 0.0
    for place, index in enumerate(used):
        name = table.names[table.free[index]]
        abilities[name], standard_errors[name] = float(values[place]), float(errors[place])
    nu = exp(values[-1]) if table.ties else 0.0 if no_tie else nan
    return {
        "abilities": abilities,
        "standard_errors": standard_errors,
        "side": float(values[len(used)]) if table.side else nan,
        "side_standard_error": float(errors[len(used)]) if table.side else nan,
        "tie": nu,
        "tie_probability_of_equals": nu / (2 + nu),
        "separated": apart,
        "penalised": is_penalised,
    }


def ability_intervals(
    table: Contests, kind: ArrayLike, outcome: ArrayLike, draws: tuple[np.ndarray, np.ndarray], confidence: float = 0.95
) -> dict[str, dict[str, float]]:
    """{name: {low, high}}: percentile limits of the abilities over resampled readers and cases.

    kind, outcome: (readers, cases), indices of table.kinds and OUTCOMES, -1 where nothing was chosen; draws: how often
    each reader (resamples, readers) and each case (resamples, cases) was drawn. A limit is nan where resamples leave it
    open, because someone won every contest in them. Under about 8 readers too narrow where readers differ.
    """
    kinds, outcomes = np.asarray(kind), np.asarray(outcome)
    reader_draws, case_draws = draws
    counts = np.empty((len(case_draws), len(table.kinds), 3 if table.ties else 2))
    for one, result in np.ndindex(counts.shape[1:]):
        cells = ((kinds == one) & (outcomes == result)).astype(float)
        counts[:, one, result] = ((reader_draws @ cells) * case_draws).sum(axis=1)
    found, _ = fit(table.design, counts)
    limits = {table.reference: {"low": 0.0, "high": 0.0}}
    for place, index in enumerate(table.free):
        ends = np.quantile(found[:, place], [(1 - confidence) / 2, (1 + confidence) / 2])
        low, high = (float(end) if abs(end) < NO_LIMIT else nan for end in ends)
        limits[table.names[index]] = {"low": low, "high": high}
    return limits
