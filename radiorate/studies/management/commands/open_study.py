"""`manage.py open_study`: from draft to open."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from radiorate.studies import lifecycle, pairing
from radiorate.studies.models import Study


class Command(BaseCommand):
    help = "Open a draft: draw its pairs, render them, plan every reader's showings, freeze the design."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", help="the study's name in addresses")
        parser.add_argument(
            "--accept-unmatched",
            metavar="REASON",
            default="",
            help="open although images find no partner; the protocol keeps why",
        )
        parser.add_argument("--json", action="store_true", help="report as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        study = Study.objects.filter(slug=options["slug"]).first()
        if study is None:
            raise CommandError(f"{options['slug']}: there is no such study")
        if study.state == Study.State.DRAFT:
            for left in pairing.propose(study).unmatched:
                self.stderr.write(f"no partner: {left.image.collection} {left.image.pk} ({left.image}): {left.reason}")
        try:
            lifecycle.open_study(study, None, accept_unmatched=options["accept_unmatched"])
        except lifecycle.Refused as refused:
            hint = "" if options["accept_unmatched"] else " (Say why: --accept-unmatched REASON.)"
            raise CommandError(f"{study.slug}: {refused}{hint if study.state == Study.State.DRAFT else ''}") from None
        study.refresh_from_db()
        report = {"study": study.slug, "state": study.state, "pairs": study.pairs.count()}
        report["protocol_hash"] = study.protocol_hash
        if options["json"]:
            self.stdout.write(json.dumps(report))
        else:
            self.stdout.write(f"{study.slug}: open with {report['pairs']} pairs, protocol {study.protocol_hash}")
