"""Black Forest Labs' API: an order gives an id and an address to ask at; the answer names where the picture lies."""

import re

from tests import factories
from tests.generation.stand_ins.server import KEY, STRANGE, Recorded, Reply, Request, words

MODERATED = {"refused": "Request Moderated", "filtered": "Content Moderated"}


class Flux(Recorded):
    """Answers: delivery, refused, filtered, failed, no_image, garbage, strange_poll, strange_result, private_result,
    gone (the result's address has expired), poll_503, poll_429, poll_drop."""

    paid = re.compile(r"/v1/(?!get_result).*")

    def __init__(self) -> None:
        super().__init__()
        self.polls_pending = 1
        self.sample = ""

    def error(self, status, message):
        return {"detail": [{"loc": ["body"], "msg": message, "type": "value_error"}]}

    def deliver(self, request: Request) -> Reply:
        if request.headers.get("x-key") != KEY:
            return words(403, {"detail": "Not authenticated"})
        fields = request.json
        needs = {"fill": {"image", "mask"}, "expand": {"image", "top", "bottom", "left", "right"}}
        missing = next((need for part, need in needs.items() if part in request.path), {"prompt"}) - set(fields)
        if missing or "webhook_url" in fields:
            return words(422, self.error(422, f"missing: {sorted(missing)}"))
        poll = STRANGE if self.script == "strange_poll" else f"{self.url}/v1/get_result?id=task-1"
        return words(200, {"id": "task-1", "polling_url": poll, "cost": 4.5, "input_mp": 0.0, "output_mp": 1.05})

    def ask(self, request: Request) -> Reply:
        if request.path == "/delivery/result.png":
            # The result's address is signed: it needs no key, and must not get one.
            if "x-key" in request.headers:
                return words(400, {"detail": "a key was shown to the delivery host"})
            if self.script == "gone":
                return words(403, {"detail": "expired"})
            return Reply(200, b"no picture" if self.script == "garbage" else factories.png(seed=7, size=(128, 160)))
        if request.headers.get("x-key") != KEY:
            return words(403, {"detail": "Not authenticated"})
        if self.script == "poll_503":
            return words(503, {"detail": "not now"})
        if self.script == "poll_429":
            return words(429, {"detail": "too many"}, Retry_After="86400")
        self.polls_pending -= 1
        if self.polls_pending >= 0:
            return words(200, {"id": "task-1", "status": "Pending", "result": None, "progress": 0.4})
        if self.script in MODERATED:
            details = {"Moderation Reasons": ["Safety Filter"]}
            return words(200, {"id": "task-1", "status": MODERATED[self.script], "result": None, "details": details})
        if self.script == "failed":
            return words(200, {"id": "task-1", "status": "Error", "result": None, "details": {"error": "no GPU"}})
        samples = {"strange_result": STRANGE, "private_result": "https://10.0.0.1/x.png", "no_image": None}
        sample = samples.get(self.script, self.sample or f"{self.url}/delivery/result.png?sig=1")
        return words(
            200, {"id": "task-1", "status": "Ready", "result": {"sample": sample, "seed": 99, "duration": 2.1}}
        )
