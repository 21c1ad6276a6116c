"""`manage.py translations`: every text of readers' pages into locale/, and what is translated compiled."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from radiorate import translations


class Command(BaseCommand):
    help = "Write every text of readers' pages into locale/*.po, compile them, and name those without a translation."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        missing = []
        for language, _ in settings.LANGUAGES[1:]:  # the first is English, as it stands in the code
            texts = translations.updated(language)
            path = translations.catalogue(language)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(translations.page(texts))
            path.with_suffix(".mo").write_bytes(translations.compiled(texts))
            missing += [f"{language}: {english[0]}" for english, words in sorted(texts.items()) if not all(words)]
        if missing:
            raise CommandError("No translation yet:\n" + "\n".join(missing))
