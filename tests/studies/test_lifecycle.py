"""Opening draws, renders, plans and freezes in one act; two openings at once are one; closing ends it."""

import threading
from unittest import mock

import pytest
from django.core.files.storage import default_storage
from django.db import connection, transaction

from radiorate.accounts.models import AuditEntry
from radiorate.images.models import Image, Rendition
from radiorate.studies import definition, lifecycle, protocol
from radiorate.studies.models import Assignment, Pair, Study
from tests import factories

pytestmark = pytest.mark.django_db


def reasons_of(study: Study, **options: str) -> str:
    with pytest.raises(lifecycle.Refused) as refused:
        lifecycle.open_study(study, factories.admin(), **options)
    study.refresh_from_db()
    assert study.state == Study.State.DRAFT
    assert not Pair.objects.filter(study=study).exists()
    return str(refused.value)


def test_opening_draws_pairs_renders_them_and_plans_every_reader():
    study = factories.open_study(pairs=4, readers=2)
    assert study.state == Study.State.OPEN
    assert study.opened_at
    assert study.pairs.count() == 4
    assert all(pair.recipe.startswith("r1/1024/") for pair in study.pairs.all())
    assert Rendition.objects.count() == 8
    assert Assignment.objects.filter(reader__study=study).count() == 8
    study.rubric.refresh_from_db()
    assert study.rubric.frozen_at
    entry = AuditEntry.objects.get(action="study.opened", target=f"study {study.slug}")
    assert entry.detail == {"pairs": 4, "protocol": study.protocol_hash}


def test_a_second_study_opens_with_a_rubric_that_is_frozen():
    first = factories.open_study(pairs=1)
    assert factories.open_study(pairs=1, rubric=first.rubric).is_open


def test_a_removed_reader_gets_no_plan_at_opening():
    study = factories.study(pairs=1)
    gone = factories.reader(study)
    study.readers.update(removed_at=study.created_at)
    lifecycle.open_study(study, factories.admin())
    assert not gone.assignments.exists()


def test_the_protocol_in_the_database_has_the_stored_hash():
    study = factories.open_study(pairs=2)
    assert protocol.digest(study.protocol) == study.protocol_hash
    assert [pair["code"] for pair in study.protocol["pairs"]] == ["P001", "P002"]
    assert len(study.protocol["rubric"]["criteria"]) == 4


def test_the_same_images_and_file_give_the_same_protocol():
    """As on another installation: other ids, other people, other order of arrival."""
    pictures = [factories.png(seed) for seed in range(8)]
    rubric = factories.rubric()
    hashes = []
    for order in (pictures, pictures[::-1]):
        with transaction.atomic():
            study = factories.study(rubric=rubric, title="Twice", slug="twice", seed=5)
            for data in order:
                origin = "real" if pictures.index(data) % 2 else "synthetic"
                factories.image(getattr(study, f"{origin}_collections").get(), data=data)
            for origin in ("real", "synthetic"):
                getattr(study, f"{origin}_collections").update(name=origin)
            lifecycle.open_study(study, factories.admin())
            study.refresh_from_db()
            hashes.append(study.protocol_hash)
            transaction.set_rollback(True)
    assert hashes[0] == hashes[1]


def test_a_study_without_a_match_is_refused():
    study = factories.study()
    factories.image(study.real_collections.get(), body_part="hand")
    factories.image(study.synthetic_collections.get(), body_part="knee")
    assert "nothing to read" in reasons_of(study, accept_unmatched="as it is")


def test_an_unmatched_image_must_be_accepted_with_a_reason():
    study = factories.study(pairs=1)
    factories.image(study.real_collections.get(), body_part="hand")
    assert "1 image finds no partner" in reasons_of(study)
    assert "1 image finds no partner" in reasons_of(study, accept_unmatched="  ")
    lifecycle.open_study(study, factories.admin(), accept_unmatched="the hand is for later")
    study.refresh_from_db()
    assert study.is_open
    assert study.protocol["accepted_because"] == "the hand is for later"
    assert [left["reason"] for left in study.protocol["unmatched"]] == ["no synthetic image of hand AP"]


def test_a_held_image_must_be_accepted_too():
    study = factories.study(pairs=2)
    held = Image.objects.filter(collection__origin="real").first()
    Image.objects.filter(pk=held.pk).update(state=Image.State.HELD, state_reason="words in the pixels")
    assert "no partner" in reasons_of(study)


