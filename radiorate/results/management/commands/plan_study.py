"""`manage.py plan_study`: power and precision of a study by numbers of readers and pairs."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "How surely a study of so many readers and pairs finds a difference, and how wide its interval will be."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--effect", type=float, required=True, help="true difference real minus synthetic, points")
        parser.add_argument("--readers", type=int, nargs="+", default=[3, 4, 6, 8, 12, 20], help="numbers to try")
        parser.add_argument("--pairs", type=int, nargs="+", default=[20, 40, 80, 160, 320], help="numbers to try")
        source = parser.add_mutually_exclusive_group(required=True)
        source.add_argument(
            "--components", type=float, nargs=3, metavar=("READER", "CASE", "REST"), help="variances of the difference"
        )
        source.add_argument("--pilot", type=Path, help="a ratings.csv, or its folder, to take the variances from")
        parser.add_argument("--criterion", default="", help="of the pilot (default: its first by name)")
        parser.add_argument("--runs", type=int, default=2000, help="simulated studies a cell (default 2000)")
        parser.add_argument("--seed", type=int, default=1, help="of the simulation (default 1)")
        parser.add_argument("--json", action="store_true", help="print everything as one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        from radiorate.results import analysis
        from radiorate.results.statistics import planning

        if options["pilot"]:
            components, warnings = _of_pilot(options["pilot"], options["criterion"])
        else:
            components, warnings = dict(zip(planning.COMPONENTS, options["components"], strict=True)), []
        try:
            rows = planning.grid(
                options["readers"], options["pairs"], options["effect"], components, options["runs"], options["seed"]
            )
        except ValueError as problem:
            raise CommandError(str(problem)) from None
        if options["json"]:
            plan = {
                "format": "radiorate-plan/1",
                "effect": options["effect"],
                "components": components,
                "runs": options["runs"],
                "seed": options["seed"],
                "grid": rows,
                "warnings": warnings,
            }
            self.stdout.write(json.dumps(analysis.plain(plan), sort_keys=True, indent=1, allow_nan=False))
            return
        for warning in warnings:
            self.stdout.write(f"note: {warning}")
        self.stdout.write("readers  pairs  power  half width of the 95 % interval  (with ever more pairs)")
        for row in rows:
            self.stdout.write(
                f"{row['readers']:7} {row['pairs']:6}   {row['power']:4.0%}  {row['half_width']:30.2f}  "
                f"(standard error {row['standard_error']:.3f}, never below {row['reader_wall']:.3f})"
            )


def _of_pilot(path: Path, criterion: str) -> tuple[dict[str, float], list[str]]:
    """The variances of one criterion's differences, none below 0, and what is to be known of them."""
    from radiorate.results import table
    from radiorate.results.dataset import REAL, SYNTHETIC
    from radiorate.results.statistics import mrmc, planning

    try:
        dataset = table.read(path)
    except table.BadTable as problem:
        raise CommandError(str(problem)) from None
    except OSError as problem:
        raise CommandError(f"{problem.filename}: {problem.strerror}") from None
    keys = sorted(scale.key for scale in dataset.criteria)
    chosen = criterion or keys[0]
    if chosen not in keys:
        raise CommandError(f"{chosen}: the pilot has {', '.join(keys)}")
    scores = dataset.scores[[scale.key for scale in dataset.criteria].index(chosen)]
    cells = mrmc.readings(scores[:, :, REAL] - scores[:, :, SYNTHETIC])
    readers, pairs = len(set(cells[1].tolist())), len(set(cells[2].tolist()))
    if readers < 2 or pairs < 2:
        raise CommandError(f"{chosen}: two readers and two pairs at least, and the pilot has {readers} and {pairs}")
    found = mrmc.variance_components(*cells)
    warnings = [
        f"The variances are those of {chosen} in a pilot of {readers} readers and {pairs} pairs, and as unsure as that."
    ]
    cut = [name for name in planning.COMPONENTS if not found[name] >= 0]
    if cut:
        warnings.append(f"Estimated below 0 and taken for 0: {', '.join(cut)}. Try larger ones with --components.")
    return {name: max(found[name], 0.0) for name in planning.COMPONENTS}, warnings
