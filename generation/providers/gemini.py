"""Google Gemini's image models: a new image from words, or another one like a source; there is no mask.

Options, of the generator or the order: `aspect_ratio` and `image_size` in place of the nearest to the ordered width and
height, `temperature`, and `safety_settings`, a table of thresholds by harm category.
"""

from __future__ import annotations

import math
import ssl
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import httpx

from generation import answers, tokens, web
from generation.lending import LentClient
from generation.provider import (
    Capabilities,
    Connection,
    Delivery,
    ErrorKind,
    JobHandle,
    Mode,
    Order,
    Pending,
    ProviderError,
    Refusal,
)

VERSION = "v1beta"  # of the API
RATIOS = ("1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9")
# By name: the longest side it is ordered for, in pixels, and the most tokens known for such an image, with a margin.
SIZES = {"1K": (1536, 1600), "2K": (3072, 2200), "4K": (math.inf, 3200)}
USUAL_SIZE = "1K"  # what every model makes; some know no other and refuse to be told
OPTIONS = ("aspect_ratio", "image_size", "temperature", "safety_settings")
LARGEST_SEED = 2**31 - 1
RATES = {
    "text_in": "a million tokens sent",
    "text_out": "a million tokens of words and thoughts received",
    "image_out": "a million tokens of images received",
}
MOST_THOUGHTS = 8192  # tokens, told to the service, so that no more can be charged
MOST_SENT_IMAGE = 3000  # tokens of a source
DONE = {"STOP", "MAX_TOKENS", "FINISH_REASON_UNSPECIFIED", ""}


class Provider:
    """Orders through the `google-genai` library, once."""

    name = "gemini"

    def __init__(self, options: Mapping[str, Any], connection: Connection) -> None:
        self.options = dict(options)
        self.service = web.Service(
            name="Gemini",
            address="https://generativelanguage.googleapis.com",
            connection=connection,
            key_headers=lambda key: {"x-goog-api-key": key},
        )

    def capabilities(self, model: str) -> Capabilities:
        return Capabilities(
            modes=frozenset({Mode.TEXT_TO_IMAGE, Mode.VARIATION}),
            takes_seed=True,
            rates=RATES,
            keeps_images_here=self.service.is_here,
        )

    def estimate_usd(self, order: Order) -> Decimal:
        sent = len(order.prompt.encode()) + 100  # no token is shorter than a byte
        return tokens.usd(
            order.rates,
            text_in=sent + (MOST_SENT_IMAGE if order.mode == Mode.VARIATION else 0),
            text_out=MOST_THOUGHTS,
            image_out=self._most_image_tokens(order),
        )

    def problems(self, order: Order) -> list[str]:
        options = web.options_of(self.options, order)
        sentences = self.service.problems() + web.unknown_options(self.options, order, OPTIONS)
        if not order.model:
            sentences.append("The generator names no model.")
        if order.negative_prompt:
            sentences.append("Gemini takes no negative prompt: say in the prompt what must not be there.")
        if order.seed is not None and not 0 <= order.seed <= LARGEST_SEED:
            sentences.append(f"Gemini takes seeds from 0 to {LARGEST_SEED}.")
        if self._size(order) not in SIZES:
            sentences.append(f"The image size is one of: {', '.join(SIZES)}.")
        if options.get("aspect_ratio", RATIOS[0]) not in RATIOS:
            sentences.append(f"The aspect ratio is one of: {', '.join(RATIOS)}.")
        if not isinstance(options.get("temperature", 1), int | float):
            sentences.append("The temperature is a number.")
        if not isinstance(options.get("safety_settings", {}), Mapping):
            sentences.append("The safety settings are a table of thresholds by harm category.")
        return sentences

    def submit(self, order: Order) -> Delivery | Refusal | JobHandle:
        web.refuse_impossible(self.problems(order))
        with LentClient(self.service, order.timeout_seconds) as http:
            answer = self._ask(order, http)
        if answer.status != 200:
            raise self._failure(answer)
        said = answer.json()
        request_id = answers.plain(str(said.get("responseId") or answer.request_id), 200)
        return self._refusal(said, request_id) or self._delivery(order, said, request_id)

    def poll(self, handle: JobHandle) -> Delivery | Refusal | Pending:
        raise ProviderError(ErrorKind.REJECTED, "no_such_job", "Gemini answers at once and keeps no jobs.")

    def _ask(self, order: Order, http: LentClient) -> answers.Answer:
        """What came. Raises ProviderError."""
        from google import genai
        from google.genai import types

        lent: Any = http
        # Never used; the library would make them with certificates of their own, forty milliseconds each time.
        unused: Any = httpx.AsyncClient(transport=httpx.AsyncBaseTransport())
        unused_tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        ways = types.HttpOptions(
            base_url=self.service.url,
            api_version=VERSION,
            timeout=int(1000 * order.timeout_seconds),
            httpx_client=lent,
            httpx_async_client=unused,
            async_client_args={"ssl": unused_tls},
        )
        contents: list[Any] = [order.prompt]
        if order.mode == Mode.VARIATION:
            source = web.needed(order.image, "a source image")
            contents.append(types.Part.from_bytes(data=source, mime_type="image/png"))
        # Without `vertexai`, a variable of the environment could send the order to another of Google's services.
        client = genai.Client(api_key="lent", vertexai=False, http_options=ways)
        config: Any = self._config(order)
        return http.ask(lambda: client.models.generate_content(model=order.model, contents=contents, config=config))

    def _config(self, order: Order) -> dict[str, Any]:
        options = web.options_of(self.options, order)
        image = {"aspect_ratio": options.get("aspect_ratio") or _nearest_ratio(order.width, order.height)}
        if self._size(order) != USUAL_SIZE:
            image["image_size"] = self._size(order)
        config: dict[str, Any] = {
            "response_modalities": ["IMAGE"],
            "image_config": image,
            "automatic_function_calling": {"disable": True},
            "max_output_tokens": MOST_THOUGHTS + self._most_image_tokens(order),
        }
        if order.seed is not None:
            config["seed"] = order.seed
        if "temperature" in options:
            config["temperature"] = options["temperature"]
        if settings := options.get("safety_settings"):
            config["safety_settings"] = [{"category": name, "threshold": at} for name, at in settings.items()]
        return config

    def _size(self, order: Order) -> str:
        longest = max(order.width, order.height)
        fitting = next(name for name, (side, _) in SIZES.items() if longest <= side)
        return str(web.options_of(self.options, order).get("image_size", fitting))

    def _most_image_tokens(self, order: Order) -> int:
        return SIZES.get(self._size(order), SIZES["4K"])[1]

    def _failure(self, answer: answers.Answer) -> ProviderError:
        failure = self.service.failed(answer)
        error = answer.json().get("error")
        details = error.get("details") if isinstance(error, Mapping) else None
        for detail in details if isinstance(details, list) else []:
            if not isinstance(detail, Mapping):
                continue
            if detail.get("reason") == "API_KEY_INVALID":  # comes as a 400
                failure.code, failure.stops_batch = "bad_key", True
            if failure.kind is ErrorKind.THROTTLED and "retryDelay" in detail:  # in place of a header: "34s"
                told = answers.Answer(answer.status, {"retry-after": str(detail["retryDelay"]).removesuffix("s")}, b"")
                failure.retry_after_seconds = failure.retry_after_seconds or told.retry_after_seconds
        return failure

    def _refusal(self, said: Mapping[str, Any], request_id: str) -> Refusal | None:
        """What an answer says that is no image, though the request went well; None for an image, or for nothing."""
        feedback = said.get("promptFeedback")
        feedback = feedback if isinstance(feedback, Mapping) else {}
        if blocked := feedback.get("blockReason"):
            words = self.service.words(feedback.get("blockReasonMessage") or f"The prompt was blocked: {blocked}.")
            return Refusal("input", answers.plain(str(blocked), 80), words, None, request_id)
        candidate = _candidate(said)
        finish = str(candidate.get("finishReason") or "")
        if not candidate or (finish in DONE and _image(candidate)):
            return None
        text = " ".join(str(part["text"]) for part in _parts(candidate) if part.get("text"))
        words = self.service.words(candidate.get("finishMessage") or text or f"The image was kept back: {finish}.")
        # Answering in words is no policy; it comes now and then.
        code = "no_image" if finish in DONE | {"NO_IMAGE"} else answers.plain(finish, 80)
        return Refusal("output", code, words, None, request_id)

    def _delivery(self, order: Order, said: dict[str, Any], request_id: str) -> Delivery:
        candidate = _candidate(said)
        image = _image(candidate)
        # Both alphabets of base64 are about.
        data = answers.bytes_of(str(image.get("data", "")).translate({ord("-"): "+", ord("_"): "/"}))
        if not data:
            raise self.service.lost("no_image", "gave an answer without an image.", request_id)
        words = [part["text"] for part in _parts(candidate) if part.get("text")]
        told = {name: said[name] for name in said if name != "candidates"}
        return Delivery(
            data=data,
            mime=answers.mime_of(data),
            model_reported=answers.plain(str(said.get("modelVersion") or order.model), 200),
            seed=order.seed,
            provider_request_id=request_id,
            cost_usd=_charged(order, said.get("usageMetadata")),
            provenance=answers.plain(
                {
                    "address": self.service.url,
                    "sent": {"model": order.model, "prompt": order.prompt, **self._config(order)},
                    "said": {**told, "finishReason": candidate.get("finishReason"), "words": words},
                }
            ),
        )


