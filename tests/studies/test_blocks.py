"""Anchors for all and rotating blocks of the rest: balanced, replayable from the file, planned as the page says."""

from collections import Counter
from decimal import Decimal

import pytest
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from radiorate.studies import assigning, blocks, inspection, lifecycle
from radiorate.studies.models import Assignment
from tests import factories

REGIONS = ["hand PA", "knee AP", "chest PA"]
cards = st.lists(
    st.tuples(st.integers(1, 9999), st.booleans(), st.sampled_from(REGIONS)),
    min_size=1,
    max_size=60,
    unique_by=lambda card: card[0],
).map(lambda drawn: [blocks.Card(f"P{number:04}", is_main, group) for number, is_main, group in drawn])


@given(st.integers(-(2**63), 2**63 - 1), cards, st.integers(2, 6), st.integers(0, 20))
@settings(max_examples=80, deadline=None)
def test_anchors_are_main_pairs_in_proportion_and_the_rest_is_dealt_evenly(seed, drawn, number, anchors):
    dealt = blocks.deal(seed, drawn, number, anchors)
    assert dealt == blocks.deal(seed, drawn[::-1], number, anchors)
    mains = [card for card in drawn if card.is_main]
    anchored = {code for code, block in dealt.items() if block is None}
    assert len(anchored) == min(anchors, len(mains))
    assert anchored <= {card.code for card in mains}
    for group in REGIONS:
        of_group = [card.code for card in mains if card.group == group]
        expected = Decimal(len(anchored) * len(of_group)) / max(1, len(mains))
        assert abs(len(anchored.intersection(of_group)) - expected) <= 1
        sizes = Counter(dealt[code] for code in of_group if dealt[code])
        assert (
            max((sizes[block] for block in range(1, number + 1)), default=0)
            - min(sizes[block] for block in range(1, number + 1))
            <= 1
        )
    whole = Counter(block for block in dealt.values() if block)
    assert max(whole.values(), default=0) - min(whole[block] for block in range(1, number + 1)) <= 1


@given(st.integers(1, 40), st.integers(2, 7), st.data())
@settings(max_examples=60, deadline=None)
def test_every_block_is_read_equally_often_and_each_image_stands_left_for_half_of_its_readers(readers, number, data):
    each = data.draw(st.integers(1, number))
    fewest, most = blocks.readings(readers, number, each)
    assert most - fewest <= 1
    dealt = blocks.deal(3, [blocks.Card(f"P{place:02}", True, "hand PA") for place in range(30)], number, 5)
    left: Counter[str] = Counter()
    for reader in range(1, readers + 1):
        turns = {0: 0} | blocks.turns(reader, number, each)
        assert len(turns) == 1 + each
        mine = {code: block or 0 for code, block in dealt.items() if (block or 0) in turns}
        trials = [assigning.Trial(code, True, "hand", block, turns[block]) for code, block in mine.items()]
        sides = assigning.first_sides(3, reader, trials)
        for code, side in sides.items():
            left[code] += 1 if side == "left" else -1
        assert abs(sum(1 if side == "left" else -1 for side in sides.values())) <= 1 + each
    assert all(abs(difference) <= 1 for difference in left.values())


@pytest.mark.django_db
def test_an_opened_study_plans_the_anchors_and_blocks_its_page_and_protocol_tell(client):
    study = factories.open_study(pairs=14, readers=6, blocks=3, blocks_per_reader=1, anchor_pairs=2)
    block_of = dict(study.pairs.values_list("code", "block"))
    assert Counter(block_of.values()) == {None: 2, 1: 4, 2: 4, 3: 4}
    assert {pair["code"]: pair["block"] for pair in study.protocol["pairs"]} == block_of
    for reader in study.readers.all():
        mine = {block_of[code] for code in reader.assignments.values_list("pair__code", flat=True)}
        assert mine == {None, (reader.number - 1) % 3 + 1}
        assert reader.assignments.count() == 6
    read = Counter(Assignment.objects.values_list("pair__code", flat=True))
    assert {count for code, count in read.items() if block_of[code]} == {2}
    report = inspection.inspect(study)
    assert report["ok"], report["problems"]
    client.force_login(factories.admin())
    page = client.get(reverse("studies:detail", args=[study.slug])).content.decode()
    assert "2 anchor pairs for all: 6 main pairs a reader" in page
    assert "2 of 6 readers for a pair of a block" in page
    assert "count on no more than 6" in page


@pytest.mark.django_db
def test_too_few_pairs_for_the_blocks_open_only_with_a_reason():
    study = factories.study(pairs=3, blocks=3, anchor_pairs=1)
    with pytest.raises(lifecycle.Refused, match="3 pairs are too few for the anchors"):
        lifecycle.open_study(study, factories.admin())
