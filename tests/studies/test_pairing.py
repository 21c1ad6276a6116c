"""Which images meet, and that none is left out without a word."""

from collections import Counter

import pytest

from radiorate.images.models import Image
from radiorate.studies import inspection, lifecycle, pairing
from radiorate.studies.models import Pair, Study
from tests import factories

pytestmark = pytest.mark.django_db


def study_of(real=(), synthetic=(), **fields) -> Study:
    """A draft over images with these facts, a dict each."""
    study = factories.study(**fields)
    for origin, images in (("real", real), ("synthetic", synthetic)):
        for facts in images:
            factories.image(getattr(study, f"{origin}_collections").get(), **facts)
    return study


def view(body_part="knee", view_position="AP", **facts):
    return {"body_part": body_part, "view_position": view_position, **facts}


def test_only_images_of_one_region_and_view_meet():
    facts = [view("knee"), view("knee", "PA"), view("hand"), view("chest", "PA")]
    proposal = pairing.propose(study_of(facts, facts))
    assert len(proposal.pairs) == 4
    for pair in proposal.pairs:
        assert (pair.first.body_part, pair.first.view_position) == (pair.second.body_part, pair.second.view_position)
        assert (pair.first.collection.origin, pair.second.collection.origin) == ("real", "synthetic")
    assert proposal.is_complete


def test_both_laterals_are_one_view():
    proposal = pairing.propose(study_of([view(view_position="LL")], [view(view_position="RL")]))
    assert len(proposal.pairs) == 1


def test_a_view_told_in_words_meets_the_same_words():
    oblique = view("foot", "", view_modifier="oblique")
    proposal = pairing.propose(study_of([oblique, view("foot")], [oblique, view("foot", "", view_modifier="axial")]))
    assert len(proposal.pairs) == 1
    assert [left.reason for left in proposal.unmatched] == [
        "no real image of foot axial",
        "no synthetic image of foot AP",
    ]


def test_the_same_side_and_then_the_same_sex_are_preferred():
    sides = [view(laterality=side, patient_sex=sex) for side in "LR" for sex in "FM"]
    proposal = pairing.propose(study_of(sides, sides[::-1]))
    assert all(
        (pair.first.laterality, pair.first.patient_sex) == (pair.second.laterality, pair.second.patient_sex)
        for pair in proposal.pairs
    )


def test_an_image_made_after_a_reference_meets_it():
    study = study_of([view() for _ in range(5)])
    for real in Image.objects.filter(collection__origin="real"):
        factories.image(study.synthetic_collections.get(), reference=real, laterality="L")
    assert all(pair.second.reference_id == pair.first.pk for pair in pairing.propose(study).pairs)


def test_every_image_that_stands_in_no_pair_is_named_with_the_reason():
    study = study_of(
        [
            view("hand"),
            view("hand"),
            view("", "AP"),
            view("knee", ""),
            view("elbow", state="held", state_reason="a name"),
        ],
        [view("hand"), view("foot")],
    )
    reasons = Counter(left.reason for left in pairing.propose(study).unmatched)
    assert reasons == Counter(
        {
            "no further synthetic image of hand AP": 1,
            "no region given": 1,
            "no view given": 1,
            "held: a name": 1,
            "no real image of foot AP": 1,
        }
    )


def test_withdrawn_images_are_left_alone():
    withdrawn = view(state="withdrawn", state_reason="consent taken back")
    proposal = pairing.propose(study_of([withdrawn], [view()]))
    assert not proposal.pairs
    assert [left.reason for left in proposal.unmatched] == ["no real image of knee AP"]


def test_one_picture_in_two_collections_is_used_once():
    study = study_of([view(data=factories.png(1))], [view(), view()])
    other = factories.collection("real", name="the same again")
    study.real_collections.add(other)
    factories.image(other, data=factories.png(1))
    proposal = pairing.propose(study)
    assert len(proposal.pairs) == 1
    assert sum("the same picture" in left.reason for left in proposal.unmatched) == 1


def test_the_pairs_wanted_are_spread_over_regions_and_the_rest_is_spare():
    facts = [view("chest", "PA")] * 8 + [view("hand")] * 2 + [view("knee")] * 2
    proposal = pairing.propose(study_of(facts, facts, pairs_wanted=6))
    assert Counter(pair.body_part for pair in proposal.pairs) == {"chest": 2, "hand": 2, "knee": 2}
    assert len(proposal.spare) == 12
    assert proposal.is_complete


def test_more_pairs_wanted_than_match_is_said():
    proposal = pairing.propose(study_of([view()], [view()], pairs_wanted=5))
    assert proposal.shortfalls == ["Pairs: 5 wanted, 1 match."]
    assert not proposal.is_complete


