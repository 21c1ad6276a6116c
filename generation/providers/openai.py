"""OpenAI Images, and every server that speaks its API: another generator, whose connection names its address and key.

Options, of the generator or the order: those in PASSED_ON go to the service as they are, `size` in place of the ordered
width and height. Of the generator alone: `needs_key` (false for a server without keys), `image_hosts` (further hosts,
beside the service's own, from which an image is fetched where the answer gives its address), `most_image_tokens` (the
most one image is charged, where the model may charge more than MOST_TOKENS_PER_MEGAPIXEL).
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from PIL import Image as Picture

from generation import answers, pictures, tokens, web
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
    Sizes,
)

PASSED_ON = (
    *("background", "complexity", "input_fidelity", "moderation", "output_compression", "output_format", "quality"),
    *("response_format", "safety_identifier", "style", "user"),
)
NOT_IN_EDITS, ONLY_IN_EDITS = ("moderation", "style"), ("input_fidelity",)
OWN = ("size", "needs_key", "image_hosts", "most_image_tokens")
FORMATS = ("png", "jpeg", "webp")

# A model goes by the rules of the longest beginning of its name that stands here. One that has none is a stranger's,
# and his server says itself what it does not take.
SIZES = {
    "dall-e-2": Sizes(((256, 256), (512, 512), (1024, 1024))),
    "dall-e-3": Sizes(((1024, 1024), (1792, 1024), (1024, 1792))),
    "gpt-image-1": Sizes(((1024, 1024), (1536, 1024), (1024, 1536))),
    "chatgpt-image": Sizes(((1024, 1024), (1536, 1024), (1024, 1536))),
    "gpt-image": Sizes(grid=16, longest=3840, widest=3, fewest_pixels=655_360, most_pixels=8_294_400),
}
LONGEST_PROMPT = {"dall-e-2": 1000, "dall-e-3": 4000, "gpt-image": 32_000, "chatgpt-image": 32_000}

TOKEN_RATES = {
    "text_in": "a million tokens of text sent",
    "image_in": "a million tokens of images sent",
    "image_out": "a million tokens of images received",
}
IMAGE_RATE = {"image": "an image"}
# The dearest known: 0.211 dollars, at 30 a million, for one of 1024 x 1024; that is 6 700 tokens a megapixel.
MOST_TOKENS_PER_MEGAPIXEL, TOKENS_AROUND = 8000, 500

REFUSED = {"moderation_blocked", "content_policy_violation", "image_content_policy_violation"}
REFUSED |= {"content_filter", "contentFilter", "ResponsibleAIPolicyViolation"}  # as Azure says it
NO_CREDIT = {"insufficient_quota", "billing_hard_limit_reached", "billing_not_active", "credit_balance_exhausted"}
NO_CREDIT |= {"organization_spend_limit_exceeded", "project_spend_limit_exceeded", "organization_usage_limit_exceeded"}
TOLD_IN_HEADERS = ("openai-model", "openai-version", "openai-processing-ms")


class Provider:
    """Orders through the `openai` library, once."""

    name = "openai"

    def __init__(self, options: Mapping[str, Any], connection: Connection) -> None:
        self.options = dict(options)
        hosts = self.options.get("image_hosts", [])
        self.service = web.Service(
            name="OpenAI" if not connection.base_url else "The service",
            address="https://api.openai.com/v1",
            connection=connection,
            key_headers=web.bearer,
            needs_key=bool(self.options.get("needs_key", True)),
            own_hosts=[str(host) for host in hosts] if isinstance(hosts, list) else [],
        )

    def capabilities(self, model: str) -> Capabilities:
        modes, sizes = {Mode.TEXT_TO_IMAGE}, _rule(SIZES, model)
        if not model.startswith("dall-e-3"):
            modes |= {Mode.INPAINTING, Mode.OUTPAINTING}
        if not model.startswith("dall-e"):
            modes.add(Mode.VARIATION)
        return Capabilities(
            modes=frozenset(modes),
            rates=TOKEN_RATES if _counts_tokens(model) else IMAGE_RATE,
            keeps_images_here=self.service.is_here,
            sizes=dict.fromkeys((Mode.INPAINTING, Mode.OUTPAINTING), sizes) if sizes else {},
        )

    def estimate_usd(self, order: Order) -> Decimal:
        if not _counts_tokens(order.model):
            return order.rates["image"]
        image = MOST_TOKENS_PER_MEGAPIXEL * max(1_048_576, order.width * order.height) // 1_000_000
        return tokens.usd(
            order.rates,
            text_in=len(order.prompt.encode()) + TOKENS_AROUND,  # no token is shorter than a byte
            image_in=0 if order.mode == Mode.TEXT_TO_IMAGE else 2 * image,  # the mask may count as a second image
            image_out=self._most_image_tokens(image) + TOKENS_AROUND,
        )

    def problems(self, order: Order) -> list[str]:
        options = web.options_of(self.options, order)
        sentences = self.service.problems() + web.unknown_options(self.options, order, PASSED_ON + OWN)
        if not order.model:
            sentences.append("The generator names no model.")
        if options.get("output_format", "png") not in FORMATS:
            sentences.append(f"The output format is one of: {', '.join(FORMATS)}.")
        if not isinstance(self.options.get("image_hosts", []), list):
            sentences.append("The image hosts are a list of names.")
        if self._most_image_tokens(0) < 0:
            sentences.append("The most tokens of an image are a number.")
        if order.negative_prompt:
            sentences.append("There is no negative prompt here: say in the prompt what must not be there.")
        longest = _rule(LONGEST_PROMPT, order.model)
        if longest and len(order.prompt) > longest:
            sentences.append(f"{order.model} takes prompts of at most {longest:,} characters.")
        return sentences + _size_problems(order.model, self._size(order))

    def submit(self, order: Order) -> Delivery | Refusal | JobHandle:
        web.refuse_impossible(self.problems(order))
        body, files = self._body(order), self._files(order)

        import openai

        from generation.lending import LentClient

        with LentClient(self.service, order.timeout_seconds) as http:
            lent: Any = http  # of httpx, where the library has a copy of its own
            client = openai.OpenAI(
                api_key="lent",  # the true one is added where the request leaves
                base_url=self.service.url,
                max_retries=0,
                timeout=order.timeout_seconds,
                http_client=lent,
            )
            images: Any = client.images  # typed for OpenAI's own models and options alone
            send = images.edit if files else images.generate
            headers = {"Idempotency-Key": str(order.key), "X-Client-Request-Id": str(order.key)}
            answer = http.ask(lambda: send(**body, **files, extra_headers=headers))
        return self._delivery(order, body, answer) if answer.status == 200 else self._refusal(answer)

    def poll(self, handle: JobHandle) -> Delivery | Refusal | Pending:
        raise ProviderError(ErrorKind.REJECTED, "no_such_job", "OpenAI Images answer at once and keep no jobs.")

    def _most_image_tokens(self, otherwise: int) -> int:
        """The option, or what holds without one; -1 where it is no number."""
        most = self.options.get("most_image_tokens", otherwise)
        return most if isinstance(most, int) else -1

    def _size(self, order: Order) -> str:
        """What is sent as the size; an edit must come back as large as it went."""
        ordered = f"{order.width}x{order.height}"
        return (
            str(web.options_of(self.options, order).get("size", ordered))
            if order.mode == Mode.TEXT_TO_IMAGE
            else ordered
        )

    def _body(self, order: Order) -> dict[str, Any]:
        left_out = ONLY_IN_EDITS if order.mode == Mode.TEXT_TO_IMAGE else NOT_IN_EDITS
        options = web.options_of(self.options, order)
        passed_on = {name: options[name] for name in PASSED_ON if name in options and name not in left_out}
        if not _counts_tokens(order.model):
            passed_on.setdefault("response_format", "b64_json")
        return {"model": order.model, "prompt": order.prompt, "n": 1, "size": self._size(order), **passed_on}

    def _files(self, order: Order) -> dict[str, tuple[str, bytes, str]]:
        """The image and its mask as they are uploaded; what is transparent in the mask is to change.

        Raises pictures.Misfit.
        """
        if order.mode == Mode.TEXT_TO_IMAGE:
            return {}
        if order.mode == Mode.VARIATION:
            return {"image": ("image.png", pictures.source_of(order), "image/png")}
        picture, mask = pictures.canvas_of(order)
        keep = mask.point(lambda level: pictures.CHANGE - level)
        holes = Picture.new("RGBA", mask.size)
        holes.putalpha(keep)
        image = pictures.source_of(order)
        if order.mode == Mode.OUTPAINTING:
            picture = picture.convert("RGBA")
            picture.putalpha(keep)
            image = pictures.png(picture)
        return {"image": ("image.png", image, "image/png"), "mask": ("mask.png", pictures.png(holes), "image/png")}

    def _refusal(self, answer: answers.Answer) -> Refusal:
        """The refusal an error stands for. Raises the ProviderError of any other."""
        said = answer.json().get("error")
        said = said if isinstance(said, Mapping) else {}
        inner = said.get("innererror") or said.get("inner_error")
        inner = inner if isinstance(inner, Mapping) else {}
        codes = [str(code) for code in (said.get("code"), said.get("type"), inner.get("code")) if code]
        words = self.service.words(said or answer.body)
        refused = [code for code in codes if code in REFUSED]
        if answer.status < 500 and (refused or "safety system" in words):
            details = said.get("moderation_details")
            stage = details.get("moderation_stage") if isinstance(details, Mapping) else None
            code = refused[0] if refused else "content_policy_violation"
            return Refusal("output" if stage == "output" else "input", code, words, None, answer.request_id)
        failure = self.service.failed(answer)
        if empty := NO_CREDIT.intersection(codes):
            failure.kind, failure.stops_batch, failure.retry_after_seconds = ErrorKind.REJECTED, True, None
            failure.code = empty.pop()
        elif said.get("code"):
            failure.code = answers.plain(str(said["code"]), 80)
        raise failure

    def _delivery(self, order: Order, body: Mapping[str, Any], answer: answers.Answer) -> Delivery:
        said = answer.json()
        images = said.pop("data", None)
        first = images[0] if isinstance(images, list) and images and isinstance(images[0], dict) else {}
        data = answers.bytes_of(first.pop("b64_json", None)) or self._fetched(first.get("url"), answer.request_id)
        if not data:
            raise self.service.lost("no_image", "gave an answer without an image.", answer.request_id)
        told = {name: answer.headers[name] for name in TOLD_IN_HEADERS if name in answer.headers}
        return Delivery(
            data=data,
            mime=answers.mime_of(data),
            model_reported=answers.plain(str(said.get("model") or told.get("openai-model") or order.model), 200),
            provider_request_id=answer.request_id,
            cost_usd=_charged(order, said.get("usage")),
            provenance=answers.plain({"address": self.service.url, "sent": body, "said": {**said, **first, **told}}),
        )

    def _fetched(self, url: Any, request_id: str) -> bytes:
        """The image at the address in the answer, empty where there is none; a paid one that can't be had is lost."""
        if not url:
            return b""
        try:
            return self.service.fetch(str(url))
        except ProviderError as error:
            raise self.service.lost(error.code, error.message, request_id) from error


