"""Abilities against a textbook's table and a Poisson fit by another program."""

import itertools

import numpy as np
import pandas as pd  # noqa: TID253  (a test pays the import once)
import pytest
import statsmodels.api as sm  # noqa: TID253

from radiorate.results.statistics.preference import OUTCOMES, ability_intervals, bradley_terry, tabulate

TEAMS = ["Milwaukee", "Detroit", "Toronto", "New York", "Boston", "Cleveland", "Baltimore"]
WINS = [  # 1987, American League East; rows beat columns. Agresti 2002, Categorical Data Analysis, table 10.10
    [0, 7, 9, 7, 7, 9, 11],
    [6, 0, 7, 5, 11, 9, 9],
    [4, 6, 0, 7, 7, 8, 12],
    [6, 8, 6, 0, 6, 7, 10],
    [6, 2, 6, 7, 0, 7, 12],
    [4, 4, 5, 6, 6, 0, 6],
    [2, 4, 1, 3, 1, 7, 0],
]


def contests(abilities, side, nu, count=60, seed=1):
    """A frame of simulated contests, every ordered pair as often."""
    random = np.random.default_rng(seed)
    rows = []
    for one, two in itertools.permutations(abilities, 2):
        weights = np.exp([abilities[one] + side / 2, abilities[two] - side / 2, (abilities[one] + abilities[two]) / 2])
        weights[2] *= nu
        drawn = random.multinomial(count, weights / weights.sum())
        rows += [(one, two, outcome, number) for outcome, number in zip(OUTCOMES, drawn, strict=True)]
    return pd.DataFrame(rows, columns=["first", "second", "outcome", "count"])


def test_the_textbook_abilities_are_reproduced():
    rows = [
        (TEAMS[one], TEAMS[two], "first", WINS[one][two]) for one, two in itertools.permutations(range(len(TEAMS)), 2)
    ]
    frame = pd.DataFrame(rows, columns=["first", "second", "outcome", "count"])
    found = bradley_terry(frame, "Baltimore", side=False, ties=False)
    published = [1.58, 1.44, 1.29, 1.25, 1.11, 0.68, 0]
    assert [found["abilities"][team] for team in TEAMS] == pytest.approx(published, abs=0.006)
    assert found["separated"] == []


def test_ties_and_side_are_those_of_a_poisson_fit():
    frame = contests({"real": 0.0, "a": -0.5, "b": 0.4}, side=0.3, nu=0.6)
    found = bradley_terry(frame, "real")
    columns = {name: np.zeros(len(frame)) for name in ("a", "b", "side", "log_nu")}
    for row, (one, two, outcome) in enumerate(frame[["first", "second", "outcome"]].itertuples(index=False)):
        for name, share in {one: {"first": 1, "tie": 0.5}, two: {"second": 1, "tie": 0.5}}.items():
            if name != "real":
                columns[name][row] = share.get(outcome, 0)
        columns["side"][row] = {"first": 0.5, "second": -0.5}.get(outcome, 0)
        columns["log_nu"][row] = outcome == "tie"
    pairing = pd.get_dummies(frame["first"] + frame["second"], dtype=float)
    other = sm.GLM(frame["count"], pd.DataFrame(columns).join(pairing), family=sm.families.Poisson()).fit(tol=1e-12)
    for name in ("a", "b"):
        assert found["abilities"][name] == pytest.approx(other.params[name], abs=1e-6)
        assert found["standard_errors"][name] == pytest.approx(other.bse[name], rel=1e-5)
    assert found["side"] == pytest.approx(other.params["side"], abs=1e-6)
    assert found["side_standard_error"] == pytest.approx(other.bse["side"], rel=1e-5)
    assert found["tie"] == pytest.approx(np.exp(other.params["log_nu"]), abs=1e-6)
    assert found["tie_probability_of_equals"] == pytest.approx(found["tie"] / (2 + found["tie"]))


def test_a_row_a_contest_gives_what_counts_give_and_turning_sides_turns_the_side_alone():
    frame = contests({"real": 0.0, "a": -0.5}, side=0.3, nu=0.6, count=20)
    spread = frame.loc[frame.index.repeat(frame["count"])].drop(columns="count")
    assert bradley_terry(spread, "real")["abilities"] == pytest.approx(bradley_terry(frame, "real")["abilities"])
    turned = frame.rename(columns={"first": "second", "second": "first"})
    turned["outcome"] = turned["outcome"].map({"first": "second", "second": "first", "tie": "tie"})
    one, two = bradley_terry(frame, "real"), bradley_terry(turned, "real")
    assert two["abilities"] == pytest.approx(one["abilities"])
    assert two["side"] == pytest.approx(-one["side"])


def test_who_never_lost_is_named_and_stays_finite():
    frame = {
        "first": ["a", "b", "a", "c"],
        "second": ["b", "a", "c", "b"],
        "outcome": ["first", "second", "tie", "first"],
    }
    assert bradley_terry(frame, "b")["separated"] == ["a", "c"]
    found = bradley_terry(frame, "b")
    assert found["penalised"]
    assert all(abs(ability) < 5 for ability in found["abilities"].values())


def test_who_met_nobody_known_has_no_ability():
    found = bradley_terry(
        {"first": ["a", "b", "c"], "second": ["b", "a", "d"], "outcome": ["first"] * 3}, "a", side=False
    )
    assert np.isnan([found["abilities"]["c"], found["abilities"]["d"]]).all()
    assert found["abilities"]["b"] == pytest.approx(0)
    assert found["tie"] == 0


def test_resampled_readers_and_cases_spread_wider_than_independent_contests():
    random = np.random.default_rng(2)
    readers, cases = 8, 60
    eye = 0.8 + 0.8 * random.normal(size=(readers, 1))  # readers differ in how well they tell
    kind = np.tile(np.arange(cases) % 2, (readers, 1))
    real_chosen = random.random((readers, cases)) < 1 / (1 + np.exp(-eye))
    outcome = np.where(real_chosen, kind, 1 - kind)  # kind 0: the synthetic one second
    names = np.array(["real", "synthetic"])
    frame = {
        "first": names[kind.ravel()],
        "second": names[1 - kind.ravel()],
        "outcome": np.array(OUTCOMES)[outcome.ravel()],
    }
    table, _ = tabulate(frame, "real", side=True, ties=False)
    draws = [random.multinomial(n, np.full(n, 1 / n), size=500).astype(float) for n in (readers, cases)]
    limits = ability_intervals(table, kind, outcome, (draws[0], draws[1]))["synthetic"]
    found = bradley_terry(frame, "real", ties=False)
    assert limits["low"] < found["abilities"]["synthetic"] < limits["high"]
    assert limits["high"] - limits["low"] > 2 * 1.96 * found["standard_errors"]["synthetic"]


@pytest.mark.parametrize(
    ("frame", "reference"),
    [
        ({"first": [], "second": [], "outcome": []}, "a"),
        ({"first": ["a"], "second": ["b"], "outcome": ["left"]}, "a"),
        ({"first": ["a"], "second": ["a"], "outcome": ["tie"]}, "a"),
        ({"first": ["a"], "second": ["b"], "outcome": ["tie"]}, "c"),
    ],
)
def test_impossible_contests_are_refused(frame, reference):
    with pytest.raises(ValueError, match=r"contests|outcome|reference"):
        bradley_terry(frame, reference)
