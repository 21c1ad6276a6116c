"""`manage.py close_study`: from open to closed, for good."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from radiorate.studies import lifecycle
from radiorate.studies.models import Study


class Command(BaseCommand):
    help = "Close an open study: no more ratings, and its results are no longer sealed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", help="the study's name in addresses")
        parser.add_argument("--json", action="store_true", help="report as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        study = Study.objects.filter(slug=options["slug"]).first()
        if study is None:
            raise CommandError(f"{options['slug']}: there is no such study")
        try:
            lifecycle.close_study(study, None)
        except lifecycle.Refused as refused:
            raise CommandError(f"{study.slug}: {refused}") from None
        study.refresh_from_db()
        if options["json"]:
            closed_at = study.closed_at.isoformat() if study.closed_at else None
            self.stdout.write(json.dumps({"study": study.slug, "state": study.state, "closed_at": closed_at}))
        else:
            self.stdout.write(f"{study.slug}: closed")
