"""The phantom: repeatable pictures whose defects are known, each checked against the same scene without it."""

from __future__ import annotations

import io
import tomllib
from decimal import Decimal
from functools import cache
from uuid import UUID

import numpy as np
import pytest
from django.conf import settings
from PIL import Image

from generation import protocols
from generation.phantom import regions
from generation.phantom.defects import MARKS, MARKS_OF_FUSIONS, OF_THE_SCENE, ONLY_IN_SEX, TAGS
from generation.phantom.drawing import flawed_scene
from generation.phantom.scene import Patient
from generation.provider import Delivery, Mode, Order, ProviderError
from generation.providers.phantom import Provider
from radiorate.images.models import Image as Row

KEY = UUID("5a0a1f5e-3a4e-4c1e-9a52-0d8f3f9b7c11")
BODY_PARTS = sorted(regions.known())
VIEWS = [(part, view) for part in BODY_PARTS for view in regions.load(part).VIEWS]
DEFECTS = [(part, name) for part in BODY_PARTS for name in regions.load(part).DEFECTS]
SIDED = [part for part in BODY_PARTS if regions.load(part).SIDED]


def order(prompt="An X-ray of a hand", seed=7, width=256, height=320, mode=Mode.TEXT_TO_IMAGE, key=KEY, **options):
    return Order(
        key, mode, "phantom", prompt, seed=seed, width=width, height=height, options={"defects": [], **options}
    )


def delivered(**facts) -> Delivery:
    delivery = Provider().submit(order(**facts))
    assert isinstance(delivery, Delivery)
    return delivery


@cache
def without_defects(**facts) -> Delivery:
    """The control: the same scene, sound."""
    return delivered(**facts)


def pixels(delivery: Delivery) -> np.ndarray:
    image = Image.open(io.BytesIO(delivery.data))
    assert image.format == "PNG"
    assert image.mode == "L"
    return np.asarray(image).astype(int)


def test_the_same_order_gives_the_same_bytes():
    assert delivered(seed=3).data == delivered(seed=3).data


def test_an_order_without_a_seed_is_repeated_by_its_key():
    other = UUID("00000000-0000-4000-8000-000000000001")
    assert delivered(seed=None).data == delivered(seed=None).data
    assert delivered(seed=None).data != delivered(seed=None, key=other).data


@pytest.mark.parametrize("body_part", BODY_PARTS)
def test_another_seed_is_another_patient(body_part):
    first, second = (pixels(delivered(body_part=body_part, seed=seed)) for seed in (1, 2))
    assert np.abs(first - second).mean() > 5


@pytest.mark.parametrize(("body_part", "view"), VIEWS)
@pytest.mark.parametrize(("width", "height"), [(256, 320), (320, 256)])
def test_every_view_fills_the_picture_with_anatomy(body_part, view, width, height):
    image = pixels(delivered(body_part=body_part, view_position=view, width=width, height=height))
    assert image.shape == (height, width)
    assert image.std() > 20
    assert len(np.unique(image)) > 120
    assert (image == 255).mean() < 0.05


@pytest.mark.parametrize("body_part", SIDED)
def test_the_other_side_is_the_mirror_image(body_part):
    left, right = (pixels(delivered(body_part=body_part, laterality=side)) for side in "LR")
    as_left = np.corrcoef(left.ravel(), right.ravel())[0, 1]
    mirrored = np.corrcoef(left.ravel(), right[:, ::-1].ravel())[0, 1]
    assert mirrored > 0.85
    assert mirrored > as_left + 0.02


@pytest.mark.parametrize(("body_part", "name"), DEFECTS)
def test_a_defect_lies_where_the_truth_says(body_part, name):
    facts = {"body_part": body_part, "seed": 5, "patient_sex": ONLY_IN_SEX.get(name, "M")}
    flawed, sound = delivered(**facts, defects=[name]), without_defects(**facts)
    assert sound.truth["defects"] == []
    (defect,) = flawed.truth["defects"]
    assert defect["name"] == name
    assert defect["tag"] in {TAGS[name], "F03", "F04"}
    polygon = np.array(defect["polygon"])
    assert len(polygon) >= 3
    assert polygon.min() >= 0 and polygon.max() <= 1
    (left, top), (right, bottom) = polygon.min(axis=0), polygon.max(axis=0)
    assert left <= defect["x"] <= right and top <= defect["y"] <= bottom
    assert right - left > 0.01 and bottom - top > 0.01
    change = np.abs(pixels(flawed) - pixels(sound))
    height, width = change.shape
    inside = np.zeros(change.shape, bool)
    inside[int(top * height) : int(bottom * height) + 1, int(left * width) : int(right * width) + 1] = True
    assert change[inside].mean() > 1.0
    moved = name in ("cut_off_fingertips", "off_centre_collimation")  # these shift all that is in the picture
    assert moved or inside.all() or change[inside].mean() > change[~inside].mean()


@pytest.mark.parametrize(("body_part", "view"), VIEWS)
def test_a_defect_of_the_anatomy_lies_in_the_picture_in_every_view(body_part, view):
    region = regions.load(body_part)
    acts = {**OF_THE_SCENE, **getattr(region, "OWN_DEFECTS", {})}
    for name in acts.keys() & set(region.DEFECTS):
        patient = Patient(5, ONLY_IN_SEX.get(name, "M"), view, "L" if region.SIDED else "")
        scene, (finding,) = flawed_scene(body_part, patient, {name})
        corners = np.array(scene.box).reshape(2, 2)
        assert ((corners[0] < finding.polygon) & (finding.polygon < corners[1])).all(axis=1).any(), name


