"""A history check in Jepsen's way: readers note what each answer came to, then the notes are held against the rows.

An answer is `ok` (the server said it is stored), `fail` (it said it is not) or `unknown` (no word of it ever came, and
the reader gave up). Then ok means one row with that value, fail none, unknown none or one; never two.
"""

import contextlib
import itertools
import re
import socket
import threading
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import httpx
import numpy as np

from tests.conftest import eventually
from tests.reading.scene import posted

UNANSWERED = 20.0  # seconds a reader waits for a word


@dataclass(frozen=True)
class Answer:
    """What a reader sent and what it came to; `name` stands in the comment, so that its row is known."""

    name: str
    value: str  # the score of the left image's anatomy
    outcome: str


@dataclass(frozen=True)
class Row:
    """A stored submission: of which pair of whose, the version it made, and the answer in it."""

    assignment: int
    version: int
    name: str
    value: str
    is_current: bool


def violations(answers: Iterable[Answer], rows: Iterable[Row]) -> list[str]:
    """What the rows hold that the history forbids, a sentence each."""
    found: dict[str, list[Row]] = defaultdict(list)
    pairs: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        found[row.name].append(row)
        pairs[row.assignment].append(row)
    wrong = []
    allowed = {"ok": {1}, "fail": {0}, "unknown": {0, 1}}
    for answer in answers:
        stored = found.pop(answer.name, [])
        if len(stored) not in allowed[answer.outcome]:
            wrong.append(f"{answer.name} was {answer.outcome} and has {len(stored)} rows")
        if any(row.value != answer.value for row in stored):
            wrong.append(f"{answer.name} holds another value than was sent")
    wrong += [f"{name} was never sent" for name in found]
    for assignment, made in pairs.items():
        made.sort(key=lambda row: row.version)
        if [row.version for row in made] != list(range(1, len(made) + 1)):
            wrong.append(f"the versions of {assignment} have a gap")
        if [row.is_current for row in made] != [False] * (len(made) - 1) + [True]:
            wrong.append(f"the current rating of {assignment} is not the last one")
    return wrong


class Proxy:
    """A door before the server that loses answers after they were made, and requests before they arrive.

    Every `lost_answer`-th POST is worked off and its answer cut, every `lost_request`-th never arrives.
    """

    def __init__(self, server: str, lost_answer: int = 6, lost_request: int = 11) -> None:
        self.target = ("127.0.0.1", int(server.rsplit(":", 1)[1]))
        self.every = (lost_answer, lost_request)
        self.count = itertools.count(1)
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self.listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=[client], daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        """Carry one connection; `cut` is what is to happen to the answer that is under way."""
        cut = threading.Event()
        with contextlib.suppress(OSError), client, socket.create_connection(self.target) as server:
            threading.Thread(target=self._answers, args=[client, server, cut], daemon=True).start()
            while data := client.recv(65536):
                if data.startswith(b"POST"):
                    number = next(self.count)
                    if number % self.every[1] == 0:
                        break
                    if number % self.every[0] == 0:
                        cut.set()
                server.sendall(data)

    @staticmethod
    def _answers(client: socket.socket, server: socket.socket, cut: threading.Event) -> None:
        with contextlib.suppress(OSError):
            while (data := server.recv(65536)) and not cut.is_set():
                client.sendall(data)
        for end in (client, server):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


class Reader(threading.Thread):
    """A reader with a plain HTTP client who rates until no pair is left.

    Now and then she answers in two windows, or opens an earlier pair again. Of every two answers that stay without a
    word she repeats one until there is a word, and gives the other up.
    """

    def __init__(self, name: str, url: str, slug: str, session: str, seed: int) -> None:
        super().__init__(daemon=True)
        self.title, self.page = name, f"/reading/{slug}/"
        self.http = httpx.Client(base_url=url, cookies={"sessionid": session}, timeout=UNANSWERED)
        self.random = np.random.default_rng(seed)
        self.answers: list[Answer] = []
        self.patience = itertools.cycle([False, True])
        self.failure: BaseException | None = None

    def run(self) -> None:
        try:
            while form := self.form(self.page):
                windows = [form]
                if self.random.random() < 0.1:
                    windows += [self.form(self.page) or form]
                if self.answers and self.random.random() < 0.1:
                    windows += [self.form(f"{self.page}?place=1") or form]
                for window in windows:
                    self.answer(window)
        except BaseException as failure:
            self.failure = failure

    def form(self, path: str) -> str:
        """The address the page's form is sent to; empty where the page has none."""
        page: list[str] = []

        def ask() -> bool:
            try:
                response = self.http.get(path)
            except httpx.TransportError:
                return False
            if response.status_code == 404:  # nothing is rated yet
                page.append("")
            elif response.status_code == 200:
                page.append(response.text)
            return bool(page)

        eventually(ask)
        found = re.search(r'<form id="pair"[^>]* action="([^"]+)"', page[0])
        return found[1] if found else ""

    def answer(self, address: str) -> None:
        name = f"{self.title} {len(self.answers)}"
        value = str(self.random.integers(1, 6))
        fields = posted(comment=name) | {"anatomy-left": value}
        outcome = ""
        while not outcome:
            outcome = self.send(address, fields)
            if not outcome and next(self.patience):
                outcome = "unknown"
        self.answers.append(Answer(name, value, outcome))

    def send(self, address: str, fields: dict[str, Any]) -> str:
        """What the server said of the answer; empty where it said nothing."""
        token = self.http.cookies.get("csrftoken", "")
        try:
            response = self.http.post(address, data=fields, headers={"X-CSRFToken": token, "HX-Request": "true"})
        except httpx.TransportError:
            return ""
        named = address.split("/")[-2]
        if response.status_code == 200 and response.headers.get("X-Rating-Saved") == named:
            return "ok"
        if response.status_code in (409, 410, 422) and response.headers.get("X-Rating-Refused") == named:
            return "fail"
        assert response.status_code >= 500, (response.status_code, response.text[:500])
        return ""
