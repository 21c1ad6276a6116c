"""`manage.py launch_batch`: order what a protocol asks for."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from generation import batches, protocols
from generation.models import Batch, Generator


class Command(BaseCommand):
    help = "Launch a batch: the images of a protocol, ordered from a generator into a collection of synthetic images."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--protocol", required=True, help=f"one of: {', '.join(protocols.names())}")
        parser.add_argument("--generator", required=True, help="the name of a generator")
        parser.add_argument(
            "--collection", help="made when there is none of that name; default: protocol and generator"
        )
        parser.add_argument("--regions", nargs="+", default=[], help="only these regions of the protocol")
        parser.add_argument(
            "--budget", default="0", metavar="USD", help="never exceeded; 0 (default): free images only"
        )
        parser.add_argument("--json", action="store_true", help="report as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            protocol = protocols.load(options["protocol"])
            budget = Batch._meta.get_field("budget_usd").clean(options["budget"], None)
            generator = Generator.objects.get(name=options["generator"])
        except (KeyError, ValueError) as error:
            raise CommandError(f"The protocol {error.args[0]}") from error
        except ValidationError as error:
            raise CommandError(f"The budget {options['budget']} is no amount of US dollars.") from error
        except Generator.DoesNotExist as error:
            known = ", ".join(Generator.objects.values_list("name", flat=True))
            raise CommandError(f"The generator {options['generator']} is none of: {known}") from error
        if strange := [region for region in options["regions"] if region not in protocol.regions]:
            known = ", ".join(protocol.regions)
            raise CommandError(f"The protocol {protocol.name} has no {', '.join(strange)}; it has: {known}.")
        name = options["collection"] or f"{protocol.name}, {generator.name}"
        try:
            batch = batches.launch(
                generator=generator,
                collection=batches.target(name),
                orders=protocol.orders(only=options["regions"]),
                budget_usd=budget,
                actor=None,
                protocol=protocol.name,
                protocol_facts=protocol.facts(),
            )
        except batches.Impossible as problem:
            raise CommandError(str(problem)) from problem
        jobs = batch.jobs.count()
        if options["json"]:
            report = {"batch": batch.pk, "jobs": jobs, "collection": name, "budget_usd": str(batch.budget_usd)}
            self.stdout.write(json.dumps(report))
        else:
            self.stdout.write(f"Batch {batch.pk}: {jobs} images ordered into “{name}”.")
