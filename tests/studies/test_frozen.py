"""After opening, nothing that readers' answers depend on can be changed, not even at the database's own prompt."""

import pgtrigger
import pytest
from django.db import ProgrammingError, connection, transaction

from tests import factories

STATEMENTS = {
    "UPDATE studies_study SET seed = seed + 1": "studies.Study:design_is_frozen",
    "UPDATE studies_study SET instructions = 'Guess.'": "studies.Study:design_is_frozen",
    "UPDATE studies_study SET consent = 'Other words.'": "studies.Study:design_is_frozen",
    "UPDATE studies_study SET display_check = NOT display_check": "studies.Study:design_is_frozen",
    "UPDATE studies_study SET protocol_hash = 'x'": "studies.Study:design_is_frozen",
    "UPDATE studies_study SET simulated = NOT simulated": "studies.Study:design_is_frozen",
    "UPDATE studies_study SET state = 'draft'": "studies.Study:state_goes_forward",
    "UPDATE studies_pair SET second_id = first_id, first_id = second_id": "studies.Pair:draft_only",
    "UPDATE studies_pair SET recipe = 'r1/512/pad'": "studies.Pair:draft_only",
    "INSERT INTO studies_pair (study_id, code, kind, first_id, second_id, body_part, view_position, recipe)"
    " SELECT study_id, 'P999', kind, second_id, first_id, '', '', '' FROM studies_pair": "studies.Pair:draft_only",
    "DELETE FROM studies_study_real_collections": "studies.RealCollection:draft_only",
    "DELETE FROM studies_study_synthetic_collections": "studies.SyntheticCollection:draft_only",
    "INSERT INTO studies_study_practice_collections (study_id, collection_id)"
    " SELECT study_id, collection_id FROM studies_study_real_collections": "studies.PracticeCollection:draft_only",
    "UPDATE studies_criterion SET label = 'Beauty'": "studies.Criterion:frozen_with_its_rubric",
    "INSERT INTO studies_criterion (rubric_id, key, label, hint, kind, target, minimum, maximum, anchors, expected,"
    " body_parts, position) SELECT id, 'new', '', '', 'scale', 'each', 1, 5, '{}', '{}', '{}', 9 FROM studies_rubric": (
        "studies.Criterion:frozen_with_its_rubric"
    ),
    "UPDATE studies_tag SET label = 'ugly'": "studies.Tag:frozen_with_its_rubric",
    "UPDATE studies_rubric SET frozen_at = NULL": "studies.Rubric:frozen",
    "UPDATE studies_assignment SET first_side = 'left'": "studies.Assignment:append_only",
    "DELETE FROM studies_assignment": "studies.Assignment:append_only",
    "UPDATE studies_reader SET number = number + 7": "studies.Reader:place_is_kept",
}
pytestmark = pytest.mark.django_db


def run(statement: str) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.rowcount


@pytest.mark.parametrize("statement", STATEMENTS)
def test_an_open_study_refuses(statement):
    factories.open_study(pairs=1)
    with pytest.raises(ProgrammingError):
        run(statement)


@pytest.mark.parametrize(("statement", "guard"), STATEMENTS.items())
def test_without_its_guard_the_same_statement_passes(statement, guard):
    """Control: it is the guard that refuses, not a mistake in the statement."""
    factories.open_study(pairs=1)
    guards = [guard, *(["studies.Study:design_is_frozen"] if "state = 'draft'" in statement else [])]
    with pgtrigger.ignore(*guards):
        assert run(statement) >= 1


def test_a_draft_may_change():
    study = factories.study(pairs=1)
    factories.reader(study)
    assert run("UPDATE studies_study SET seed = 77, title = 'Other'") == 1
    assert run("UPDATE studies_criterion SET label = 'Beauty'") == 4


def test_an_open_study_cannot_be_deleted_and_a_closed_one_takes_no_assignments():
    factories.open_study(pairs=1)
    with pytest.raises(ProgrammingError, match="Cannot delete"):
        run("DELETE FROM studies_study")
    run("UPDATE studies_study SET state = 'closed', closed_at = now()")
    with pytest.raises(ProgrammingError, match="closed"):
        run(
            "INSERT INTO studies_assignment (reader_id, pair_id, session, position, first_side)"
            " SELECT reader_id, pair_id, session, 9, first_side FROM studies_assignment"
        )
