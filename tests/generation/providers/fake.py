"""The provider that orders from tests/generation/fake_service.py over HTTP, honest about every kind of failure."""

from base64 import b64encode
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import httpx

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


class Provider:
    name = "fake"

    def __init__(self, options: Mapping[str, Any], connection: Connection) -> None:
        self.url = options["url"]
        self.price_usd = Decimal(options.get("price_usd", "0.04"))
        self.rate = options.get("rate", "")  # of the price list; without one it asks always the same

    def capabilities(self, model: str) -> Capabilities:
        return Capabilities(modes=frozenset(Mode), rates={self.rate: "an image"} if self.rate else {})

    def estimate_usd(self, order: Order) -> Decimal:
        if order.prompt == "poison":
            raise RuntimeError("this order breaks whoever reads it")
        return order.rates[self.rate] if self.rate else self.price_usd

    def problems(self, order: Order) -> list[str]:
        return ["The fake does no forbidden things."] if order.prompt == "forbidden" else []

    def submit(self, order: Order) -> Delivery | Refusal | JobHandle:
        body: dict[str, Any] = {"prompt": order.prompt}
        if order.image:
            body |= {"width": order.width, "height": order.height, "image": b64encode(order.image).decode()}
        headers = {"Idempotency-Key": str(order.key)}
        try:
            answer = httpx.post(f"{self.url}/images", json=body, headers=headers, timeout=order.timeout_seconds)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise ProviderError(ErrorKind.UNAVAILABLE, "no_connection", str(error)) from error
        except httpx.HTTPError as error:
            raise ProviderError(ErrorKind.LOST, type(error).__name__, str(error)) from error
        if answer.status_code == 202:
            return JobHandle(job_id=answer.json()["id"], poll_url=f"{self.url}/jobs/{answer.json()['id']}")
        return self._read(answer)

    def poll(self, handle: JobHandle) -> Delivery | Refusal | Pending:
        try:
            answer = httpx.get(handle.poll_url, timeout=20)
        except httpx.HTTPError as error:
            raise ProviderError(ErrorKind.UNAVAILABLE, "poll_failed", str(error)) from error
        return Pending(0.1) if answer.status_code == 202 else self._read(answer)

    def _read(self, answer: httpx.Response) -> Delivery | Refusal:
        request_id = answer.headers.get("X-Request-Id", "")
        if answer.status_code == 200:
            return Delivery(
                data=answer.content,
                mime="image/png",
                model_reported="fake-1",
                provider_request_id=request_id,
                cost_usd=Decimal(answer.headers["X-Cost"]) if "X-Cost" in answer.headers else None,
            )
        words = answer.json() if answer.content else {}
        if words.get("code") == "moderation_blocked":
            return Refusal("input", words["code"], words["message"], billed=False, provider_request_id=request_id)
        kind, stops = {
            402: (ErrorKind.REJECTED, True),
            429: (ErrorKind.THROTTLED, False),
            503: (ErrorKind.UNAVAILABLE, False),
        }.get(answer.status_code, (ErrorKind.LOST, False))
        retry_after = answer.headers.get("Retry-After")
        raise ProviderError(
            kind,
            str(answer.status_code),
            words.get("message", "no words"),
            retry_after_seconds=float(retry_after) if retry_after else None,
            stops_batch=stops,
            provider_request_id=request_id,
        )
