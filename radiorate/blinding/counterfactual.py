"""Whether a reader would have got anything else if the truth were the other way round."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import zip_longest
from typing import Any

from radiorate.blinding.browsing import Exchange


def compare(as_is: Sequence[Exchange], otherwise: Sequence[Exchange], world: str) -> dict[str, Any]:
    """{exchanges, problems}: how many were compared, and the first that differs in anything but pixels."""
    for number, (one, other) in enumerate(zip_longest(map(_blind, as_is), map(_blind, otherwise)), start=1):
        if one != other:
            return {"exchanges": number, "problems": [_sentence(number, one, other, world)]}
    return {"exchanges": len(as_is), "problems": []}


def planted(session: Sequence[Exchange]) -> list[list[Exchange]]:
    """The session with one leak each: a word in a page, a header, a request more."""
    last = max(number for number, each in enumerate(session) if each.picture is None)
    word = replace(session[last], body=session[last].body + b" data-origin=real")
    header = replace(session[0], headers=session[0].headers + "X-Order: 1")
    return [[*session[:last], word, *session[last + 1 :]], [header, *session[1:]], [*session, session[-1]]]


def _blind(exchange: Exchange) -> Exchange:
    """The exchange without its pixels; that they are equally long and built alike is looked at elsewhere."""
    return replace(exchange, body=b"") if exchange.picture and exchange.status < 400 else exchange


def _sentence(number: int, one: Exchange | None, other: Exchange | None, world: str) -> str:
    if one is None or other is None:
        return f"With {world}, a reader makes another number of requests."
    parts = [
        name
        for name in ("method", "address", "status", "headers", "body")
        if getattr(one, name) != getattr(other, name)
    ]
    return f"With {world}, request {number} ({one.method} {one.address}) differs in its {', '.join(parts)}."
