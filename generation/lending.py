"""The HTTP client that is lent to a service's own library: one request, by the rules of `web`.

Whatever a library does by itself on a bad day, in this version or the next, it can't send a paid request twice here,
follow it elsewhere or read without end; and it never holds the key.
"""

from __future__ import annotations

from typing import Any

import httpx

from generation.answers import Answer
from generation.web import Service

SETTLED_BY_US = {"host", "user-agent", "content-length", "connection", "accept-encoding"}
KEYS = {"authorization", "x-goog-api-key"}
DECODED = {"content-encoding", "content-length", "transfer-encoding"}


class SecondRequest(RuntimeError):
    """A library wanted to send once more."""


class LentClient(httpx.Client):
    """Sends one request in its life; the whole answer is there when it comes back.

    What is never answered is raised as a ProviderError, which no library knows and so none handles. `answer` is what
    came, as it came, whatever the library makes of it; None before.
    """

    def __init__(self, service: Service, seconds: float) -> None:
        # It has no connections of its own: `service` makes them.
        super().__init__(transport=httpx.BaseTransport(), trust_env=False)
        self.service = service
        self.seconds = seconds
        self.answer: Answer | None = None
        self._was_used = False

    def send(self, request: httpx.Request, **ways: Any) -> httpx.Response:
        if self._was_used:
            raise SecondRequest("a paid request is sent once")
        self._was_used = True
        headers = {name: value for name, value in request.headers.items() if name not in SETTLED_BY_US | KEYS}
        self.answer = self.service.forward(request.method, str(request.url), self.seconds, headers, request.read())
        told = [(name, value) for name, value in self.answer.headers.items() if name.lower() not in DECODED]
        return httpx.Response(self.answer.status, headers=told, content=self.answer.body, request=request)