def _nearest_ratio(width: int, height: int) -> str:
    def apart(ratio: str) -> float:
        across, down = map(int, ratio.split(":"))
        return abs(math.log(width * down / (height * across)))

    return min(RATIOS, key=apart)


def _candidate(said: Mapping[str, Any]) -> dict[str, Any]:
    candidates = said.get("candidates")
    first = candidates[0] if isinstance(candidates, list) and candidates else {}
    return first if isinstance(first, dict) else {}


def _parts(candidate: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What the model answered, its thoughts left out: they too may be images."""
    content = candidate.get("content")
    parts = content.get("parts") if isinstance(content, Mapping) else None
    whole = [part for part in parts if isinstance(part, dict)] if isinstance(parts, list) else []
    return [part for part in whole if not part.get("thought")]


def _image(candidate: Mapping[str, Any]) -> dict[str, Any]:
    """The last image of an answer; empty when there is none."""
    images = [part["inlineData"] for part in _parts(candidate) if isinstance(part.get("inlineData"), dict)]
    return images[-1] if images else {}


def _charged(order: Order, usage: Any) -> Decimal | None:
    """The cost of what the answer says was used; None where it says nothing that can be reckoned with."""
    if not isinstance(usage, Mapping):
        return None
    details = usage.get("candidatesTokensDetails")
    by_kind = {str(one.get("modality")): one.get("tokenCount") for one in details or [] if isinstance(one, Mapping)}
    received = usage.get("candidatesTokenCount")
    counts = tokens.counts(
        usage.get("promptTokenCount"), usage.get("thoughtsTokenCount", 0), received, by_kind.get("IMAGE", received)
    )
    if not counts or not counts[2]:
        return None
    sent, thought, received, images = counts
    return tokens.usd(order.rates, text_in=sent, text_out=thought + max(0, received - images), image_out=images)
