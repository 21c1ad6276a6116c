"""What a reader did to see the images of a pair, as the page tells it: one event a part, parts joined by `;`.

An event is `milliseconds side kind value` or with two values: `1250 left window 280 140`. The milliseconds count from
both images drawn; the values are those the view came to. It is a log beside the answer and never a reason to refuse it.
"""

import re

MOST = 600  # events of one pair
LONGEST = 60 * MOST  # characters
NUMBER = r"[0-9]{1,3}(?:\.[0-9]{1,3})?"
EVENT = re.compile(rf"([0-9]{{1,9}}) (left|right) (zoom|pan|window|invert|magnify) ({NUMBER})(?: ({NUMBER}))?")
LIMITS: dict[str, list[tuple[float, float]]] = {
    "zoom": [(0.05, 16)],  # times the size at which the image fits
    "pan": [(0, 1), (0, 1)],  # the point of the image in the middle
    "window": [(1, 511), (0, 255)],  # width and level
    "invert": [(0, 1)],
    "magnify": [(0, 1)],
}


def read(text: str) -> list[list[int | float | str]]:
    """The events as `[milliseconds, side, kind, value, ...]`; what is none is left out, what is far too long whole."""
    if len(text) > LONGEST:
        return []
    events: list[list[int | float | str]] = []
    for found in filter(None, map(EVENT.fullmatch, text.split(";"))):
        milliseconds, side, kind, *texts = found.groups()
        values = [float(value) for value in texts if value]
        limits = LIMITS[kind]
        if len(values) == len(limits) and all(a <= value <= b for value, (a, b) in zip(values, limits, strict=True)):
            events.append([int(milliseconds), side, kind, *values])
    return events[:MOST]
