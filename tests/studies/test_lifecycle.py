"""Opening draws, renders, plans and freezes in one act; closing ends it."""

import pytest

from radiorate.accounts.models import AuditEntry
from radiorate.images.models import Rendition
from radiorate.studies import protocol
from radiorate.studies.models import Assignment, Study
from tests import factories

pytestmark = pytest.mark.django_db


def test_opening_draws_pairs_renders_them_and_plans_every_reader():
    study = factories.open_study(pairs=4, readers=2)
    assert study.state == Study.State.OPEN and study.opened_at
    assert study.pairs.count() == 4
    assert Rendition.objects.count() == 8
    assert Assignment.objects.filter(reader__study=study).count() == 8
    study.rubric.refresh_from_db()
    assert study.rubric.frozen_at
    assert AuditEntry.objects.filter(action="study.opened", target=f"study {study.slug}").count() == 1


def test_the_protocol_in_the_database_has_the_stored_hash():
    study = factories.open_study(pairs=2)
    assert protocol.digest(study.protocol) == study.protocol_hash
    assert len(study.protocol["pairs"]) == 2
