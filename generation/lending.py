"""The HTTP client that is lent to a service's own library: one request, by the rules of `web`.

Whatever a library does by itself on a bad day, in this version or the next, it can't send a paid request twice here,
follow it elsewhere or read without end; and it never holds the key.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx

from generation.answers import Answer
from generation.provider import ErrorKind, ProviderError
from generation.web import Service

SETTLED_BY_US = {"host", "user-agent", "content-length", "connection", "accept-encoding"}
KEYS = {"authorization", "x-goog-api-key"}
DECODED = {"content-encoding", "content-length", "transfer-encoding"}


class SecondRequest(RuntimeError):
    """A library wanted to send once more."""


class LentClient(httpx.Client):
    """Sends one request in its life; the whole answer is there when it comes back.

    What is never answered is raised as a ProviderError, which no library knows and so none handles.
    """

    def __init__(self, service: Service, seconds: float) -> None:
        # It has no connections of its own: `service` makes them.
        super().__init__(transport=httpx.BaseTransport(), trust_env=False)
        self.service = service
        self.seconds = seconds
        self.answer: Answer | None = None
        self._was_used = False

    def ask(self, send: Callable[[], object]) -> Answer:
        """What comes when the library sends, as it came: the library may fail to read it, or know no such answer.

        Raises ProviderError.
        """
        try:
            send()
        except ProviderError:
            raise
        except Exception as error:
            if self.answer is None:
                words = self.service.words(f"{type(error).__name__}: {error}")
                raise self._nothing_came(words) from error
        if self.answer is None:
            raise self._nothing_came("The library sent nothing.")
        return self.answer

    def _nothing_came(self, words: str) -> ProviderError:
        kind, code = (ErrorKind.LOST, "no_answer") if self._was_used else (ErrorKind.REJECTED, "not_sent")
        return ProviderError(kind, code, words)

    def send(self, request: httpx.Request, **ways: Any) -> httpx.Response:
        if self._was_used:
            raise SecondRequest("a paid request is sent once")
        self._was_used = True
        headers = {name: value for name, value in request.headers.items() if name not in SETTLED_BY_US | KEYS}
        self.answer = self.service.forward(request.method, str(request.url), self.seconds, headers, request.read())
        told = [(name, value) for name, value in self.answer.headers.items() if name.lower() not in DECODED]
        return httpx.Response(self.answer.status, headers=told, content=self.answer.body, request=request)
