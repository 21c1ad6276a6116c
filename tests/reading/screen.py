"""What a reader's page shows and how it is filled, in Chromium."""

import re

from playwright.sync_api import Page, expect

KEYS = ["4", "2", "5", "1", "4", "4", "3", "2", "a", "3"]  # eight scores, the choice, the confidence


def drawn(page: Page, place: int, before: str = "") -> None:
    """Wait until the pair of that place is on the screen and its clock runs."""
    expect(page.locator(".progress span")).to_have_text(re.compile(rf"^{before}{place} of"))
    expect(page.locator("figure[data-state=drawn]")).to_have_count(2)
    expect(page.locator("[name=t_shown]")).not_to_have_value("")


def ready_to_pin(page: Page, place: int = 1, before: str = "") -> None:
    drawn(page, place, before)
    expect(page.locator("[data-command=pin]")).to_be_enabled()


def rate(page: Page) -> None:
    for key in KEYS:
        page.keyboard.press(key)


def read_here(page: Page) -> None:
    """Take the study over from the other window that this one was told of."""
    page.get_by_role("dialog", name="Open in another window").get_by_role("button", name="Read here").click()
    expect(page.get_by_role("dialog")).to_have_count(0)


def views(page: Page) -> list[str]:
    return page.evaluate("[...document.querySelectorAll('figure > canvas:first-of-type')].map(c => c.style.transform)")
