"""The trail of who did what: written in the act's own transaction, chained by hashes, readable and checkable."""

import csv
import hashlib
import json
from collections.abc import Iterator
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from radiorate.accounts.models import AuditEntry, User
from radiorate.spreadsheet import guarded

FIRST_HASH = "0" * 64
CHAIN_LOCK = 7_207_241  # one writer at a time, or two entries would follow the same one


def record(
    actor: User | None, action: str, target: str, *, reason: str = "", detail: dict[str, Any] | None = None
) -> AuditEntry:
    """The stored entry; it stands or falls with the transaction it is written in.

    Record last in a transaction: other writers of the trail wait from here until it commits.
    """
    with transaction.atomic():
        lock_chain()
        previous = AuditEntry.objects.order_by("-pk").values_list("hash", flat=True).first() or FIRST_HASH
        entry = AuditEntry(
            at=timezone.now(),
            actor=actor,
            action=action,
            target=target[:200],
            reason=reason,
            detail=_as_stored(detail or {}),
            previous_hash=previous,
        )
        entry.hash = digest(entry)
        entry.save(force_insert=True)
    return entry


def lock_chain() -> None:
    """Wait until nobody else appends, and keep others waiting until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CHAIN_LOCK])


def _as_stored(detail: dict[str, Any]) -> dict[str, Any]:
    """The detail as PostgreSQL gives it back: jsonb writes numbers its own way, and the hash must hold then too."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT (%s::jsonb)::text", [json.dumps(detail, cls=DjangoJSONEncoder)])
        return json.loads(cursor.fetchone()[0])


def digest(entry: AuditEntry) -> str:
    """SHA-256 over the entry's content and the hash before it, as 64 hex digits."""
    content = [
        entry.previous_hash,
        entry.at.isoformat(),
        entry.actor_id,
        entry.action,
        entry.target,
        entry.reason,
        entry.detail,
    ]
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def first_broken() -> AuditEntry | None:
    """The first entry whose hash does not follow from its content and its predecessor; None when the chain holds."""
    previous = FIRST_HASH
    for entry in AuditEntry.objects.order_by("pk").iterator():
        if entry.previous_hash != previous or entry.hash != digest(entry):
            return entry
        previous = entry.hash
    return None


def csv_lines(entries: QuerySet[AuditEntry]) -> Iterator[str]:
    """The entries as CSV text, a line at a time; what a spreadsheet would compute gets an apostrophe before it."""
    writer = csv.writer(_Echo())
    yield writer.writerow(["id", "at", "actor", "action", "target", "reason", "detail", "previous_hash", "hash"])
    for entry in entries.select_related("actor").iterator():
        actor = entry.actor.email if entry.actor else ""
        detail = json.dumps(entry.detail, sort_keys=True, ensure_ascii=False)
        texts = [guarded(text) for text in (actor, entry.action, entry.target, entry.reason, detail)]
        yield writer.writerow([entry.pk, entry.at.isoformat(), *texts, entry.previous_hash, entry.hash])


class _Echo:
    """A file for csv.writer that keeps nothing: writerow gives back what it would have written."""

    def write(self, line: str) -> str:
        return line
