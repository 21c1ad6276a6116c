"""What image services say: an answer, its bytes, and JSON from outside as a row can hold it."""

from __future__ import annotations

import base64
import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

MOST_WORDS = 500
LARGEST_SEED = 2**63 - 1


@dataclass(frozen=True)
class Answer:
    """What a service sent: the status, the headers (names in any case) and the whole body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> dict[str, Any]:
        """The body as a JSON object; empty where it is anything else."""
        try:
            # NaN and Infinity are no JSON, and no database would take them.
            value = json.loads(self.body, parse_constant=lambda _: None)
        except (ValueError, RecursionError):
            return {}
        return value if isinstance(value, dict) else {}

    @property
    def request_id(self) -> str:
        return plain(self.headers.get("x-request-id") or self.headers.get("request-id") or "", 200)

    @property
    def retry_after_seconds(self) -> float | None:
        """What the header Retry-After says, as seconds or as a date; None where it says neither."""
        value = self.headers.get("retry-after", "").strip()
        if re.fullmatch(r"\d{1,6}(\.\d*)?", value):
            return float(value)
        try:
            return max(0.0, (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds())
        except (TypeError, ValueError):
            return None


def text_of(data: bytes) -> str:
    """Bytes as base64, for a JSON field."""
    return base64.b64encode(data).decode()


def bytes_of(text: Any) -> bytes:
    """The bytes of a base64 field, with or without `data:...,` before it; empty where it is none."""
    if not isinstance(text, str):
        return b""
    try:
        return base64.b64decode(text.rpartition(",")[2], validate=True)
    except ValueError:
        return b""


def mime_of(data: bytes) -> str:
    """What the first bytes say a picture is; "application/octet-stream" for anything that is no picture."""
    starts = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return next((mime for start, mime in starts.items() if data.startswith(start)), "application/octet-stream")


def plain(value: Any, most: int = 4000) -> Any:
    """JSON from outside as a row can hold it: no NUL, no lone surrogate, strings and lists cut to `most`."""
    if isinstance(value, str):
        return value.replace("\x00", "").encode("utf-8", "replace").decode()[:most]
    if isinstance(value, Mapping):
        return {plain(str(name), 200): plain(part, most) for name, part in list(value.items())[:most]}
    if isinstance(value, list | tuple):
        return [plain(part, most) for part in value[:most]]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if value is None or isinstance(value, bool | int) else plain(str(value), most)


def seed_of(value: Any) -> int | None:
    """A seed that a service reports, None where it is none that a row can hold."""
    try:
        seed = int(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return seed if 0 <= seed <= LARGEST_SEED else None


def sentences(said: Any) -> str:
    """The words in a JSON error of any of the usual shapes."""
    if isinstance(said, bytes):
        return said.decode("utf-8", "replace")
    if isinstance(said, Mapping):
        for name in ("errors", "error", "detail", "details", "message", "msg", "title", "name"):
            if said.get(name):
                return sentences(said[name])
        return json.dumps(said)[: 2 * MOST_WORDS] if said else ""
    if isinstance(said, list):
        return "; ".join(sentences(part) for part in said[:10])
    return str(said)
