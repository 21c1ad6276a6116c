"""A rubric is a file; what it says is stored once and never silently replaced."""

import pytest

from radiorate.images.facts import BODY_PARTS_OF_DICOM
from radiorate.studies import rubrics
from radiorate.studies.models import Criterion, Rubric

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
    assert {"tibia and fibula", "cervical spine", "ankle"} <= known


def test_loading_again_gives_the_same_rows():
    first = rubrics.load("radiographs")
    assert rubrics.load("radiographs") == first
    assert Rubric.objects.count() == 1
    assert Criterion.objects.count() == 4


def test_a_file_changed_under_its_version_is_refused():
    rubrics.load("radiographs")
    Criterion.objects.filter(key="anatomy").update(hint="something else")
    with pytest.raises(rubrics.RubricChanged, match="still version 1"):
        rubrics.load("radiographs")


def test_a_rubric_that_is_no_file_is_named_with_those_that_are():
    with pytest.raises(KeyError, match="beauty is none of: radiographs"):
        rubrics.load("beauty")
