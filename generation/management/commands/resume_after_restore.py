"""`manage.py resume_after_restore`: say that orders may go out of a restored database."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from generation import batches, restoring


class Command(BaseCommand):
    help = (
        "After a restore nothing is sent, as what waits in the backup may have been paid for since. Cancel what waits"
        " (the default; each batch can be resumed on its page) or keep it, and let orders go out again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        choice = parser.add_mutually_exclusive_group()
        choice.add_argument("--keep", action="store_true", help="leave the waiting jobs in the queue: they are sent")
        choice.add_argument("--hold", action="store_true", help="the other way round: send nothing from now on")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["hold"]:
            restoring.leave_home()
            self.stdout.write("Nothing is sent until this command is run again without --hold.")
        elif restoring.is_at_home():
            self.stdout.write("Orders go out already: this database was not restored.")
        else:
            cancelled = batches.resume_after_restore(None, keep=options["keep"])
            self.stdout.write(f"Orders go out again; {cancelled} batches with waiting jobs were stopped.")
