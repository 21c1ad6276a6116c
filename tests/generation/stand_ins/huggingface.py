"""Hugging Face: words and parameters in, the picture's bytes out."""

import re

from tests import factories
from tests.generation.stand_ins.server import KEY, Recorded, Reply, Request, words


class HuggingFace(Recorded):
    """Answers: delivery, loading (503 with a time), no_image (words in a 200), garbage."""

    paid = re.compile(r"/|/hf-inference/models/.+")

    def error(self, status, message):
        return {"error": message}

    def deliver(self, request: Request) -> Reply:
        if request.headers.get("authorization") != f"Bearer {KEY}":
            return words(401, {"error": "Invalid username or password."})
        if set(request.json) != {"inputs", "parameters"}:
            return words(422, {"error": "unknown field"})
        if self.script == "loading":
            return words(503, {"error": "Model a/b is currently loading", "estimated_time": 20.5})
        if self.script == "no_image":
            return words(200, {"error": "the model made none"})
        data = b"no picture" if self.script == "garbage" else factories.png(seed=3, size=(128, 160))
        return Reply(200, data, {"Content-Type": "image/png", "x-compute-type": "gpu"})
