"""A reader without eyes: follows every page of a study, fills in every form, and keeps all that came back."""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from django.test import Client
from django.urls import reverse

RANDOM = re.compile(
    "|".join(
        [
            r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",  # ids of showings
            r"(?<=/reading/image/)[\w-]{32}",
            r'(?<=data-reader=")[^"]+',  # what names the account
            r'(?<=csrfmiddlewaretoken" value=")\w+',
            r"(?<=csrftoken=|sessionid=)\w+; expires=[^;]+",
        ]
    )
)
MOST_PAGES = 5_000
# How a browser, or a curious person with one, can ask for a picture; plainly often enough that one answer of them was
# not kept waiting by anything else the machine had to do.
ASKED: tuple[tuple[str, dict[str, str]], ...] = (
    *[("GET", dict[str, str]())] * 5,
    ("HEAD", {}),
    ("GET", {"Range": "bytes=0-99"}),
    ("GET", {"If-None-Match": "*", "If-Modified-Since": "Thu, 01 Jan 2099 00:00:00 GMT"}),
)


@dataclass(frozen=True)
class Exchange:
    """One request and its whole answer, with everything masked that is random by design.

    asked: the headers that make the request a special one. picture: which showing asked for it, counted from 0, and on
    which side (0 left, 1 right). token and seconds: the picture's random name, and how long the answer took; neither
    is ever compared.
    """

    method: str
    address: str
    asked: tuple[str, ...]
    status: int
    headers: str
    body: bytes
    picture: tuple[int, int] | None = None
    token: str = field(default="", compare=False)
    seconds: float = field(default=0.0, compare=False)


@dataclass
class Form:
    """A form as its reader finds it: what must be sent with it, and what can be chosen."""

    action: str
    fields: dict[str, list[str]] = field(default_factory=dict)

    def answers(self) -> dict[str, str]:
        """Something for every field: the first choice, the first number, a word."""
        return {name: values[0] for name, values in self.fields.items()}


class Page(HTMLParser):
    """The form in the main part of a page, and the addresses of its radiographs."""

    def __init__(self, address: str, html: str) -> None:
        super().__init__()
        self.address = address
        self.form: Form | None = None
        self.pixels: list[str] = []
        self._in_header, self._select = False, ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "header":
            self._in_header = True  # where signing out is a form, too
        elif self._in_header:
            return
        elif tag == "form":
            self.form = Form(told.get("action") or self.address)
        elif "data-viewer" in told:
            self.pixels.append(told["data-viewer"])
        elif self.form and tag in ("input", "textarea", "option", "select") and "disabled" not in told:
            self._ask(tag, told)

    def handle_endtag(self, tag: str) -> None:
        if tag == "header":
            self._in_header = False

    def _ask(self, tag: str, told: dict[str, str]) -> None:
        assert self.form  # noqa: S101
        if tag == "select":
            self._select = told.get("name", "")
            return
        name, kind = told.get("name", ""), told.get("type", "text")
        value = told.get("value", "")
        if tag == "option":
            name = self._select if value else ""
        elif tag == "textarea" or kind in ("text", "search"):
            value = value or "seen"
        elif kind == "number":
            value = value or told.get("min") or "1"
        elif kind == "checkbox":
            value = value or "on"
        if name and kind != "submit":
            self.form.fields.setdefault(name, []).append(value)


class Reading:
    """The visit of one signed-in reader to one study."""

    def __init__(self, client: Client, slug: str) -> None:
        self.client, self.start = client, reverse("reading:study", args=[slug])
        self.closing = reverse("reading:closing", args=[slug])
        self.session: list[Exchange] = []
        self.showings = 0

    def read(self) -> list[Exchange]:
        """All that the reader's browser gets from the list of studies to the last page, in order.

        Each form is sent empty first and each picture is asked for in several ways, before and after its answer: so
        refusals are among it.
        """
        self._ask("GET", reverse("reading:list"))
        for start in (self.start, self.closing):
            self._work_through(start)
        self._ask("GET", self.start)
        return self.session

    def _work_through(self, start: str) -> None:
        """Answer the forms that lie behind an address until there is none."""
        page = self._ask("GET", start)
        for _ in range(MOST_PAGES):
            if page.form is None:
                page = self._ask("GET", start)  # it was a break, or what is told after a practice pair
            if page.form is None:
                return
            for side, address in enumerate(page.pixels):
                for method, headers in ASKED:
                    self._ask(method, address, headers=headers, picture=(self.showings, side))
            htmx = {"HX-Request": "true"} if page.pixels else {}
            self._ask("POST", page.form.action, {}, htmx)
            answered = page
            page = self._ask("POST", page.form.action, page.form.answers(), htmx)
            for side, address in enumerate(answered.pixels):
                self._ask("GET", address, picture=(self.showings, side))
            self.showings += bool(answered.pixels) and page.pixels != answered.pixels  # after a first look: the same
        raise RuntimeError(f"{start} has no end")

    def _ask(
        self,
        method: str,
        address: str,
        data: Mapping[str, Any] | None = None,
        headers: dict[str, str] | None = None,
        picture: tuple[int, int] | None = None,
    ) -> Page:
        """The page behind an address, or behind the one it leads on to."""
        begun = time.perf_counter()
        response = getattr(self.client, method.lower())(address, data, headers=headers or {}, secure=True)
        body = b"".join(response) if response.streaming else response.content
        seconds = time.perf_counter() - begun
        is_html = response.headers.get("Content-Type", "").startswith("text/html")
        html = body.decode() if is_html else ""
        told = f"{sorted(response.headers.items())} {response.cookies}"
        exchange = Exchange(
            method,
            RANDOM.sub("~", address),
            tuple(headers or ()),
            response.status_code,
            RANDOM.sub("~", told),
            RANDOM.sub("~", html).encode() if is_html else body,
            picture,
            address if picture else "",
            seconds,
        )
        self.session.append(exchange)
        if response.status_code in (301, 302, 303):
            return self._ask("GET", response["Location"])
        return Page(address, html)
