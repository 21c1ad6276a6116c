"""`manage.py demo`: the offline study a newcomer tries."""

import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from generation import batches
from radiorate import private_file
from radiorate.accounts.models import User
from radiorate.demo import story


class Command(BaseCommand):
    help = "Make the demonstration: accounts, real radiographs, phantoms, an open study and a closed simulated one."

    def handle(self, *args: Any, **options: Any) -> None:
        target = settings.VAR / "demo.json"
        if target.exists():
            self.stdout.write(f"The demonstration stands already; its sign-ins are in {target}.")
            return
        if User.objects.exclude(email__endswith="@example.org").exists():
            raise CommandError("This database is in use: the demonstration is made on an empty one only.")
        try:
            told = story.tell(lambda words: self.stdout.write(f"radiorate: {words}"))
        except (ValueError, OSError, batches.Impossible) as error:
            raise CommandError(str(error)) from error
        private_file.write(target, json.dumps(told, indent=1) + "\n")
