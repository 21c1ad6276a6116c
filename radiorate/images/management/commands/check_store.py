"""`manage.py check_store`: rows against stored objects."""

import json
import sys
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from radiorate.images import checkup


class Command(BaseCommand):
    help = "Compare rows with stored files: missing, differing checksum, orphans. Exit 1 where there is any."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the findings as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        found = list(checkup.findings())
        if options["json"]:
            self.stdout.write(json.dumps({"findings": [asdict(finding) for finding in found]}, indent=1))
        else:
            for finding in found:
                self.stdout.write(f"{finding.problem:<8} {finding.file}  {finding.row}".rstrip())
            self.stdout.write(f"{len(found)} findings")
        if found:
            sys.exit(1)