def test_every_region_and_view_that_a_protocol_orders_as_a_radiograph_can_be_drawn():
    ordered = set()
    for protocol in protocols.readable():
        sources = {region: [Row(width=900, height=1100, body_part=region)] for region in protocol.regions}
        ordered |= {
            (one.body_part, one.view_position, one.prompt)
            for one in protocol.orders(sources=sources)
            if one.modality in ("", "X-ray")
        }
    assert {part for part, _, _ in ordered} >= {"head", "chest", "full body", "cervical spine", "leg", "wrist"}
    for part, view, prompt in ordered:
        assert Provider().problems(order(prompt, body_part=part, view_position=view)) == [], (part, view)
    # The paper speaks of frontal and lateral views of its regions; a whole body is taken from the front alone.
    for part in {part for part, _, _ in ordered} - {"full body"}:
        views = set(regions.load(part).VIEWS)
        assert views & {"AP", "PA"} and {"LL", "RL"} <= views, part


def test_every_mark_of_the_rubric_is_seeded_by_some_defect_but_for_those_named_here():
    rubric = tomllib.loads((settings.BASE_DIR / "radiorate/studies/rubrics/radiographs.toml").read_text())
    marks = {tag["key"]: set(tag.get("body_parts", BODY_PARTS)) for tag in rubric["tags"]}
    seeded = set(MARKS.values()) | set(MARKS_OF_FUSIONS.values())
    assert set(marks) - seeded == {"bone_added", "wrong_side", "unnatural_symmetry"}
    assert seeded <= set(marks)
    assert {name for _, name in DEFECTS} == set(TAGS) == set(MARKS) | {"fused_joint"}
    for name, mark in MARKS.items():
        assert {part for part, other in DEFECTS if other == name} & marks[mark], f"{name} where {mark} can be marked"


def test_a_fusion_is_marked_by_what_has_fused():
    for part, mark in (("wrist", "fused_carpals"), ("knee", "fused_joint")):
        (defect,) = delivered(body_part=part, view_position=regions.load(part).VIEWS[0], defects=["fused_joint"]).truth[
            "defects"
        ]
        assert defect["mark"] == mark


def test_the_truth_says_what_was_drawn():
    truth = delivered(prompt="", body_part="knee", view_position="RL", laterality="R", seed=11).truth
    assert truth == {"defects": [], "body_part": "knee", "view_position": "RL", "laterality": "R", "seed": 11}


@pytest.mark.parametrize(
    ("prompt", "body_part", "view", "side"),
    [
        ("X-ray with a foreign body in the knee", "knee", "AP", None),
        ("An X-ray of a hand", "hand", "PA", None),
        ("lateral radiograph of the left knee", "knee", "LL", "L"),
        ("Right knee, AP view", "knee", "AP", "R"),
        ("portable AP chest", "chest", "AP", ""),
    ],
)
def test_a_prompt_alone_says_what_to_draw(prompt, body_part, view, side):
    truth = delivered(prompt=prompt).truth
    assert (truth["body_part"], truth["view_position"]) == (body_part, view)
    assert side is None or truth["laterality"] == side


def test_about_half_the_pictures_carry_a_defect_unless_the_rate_says_otherwise():
    def drawn(pictures, **options):
        plain = [
            Order(KEY, Mode.TEXT_TO_IMAGE, "", "knee", seed=s, width=128, height=128, options=options)
            for s in range(pictures)
        ]
        return [len(Provider().submit(one).truth["defects"]) for one in plain]

    usual = drawn(24)
    assert 6 <= sum(number > 0 for number in usual) <= 18
    assert max(usual) <= 2
    assert sum(drawn(8, defect_rate=0)) == 0
    assert min(drawn(8, defect_rate=1)) >= 1


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"prompt": "An X-ray of a cat"}, "found no body part in the prompt; it draws: "),
        ({"body_part": "tail"}, "can't draw “tail”"),
        ({"body_part": "elbow", "view_position": "PA"}, "as AP or LL or RL, not as PA"),
        ({"body_part": "chest", "defects": ["missing_fibula"]}, "can't have the defect missing_fibula"),
        ({"body_part": "chest", "patient_sex": "M", "defects": ["absent_breast_shadows"]}, "sex M"),
        ({"width": 9000}, "pixels a side"),
        ({"defect_rate": 2}, "from 0 to 1"),
        ({"defect_rate": "x"}, "defect_rate is a number"),
        ({"price_usd": -1}, "price_usd is a number"),
        ({"delay_seconds": None}, "delay_seconds is a number"),
        ({"defects": 7}, "defects is a list"),
        ({"defects": [["fracture"]]}, "defects is a list"),
        ({"patient_sex": ["F"]}, "patient_sex is a word"),
    ],
)
def test_an_order_it_cannot_fill_is_answered_with_a_sentence(facts, sentence):
    (problem,) = Provider().problems(order(**facts))
    assert sentence in problem
    with pytest.raises(ProviderError, match="cannot_draw"):
        Provider().submit(order(**facts))


def test_it_costs_nothing_unless_a_price_is_set():
    assert Provider().estimate_usd(order()) == Decimal(0)
    priced = Provider({"price_usd": "0.04"})
    assert priced.estimate_usd(order()) == Decimal("0.04")
    assert priced.submit(order()).cost_usd == Decimal("0.04")


def test_what_it_declares_is_what_the_regions_hold():
    declared = Provider().capabilities("phantom")
    assert declared.body_parts == frozenset(BODY_PARTS)
    assert declared.defects == {name for _, name in DEFECTS}
    assert declared.modes == set(Mode)
    assert declared.takes_seed and declared.repeats_exactly