def _counts_tokens(model: str) -> bool:
    """Whether the model is charged by tokens and answers with base64 alone; others cost so much an image."""
    return "gpt-image" in model or "chatgpt-image" in model


def _rule(rules: Mapping[str, Any], model: str) -> Any:
    """The rule under the longest beginning of the model's name; None where there is none."""
    found = [start for start in rules if model.startswith(start)]
    return rules[max(found, key=len)] if found else None


def _size_problems(model: str, size: str) -> list[str]:
    sizes: Sizes | None = _rule(SIZES, model)
    if sizes is None or (size == "auto" and not model.startswith("dall-e")):
        return []
    try:
        width, height = map(int, size.split("x"))
    except ValueError:
        return [f"“{size}” is no size; one is written as 1024x1024."]
    if sizes.holds(width, height):
        return []
    if sizes.listed:
        known = ", ".join(f"{across}x{down}" for across, down in sizes.listed)
        return [f"{model} makes images of {known}, not of {size}."]
    if width % sizes.grid or height % sizes.grid or max(width, height) > sizes.longest:
        return [f"The sides of an image are multiples of {sizes.grid} pixels, up to {sizes.longest}; {size} are not."]
    bounds = f"{sizes.fewest_pixels:,} to {sizes.most_pixels:,} pixels, 1:{sizes.widest} to {sizes.widest}:1"
    return [f"{size} is too narrow, too small or too large: {bounds}."]


def _charged(order: Order, usage: Any) -> Decimal | None:
    """The cost of what the answer says was used; None where it says nothing that can be reckoned with."""
    if not _counts_tokens(order.model) or not isinstance(usage, Mapping):
        return None
    details = usage.get("input_tokens_details")
    images = details.get("image_tokens", 0) if isinstance(details, Mapping) else 0
    counts = tokens.counts(usage.get("input_tokens"), usage.get("output_tokens"), images)
    if counts is None:
        return None
    sent, received, images = counts
    return tokens.usd(order.rates, text_in=max(0, sent - images), image_in=images, image_out=received)
