"""`manage.py launch_batch`: order what a protocol asks for, or show what that would be."""

import json
from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from generation import launching, protocols
from generation.batches import Impossible, JobSpec
from generation.models import Batch, Generator
from generation.protocols import Protocol, draw
from radiorate.images.models import Collection


class Command(BaseCommand):
    help = "Launch a protocol's experiment: a batch of the same orders for each generator, all of them or none."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--protocol", required=True, help=f"one of: {', '.join(protocols.names())}")
        parser.add_argument(
            "--generator", required=True, action="extend", nargs="+", metavar="NAME", help="one or several generators"
        )
        parser.add_argument("--sources", metavar="COLLECTION", help="where the images come from that are edited")
        parser.add_argument(
            "--collection", help="made when there is none of that name; default: protocol and generator"
        )
        parser.add_argument("--regions", nargs="+", default=[], help="only these regions of the protocol")
        parser.add_argument(
            "--budget", default="0", metavar="USD", help="of each generator; never exceeded; 0 (default): free images"
        )
        parser.add_argument("--dry-run", action="store_true", help="show every prompt, count and cost; order nothing")
        parser.add_argument("--json", action="store_true", help="report as JSON, one line for each batch")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            protocol = protocols.load(options["protocol"])
        except KeyError as error:
            raise CommandError(f"The protocol {error.args[0]}") from error
        except ValueError as error:
            raise CommandError(str(error)) from error
        try:
            budget = Batch._meta.get_field("budget_usd").clean(options["budget"], None)
        except ValidationError as error:
            raise CommandError(f"The budget {options['budget']} is no amount of US dollars.") from error
        if strange := [region for region in options["regions"] if region not in protocol.regions]:
            known = ", ".join(protocol.regions)
            raise CommandError(f"The protocol {protocol.name} has no {', '.join(strange)}; it has: {known}.")
        generators = [_generator(name) for name in dict.fromkeys(options["generator"])]
        try:
            orders = _orders(protocol, options["regions"], options["sources"])
            if options["dry_run"]:
                self._show(protocol, orders, launching.offers(generators, orders, budget, protocol), options["json"])
                return
            batches = launching.launch(
                generators=generators,
                orders=orders,
                budget_usd=budget,
                actor=None,
                protocol=protocol,
                new_collection=options["collection"] or "",
            )
        except Impossible as problem:
            raise CommandError(str(problem)) from problem
        for batch in batches:
            report = {"batch": batch.pk, "jobs": len(orders), "collection": batch.collection.name}
            if options["json"]:
                self.stdout.write(json.dumps(report | {"budget_usd": str(batch.budget_usd)}))
            else:
                self.stdout.write(f"Batch {batch.pk}: {len(orders)} images ordered into “{batch.collection}”.")

    def _show(
        self, protocol: Protocol, orders: Sequence[JobSpec], offers: Sequence[launching.Offer], as_json: bool
    ) -> None:
        """Print what would be ordered. Raises Impossible where a generator can't do its part."""
        lines = launching.lines(orders, protocol)
        if as_json:
            report = {
                "protocol": protocol.name,
                "prompts": [
                    {"prompt": line.prompt, "source": line.source, "to_show": line.facts, "images": line.images}
                    | ({"edits": [str(sketch.image.pk) for sketch in line.edits]} if protocol.edits else {})
                    for line in lines
                ],
                "generators": [
                    {
                        "generator": offer.generator.name,
                        "images": len(orders),
                        "at_most_usd": str(offer.estimate.total_usd) if offer.estimate else None,
                        "problems": list(offer.problems),
                        "remarks": list(offer.remarks),
                    }
                    for offer in offers
                ],
            }
            self.stdout.write(json.dumps(report))
        else:
            self.stdout.write(f"{protocol.title}\n")
            for line in lines:
                self.stdout.write(f"  {line.images:4} × “{line.prompt}” ({line.source}; {line.facts})")
            for offer in offers:
                can = f"at most {offer.estimate.total_usd:f} USD" if offer.estimate else "can't"
                self.stdout.write(f"{offer.generator}: {len(orders)} images, {can}")
                for sentence in (*offer.problems, *offer.remarks):
                    self.stdout.write(f"  {sentence}")
        if problems := [sentence for offer in offers for sentence in offer.problems]:
            raise Impossible(list(dict.fromkeys(problems)))


def _generator(name: str) -> Generator:
    try:
        return Generator.objects.get(name=name)
    except Generator.DoesNotExist as error:
        known = ", ".join(Generator.objects.values_list("name", flat=True))
        raise CommandError(f"The generator {name} is none of: {known}") from error


def _orders(protocol: Protocol, regions: Sequence[str], sources: str | None) -> list[JobSpec]:
    """Raises Impossible where there are no images to edit."""
    if not protocol.edits:
        return protocol.orders(only=regions)
    collection = Collection.objects.filter(name=sources or "").first()
    if collection is None:
        known = ", ".join(Collection.objects.values_list("name", flat=True))
        raise Impossible([f"The protocol edits images: --sources names their collection, one of: {known}"])
    return protocol.orders(only=regions, sources=draw.sources(protocol, collection, regions))
