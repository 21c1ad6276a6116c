"""A reader's window, for the tests in Chromium."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page


@pytest.fixture
def study(transactional_db, request) -> Any:
    """Four pairs; a test may ask for a study with other fields, by indirect parameters."""
    from tests.reading.scene import reading_study  # the models are there once the servers run

    return reading_study(pairs=4, **getattr(request, "param", {}))


@pytest.fixture
def visit(live_server_process, study, client, new_context) -> Callable[..., Page]:
    """A new window of the reader, at the study's page; all windows of one context share its storage."""
    client.force_login(study.readers.get().user)
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server_process.url}
    contexts: list[Any] = []

    def go(query: str = "", **options: Any) -> Page:
        if options or not contexts:
            contexts.append(new_context(**options))
            contexts[-1].add_cookies([cookie])
        page = contexts[-1].new_page()
        page.goto(f"{live_server_process.url}/reading/{study.slug}/{query}")
        return page

    return go
