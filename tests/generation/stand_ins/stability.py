"""Stability AI's REST API v2beta: multipart in, JSON with the picture and the reason why it was finished out."""

import base64
import re

from tests import factories
from tests.generation.stand_ins.server import KEY, Recorded, Reply, Request, words

TAKES = {
    "generate/ultra": {"prompt", "negative_prompt", "aspect_ratio", "seed", "output_format", "image", "strength"},
    "generate/core": {"prompt", "negative_prompt", "aspect_ratio", "seed", "output_format", "style_preset"},
    "generate/sd3": {
        *("prompt", "negative_prompt", "aspect_ratio", "seed", "output_format", "model", "mode", "image", "strength"),
        "cfg_scale",
    },
    "edit/inpaint": {"prompt", "negative_prompt", "seed", "output_format", "image", "mask", "grow_mask"},
    "edit/outpaint": {"prompt", "seed", "output_format", "image", "left", "right", "up", "down", "creativity"},
}


class Stability(Recorded):
    """Answers: delivery, refused (403), filtered (a blurred picture), bytes and filtered_bytes (as a gateway may
    pass them on), strange_reason, no_image, garbage."""

    paid = re.compile(r"/v2beta/stable-image/.*")

    def error(self, status, message):
        return {"id": "request-body-1", "name": "error", "errors": [message]}

    def deliver(self, request: Request) -> Reply:
        form = request.form
        if request.headers.get("authorization") != f"Bearer {KEY}":
            return words(401, self.error(401, "unauthorized"))
        endpoint = request.path.removeprefix("/v2beta/stable-image/")
        if endpoint not in TAKES or set(form) - TAKES[endpoint] or request.headers["accept"] != "application/json":
            return words(400, self.error(400, f"unknown: {sorted(set(form) - TAKES.get(endpoint, set()))}"))
        if form.get("seed") == b"0":
            return words(400, self.error(400, "a study never means any seed"))
        if self.script == "refused":
            said = {"id": "refused-1", "name": "content_moderation", "errors": ["Your request was flagged."]}
            return words(403, said)
        seed = int(form.get("seed", b"4242"))
        data = factories.png(seed=seed, size=(128, 160))
        said = {"image": base64.b64encode(data).decode(), "finish_reason": "SUCCESS", "seed": seed}
        if self.script in ("bytes", "filtered_bytes"):
            reason = "CONTENT_FILTERED" if self.script == "filtered_bytes" else "SUCCESS"
            return Reply(200, data, {"Content-Type": "image/png", "finish-reason": reason, "seed": str(seed)})
        said |= {
            "filtered": {"finish_reason": "CONTENT_FILTERED"},
            "strange_reason": {"finish_reason": "ERROR"},
            "no_image": {"image": None},
            "garbage": {"image": base64.b64encode(b"no picture at all").decode()},
        }.get(self.script, {})
        return words(200, said)