def test_an_image_that_cannot_be_rendered_is_named():
    study = factories.study(pairs=2)
    broken = Image.objects.first()
    default_storage.delete(broken.original.name)
    assert str(broken.pk) in reasons_of(study)


def test_files_that_can_be_told_apart_keep_a_study_closed():
    study = factories.study(pairs=1)
    with mock.patch("radiorate.images.blinding.check", return_value=["Rendition 7 carries more than pixels: tEXt."]):
        assert "tEXt" in reasons_of(study)


def test_a_design_changed_meanwhile_is_not_opened():
    study = factories.study(pairs=3)
    render = lifecycle._render

    def change_meanwhile(pairs):
        Study.objects.filter(pk=study.pk).update(seed=99)
        return render(pairs)

    with mock.patch.object(lifecycle, "_render", change_meanwhile):
        assert "changed while" in reasons_of(study)


def test_only_a_draft_opens_and_only_an_open_study_closes():
    study = factories.open_study(pairs=1)
    with pytest.raises(lifecycle.Refused, match="only a draft"):
        lifecycle.open_study(study, factories.admin())
    lifecycle.close_study(study, factories.admin())
    study.refresh_from_db()
    assert study.state == Study.State.CLOSED
    assert study.closed_at >= study.opened_at
    with pytest.raises(lifecycle.Refused, match="not open"):
        lifecycle.close_study(study, factories.admin())


def test_unsealing_needs_a_reason_and_is_audited_once():
    study = factories.open_study(pairs=1)
    admin = factories.admin()
    assert study.is_sealed
    with pytest.raises(lifecycle.Refused, match="Say why"):
        lifecycle.unseal(study, admin, " ")
    lifecycle.unseal(study, admin, "safety look")
    study.refresh_from_db()
    assert not study.is_sealed
    with pytest.raises(lifecycle.Refused):
        lifecycle.unseal(study, admin, "again")
    assert [entry.reason for entry in AuditEntry.objects.filter(action="results.unsealed")] == ["safety look"]


def race(study: Study, openers: int = 2) -> list[Exception | None]:
    """What each of several openings at the same moment ended with."""
    barrier = threading.Barrier(openers)
    render = lifecycle._render
    outcomes: list[Exception | None] = []

    def render_and_wait(pairs):
        renditions = render(pairs)
        barrier.wait(20)
        return renditions

    def open_it(admin):
        try:
            lifecycle.open_study(study, admin)
            outcomes.append(None)
        except Exception as problem:
            outcomes.append(problem)
        finally:
            connection.close()

    with mock.patch.object(lifecycle, "_render", render_and_wait):
        threads = [threading.Thread(target=open_it, args=[factories.admin()]) for _ in range(openers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return outcomes


@pytest.mark.django_db(transaction=True)
def test_of_two_openings_at_once_one_wins():
    study = factories.study(pairs=2)
    factories.reader(study)
    outcomes = race(study)
    assert outcomes.count(None) == 1
    loser = next(outcome for outcome in outcomes if outcome)
    assert isinstance(loser, lifecycle.Refused)
    assert study.pairs.count() == 2
    assert Assignment.objects.count() == 2
    assert AuditEntry.objects.filter(action="study.opened").count() == 1


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_the_second_opening_stumbles_over_the_first():
    """Control: the lock is what turns the loser away in words."""
    study = factories.study(pairs=2)
    unlocked = mock.patch.object(type(Study.objects.all()), "select_for_update", lambda self, **_: self)
    with unlocked:
        outcomes = race(study)
    assert any(outcome and not isinstance(outcome, lifecycle.Refused) for outcome in outcomes)


def test_a_study_opened_from_its_own_export_draws_the_same():
    study = factories.open_study(pairs=6, readers=2, control_share="0.5", repeat_share="0.5")
    copy = definition.read(definition.export(study)) | {"slug": "copy", "rubric": "radiographs"}
    other = definition.create(copy, factories.admin())
    lifecycle.open_study(other, factories.admin())

    def drawn(one: Study) -> list[tuple[object, ...]]:
        rows = Assignment.objects.filter(reader__study=one).order_by("reader__number", "session", "position")
        return list(
            rows.values_list("reader__number", "position", "pair__first", "pair__second", "pair__code", "first_side")
        )

    assert drawn(study) == drawn(other)
