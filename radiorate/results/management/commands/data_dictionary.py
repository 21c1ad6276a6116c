"""`manage.py data_dictionary`: writes docs/data-dictionary.md anew from the exports."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Write docs/data-dictionary.md from the exports' own columns."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        from radiorate.results import dictionary

        page = Path(settings.BASE_DIR) / "docs" / "data-dictionary.md"
        page.write_text(dictionary.markdown())
        self.stdout.write(f"{page} written")
