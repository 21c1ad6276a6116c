"""The trail can be added to and read, nothing else, and shows when somebody got around that."""

import csv
import io
import json
import threading
from decimal import Decimal

import pgtrigger
import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from radiorate.accounts import audit
from radiorate.accounts.models import AuditEntry
from tests import factories

BYPASSES = {
    "save": lambda entry: entry.save(),
    "delete": lambda entry: entry.delete(),
    "bulk update": lambda entry: AuditEntry.objects.update(reason="x"),
    "bulk_update": lambda entry: AuditEntry.objects.bulk_update([entry], ["reason"]),
    "bulk delete": lambda entry: AuditEntry.objects.all().delete(),
    "raw update": lambda entry: run("UPDATE accounts_auditentry SET reason = 'x'"),
    "raw delete": lambda entry: run("DELETE FROM accounts_auditentry"),
    "truncate": lambda entry: run("TRUNCATE accounts_auditentry CASCADE"),
    "upsert": lambda entry: run(
        "INSERT INTO accounts_auditentry SELECT * FROM accounts_auditentry ON CONFLICT (id) DO UPDATE SET reason = 'x'"
    ),
}


def run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def record(count: int = 3) -> None:
    for number in range(count):
        audit.record(None, "test.done", f"thing {number}")


@pytest.mark.parametrize("way", BYPASSES)
def test_entry_cannot_be_changed_or_removed(db, way):
    record()
    before = list(AuditEntry.objects.values())
    entry = AuditEntry.objects.first()
    entry.reason = "changed"
    run("SET CONSTRAINTS ALL IMMEDIATE")  # else TRUNCATE is refused for another reason
    with pytest.raises(DatabaseError, match=r"append-only|Cannot update or delete"), transaction.atomic():
        BYPASSES[way](entry)
    assert list(AuditEntry.objects.values()) == before


def test_without_the_trigger_the_entry_changes_and_the_chain_shows_it(db):
    record()
    assert audit.first_broken() is None
    second = AuditEntry.objects.all()[1]
    with pgtrigger.ignore("accounts.AuditEntry:append_only"):
        AuditEntry.objects.filter(pk=second.pk).update(reason="x")
    assert audit.first_broken() == second


def test_removed_entry_breaks_the_chain(db):
    record()
    _, second, third = AuditEntry.objects.all()
    with pgtrigger.ignore("accounts.AuditEntry:append_only"):
        second.delete()
    assert audit.first_broken() == third


@pytest.mark.parametrize(
    "detail",
    [
        {"cost": Decimal("0.040"), "share": 0.1, "large": 1e16, "small": 1e-7, "zero": -0.0},
        {10: "ten", 2: "two"},
        {"tuple": (1, 2), "nested": {"ü": None, "a": [True]}, "line": "a\r\nb"},
    ],
)
def test_chain_holds_for_what_the_database_writes_differently(db, detail):
    audit.record(None, "test.done", "thing", detail=detail)
    assert audit.first_broken() is None


def test_entry_falls_with_its_transaction(db):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        audit.record(None, "test.done", "thing")
        raise ZeroDivisionError
    assert not AuditEntry.objects.exists()


def at_once(threads: int, entries: int) -> None:
    def work(number: int) -> None:
        for entry in range(entries):
            audit.record(None, "test.done", f"thing {number}.{entry}")
        connection.close()

    running = [threading.Thread(target=work, args=(number,)) for number in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()


def test_chain_holds_when_many_write_at_once(transactional_db):
    at_once(threads=8, entries=10)
    assert AuditEntry.objects.count() == 80
    assert audit.first_broken() is None


def test_without_the_lock_two_entries_follow_the_same_one(transactional_db, monkeypatch):
    together = threading.Barrier(2)
    monkeypatch.setattr(audit, "lock_chain", together.wait)
    as_stored = audit._as_stored

    def wait_again(detail):  # both have read the last entry before either writes
        together.wait()
        return as_stored(detail)

    monkeypatch.setattr(audit, "_as_stored", wait_again)
    at_once(threads=2, entries=1)
    assert AuditEntry.objects.count() == 2
    assert audit.first_broken() is not None


def test_command_says_whether_the_chain_holds(transactional_db, run_command):
    record()
    assert json.loads(run_command("check_audit", "--json").stdout)["entries"] == 3
    with pgtrigger.ignore("accounts.AuditEntry:append_only"):
        AuditEntry.objects.filter(target="thing 1").update(reason="x")
    broken = run_command("check_audit")
    assert broken.returncode == 1
    assert len(broken.stderr.strip().splitlines()) == 1


@pytest.fixture
def admin_client(db) -> Client:
    client = Client()
    client.force_login(factories.admin(email="admin@example.org"))
    return client


def test_page_filters_checks_and_keeps_text_harmless(admin_client):
    record()
    audit.record(None, "other.act", "<script>alert(1)</script>")
    page = admin_client.get(reverse("accounts:audit"), {"action": "other.act", "check": "1"}).content.decode()
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page
    assert "thing 1" not in page
    assert "The chain holds" in page
    assert '"?action=other.act&amp;check=1"' in page, "the link is the same once it was followed"
    assert "thing 1" in admin_client.get(reverse("accounts:audit"), {"target": "THING 1"}).content.decode()


def test_csv_holds_the_filtered_entries_and_no_formula(admin_client):
    record(2)
    audit.record(None, "other.act", "=1+1", reason="@SUM(A1)")
    response = admin_client.get(reverse("accounts:audit_csv"), {"action": "other.act"})
    rows = list(csv.DictReader(io.StringIO(b"".join(response).decode())))
    assert len(rows) == 1
    assert (rows[0]["target"], rows[0]["reason"]) == ("'=1+1", "'@SUM(A1)")
    assert rows[0]["hash"] == AuditEntry.objects.last().hash


def test_page_asks_the_same_number_of_questions_for_any_number_of_entries(admin_client, django_assert_max_num_queries):
    record(60)
    with django_assert_max_num_queries(7):
        admin_client.get(reverse("accounts:audit"))
