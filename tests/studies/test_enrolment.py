"""Who may read, and that removing a reader loses nothing."""

import threading

import pytest
from django.db import connection

from radiorate.accounts.models import AuditEntry
from radiorate.images.models import Import
from radiorate.studies import enrolment, lifecycle
from radiorate.studies.models import Reader
from tests import factories

pytestmark = pytest.mark.django_db


def test_readers_are_numbered_in_order_of_enrolment():
    study = factories.study(pairs=1)
    readers = [enrolment.enrol(study, factories.user(), years=5, subspecialty="bones") for _ in range(3)]
    assert [(reader.number, reader.code) for reader in readers] == [(1, "R1"), (2, "R2"), (3, "R3")]
    assert not any(reader.assignments.exists() for reader in readers)
    assert AuditEntry.objects.filter(action="study.reader_enrolled").count() == 3


def test_a_reader_of_an_open_study_is_planned_at_once():
    study = factories.open_study(pairs=4, readers=1, repeat_share="0.5")
    reader = enrolment.enrol(study, factories.user())
    assert reader.code == "R2"
    assert reader.assignments.count() == 6
    for repeat in reader.assignments.filter(repeat_of__isnull=False).select_related("repeat_of"):
        assert (repeat.pair_id, repeat.reader_id) == (repeat.repeat_of.pair_id, repeat.repeat_of.reader_id)
        assert repeat.first_side != repeat.repeat_of.first_side


def test_the_second_reader_sees_every_first_showing_on_the_other_side():
    study = factories.open_study(pairs=5, readers=2)
    one, two = (dict(reader.assignments.values_list("pair", "first_side")) for reader in study.readers.all())
    assert all(one[pair] != two[pair] for pair in one)


def refused(study, user) -> str:
    with pytest.raises(enrolment.Refused) as refusal:
        enrolment.enrol(study, user)
    return str(refusal.value)


def test_who_cannot_be_a_reader_is_told_why():
    study = factories.study(pairs=1)
    reader = factories.user()
    enrolment.enrol(study, reader)
    assert "is already a reader" in refused(study, reader)
    assert "admins see which images are real" in refused(study, factories.admin())
    assert "closed account" in refused(study, factories.user(is_active=False))
    importer = factories.user()
    Import.objects.create(collection=study.real_collections.get(), started_by=importer)
    assert "has imported images" in refused(study, importer)
    opened = factories.open_study(pairs=1)
    lifecycle.close_study(opened, factories.admin())
    assert "is closed" in refused(opened, factories.user())


def test_a_removed_reader_keeps_the_plan_and_may_come_back():
    study = factories.open_study(pairs=3)
    reader, admin = study.readers.get(), factories.admin()
    planned = list(reader.assignments.values_list("pk", flat=True))
    enrolment.remove(reader, admin, "moved away")
    enrolment.remove(reader, admin, "twice")
    reader.refresh_from_db()
    assert reader.removed_at
    assert AuditEntry.objects.get(action="study.reader_removed").reason == "moved away"
    back = enrolment.enrol(study, reader.user)
    assert (back.pk, back.removed_at) == (reader.pk, None)
    assert list(back.assignments.values_list("pk", flat=True)) == planned


@pytest.mark.django_db(transaction=True)
def test_readers_enrolled_at_the_same_moment_get_different_numbers():
    study = factories.open_study(pairs=2, readers=0)
    users = [factories.user() for _ in range(6)]
    barrier = threading.Barrier(len(users))

    def enrol(user):
        barrier.wait(20)
        enrolment.enrol(study, user)
        connection.close()

    threads = [threading.Thread(target=enrol, args=[user]) for user in users]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(Reader.objects.values_list("number", flat=True)) == [1, 2, 3, 4, 5, 6]
    assert all(reader.assignments.count() == 2 for reader in study.readers.all())


def test_planning_takes_the_same_number_of_queries_for_any_number_of_pairs(django_assert_num_queries):
    for pairs in (2, 12):
        study = factories.open_study(pairs=pairs, readers=0)
        reader = factories.reader(study)
        with django_assert_num_queries(2):
            enrolment.plan(reader)
