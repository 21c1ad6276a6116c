"""Who sees which pair when, and on which side: pure functions of the seed and the reader's number.

Sides: readers come in twos. The odd one's sides alternate along the pairs of a drawn order within each region, the
even one's are the exact opposite; so however many readers there are, each first image has stood left for half of them
(one more or less), and each reader sees half of the first images left, in every region.
Where a pair is read by some readers only, it is these who are counted, in their turn.
Order: drawn anew for each reader, then mended until no side holds the first image more than five times running.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from itertools import groupby

from radiorate.studies.draws import number, shuffled
from radiorate.studies.models import Side

VERSION = 1  # of the plan; a change that plans otherwise for the same seed raises it
REPEAT_GAP = 20  # trials between a pair and its hidden repeat, where the session is long enough
LONGEST_RUN = 5  # of one side


@dataclass(frozen=True)
class Trial:
    """A pair as far as planning needs to know it; only main pairs are repeated."""

    code: str
    is_main: bool = True
    body_part: str = ""
    block: int = 0  # 0: every reader reads it
    turn: int = 0  # among the readers of its block, from 1


@dataclass(frozen=True)
class Planned:
    """One showing: session and position count from 1; a repeat shows its pair a second time with the sides swapped."""

    session: int
    position: int
    pair: str
    first_side: Side
    is_repeat: bool = False


def plan(seed: int, reader: int, trials: Sequence[Trial], sessions: int, repeat_share: Decimal) -> list[Planned]:
    """All showings of one reader (numbered from 1), in their order; the same bytes for the same arguments."""
    sides = first_sides(seed, reader, trials)
    repeated = _repeated(seed, reader, trials, repeat_share)
    if sessions == 1:
        blocks = [_one_session(seed, reader, trials, repeated)]
    else:
        blocks = _several_sessions(seed, reader, trials, repeated, sessions, sides)
    planned = []
    for session, block in enumerate(blocks, start=1):
        showings = [
            Planned(session, 0, code, sides[code] if not is_repeat else opposite(sides[code]), is_repeat)
            for code, is_repeat in block
        ]
        ordered = mended(showings, repeat_gap(len(trials)))
        planned += [replace(showing, position=position) for position, showing in enumerate(ordered, start=1)]
    return planned


def first_sides(seed: int, reader: int, trials: Sequence[Trial]) -> dict[str, Side]:
    """The side of each pair's first image at its first showing to the reader."""
    sides: dict[str, Side] = {}
    for block, turn in sorted({(trial.block, trial.turn) for trial in trials}):
        sides |= _alternating(seed, turn or reader, [trial for trial in trials if trial.block == block])
    return sides


def _alternating(seed: int, reader: int, trials: Sequence[Trial]) -> dict[str, Side]:
    """The sides of pairs that all readers counted by this number read."""
    couple, is_second = divmod(reader - 1, 2)
    drawn = sorted(
        trials,
        key=lambda trial: (not trial.is_main, trial.body_part, number(VERSION, seed, "side", couple, trial.code)),
    )
    start = number(VERSION, seed, "start", couple) + is_second
    return {trial.code: (Side.LEFT, Side.RIGHT)[(start + place) % 2] for place, trial in enumerate(drawn)}


def opposite(side: Side) -> Side:
    return Side.RIGHT if side == Side.LEFT else Side.LEFT


