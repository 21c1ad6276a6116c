"""Sides and order by construction: balanced for every number of readers, replayable, with repeats nobody can spot."""

import hashlib
import json
from collections import Counter
from dataclasses import asdict
from decimal import Decimal
from itertools import groupby

from hypothesis import given, settings
from hypothesis import strategies as st

from radiorate.studies import assigning
from radiorate.studies.assigning import Planned, Trial

REGIONS = ["hand", "knee", "chest"]
trials = st.lists(
    st.tuples(st.integers(1, 9999), st.booleans(), st.sampled_from(REGIONS)),
    min_size=1,
    max_size=60,
    unique_by=lambda t: t[0],
).map(lambda drawn: [Trial(f"P{number:04}", is_main, region) for number, is_main, region in drawn])
seeds = st.integers(-(2**63), 2**63 - 1)
shares = st.integers(0, 100).map(lambda percent: Decimal(percent) / 100)


def plan(seed: int = 7, reader: int = 1, pairs: int = 40, sessions: int = 1, share: str = "0.1") -> list[Planned]:
    made = [Trial(f"P{number:03}", True, REGIONS[number % 3]) for number in range(1, pairs + 1)]
    return assigning.plan(seed, reader, made, sessions, Decimal(share))


@given(seeds, trials, st.integers(1, 9))
@settings(max_examples=60, deadline=None)
def test_each_image_stands_left_for_half_of_the_readers_however_many_there_are(seed, made, readers):
    left = Counter()
    for reader in range(1, readers + 1):
        for code, side in assigning.first_sides(seed, reader, made).items():
            left[code] += 1 if side == "left" else -1
        assert all(abs(difference) <= 1 for difference in left.values())


@given(seeds, trials, st.integers(1, 200))
@settings(max_examples=60, deadline=None)
def test_each_reader_sees_half_of_the_real_images_left_in_every_region(seed, made, reader):
    sides = assigning.first_sides(seed, reader, made)
    mains = [trial for trial in made if trial.is_main]
    for group in (mains, *([t for t in mains if t.body_part == region] for region in REGIONS)):
        lefts = sum(sides[trial.code] == "left" for trial in group)
        assert abs(2 * lefts - len(group)) <= 1


@given(seeds, trials, st.integers(1, 30), st.integers(1, 4), shares)
@settings(max_examples=80, deadline=None)
def test_a_plan_shows_every_pair_once_and_each_repeat_later_with_sides_swapped(seed, made, reader, sessions, share):
    planned = assigning.plan(seed, reader, made, sessions, share)
    first = {showing.pair: showing for showing in planned if not showing.is_repeat}
    assert sorted(first) == sorted(trial.code for trial in made)
    for session in range(1, sessions + 1):
        places = [showing.position for showing in planned if showing.session == session]
        assert places == list(range(1, len(places) + 1))
    for showing in planned:
        if showing.is_repeat:
            before = first[showing.pair]
            assert showing.first_side != before.first_side
            if sessions == 1:
                assert showing.position - before.position > assigning.repeat_gap(len(made))
            else:
                assert showing.session == before.session + 1


@given(seeds, trials, st.integers(1, 30), st.integers(1, 4), shares)
@settings(max_examples=40, deadline=None)
def test_a_plan_does_not_depend_on_the_order_in_which_pairs_arrive(seed, made, reader, sessions, share):
    backwards = assigning.plan(seed, reader, made[::-1], sessions, share)
    assert backwards == assigning.plan(seed, reader, made, sessions, share)


def test_the_share_of_repeats_is_kept_and_spread_evenly_over_the_pairs():
    counts = Counter()
    for reader in range(1, 11):
        repeats = [showing.pair for showing in plan(reader=reader, share="0.25") if showing.is_repeat]
        assert len(repeats) == 10
        counts.update(repeats)
    assert set(counts.values()) <= {2, 3}


def test_control_pairs_are_never_repeated():
    made = [Trial("P001"), Trial("P002", is_main=False)]
    planned = assigning.plan(1, 1, made, 1, Decimal(1))
    assert [showing.pair for showing in planned if showing.is_repeat] == ["P001"]


def test_no_side_comes_more_than_five_times_running():
    for sessions in (1, 2, 3):
        for pairs in (8, 20, 41, 120):
            for reader in range(1, 9):
                planned = plan(reader=reader, pairs=pairs, sessions=sessions, share="0.2")
                for _, block in groupby(planned, key=lambda showing: showing.session):
                    runs = [len(list(run)) for _, run in groupby(block, key=lambda showing: showing.first_side)]
                    assert max(runs) <= assigning.LONGEST_RUN


def test_control_without_mending_longer_runs_come(monkeypatch):
    monkeypatch.setattr(assigning, "mended", lambda showings, gap: showings)
    longest = 0
    for reader in range(1, 9):
        planned = plan(reader=reader, pairs=120, share="0")
        longest = max(longest, *(len(list(run)) for _, run in groupby(planned, key=lambda showing: showing.first_side)))
    assert longest > assigning.LONGEST_RUN


def test_sessions_are_of_nearly_one_length_and_readers_get_orders_of_their_own():
    lengths = Counter(showing.session for showing in plan(pairs=60, sessions=3, share="0.1"))
    assert max(lengths.values()) - min(lengths.values()) <= 3
    assert [s.pair for s in plan(reader=1)] != [s.pair for s in plan(reader=2)]
    assert [s.pair for s in plan(seed=1)] != [s.pair for s in plan(seed=2)]


def test_the_order_says_nothing_of_the_codes():
    """Spearman's correlation of place and code, averaged over 50 readers, is within 4 standard errors of nothing."""
    pairs, readers = 40, 50
    total = 0.0
    for reader in range(1, readers + 1):
        ranks = [int(showing.pair[1:]) for showing in plan(reader=reader, share="0")]
        squares = sum((place - rank) ** 2 for place, rank in enumerate(ranks, start=1))
        total += 1 - 6 * squares / (pairs * (pairs**2 - 1))
    assert abs(total / readers) < 4 / (readers * (pairs - 1)) ** 0.5


def test_the_same_arguments_give_the_same_bytes_on_every_machine():
    """Recorded once; a plan that changes needs a new assigning.VERSION and a new record."""
    made = [
        plan(seed=20260301, reader=reader, pairs=24, sessions=n, share="0.25") for reader in (1, 2, 7) for n in (1, 2)
    ]
    text = json.dumps([[asdict(showing) for showing in one] for one in made])
    assert assigning.VERSION == 1
    assert (
        hashlib.sha256(text.encode()).hexdigest() == "96caa4dded05fc540b4abd739da23aee87120b930061b758c11225a368314c9d"
    )
