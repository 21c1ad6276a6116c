"""Money where a service charges by the token."""

from collections.abc import Mapping
from decimal import Decimal


def usd(rates: Mapping[str, Decimal], **tokens: int) -> Decimal:
    """What so many tokens cost at rates in US dollars a million. Raises KeyError with the name of a missing rate."""
    return sum((rates[name] * count / 1_000_000 for name, count in tokens.items()), Decimal(0))


def counts(*told: object) -> tuple[int, ...] | None:
    """The numbers of tokens a service tells of, or None where one of them is none."""
    whole = tuple(count for count in told if isinstance(count, int) and count >= 0)
    return whole if len(whole) == len(told) else None
