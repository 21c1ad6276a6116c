"""A provider that takes no time: the picture lies in a folder, named by the order's seed. For bench/jobs.py."""

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from generation.provider import Capabilities, Connection, Delivery, JobHandle, Mode, Order, Refusal


class Provider:
    name = "instant"

    def __init__(self, options: Mapping[str, Any], connection: Connection) -> None:
        self.folder = Path(options["folder"])

    def capabilities(self, model: str) -> Capabilities:
        return Capabilities(modes=frozenset({Mode.TEXT_TO_IMAGE}), takes_seed=True)

    def estimate_usd(self, order: Order) -> Decimal:
        return Decimal("0.04")

    def problems(self, order: Order) -> list[str]:
        return []

    def submit(self, order: Order) -> Delivery:
        data = (self.folder / f"{order.seed}.png").read_bytes()
        return Delivery(data=data, mime="image/png", cost_usd=Decimal("0.04"))

    def poll(self, handle: JobHandle) -> Delivery | Refusal:
        raise NotImplementedError("its pictures come at once")
