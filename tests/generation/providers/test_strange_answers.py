"""Answers of any shape at all, to the providers whose answers libraries read: each is told for what it is."""

import json
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generation.provider import Delivery, ErrorKind, ProviderError, Refusal
from tests.generation.stand_ins.cases import CASES
from tests.generation.stand_ins.server import Recorded, Reply

WORDS = [
    *("data", "b64_json", "url", "error", "code", "message", "type", "innererror", "moderation_details", "model"),
    *("usage", "input_tokens", "output_tokens", "input_tokens_details", "candidates", "content", "parts", "inlineData"),
    *("finishReason", "promptFeedback", "blockReason", "text", "thought", "usageMetadata", "promptTokenCount"),
    *("candidatesTokensDetails", "modality", "tokenCount", "details", "retryDelay", "reason", "responseId"),
]
TEXTS = ["", "STOP", "IMAGE_SAFETY", "moderation_blocked", "insufficient_quota", "34s", "iVBORw0KGgo=", "\x00"]
LEAVES = st.sampled_from([*TEXTS, "\ud800", "http://127.0.0.1:1/x", None, True, -1, 2**70, 1.5])
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=4),
    max_leaves=12,
)
IMAGE = st.fixed_dictionaries({"b64_json": VALUES, "url": VALUES})
PART = st.fixed_dictionaries({"inlineData": VALUES | st.fixed_dictionaries({"data": VALUES}), "thought": VALUES})
CANDIDATE = st.fixed_dictionaries({"content": st.fixed_dictionaries({"parts": st.lists(PART)}), "finishReason": VALUES})
ANSWERS = (
    VALUES
    | st.fixed_dictionaries({"error": VALUES})
    | st.fixed_dictionaries({"data": st.lists(IMAGE), "usage": VALUES, "model": VALUES})
    | st.fixed_dictionaries({"candidates": st.lists(CANDIDATE), "usageMetadata": VALUES, "promptFeedback": VALUES})
)


class Strange(Recorded):
    paid = re.compile(r".*")
    reply = Reply()

    def deliver(self, request):
        return self.reply


@pytest.fixture(scope="module")
def strange():
    with Strange() as strange:
        yield strange


@pytest.mark.filterwarnings("ignore:.*is not a valid")  # google-genai's words on a reason it doesn't know
@pytest.mark.parametrize(
    "case", [case for case in CASES if case.provider in ("openai", "gemini")], ids=lambda case: case.provider
)
@given(answer=ANSWERS, status=st.sampled_from([200, 200, 200, 400, 403, 429, 500, 503]))
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
def test_an_answer_of_any_shape_is_told_for_what_it_is(case, strange, answer, status):
    strange.reply = Reply(status, json.dumps(answer).encode(), {"Content-Type": "application/json"})
    strange.orders.clear()
    try:
        told = case.make(strange.url).submit(case.order())
    except ProviderError as failure:
        told = failure
    assert len(strange.orders) == 1
    if isinstance(told, Delivery):
        assert status == 200 and told.data and "\\u0000" not in json.dumps(dict(told.provenance))
    elif isinstance(told, Refusal):
        assert status != 500 and told.code and "\x00" not in told.code + told.message
    else:
        assert told.kind in ErrorKind and "\x00" not in told.code + told.message
        # Only what surely bought nothing may be sent again.
        assert status in (429, 503) or told.kind in (ErrorKind.REJECTED, ErrorKind.LOST)
        assert (told.kind is ErrorKind.LOST) == (status in (200, 500)) or told.code == "insufficient_quota"
