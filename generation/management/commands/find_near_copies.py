"""`manage.py find_near_copies`: compare outputs with every real image that is known."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from generation import near_copies
from generation.models import Batch, Output


class Command(BaseCommand):
    help = "Find the outputs that look like a real image known here: all outputs, also those compared before."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--batch", type=int, metavar="ID", help="only the outputs of this batch")
        parser.add_argument("--json", action="store_true", help="report as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        outputs = Output.objects.all()
        if options["batch"] is not None:
            if not Batch.objects.filter(pk=options["batch"]).exists():
                raise CommandError(f"There is no batch {options['batch']}.")
            outputs = outputs.filter(attempt__job__batch=options["batch"])
        found = near_copies.find(outputs, again=True)
        if not options["json"]:
            searched = f"{found.compared} outputs compared with {found.real_images} real images"
            self.stdout.write(f"{searched}, {found.flagged} look like one.")
            return
        alike = [
            {
                "batch": each.output.attempt.job.batch_id,
                "job": each.output.attempt.job.number,
                "image": str(each.output.image_id),
                "real": str(each.real_id),
                "hash_distance": each.hash_distance,
                "correlation": each.correlation,
            }
            for each in near_copies.of(outputs)
        ]
        self.stdout.write(json.dumps({**vars(found), "near_copies": alike}, indent=1))
