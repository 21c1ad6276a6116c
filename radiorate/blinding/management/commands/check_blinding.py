"""`manage.py check_blinding`: whether anything but the pixels tells a study's real images from its synthetic ones."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from radiorate.blinding.report import check
from radiorate.studies.models import Study


class Command(BaseCommand):
    help = "Look for all but the pixels that tells a study's real images from its synthetic ones; exit 1 when any does."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", help="the study's name in addresses")
        parser.add_argument("--json", action="store_true", help="print what was measured as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        study = Study.objects.filter(slug=options["slug"]).first()
        if study is None:
            raise CommandError(f"{options['slug']}: there is no such study")
        tell = self.stderr.write if options["verbosity"] > 1 else (lambda words: None)
        report = check(study, tell)
        if options["json"]:
            self.stdout.write(json.dumps(report, sort_keys=True))
        elif report["ok"]:
            self.stdout.write(f"{study.slug}: {report['files']} files, sides and showings give nothing away")
            for name, part in report["parts"].items():
                if "skipped" in part:  # else a closed study would seem to have been visited
                    self.stdout.write(f"The part {name} was left out: {part['skipped']}.")
        if not report["ok"]:
            raise CommandError(f"{study.slug}: {' '.join(report['problems'])}")
