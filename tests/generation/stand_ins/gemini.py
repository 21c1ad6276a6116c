"""Gemini's generateContent: an image as a part of the first candidate, and every way in which there is none."""

import base64
import re

from tests import factories
from tests.generation.stand_ins.server import KEY, Recorded, Reply, Request, words

USAGE = {
    "promptTokenCount": 30,
    "candidatesTokenCount": 1150,
    "thoughtsTokenCount": 200,
    "totalTokenCount": 1380,
    "candidatesTokensDetails": [{"modality": "IMAGE", "tokenCount": 1120}],
}
FINISHES = {
    "filtered": "IMAGE_SAFETY",
    "recited": "IMAGE_RECITATION",
    "prohibited": "IMAGE_PROHIBITED_CONTENT",
    "not_made": "NO_IMAGE",
    "in_words": "STOP",
}


class Gemini(Recorded):
    """Answers: delivery, refused (the prompt), those of FINISHES, blurred (kept back, with a picture all the same),
    garbage, no_image, false_key, hurried (429 with its delay in the body)."""

    paid = re.compile(r"/v1(beta)?/models/[\w.-]+:generateContent")

    def error(self, status, message):
        return {"error": {"code": status, "message": message, "status": "SOME_STATUS"}}

    def deliver(self, request: Request) -> Reply:
        if request.headers.get("x-goog-api-key") != KEY:
            return words(403, self.error(403, "The caller has no permission"))
        if self.script in ("false_key", "hurried"):
            status, detail = {
                "false_key": (400, {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}),
                "hurried": (429, {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "34s"}),
            }[self.script]
            return words(status, {"error": {**self.error(status, "no")["error"], "details": [detail]}})
        told = {"modelVersion": "gemini-image-1", "responseId": "response-1", "usageMetadata": USAGE}
        if self.script == "refused":
            return words(200, {"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}, **told})
        if self.script == "no_image":
            return words(200, told)
        if self.script in FINISHES:
            said = [{"text": "I can describe a hand."}] if self.script == "in_words" else []
            content = {"content": {"role": "model", "parts": said}} if said else {}
            return words(200, {"candidates": [{**content, "finishReason": FINISHES[self.script]}], **told})
        data = b"no picture" if self.script == "garbage" else factories.png(seed=7, size=(128, 160))
        image = {"inlineData": {"mimeType": "image/png", "data": base64.urlsafe_b64encode(data).decode()}}
        draft = {"inlineData": {"mimeType": "image/png", "data": "AAAA"}, "thought": True}
        finish = "IMAGE_SAFETY" if self.script == "blurred" else "STOP"
        parts = [draft, {"text": "Here is a hand."}, image]
        return words(
            200, {"candidates": [{"content": {"role": "model", "parts": parts}, "finishReason": finish}], **told}
        )
