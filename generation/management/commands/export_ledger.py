"""`manage.py export_ledger`: every paid call that was begun, as CSV."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from generation import ledger
from generation.models import Attempt, Batch


class Command(BaseCommand):
    help = "Write every attempt that was ever begun to standard output as CSV, with what it reserved and what it cost."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--batch", type=int, metavar="ID", help="only this batch's")
        parser.add_argument("--month", metavar="YYYY-MM", help="only those begun in this month, UTC")

    def handle(self, *args: Any, **options: Any) -> None:
        batch, month = options["batch"], options["month"] or ""
        try:
            attempts = ledger.within(ledger.month_of(month)) if month else Attempt.objects.all()
        except ValueError as error:
            raise CommandError(f"The month {month} is not written as 2026-11.") from error
        if batch is not None:
            if not Batch.objects.filter(pk=batch).exists():
                raise CommandError(f"There is no batch {batch}.")
            attempts = attempts.filter(job__batch=batch)
        for line in ledger.export(attempts, None, batch=str(batch or ""), month=month):
            self.stdout.write(line, ending="")
