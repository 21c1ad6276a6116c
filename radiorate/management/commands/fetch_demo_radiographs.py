"""`manage.py fetch_demo_radiographs`: CC0 and public-domain radiographs from Wikimedia Commons."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from radiorate.demo import sources


class Command(BaseCommand):
    help = "Fetch freely licensed radiographs from Wikimedia Commons, with a manifest that names licence and author."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--out", type=Path, default=settings.VAR / "demo-radiographs", help="the folder to fill")
        parser.add_argument("--timeout", type=float, default=20, metavar="SECONDS", help="for each file")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            count = sources.fetch_commons(options["out"], options["timeout"], self.stdout.write)
        except OSError as error:
            raise CommandError(f"Wikimedia Commons can't be reached: {error}") from error
        self.stdout.write(f"{count} radiographs in {options['out']}; licences and authors are in its manifest.csv.")
