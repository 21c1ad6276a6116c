"""What all recorded services share: a server, a ledger of the paid orders, and the faults any service can have."""

import email
import io
import json
import re
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
from PIL import Image

KEY = "key-1:secret"
STRANGE = "https://strange.example/result.png"


@dataclass(frozen=True)
class Request:
    """What came: `form` holds the parts of a multipart body by name, `json` a JSON body."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes = field(repr=False)

    @property
    def json(self) -> dict[str, Any]:
        return json.loads(self.body)

    @property
    def form(self) -> dict[str, bytes]:
        head = f"Content-Type: {self.headers['content-type']}\r\n\r\n".encode()
        parts = email.message_from_bytes(head + self.body).get_payload()
        return {
            str(part.get_param("name", header="content-disposition")): part.get_payload(decode=True) for part in parts
        }


@dataclass(frozen=True)
class Reply:
    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


def words(status: int, said: Any, **headers: str) -> Reply:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, json.dumps(said).encode(), {"Content-Type": "application/json", **named})


class Recorded:
    """One service, `with Flux() as service`. `script` is a fault of any service, or an answer of this one.

    A subclass names the paid path in `paid` and answers in `deliver`, `ask` (whatever isn't paid) and, for the words
    of an error, `error`. `orders` is the ledger: every request that reached the paid path, whatever became of it.
    """

    paid = re.compile(r"/nothing")

    def __init__(self) -> None:
        self.script = "delivery"
        self.orders: list[Request] = []
        self.asked: list[Request] = []
        self.retry_after = "7"
        self.redirect_to = "http://127.0.0.1:9/"
        self._over = threading.Event()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.service = self
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self):
        # A short look-out for the end: the default of half a second would be most of the tests' time.
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._server.shutdown()
        self._server.server_close()

    def deliver(self, request: Request) -> Reply:
        raise NotImplementedError

    def ask(self, request: Request) -> Reply:
        return words(404, {"message": "nothing is here"})

    def error(self, status: int, message: str) -> Any:
        return {"message": message}

    def answer(self, request: Request) -> Reply | None:
        """The reply; None to close the connection without one."""
        if not self.paid.fullmatch(request.path) or request.method != "POST":
            self.asked.append(request)
            return self.ask(request)
        self.orders.append(request)
        if self.script == "stall":
            self._over.wait(20)
        if self.script in ("stall", "drop"):
            return None
        if self.script == "redirect":
            return Reply(307, b"", {"Location": self.redirect_to})
        if self.script == "throttled":
            return words(429, self.error(429, "too many requests"), Retry_After=self.retry_after)
        if self.script.isdigit():
            # A service that says the key back must not get it into a row or a log.
            return words(int(self.script), self.error(int(self.script), f"status {self.script} for {KEY}"))
        reply = self.deliver(request)
        if self.script == "half":
            return Reply(
                200, reply.body[: len(reply.body) // 2], {**reply.headers, "Content-Length": str(len(reply.body))}
            )
        if self.script == "too_large":
            return Reply(200, reply.body + b" " * 300_000, reply.headers)
        return reply


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    service: Recorded


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def _take(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        target = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(target.query).items()}
        headers = {name.lower(): value for name, value in self.headers.items()}
        reply = self.server.service.answer(Request(self.command, target.path, query, headers, body))
        if reply is None:
            return
        self.send_response(reply.status)
        for name, value in {
            "Content-Length": str(len(reply.body)),
            "X-Request-Id": "request-1",
            **reply.headers,
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(reply.body)

    do_GET = do_POST = _take

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


def picture(data: bytes) -> np.ndarray:
    """The pixels of PNG bytes, as they are."""
    with Image.open(io.BytesIO(data)) as opened:
        return np.asarray(opened)
