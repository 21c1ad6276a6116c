"""Whether the answers that bring pictures are one and the same but for the pixels, whatever the picture's origin."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from math import inf, isnan, nan
from typing import Any

from radiorate.blinding.browsing import ASKED, Exchange
from radiorate.images import png
from radiorate.results.statistics.discrimination import auc

ADDRESS = "/reading/image/~.png"
TELLS = 0.60  # the area from which on something tells the origins apart, if its interval lies beyond
FEWEST = 20  # pictures of an origin, below which times and tokens say nothing
TIMES_ASKED = len(ASKED) + 1  # for one picture

Pictures = Sequence[tuple[bool, Exchange]]


def check(pictures: Pictures) -> dict[str, Any]:
    """{answers, shapes, seconds, tokens, problems}: what was compared, and one sentence for everything that differs.

    seconds, tokens: the area under the curve by which the time an answer takes, or the place of its address among all,
    sorts real from synthetic pictures; 0.5 is chance.
    """
    shapes: dict[tuple[str, tuple[str, ...], int], set[tuple[object, ...]]] = {}
    times_asked: Counter[object] = Counter()
    for _, exchange in pictures:
        # An answer may only follow from how and when it was asked for: the last time, the pair is answered already.
        asked = (exchange.method, exchange.asked, times_asked[exchange.picture])
        times_asked[exchange.picture] += 1
        shapes.setdefault(asked, set()).add(_shape(exchange))
    problems = [
        f"{' with '.join(filter(None, [method, ', '.join(headers)]))} of a picture has {len(found)} kinds of answer."
        for (method, headers, _), found in shapes.items()
        if len(found) > 1
    ]
    if strange := {exchange.address for _, exchange in pictures} - {ADDRESS}:
        problems.append(f"A picture's address tells more than a random token: {min(strange)}.")
    came: dict[str, tuple[bool, float]] = {}
    showings: dict[str, set[object]] = {}
    for real, each in pictures:
        if each.method == "GET" and not each.asked and each.status == 200:
            came[each.token] = (real, min(each.seconds, came.get(each.token, (real, inf))[1]))
        showings.setdefault(each.token, set()).add(each.picture)
    seconds = _area(list(came.values()))
    if _tells(seconds):
        problems.append("How long a picture takes to come depends on its origin.")
    if any(len(shown) > 1 for shown in showings.values()):
        problems.append("A picture's address is used for more than one showing.")
    tokens = _area([(came[token][0], rank) for rank, token in enumerate(sorted(came))])
    if _tells(tokens):
        problems.append("The order of the pictures' addresses follows from their origin.")
    return {"answers": len(pictures), "shapes": len(shapes), "seconds": seconds, "tokens": tokens, "problems": problems}


def planted(pictures: Pictures) -> list[Pictures]:
    """The same answers with one leak each, as a fault in the server would make them."""

    leaks: list[Callable[[Exchange], dict[str, Any]]] = [
        lambda each: {"body": each.body + b"\0"},
        lambda each: {"headers": each.headers + "ETag"},
        lambda each: {"status": 206},
        lambda each: {"address": each.address.replace("~", "real")},
    ]
    if min(sum(real == origin for real, _ in pictures) for origin in (True, False)) >= FEWEST * TIMES_ASKED:
        leaks.append(lambda each: {"seconds": each.seconds + 1})
        leaks.append(lambda each: {"token": "!" + each.token})
    return [[(real, replace(each, **leak(each)) if real else each) for real, each in pictures] for leak in leaks]


def _shape(exchange: Exchange) -> tuple[object, ...]:
    """Everything about an answer but the pixels."""
    body = exchange.body
    try:
        structure: tuple[object, ...] = (png.header(body), tuple(png.chunks(body)))
    except ValueError:
        structure = (re.sub(rb"[^\x20-\x7e]", b"", body)[:200],) if exchange.status >= 400 else ()
    return (exchange.status, exchange.headers, len(body), *structure)


def _area(found: Sequence[tuple[bool, float]]) -> dict[str, float]:
    """The chance that a real picture has the larger number, with its interval; nan where there are few."""
    of = {origin: [number for real, number in found if real == origin] for origin in (True, False)}
    if min(map(len, of.values())) < FEWEST:
        return {"value": nan, "low": nan, "high": nan}
    area = auc(of[True], of[False])
    if isnan(area["low"]):  # complete separation
        return {"value": area["value"], "low": area["value"], "high": area["value"]}
    return {name: area[name] for name in ("value", "low", "high")}


def _tells(area: dict[str, float]) -> bool:
    return area["low"] > TELLS or area["high"] < 1 - TELLS
