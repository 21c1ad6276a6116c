"""`manage.py analyse`: the analysis of exported ratings, without a database."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from radiorate.results import wording


class Command(BaseCommand):
    help = "Analyse a ratings.csv, or a folder or ZIP with ratings.csv, choices.csv and marks.csv. Needs no database."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path, help="ratings.csv, or the folder or the ZIP of an export it lies in")
        parser.add_argument("--json", action="store_true", help="print everything as one JSON object")
        parser.add_argument("--report", type=Path, help="also write figures, tables and methods as this HTML page")
        parser.add_argument("--seed", type=int, default=1, help="of the resampling (default 1)")
        parser.add_argument("--resamples", type=int, default=1000, help="of readers and cases (default 1000)")

    def handle(self, *args: Any, **options: Any) -> None:
        from radiorate.results import complete, package, plots, report, table

        if options["seed"] < 0 or options["resamples"] < 1:
            raise CommandError("--seed must be 0 or more, --resamples 1 or more")
        try:
            dataset = table.read(options["path"])
        except (OSError, table.BadTable) as problem:
            # The bare line, as other programs read it: CommandError would put its own name before.
            line = f"{problem.filename}: {problem.strerror}" if isinstance(problem, OSError) else str(problem)
            self.stderr.write(line)
            sys.exit(1)
        found = complete.analyse(dataset, options["seed"], options["resamples"])
        if options["report"]:
            source = plots.Source(found, table.labels(options["path"]))
            try:
                options["report"].write_text(report.html(source, found["study"]))
            except OSError as problem:
                raise CommandError(f"{problem.filename}: {problem.strerror}") from None
        if options["json"]:
            self.stdout.write(package.as_json(found), ending="")
            return
        n = found["n"]
        self.stdout.write(f"{found['study']}: {n['readers']} readers, {n['pairs']} pairs, {n['scores']} scores")
        for warning in found["warnings"]:
            self.stdout.write(f"note: {warning}")
        for key, criterion in found["criteria"].items():
            self.stdout.write(f"{key}, real minus synthetic: {_interval(criterion['difference'])}")
        self.stdout.write(f"real image named: {_interval(found['discrimination']['accuracy'])}")


def _interval(found: dict[str, Any]) -> str:
    if found["value"] is None:
        return "nothing rated"
    if found["low"] is None:
        return f"{found['value']:.2f}, no interval: {wording.reason(found)}"
    return f"{found['value']:.2f} [{found['low']:.2f}, {found['high']:.2f}], {found['random']} random"
