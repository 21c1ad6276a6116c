"""`manage.py import_images`: a folder, ZIP file or DICOM tree into a collection."""

import json
import random
from contextlib import ExitStack
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from radiorate.accounts import audit
from radiorate.images import imports, layouts, sources
from radiorate.images.manifest import Unreadable
from radiorate.images.models import Collection, Origin

WORDS = {"accepted": "accepted", "held": "held", "rejected": "rejected", "duplicate": "duplicates"}


class Command(BaseCommand):
    help = "Import a folder, a ZIP file or a DICOM tree. Running it again takes only what is not there yet."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", type=Path, help="folder, ZIP file or one picture")
        parser.add_argument("--collection", required=True, metavar="NAME", help="made where it is missing")
        parser.add_argument("--manifest", type=Path, metavar="CSV", help="by default manifest.csv in PATH, if any")
        parser.add_argument(
            "--layout",
            default="",
            choices=[*layouts.names(), imports.NO_LAYOUT],
            help="the published data set it is; recognised unless told or a manifest is there",
        )
        parser.add_argument("--only", default="*", metavar="GLOB", help="paths to take, such as '*/XR_HAND/*'")
        parser.add_argument("--sample", type=int, metavar="N", help="take so many of them, drawn by --seed")
        parser.add_argument("--seed", type=int, default=1, help="of the sample: the same files for the same number")
        parser.add_argument("--origin", choices=Origin.values, help="of a new collection: real unless told")
        parser.add_argument(
            "--cross-sections", action="store_true", help="of a new collection: CT, MR and ultrasound are taken, too"
        )
        parser.add_argument("--source", default="", help="of a new collection")
        parser.add_argument("--licence", default="", help="of a new collection")
        parser.add_argument("--json", action="store_true", help="print the report as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        path, given = options["path"], options["manifest"]
        with ExitStack() as stack:
            try:
                if path.is_file() and path.suffix.lower() == ".zip":
                    files = sources.archive(stack.enter_context(path.open("rb")))
                elif path.exists():
                    files = sources.folder(path)
                else:
                    raise CommandError(f"There is no {path}.")
                files, table = sources.split_manifest(files)
                if given:
                    files, table = self._without(files, path, given), sources.one(given)
                origin = self._origin(options)
                layout = imports.layout_of(files, table, options["layout"])
                plans = self._chosen(imports.plan(files, table, origin, layout), options)
            except (Unreadable, OSError) as problem:
                raise CommandError(str(problem)) from problem
            if not plans:
                raise CommandError(f"There is no file to take in {path}.")
            collection, _ = Collection.objects.get_or_create(
                name=options["collection"],
                defaults={
                    "origin": origin,
                    "has_cross_sections": options["cross_sections"],
                    "source": options["source"] or (layout.source if layout else ""),
                    "licence": options["licence"] or (layout.licence if layout else ""),
                },
            )
            try:
                report = self._take(plans, collection, quiet=options["json"])
            except Unreadable as problem:
                raise CommandError(f"{problem} Files before the damage were taken in.") from problem
        counts = {word: report[word] for word in WORDS.values()}
        detail: dict[str, Any] = {**counts, "layout": layout.title if layout else ""}
        detail["cross_sections"] = collection.has_cross_sections
        audit.record(None, "images.imported", f"collection {collection}", detail=detail)
        if options["json"]:
            self.stdout.write(json.dumps(report, indent=1))
        else:
            absent = f"; {len(report['absent'])} in the manifest, not among the files" if report["absent"] else ""
            self.stdout.write(", ".join(f"{count} {word}" for word, count in counts.items()) + absent)

    def _origin(self, options: dict[str, Any]) -> str:
        there = Collection.objects.filter(name=options["collection"]).first()
        if there and options["origin"] not in (None, there.origin):
            raise CommandError(f"The collection {there} is {there.origin}.")
        if there and options["cross_sections"] and not there.has_cross_sections:
            raise CommandError(f"The collection {there} was not made for cross-sections and ultrasound.")
        return there.origin if there else options["origin"] or Origin.REAL

    def _chosen(self, plans: list[imports.Plan], options: dict[str, Any]) -> list[imports.Plan]:
        """Those that --only and --sample leave, in their order; none that is not chosen is read."""
        kept = [item for item in plans if fnmatchcase(item.name, options["only"])]
        count = options["sample"]
        if count is None or count >= len(kept):
            return kept
        chance = random.Random(options["seed"])  # noqa: S311  (a sample to be drawn again, no secret)
        drawn = sorted(chance.sample(range(len(kept)), max(0, count)))
        return [kept[index] for index in drawn]

    def _without(self, files: list[sources.Found], path: Path, table: Path) -> list[sources.Found]:
        return [file for file in files if not (path.is_dir() and (path / file.name).resolve() == table.resolve())]

    def _take(self, plans: list[imports.Plan], collection: Collection, quiet: bool) -> dict[str, Any]:
        report: dict[str, Any] = {"collection": collection.name, **dict.fromkeys(WORDS.values(), 0), "files": []}
        report["absent"] = [item.name for item in plans if item.file is None]
        for item, settled in imports.take_all(plans, collection):
            report[WORDS[settled.outcome]] += 1
            image = str(settled.image.pk) if settled.image else None
            report["files"].append(
                {"file": item.name, "outcome": str(settled.outcome), "reason": settled.reason, "image": image}
            )
            if not quiet:
                self.stdout.write(f"{settled.outcome:<9} {item.name}  {settled.reason}".rstrip())
        return report
