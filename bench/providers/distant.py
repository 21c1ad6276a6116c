"""A provider that asks tests/generation/fake_service.py over HTTP, as those of services do. For bench/slots.py."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from generation.provider import Capabilities, Connection, Delivery, JobHandle, Mode, Order, Refusal
from generation.web import Service


class Provider:
    name = "distant"

    def __init__(self, options: Mapping[str, Any], connection: Connection) -> None:
        address = Connection(base_url=options["url"])
        self.service = Service("Distant", options["url"], address, lambda key: {}, needs_key=False)

    def capabilities(self, model: str) -> Capabilities:
        return Capabilities(modes=frozenset({Mode.TEXT_TO_IMAGE}))

    def estimate_usd(self, order: Order) -> Decimal:
        return Decimal("0.04")

    def problems(self, order: Order) -> list[str]:
        return []

    def submit(self, order: Order) -> Delivery:
        named = {"Idempotency-Key": str(order.key)}
        answer = self.service.post(
            "/images", seconds=order.timeout_seconds, headers=named, json={"prompt": order.prompt}
        )
        if answer.status != 200:
            raise self.service.failed(answer)
        return Delivery(data=answer.body, mime="image/png", cost_usd=Decimal("0.04"))

    def poll(self, handle: JobHandle) -> Delivery | Refusal:
        raise NotImplementedError("it answers when the picture is there")
