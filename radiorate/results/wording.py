"""How numbers are said: formats, and words that change with the number of readers and pairs."""

from typing import Any

FEWEST_PAIRS = 10  # with fewer there are counts and no estimate
MANY_READERS = 8  # with fewer a resampled interval is too narrow where readers differ
NARROW = "Too narrow where readers differ: there are few."
UNKNOWN = "—"

Json = dict[str, Any]


def signed(value: float, digits: int = 2) -> str:
    """+0.42 or −0.42, with the sign a typesetter would use; zero as 0.00."""
    text = f"{value:+.{digits}f}"
    return text[1:] if float(text) == 0 else text.replace("-", "−")


def plain(value: float, digits: int = 2) -> str:
    return f"{value:.{digits}f}".replace("-", "−")


def percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def difference(found: Json) -> str:
    """Synthetic minus real, out of real minus synthetic, with its interval."""
    if found["pairs"] < FEWEST_PAIRS:
        return few(found["pairs"])
    if found["low"] is None:
        return f"{signed(-found['value'])}, no interval: {reason(found)}"
    return f"{signed(-found['value'])} [{signed(-found['high'])}, {signed(-found['low'])}]"


def share(found: Json, count: int) -> str:
    """A share with its interval; in words where nothing or everything was right."""
    if not count:
        return f"{UNKNOWN} nothing rated"
    if count < FEWEST_PAIRS:
        return few(count)
    if found["low"] is None:
        return f"{percent(found['value'])}, no interval: {reason(found)}"
    low, high = max(found["low"], 0.0), min(found["high"], 1.0)
    if found["value"] == 0:
        return f"0 %, at most {percent(high)}"
    if found["value"] == 1:
        return f"100 %, at least {percent(low)}"
    return f"{percent(found['value'])} [{100 * low:.0f}, {100 * high:.0f}]"


def few(pairs: int) -> str:
    """Instead of an estimate: the count, and why there is no more."""
    return f"{UNKNOWN} {count(pairs, 'pair')}: too few"


def count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def reason(found: Json) -> str:
    """Why an interval is undefined."""
    return str(found.get("method") or "").removeprefix("undefined: ") or "undefined"


def generality(readers: int, random: str | None) -> str:
    """What an interval generalises to."""
    if readers == 1:
        return "this reader, cases random"
    if random == "cases":
        return f"these {readers} readers, cases random"
    if readers <= 5:
        return (
            f"readers and cases random, but R = {readers}: "
            f"the interval rests on {count(readers - 1, 'degree')} of freedom for readers"
        )
    return "readers and cases random"


def agreement(readers: int) -> str:
    """What an interval of agreement is about."""
    if readers < 2:
        return "Two readers are needed."
    if readers == 2:
        return "Two readers: no interval is honest, so none is shown."
    return f"Interval: cases resampled, for these {readers} readers."


def coefficient(found: Json) -> tuple[str, str]:
    """An agreement coefficient and its interval, each as it is printed."""
    if found["value"] is None:
        return UNKNOWN, ""
    low, high = found.get("low"), found.get("high")
    if low is None and high is None:
        return plain(found["value"]), ""
    return plain(found["value"]), f"[{number(low)}, {number(high)}]"


def number(value: float | None, digits: int = 2) -> str:
    return UNKNOWN if value is None else plain(value, digits)
