"""Replicate: a prediction is created, asked for, and its picture lies under an address of its own."""

import re

from tests import factories
from tests.generation.stand_ins.server import KEY, STRANGE, Recorded, Reply, Request, words


class Replicate(Recorded):
    """Answers: delivery, refused (a prediction that failed for it), failed, no_image, garbage, strange_result."""

    paid = re.compile(r"/v1/(models/[^/]+/[^/]+/)?predictions")

    def __init__(self) -> None:
        super().__init__()
        self.polls_pending = 1

    def error(self, status, message):
        return {"title": "error", "detail": message, "status": status}

    def deliver(self, request: Request) -> Reply:
        if request.headers.get("authorization") != f"Bearer {KEY}":
            return words(401, self.error(401, "Unauthenticated"))
        body = request.json
        if set(body) - {"input", "version"} or ("version" in body) == ("models" in request.path):
            return words(422, self.error(422, "unknown field"))
        return words(201, self.prediction("starting"))

    def ask(self, request: Request) -> Reply:
        if request.path == "/out-0.png":
            shown = "authorization" in request.headers
            data = b"no picture" if self.script == "garbage" else factories.png(seed=9, size=(128, 160))
            return Reply(400 if shown else 200, data)
        if request.headers.get("authorization") != f"Bearer {KEY}" or request.path != "/v1/predictions/p1":
            return words(404, self.error(404, "not found"))
        self.polls_pending -= 1
        if self.polls_pending >= 0:
            return words(200, self.prediction("processing"))
        if self.script == "refused":
            reason = "The input or output was flagged as sensitive. Please try again with different inputs. (E005)"
            return words(200, self.prediction("failed", error=reason))
        if self.script == "failed":
            return words(200, self.prediction("failed", error="CUDA out of memory"))
        outputs = {"no_image": None, "strange_result": [STRANGE]}
        output = outputs.get(self.script, [f"{self.url}/out-0.png"])
        return words(200, self.prediction("succeeded", output=output, metrics={"predict_time": 2.5, "total_time": 3}))

    def prediction(self, status: str, **fields):
        return {"id": "p1", "model": "a/b", "version": "v1", "status": status, "error": None, "logs": "", **fields}
