"""Which language a page is in: readers' pages in the reader's, all others in English."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.middleware.locale import LocaleMiddleware
from django.template.loader import render_to_string
from django.utils import translation

READERS_ROOMS = {"", "reading"}  # namespaces; without one are the start page and signing in
READERS_PAGES = {"accounts:profile", "accounts:invitation", "accounts:invitation_link"}


class ReaderLanguageMiddleware(LocaleMiddleware):
    """The language chosen on a page, else the browser's, on the pages that readers see."""

    def process_view(self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any) -> None:
        page = request.resolver_match
        if page and page.namespace not in READERS_ROOMS and page.view_name not in READERS_PAGES:
            translation.activate(settings.LANGUAGE_CODE)


def in_every_language(template: str, context: dict[str, Any]) -> str:
    """The text of a mail in each language, one below the other: nobody knows which its receiver reads."""
    texts = []
    for code, _ in settings.LANGUAGES:
        with translation.override(code):
            texts.append(render_to_string(template, context).strip())
    return "\n\n--\n\n".join(texts) + "\n"
