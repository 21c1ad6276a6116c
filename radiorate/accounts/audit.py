"""The trail of who did what: written in the act's own transaction, chained by hashes, readable and checkable."""

import hashlib
import json
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from radiorate.accounts.models import AuditEntry, User

FIRST_HASH = "0" * 64
CHAIN_LOCK = 7_207_241  # one writer at a time, or two entries would follow the same one


def record(
    actor: User | None, action: str, target: str, *, reason: str = "", detail: dict[str, Any] | None = None
) -> AuditEntry:
    """The stored entry; it stands or falls with the transaction it is written in."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CHAIN_LOCK])
        previous = AuditEntry.objects.order_by("-pk").values_list("hash", flat=True).first() or FIRST_HASH
        entry = AuditEntry(
            at=timezone.now(),
            actor=actor,
            action=action,
            target=target[:200],
            reason=reason,
            detail=detail or {},
            previous_hash=previous,
        )
        entry.hash = digest(entry)
        entry.save(force_insert=True)
    return entry


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
