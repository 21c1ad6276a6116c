"""What every image provider speaks: the order it takes and the three answers it may give.

A provider knows neither Django nor rows. It sends at most ONE paid request per `submit`, never retries inside, and says
honestly what is known about the outcome, because only the caller decides what may be sent again.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID


class Mode(StrEnum):
    """What is asked for."""

    TEXT_TO_IMAGE = "text_to_image"
    INPAINTING = "inpainting"
    OUTPAINTING = "outpainting"
    VARIATION = "variation"


@dataclass(frozen=True)
class Connection:
    """Where a service is and with which key; empty: the service's own address, no key.

    name: what its variables begin with, NAME_BASE_URL and NAME_API_KEY.
    """

    base_url: str = ""
    key: str = field(default="", repr=False)
    name: str = ""


@dataclass(frozen=True)
class Pad:
    """How far an outpainting order extends the source, in pixels a side."""

    left: int = 0
    right: int = 0
    top: int = 0
    bottom: int = 0


@dataclass(frozen=True)
class Order:
    """One order of ONE image, all a provider needs to know.

    image: the source, 8-bit grey PNG without metadata; mask: 8-bit grey PNG of the same size, 255 = change, 0 = keep.
    pad: how far an outpainting order extends the source; width and height are those of the answer, pads included.
    One to a provider whose `Capabilities.sizes` name outpainting may come with the canvas as its image, a mask, no pad.
    key: the attempt's idempotency key, sent along where the service takes one.
    rates: the prices in US dollars of the generator's price list on this day, by the names of `Capabilities.rates`.
    options: the generator's own parameters, and the structured facts of the order
    (`body_part`, `view_position`, `laterality`, `patient_sex`, `defects`) for providers that draw from facts;
    under `source`, what the provider itself said of the source image (provenance and truth) when it made it.
    """

    key: UUID
    mode: Mode
    model: str
    prompt: str
    negative_prompt: str = ""
    seed: int | None = None
    width: int = 1024
    height: int = 1024
    image: bytes | None = None
    mask: bytes | None = None
    pad: Pad | None = None
    rates: Mapping[str, Decimal] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    timeout_seconds: float = 180


@dataclass(frozen=True)
class Delivery:
    """An image that arrived, as the bytes that came, and what the provider said about it.

    cost_usd is None where the provider does not say; `truth` is what a phantom knows about its own defects.
    """

    data: bytes
    mime: str
    model_reported: str = ""
    seed: int | None = None
    provider_request_id: str = ""
    cost_usd: Decimal | None = None
    provenance: Mapping[str, Any] = field(default_factory=dict)
    truth: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Refusal:
    """The provider's content policy said no. A result, counted and shown; never sent again by machine.

    stage: "input" or "output"; billed is None where the provider does not say.
    """

    stage: str
    code: str
    message: str
    billed: bool | None = None
    provider_request_id: str = ""


@dataclass(frozen=True)
class JobHandle:
    """A paid order the provider has taken and will finish later; stored before the first poll.

    remembered: plain JSON that `poll` needs to know again, as it sees no order: a price, a seed.
    """

    job_id: str
    poll_url: str = ""
    provider_request_id: str = ""
    remembered: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Pending:
    """The order is still being worked on; ask again after this many seconds."""

    retry_after_seconds: float = 2.0


class ErrorKind(StrEnum):
    """What a failed request tells about money and about trying again."""

    REJECTED = "rejected"  # our mistake, a bad key or no credit: never sent again by machine
    THROTTLED = "throttled"  # not accepted, come back later: may be sent again
    UNAVAILABLE = "unavailable"  # failed before any work began: may be sent again
    LOST = "lost"  # outcome unknown, perhaps paid for: only a person settles it


class ProviderError(Exception):
    """A request that gave neither an image nor a refusal.

    stops_batch: nothing else of the batch can succeed either (bad key, no credit).
    is_of_order: what a poll was told of the order itself, that it failed and costs nothing; not of the question alone.
    """

    def __init__(
        self,
        kind: ErrorKind,
        code: str,
        message: str,
        *,
        retry_after_seconds: float | None = None,
        stops_batch: bool = False,
        is_of_order: bool = False,
        provider_request_id: str = "",
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.kind = kind
        self.code = code
        self.message = message
        self.retry_after_seconds = retry_after_seconds
        self.stops_batch = stops_batch
        self.is_of_order = is_of_order
        self.provider_request_id = provider_request_id


@dataclass(frozen=True)
class Sizes:
    """The sizes of picture that a model edits, in pixels: the listed ones alone, or all within the bounds.

    widest: how often the shorter side goes into the longer one at most.
    """

    listed: tuple[tuple[int, int], ...] = ()
    grid: int = 1
    shortest: int = 1
    longest: int = 2**15
    widest: int = 2**15
    fewest_pixels: int = 1
    most_pixels: int = 2**30

    def holds(self, width: int, height: int) -> bool:
        """Whether a picture of this size is taken as it is."""
        if self.listed:
            return (width, height) in self.listed
        short, long = sorted((width, height))
        return (
            width % self.grid == height % self.grid == 0
            and self.shortest <= short
            and long <= min(self.longest, self.widest * short)
            and self.fewest_pixels <= width * height <= self.most_pixels
        )

    def least(self, width: int, height: int) -> tuple[int, int] | None:
        """The smallest size on which a picture of this one finds room; None where there is none."""
        if self.listed:
            room = [size for size in self.listed if size[0] >= width and size[1] >= height]
            return min(room, key=math.prod, default=None)
        least = max(self.shortest, -(-max(width, height) // self.widest))
        across, down = max(width, least), max(height, least)
        more = max(1.0, math.sqrt(self.fewest_pixels / (across * down)))
        size = math.ceil(across * more / self.grid) * self.grid, math.ceil(down * more / self.grid) * self.grid
        return size if self.holds(*size) else None


@dataclass(frozen=True)
class Capabilities:
    """What a provider's model can do, checked before a batch starts."""

    modes: frozenset[Mode]
    takes_seed: bool = False
    repeats_exactly: bool = False
    body_parts: frozenset[str] | None = None  # None: any
    defects: frozenset[str] = frozenset()
    rates: Mapping[str, str] = field(default_factory=dict)  # what is charged for, in words, by name; empty: free
    keeps_images_here: bool = False  # a source image never leaves this machine
    sizes: Mapping[Mode, Sizes] = field(default_factory=dict)  # of the picture and mask an edit sends; none: any size


