"""`manage.py check_audit`: whether the trail of who did what was tampered with."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from radiorate.accounts import audit
from radiorate.accounts.models import AuditEntry


class Command(BaseCommand):
    help = "Read the whole audit trail and check that each entry follows from the one before; exit 1 where it doesn't."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the outcome as one JSON object")

    def handle(self, **options: Any) -> None:
        broken = audit.first_broken()
        last = AuditEntry.objects.order_by("-pk").values_list("hash", flat=True).first()
        outcome = {
            "entries": AuditEntry.objects.count(),
            "first_broken": broken.pk if broken else None,
            "last_hash": last,
        }
        if options["json"]:
            self.stdout.write(json.dumps(outcome))
        elif broken is None:
            self.stdout.write(f"{outcome['entries']} entries, the chain holds. Last hash: {last}")
        if broken is not None:
            raise CommandError(f"Entry {broken.pk} ({broken}) does not follow from the one before it.")
