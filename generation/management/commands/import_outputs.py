"""`manage.py import_outputs`: images that were made elsewhere, with their prompts, as a batch."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from generation import batches, importing
from generation.models import Job
from radiorate.images import sources


class Command(BaseCommand):
    help = (
        "Import images made elsewhere as a batch: a folder and its manifest, a CSV with the columns file and prompt "
        f"and any of {', '.join(importing.COLUMNS.split())}. Nothing is sent; one wrong row keeps all out."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--generator", required=True, metavar="NAME", help="made where it is missing")
        parser.add_argument("--collection", required=True, metavar="NAME", help="made where it is missing")
        parser.add_argument("--manifest", type=Path, metavar="CSV", help="by default manifest.csv in FOLDER")
        parser.add_argument("--json", action="store_true", help="report as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        folder, given = options["folder"], options["manifest"]
        if not folder.is_dir():
            raise CommandError(f"There is no folder {folder}.")
        try:
            files, inside = sources.split_manifest(sources.folder(folder))
            if given:
                files = [file for file in files if (folder / file.name).resolve() != given.resolve()]
                table = given.read_bytes()
            elif inside:
                table = inside.read()
            else:
                raise CommandError(f"There is no manifest.csv in {folder}; name another with --manifest.")
            collection = batches.target(options["collection"])
            rows, problems = importing.read(files, table, collection)
            if problems:
                self._refuse(problems, options["json"])
            generator = importing.generator_named(options["generator"], rows[0].told.get("model", ""))
            batch = importing.bring_in(rows, generator, collection, actor=None)
        except (batches.Impossible, OSError) as problem:
            raise CommandError(str(problem)) from problem
        delivered = batch.jobs.filter(state=Job.State.SUCCEEDED).count()
        counts = {"batch": batch.pk, "images": delivered, "refused": len(rows) - delivered}
        if options["json"]:
            self.stdout.write(json.dumps({**counts, "collection": collection.name, "problems": []}))
        else:
            self.stdout.write(
                f"Batch {batch.pk}: {delivered} images and {counts['refused']} refusals imported into “{collection}”."
            )

    def _refuse(self, problems: list[importing.Problem], as_json: bool) -> None:
        if as_json:
            report = {"batch": None, "images": 0, "refused": 0, "problems": [vars(problem) for problem in problems]}
            self.stdout.write(json.dumps(report, indent=1))
        else:
            for problem in problems:
                self.stderr.write(str(problem))
        raise CommandError(f"Nothing was imported: {len(problems)} rows or files are wrong.")