@pytest.mark.parametrize("wanted", [None, 10])
def test_control_pairs_hold_one_origin_and_no_image_stands_in_two_pairs(wanted):
    facts = [view("hand") for _ in range(10)] + [view("knee") for _ in range(6)]
    proposal = pairing.propose(study_of(facts, facts, control_share="0.2", pairs_wanted=wanted))
    mains, controls = proposal.of(Pair.Kind.MAIN), proposal.of(Pair.Kind.CONTROL)
    assert len(mains) == (14 if wanted is None else 10)
    assert len(controls) == 2
    assert not proposal.unmatched
    origins = Counter((pair.first.collection.origin, pair.second.collection.origin) for pair in controls)
    assert set(origins) == {("real", "real"), ("synthetic", "synthetic")}
    shown = [image.pk for pair in proposal.pairs for image in (pair.first, pair.second)]
    assert len(shown) == len(set(shown))
    assert all(pair.first.body_part == pair.second.body_part for pair in controls)
    assert not proposal.shortfalls


def test_control_pairs_that_cannot_be_made_are_said():
    facts = [view("hand"), view("knee")]
    proposal = pairing.propose(study_of(facts, facts, control_share="0.5"))
    assert proposal.shortfalls == ["Control pairs: 1 wanted, 0 can be made."]


def test_the_draw_depends_on_the_seed_and_not_on_the_order_of_the_rows():
    facts = [view("hand") for _ in range(12)]
    study = study_of(facts, facts, control_share="0.3", seed=1)

    def drawn() -> list[tuple[str, str, str]]:
        proposal = pairing.propose(Study.objects.get(pk=study.pk))
        return [(pair.code, pair.first.sha256, pair.second.sha256) for pair in proposal.pairs]

    before = drawn()
    for place, image in enumerate(Image.objects.order_by("sha256")):
        Image.objects.filter(pk=image.pk).update(added_at=image.added_at.replace(year=2000 + place))
    assert drawn() == before
    Study.objects.filter(pk=study.pk).update(seed=2)
    assert drawn() != before


def test_codes_follow_each_other_and_say_nothing_of_the_kind():
    facts = [view("hand") for _ in range(20)]
    proposal = pairing.propose(study_of(facts, facts, control_share="0.5"))
    assert [pair.code for pair in proposal.pairs] == [f"P{place:03}" for place in range(1, len(proposal.pairs) + 1)]
    kinds = [pair.kind for pair in proposal.pairs]
    assert kinds not in (sorted(kinds), sorted(kinds, reverse=True))


def test_proposing_takes_the_same_number_of_queries_for_any_number_of_images(django_assert_num_queries):
    for pairs in (2, 12):
        study = factories.study(pairs)
        with django_assert_num_queries(2):
            pairing.propose(study)


def practising(practice_pairs: int, **fields) -> Study:
    """A study with one pair that counts and, in two other collections, images for two practice pairs."""
    study = study_of([view()], [view()], practice_pairs=practice_pairs, **fields)
    for origin in ("real", "synthetic"):
        collection = factories.collection(origin)
        study.practice_collections.add(collection)
        factories.image(collection)
        factories.image(collection)
    return study


def test_practice_pairs_are_drawn_beside_those_that_count_and_change_nothing_about_them():
    study = practising(2)
    proposal = pairing.propose(study)
    assert [pair.code for pair in proposal.of(Pair.Kind.PRACTICE)] == ["T01", "T02"]
    assert {pair.first.collection.origin for pair in proposal.of(Pair.Kind.PRACTICE)} == {"real"}
    assert proposal.is_complete
    study.practice_pairs = 0
    study.practice_collections.clear()
    assert pairing.propose(study).pairs == proposal.of(Pair.Kind.MAIN)


def test_no_practice_image_is_one_that_counts_nor_made_after_one():
    study = practising(5)
    ours = study.real_collections.get()
    real, synthetic = study.practice_collections.order_by("origin")
    counted = Image.objects.get(collection=ours)
    copy = factories.image(real, data=counted.original.read())
    child = factories.image(synthetic, reference=counted)
    proposal = pairing.propose(study)
    practised = {image for pair in proposal.of(Pair.Kind.PRACTICE) for image in (pair.first, pair.second)}
    assert len(practised) == 4
    assert practised.isdisjoint({copy, child, counted})
    assert proposal.shortfalls == ["Practice pairs: 5 wanted, 2 can be made."]


def test_a_study_with_practice_opens_and_plans_it_first_for_every_reader():
    study = practising(2)
    readers = [factories.reader(study), factories.reader(study)]
    lifecycle.open_study(study, factories.admin())
    sides = []
    for reader in readers:
        planned = list(reader.assignments.select_related("pair"))
        assert [(one.session, one.position, one.pair.code) for one in planned] == [
            (1, 1, "T01"),
            (1, 2, "T02"),
            (1, 3, "P001"),
        ]
        sides.append([one.first_side for one in planned[:2]])
    assert sides[0] == sides[1][::-1]  # mirrored, as the sides of the pairs that count
    study.refresh_from_db()
    assert [pair["kind"] for pair in study.protocol["pairs"]] == ["main", "practice", "practice"]
    assert inspection.inspect(study)["ok"]
