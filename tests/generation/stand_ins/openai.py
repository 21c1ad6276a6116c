"""OpenAI's image API: JSON for a new image, a form for an edit, errors as an object with a code."""

import base64
import re

from tests import factories
from tests.generation.stand_ins.server import KEY, STRANGE, Recorded, Reply, Request, words

USAGE = {
    "input_tokens": 1250,
    "output_tokens": 4160,
    "total_tokens": 5410,
    "input_tokens_details": {"text_tokens": 50, "image_tokens": 1200},
}
REFUSALS = {
    "refused": {"code": "moderation_blocked", "type": "image_generation_user_error"},
    "filtered": {"code": "moderation_blocked", "moderation_details": {"moderation_stage": "output"}},
    "azure": {"code": "BadRequest", "innererror": {"code": "ResponsibleAIPolicyViolation"}},
    "dalle": {"code": None, "type": "invalid_request_error"},
}


class OpenAI(Recorded):
    """Answers: delivery, those of REFUSALS, garbage, no_image, url (an address here), strange_url, gone_url,
    overdrawn (429 without credit)."""

    paid = re.compile(r"(/v1)?/images/(generations|edits)")

    def error(self, status, message):
        return {"error": {"message": message, "type": "some_error", "param": None, "code": None}}

    def deliver(self, request: Request) -> Reply:
        if request.headers.get("authorization") != f"Bearer {KEY}":
            return words(401, self.error(401, "Incorrect API key provided"))
        if self.script in REFUSALS:
            message = "Your request was rejected by the safety system. safety_violations=[sexual]"
            return words(400, {"error": {"message": message, **REFUSALS[self.script]}})
        if self.script == "overdrawn":
            overdrawn = {"message": "You exceeded your quota", "type": "insufficient_quota", "code": None}
            return words(429, {"error": overdrawn}, Retry_After="7")
        addresses = {"url": f"{self.url}/x.png", "gone_url": f"{self.url}/gone.png", "strange_url": STRANGE}
        if self.script in addresses:
            return words(200, {"created": 1, "data": [{"url": addresses[self.script]}]})
        if self.script == "no_image":
            return words(200, {"created": 1, "data": [], "usage": USAGE})
        data = b"no picture" if self.script == "garbage" else factories.png(seed=7, size=(128, 160))
        image = {"b64_json": base64.b64encode(data).decode()}
        told = {"created": 1, "data": [image], "size": "1024x1024", "quality": "high", "usage": USAGE}
        return words(200, told, OpenAI_Version="2020-10-01")

    def ask(self, request: Request) -> Reply:
        return Reply(200, factories.png(seed=8)) if request.path == "/x.png" else words(404, {})
