"""An image service over real HTTP with a ledger of its own: what it billed is what the program must have on record.

Answers are scripted by name, taken in order, the last one for ever after. Those marked + are billed when they arrive:
image + (an edit comes back repainted from edge to edge), same + (the same picture each time), garbage + (no picture),
refusal, throttled, unavailable (503), no_credit (402), broken + (500), drop + (closes without an answer), half + (half
of the body), wait + (an image once `gate` is set), slow + (an image after `delay_seconds`), job + (taken; polls say
pending `polls` times), redirect (307 to itself).
"""

import itertools
import json
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests import factories

PRICE = "0.04"
BILLED = {"image", "same", "garbage", "broken", "drop", "half", "wait", "slow", "job"}


@dataclass
class Call:
    key: str
    prompt: str
    answer: str
    order: dict[str, Any] = field(default_factory=dict)  # all that was sent
    at: float = field(default_factory=time.monotonic)

    @property
    def is_billed(self) -> bool:
        return self.answer in BILLED


class FakeService:
    """The service; `with FakeService() as service`, then `service.url`."""

    def __init__(self) -> None:
        self.script: list[str] = ["image"]
        self.calls: list[Call] = []
        self.gate = threading.Event()
        self.delay_seconds = 0.3
        self.polls = 2
        self.poll_failure = ""  # a scripted answer that every poll gets instead
        self.retry_after: str | None = "0"
        self.tells_cost = True
        self._lock = threading.Lock()
        self._pictures = itertools.count(1)
        self._jobs: dict[str, int] = {}
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.service = self
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> "FakeService":
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.gate.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def billed(self) -> list[Call]:
        with self._lock:
            return [call for call in self.calls if call.is_billed]

    def take(self, key: str, order: dict[str, Any]) -> Call:
        """Enter a call into the ledger."""
        with self._lock:
            answer = self.script.pop(0) if len(self.script) > 1 else self.script[0]
            call = Call(key, order["prompt"], answer, order)
            self.calls.append(call)
            return call

    def picture(self, order: dict[str, Any] | None = None) -> bytes:
        """Another picture each time; an edit is answered with one of its size, repainted from edge to edge."""
        size = (order["width"], order["height"]) if order and "image" in order else (128, 160)
        with self._lock:
            return factories.png(seed=next(self._pictures), size=size)

    def poll(self, job: str) -> bool:
        """Whether the job is done."""
        with self._lock:
            self._jobs[job] = self._jobs.get(job, 0) + 1
            return self._jobs[job] > self.polls


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64
    service: FakeService


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        service = self.server.service
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        call = service.take(self.headers["Idempotency-Key"], body)
        if call.answer == "wait":
            service.gate.wait(60)
        elif call.answer == "slow":
            time.sleep(service.delay_seconds)
        if call.answer in ("image", "wait", "slow"):
            self._image(service.picture(call.order), call)
        elif call.answer == "same":
            self._image(factories.png(seed=10**6, size=(128, 160)), call)
        elif call.answer == "garbage":
            self._image(b"no picture at all", call)
        elif call.answer == "half":
            self._image(service.picture(call.order), call, part=0.5)
        elif call.answer == "job":
            self._words(202, {"id": call.key})
        elif call.answer == "redirect":
            self._words(307, {}, Location=f"{service.url}/images")
        elif call.answer != "drop":
            self._failure(call.answer)

    def do_GET(self) -> None:
        service = self.server.service
        if service.poll_failure:
            return self._failure(service.poll_failure)
        key = self.path.rsplit("/", 1)[-1]
        if not service.poll(key):
            return self._words(202, {})
        return self._image(service.picture(), Call(key, "", "job"))

    def _failure(self, answer: str) -> None:
        retry_after = self.server.service.retry_after
        wait = {"Retry-After": retry_after} if retry_after else {}
        if answer == "refusal":
            self._words(400, {"code": "moderation_blocked", "message": "not allowed by our policy"})
        elif answer == "throttled":
            self._words(429, {"message": "too many"}, **wait)
        elif answer == "unavailable":
            self._words(503, {"message": "not now"}, **wait)
        elif answer == "no_credit":
            self._words(402, {"message": "no credit is left"})
        else:
            self._words(500, {"message": "something broke"})

    def _image(self, data: bytes, call: Call, part: float = 1) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("X-Request-Id", f"request-{call.key}")
        if self.server.service.tells_cost:
            self.send_header("X-Cost", PRICE)
        self.end_headers()
        self.wfile.write(data[: int(part * len(data))])

    def _words(self, status: int, words: dict[str, Any], **headers: str) -> None:
        data = json.dumps(words).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""
