"""`manage.py export`: everything a study has collected, into a folder or a ZIP."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from radiorate.studies.models import Study


class Command(BaseCommand):
    help = "Export a closed or unsealed study: CSV files, protocol, data dictionary and checksums."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", help="the study's name in addresses")
        parser.add_argument("--out", type=Path, required=True, help="a new or empty folder, or a path ending in .zip")
        parser.add_argument("--key-reason", default="", help="also write key.csv, which unblinds; the audit keeps why")
        parser.add_argument("--json", action="store_true", help="print the written files as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        from radiorate.results import exporting

        study = Study.objects.filter(slug=options["slug"]).first()
        if study is None:
            raise CommandError(f"{options['slug']}: there is no such study")
        try:
            written = exporting.write(study, options["out"], reason=options["key_reason"])
        except exporting.Sealed:
            raise CommandError(
                f"{study.slug}: sealed until closed, or unsealed with a reason: its files tell real from synthetic"
            ) from None
        except OSError as problem:
            raise CommandError(f"{problem.filename}: {problem.strerror}") from None
        if options["json"]:
            report = {"study": study.slug, "out": str(options["out"]), "files": written}
            self.stdout.write(json.dumps(report, sort_keys=True))
        else:
            self.stdout.write(f"{options['out']}: {', '.join(written)}")
