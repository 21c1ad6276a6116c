"""`manage.py create_study`: a draft out of a study file."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from radiorate.studies import definition, pairing


class Command(BaseCommand):
    help = "Create a draft study from a TOML file; docs/studies.md explains its keys."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the study file")
        parser.add_argument("--json", action="store_true", help="report as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        file = options["file"]
        try:
            study = definition.create(definition.read(file.read_text(encoding="utf-8")), None)
        except OSError as problem:
            raise CommandError(f"{file}: {problem.strerror}") from None
        except UnicodeDecodeError:
            raise CommandError(f"{file}: it is not text in UTF-8") from None
        except definition.Invalid as problem:
            raise CommandError(f"{file}: {problem}") from None
        proposal = pairing.propose(study)
        pairs, left = len(proposal.pairs), len(proposal.unmatched)
        if options["json"]:
            self.stdout.write(
                json.dumps({"study": study.slug, "state": study.state, "pairs": pairs, "unmatched": left})
            )
        else:
            self.stdout.write(f"{study.slug}: a draft; {pairs} pairs match, {left} images find no partner")
