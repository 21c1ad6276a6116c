"""Which pairs every reader reads, and how the rest is dealt into blocks of which each reader reads some.

Readers take the blocks in turn: one after the other goes on in the ring where the one before stopped, so every block is
read equally often (one time more or less). Within a block the readers' turns decide the sides, so each pair's first
image stands left for half of its readers, as where all read all.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from radiorate.studies.draws import number

VERSION = 1  # of the deal; a change that deals otherwise for the same seed raises it


@dataclass(frozen=True)
class Card:
    """A pair as far as dealing needs to know it; only main pairs can be anchors."""

    code: str
    is_main: bool
    group: str  # region and view


def deal(seed: int, cards: Sequence[Card], blocks: int, anchors: int) -> dict[str, int | None]:
    """The block of each pair, from 1; None for the anchors, and for all where there is one block.

    Anchors are taken from each region in proportion; the rest of each region is dealt out evenly.
    """
    if blocks == 1:
        return dict.fromkeys((card.code for card in cards), None)
    drawn = sorted(cards, key=lambda card: (number(VERSION, seed, "block", card.code), card.code))
    anchored = set(_first_of_each([card for card in drawn if card.is_main], anchors))
    rest = [card for card in drawn if card.code not in anchored]
    rest.sort(key=lambda card: (not card.is_main, card.group))  # stable: within a group the draw decides
    dealt: dict[str, int | None] = dict.fromkeys(anchored)
    return dealt | {card.code: place % blocks + 1 for place, card in enumerate(rest)}


def turns(reader: int, blocks: int, blocks_per_reader: int) -> dict[int, int]:
    """The blocks that a reader (numbered from 1) reads, and her number among the readers of each, from 1."""
    slots = range((reader - 1) * blocks_per_reader, reader * blocks_per_reader)
    return {slot % blocks + 1: slot // blocks + 1 for slot in slots}


def readings(readers: int, blocks: int, blocks_per_reader: int) -> tuple[int, int]:
    """How many of so many readers read a block: the fewest and the most."""
    counts = dict.fromkeys(range(1, blocks + 1), 0)
    for reader in range(1, readers + 1):
        for block in turns(reader, blocks, blocks_per_reader):
            counts[block] += 1
    return min(counts.values()), max(counts.values())


def _first_of_each(drawn: Iterable[Card], count: int) -> list[str]:
    """So many codes, from each group in proportion to its size."""
    groups: dict[str, list[str]] = defaultdict(list)
    for card in drawn:
        groups[card.group].append(card.code)
    ranked = [
        (Fraction(2 * place + 1, len(codes)), group, code)
        for group, codes in groups.items()
        for place, code in enumerate(codes)
    ]
    return [code for _, _, code in sorted(ranked)[:count]]