def repeat_gap(pairs: int) -> int:
    """How many trials at least lie between a pair and its repeat in a single session of so many pairs."""
    return min(REPEAT_GAP, pairs // 2)


def _repeated(seed: int, reader: int, trials: Sequence[Trial], share: Decimal) -> set[str]:
    """The pairs this reader sees twice: each reader takes up where the one before stopped, so all serve equally."""
    ring = shuffled([trial.code for trial in trials if trial.is_main], VERSION, seed, "repeats")
    count = int((share * len(ring)).to_integral_value(ROUND_HALF_UP))
    return {ring[((reader - 1) * count + place) % len(ring)] for place in range(count)}


def _one_session(seed: int, reader: int, trials: Sequence[Trial], repeated: set[str]) -> list[tuple[str, bool]]:
    """(pair, is repeat) in order; a repeat follows its pair after `repeat_gap` trials or more.

    The pairs to be repeated take places that leave room behind them; each repeat then goes behind one of the later
    pairs by lot, or to the end in the order of the first showings where too few pairs follow.
    """
    name = (VERSION, seed, "order", reader)
    codes = shuffled([trial.code for trial in trials], *name)
    room = range(max(len(codes) - repeat_gap(len(codes)), len(repeated)))
    places = sorted(shuffled(room, *name, "places")[: len(repeated)])
    twice = iter([code for code in codes if code in repeated])
    once = iter([code for code in codes if code not in repeated])
    codes = [next(twice) if place in places else next(once) for place in range(len(codes))]
    showings = [((place, 0, 0), code, False) for place, code in enumerate(codes)]
    for place in places:
        earliest = place + repeat_gap(len(codes))
        behind = (
            earliest + number(*name, "behind", codes[place]) % (len(codes) - earliest)
            if earliest < len(codes)
            else len(codes) + place
        )
        showings.append(((behind, 1, place), codes[place], True))
    return [(code, is_repeat) for _, code, is_repeat in sorted(showings)]


def _several_sessions(
    seed: int, reader: int, trials: Sequence[Trial], repeated: set[str], sessions: int, sides: dict[str, Side]
) -> list[list[tuple[str, bool]]]:
    """(pair, is repeat) in order for each session; a repeat comes in the session after its pair's."""
    name = (VERSION, seed, "order", reader)
    blocks: list[list[tuple[str, bool]]] = [[] for _ in range(sessions)]
    lefts: Counter[tuple[int, Side]] = Counter()

    def put(session: int, code: str, is_repeat: bool) -> None:
        blocks[session].append((code, is_repeat))
        lefts[session, opposite(sides[code]) if is_repeat else sides[code]] += 1

    for place, code in enumerate(shuffled(repeated, *name, "repeats")):
        put(place % (sessions - 1), code, False)
        put(place % (sessions - 1) + 1, code, True)
    for code in shuffled([trial.code for trial in trials if trial.code not in repeated], *name, "sessions"):
        put(min(range(sessions), key=lambda each: (lefts[each, sides[code]], len(blocks[each]), each)), code, False)
    return [shuffled(block, *name, session) for session, block in enumerate(blocks)]


def mended(showings: list[Planned], gap: int) -> list[Planned]:
    """The showings with the runs beyond LONGEST_RUN broken by swaps, as far as swaps can.

    A swap must shorten the runs and leave every repeat more than `gap` trials behind its pair.
    """
    order = list(showings)
    while (excess := _excess(order)) > 0:
        for place, other in _swaps(order):
            order[place], order[other] = order[other], order[place]
            if _excess(order) < excess and _keeps_gap(order, gap):
                break
            order[place], order[other] = order[other], order[place]
        else:
            return order
    return order


def _excess(order: Sequence[Planned]) -> int:
    """How many showings lie beyond the fifth of a run of one side."""
    return sum(max(0, len(list(run)) - LONGEST_RUN) for _, run in groupby(order, key=_side))


def _side(showing: Planned) -> Side:
    return showing.first_side


def _swaps(order: Sequence[Planned]) -> Iterator[tuple[int, int]]:
    """The places of the first run that is too long, the sixth first, each with all of the other side, nearest first."""
    start = 0
    for side, run in groupby(order, key=_side):
        places = range(start, start + len(list(run)))
        if len(places) > LONGEST_RUN:
            others = [other for other, showing in enumerate(order) if showing.first_side != side]
            for place in [*places[LONGEST_RUN:], *places[:LONGEST_RUN]]:
                yield from ((place, other) for other in sorted(others, key=lambda other: (abs(other - place), other)))
            return
        start = places.stop


def _keeps_gap(order: Sequence[Planned], gap: int) -> bool:
    first = {showing.pair: place for place, showing in enumerate(order) if not showing.is_repeat}
    return all(
        place - first[showing.pair] > gap
        for place, showing in enumerate(order)
        if showing.is_repeat and showing.pair in first
    )