class Provider(Protocol):
    """One file in generation/providers/ holds a class `Provider` of this shape.

    It is made with the generator's options and its connection. Web processes know no keys: only `submit` and `poll`,
    which run in a worker, may miss one, and then the order is rejected and the batch stopped.
    One that holds this machine's processor is named in COMPUTING_PROVIDERS: its jobs go to workers of their own.
    """

    name: str

    def __init__(self, options: Mapping[str, Any], connection: Connection) -> None: ...

    def capabilities(self, model: str) -> Capabilities:
        """What may be ordered; no network."""
        ...

    def estimate_usd(self, order: Order) -> Decimal:
        """The most one send of this order can cost, in US dollars, by `order.rates`; reserved before the socket opens.

        Raises KeyError with the name of a rate the price list lacks.
        """
        ...

    def problems(self, order: Order) -> list[str]:
        """Sentences on why this order can't be filled; empty when it can. No network.

        Asked before a batch starts too, of orders whose image and mask are not read yet.
        """
        ...

    def submit(self, order: Order) -> Delivery | Refusal | JobHandle:
        """Send at most one paid request. Raises ProviderError."""
        ...

    def poll(self, handle: JobHandle) -> Delivery | Refusal | Pending:
        """Ask for a taken order; free, may be repeated. Raises ProviderError."""
        ...
