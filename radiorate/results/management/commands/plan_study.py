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
        from radiorate.results import planner

        parser.add_argument("--effect", type=float, required=True, help="true difference real minus synthetic, points")
        parser.add_argument("--readers", type=int, nargs="+", default=planner.READERS, help="numbers to try")
        parser.add_argument("--pairs", type=int, nargs="+", default=planner.PAIRS, help="numbers to try")
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
            assumed, warnings = _of_pilot(options["pilot"], options["criterion"])
        else:
            assumed, warnings = {"given": dict(zip(planning.COMPONENTS, options["components"], strict=True))}, []
        given = (options["readers"], options["pairs"], options["effect"])
        try:
            plans: dict[str, dict[str, Any]] = {
                name: {
                    "components": components,
                    "grid": planning.grid(*given, components, options["runs"], options["seed"]),
                }
                for name, components in assumed.items()
            }
        except ValueError as problem:
            raise CommandError(str(problem)) from None
        if options["json"]:
            plan = {
                "format": "radiorate-plan/1",
                "effect": options["effect"],
                "runs": options["runs"],
                "seed": options["seed"],
                "plans": plans,
                "warnings": warnings,
            }
            self.stdout.write(json.dumps(analysis.plain(plan), sort_keys=True, indent=1, allow_nan=False))
            return
        for warning in warnings:
            self.stdout.write(f"note: {warning}")
        for name, plan in plans.items():
            variances = ", ".join(f"{key} {value:.3g}" for key, value in plan["components"].items())
            self.stdout.write(f"{name} variances: {variances}")
            self.stdout.write("readers  pairs  power  half width  standard error  with ever more pairs")
            for row in plan["grid"]:
                self.stdout.write(
                    f"{row['readers']:7} {row['pairs']:6} {row['power']:6.0%} {row['half_width']:11.2f} "
                    f"{row['standard_error']:15.3f} {row['reader_wall']:21.3f}"
                )


def _of_pilot(path: Path, criterion: str) -> tuple[dict[str, dict[str, float]], list[str]]:
    from radiorate.results import planner, table

    try:
        return planner.of_pilot(table.read(path), criterion)
    except (table.BadTable, planner.BadPilot) as problem:
        raise CommandError(str(problem)) from None
    except OSError as problem:
        raise CommandError(f"{problem.filename}: {problem.strerror}") from None
