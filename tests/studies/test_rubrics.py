"""A rubric is a file; what it says is stored once and never silently replaced."""

from importlib import import_module

import pytest
from django.db import connection

from radiorate.images.facts import BODY_PARTS_OF_DICOM
from radiorate.studies import rubrics
from radiorate.studies.models import Criterion, Rubric
from tests import factories

pytestmark = pytest.mark.django_db


def test_the_papers_four_criteria_have_five_anchored_levels():
    rubric = rubrics.load("radiographs")
    criteria = list(rubric.criteria.all())
    assert [criterion.key for criterion in criteria] == ["anatomy", "joint_fidelity", "collimation", "artifacts"]
    for criterion in criteria:
        assert (criterion.minimum, criterion.maximum) == (1, 5)
        assert sorted(criterion.anchors) == ["1", "2", "3", "4", "5"]


def test_joints_are_asked_where_a_joint_is_in_the_field():
    joints = rubrics.load("radiographs").criteria.get(key="joint_fidelity")
    assert all(map(joints.applies_to, ["knee", "hand", "shoulder", "pelvis", "lumbar spine"]))
    assert not any(map(joints.applies_to, ["chest", "abdomen", "head"]))
    known = {part for part in joints.body_parts if part in BODY_PARTS_OF_DICOM}
    assert {"leg", "cervical spine", "ankle"} <= known


@pytest.mark.parametrize("name", rubrics.names())
def test_no_row_about_a_joint_is_asked_where_none_is_in_the_field(name):
    rubric = rubrics.load(name)
    for body_part in ("chest", "ribs", "abdomen", "head"):
        asked = {criterion.key for criterion in rubric.criteria.all() if criterion.applies_to(body_part)}
        assert {"anatomy", "collimation", "artifacts"} <= asked
        assert not [key for key in asked if "joint" in key]
        assert not [tag for tag in rubric.tags.all() if tag.applies_to(body_part) and "joint" in tag.key]


def test_a_defect_is_offered_only_where_it_can_be():
    tags = list(rubrics.load("radiographs").tags.all())

    def offered(body_part: str) -> set[str]:
        return {tag.key for tag in tags if tag.applies_to(body_part)}

    assert {"missing_fibula", "missing_patella", "fused_joint", "cut_off_part", "seam"} <= offered("knee")
    assert {"extra_digit", "fused_carpals"} <= offered("hand")
    assert not {"missing_fibula", "fused_joint", "extra_digit"} & offered("chest")
    assert all(len(offered(part)) <= 35 for part in BODY_PARTS_OF_DICOM), "one key each"


def test_a_rubric_that_extends_another_asks_all_of_it_first():
    counts = list(rubrics.load("radiographs-counts").criteria.all())
    assert [criterion.key for criterion in counts[:4]] == ["anatomy", "joint_fidelity", "collimation", "artifacts"]
    assert {criterion.kind for criterion in counts[4:]} == {"count"}
    assert {criterion.key for criterion in counts if criterion.kind == "count" and criterion.applies_to("hand")} == {
        "digits",
        "carpals",
    }
    assert all(type(number) is int for criterion in counts for number in criterion.expected.values())
    assert counts[0].rubric.tags.count() == rubrics.load("radiographs").tags.count()


def test_a_preference_is_asked_where_its_criterion_is():
    asked = rubrics.load("radiographs-preference").criteria
    assert asked.get(key="better_joint_fidelity").body_parts == asked.get(key="joint_fidelity").body_parts
    assert asked.get(key="better_overall").body_parts == []


def test_loading_again_gives_the_same_rows():
    first = rubrics.load("radiographs")
    assert rubrics.load("radiographs") == first
    assert Rubric.objects.count() == 1
    assert Criterion.objects.count() == 4


def test_a_file_changed_under_its_version_is_refused():
    rubrics.load("radiographs")
    Criterion.objects.filter(key="anatomy").update(hint="something else")
    with pytest.raises(rubrics.RubricChanged, match="still version 2"):
        rubrics.load("radiographs")


def test_a_rubric_that_is_no_file_is_named_with_those_that_are():
    with pytest.raises(KeyError, match="beauty is none of: radiographs"):
        rubrics.load("beauty")


def test_the_leg_gets_one_word_but_not_where_a_study_is_open():
    opened, other = factories.open_study(pairs=1), factories.image(body_part="tibia and fibula")
    seen = opened.pairs.first().first
    type(seen).objects.filter(pk=seen.pk).update(body_part="lower leg")
    joints = [rubric.criteria.get(key="anatomy") for rubric in (opened.rubric, factories.rubric())]
    Criterion.objects.filter(pk=joints[1].pk).update(body_parts=["knee", "tibia and fibula"])
    migration = import_module("radiorate.studies.migrations.0003_one_word_for_the_leg")
    with connection.cursor() as cursor:
        cursor.execute(migration.IMAGES)
        cursor.execute(migration.CRITERIA)
    for row in (other, seen, *joints):
        row.refresh_from_db()
    assert (other.body_part, seen.body_part) == ("leg", "lower leg")
    assert [joint.body_parts for joint in joints] == [[], ["knee", "leg"]]
