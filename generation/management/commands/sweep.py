"""`manage.py sweep`: the reaper, by hand."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand

from generation import reaper


class Command(BaseCommand):
    help = "Take back jobs whose worker went away, and send again those whose message was lost."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="report as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        swept = reaper.sweep()
        if options["json"]:
            self.stdout.write(json.dumps(asdict(swept) if swept else {"busy": True}))
        elif swept is None:
            self.stdout.write("Another sweep is at work.")
        else:
            self.stdout.write(f"{swept.expired} jobs taken back, {swept.sent_again} sent again.")
