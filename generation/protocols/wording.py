"""The words of a prompt: placeholders filled in, and which of the words a publication states."""

import re
from collections.abc import Collection, Mapping
from string import Formatter

STATED, ASSUMED, FREE = "stated", "assumed", "free"
PLACEHOLDERS = ("region", "view", "side", "sex", "pathology", "modality")
# Codes of the image's facts, as a prompt says them; whatever isn't named here stands for itself.
WORDS = {
    "view": {"AP": "AP", "PA": "PA", "LL": "lateral", "RL": "lateral"},
    "side": {"L": "left", "R": "right", "B": "both"},
    "sex": {"F": "female", "M": "male"},
}
SPELLED_WITH_A_VOWEL = "AEFHILMNORSX"  # "an MRI", "an X-ray", but "a CT"


def placeholders(text: str) -> set[str]:
    """The names in braces. Raises ValueError where anything else is in them."""
    named = set()
    for _, name, form, conversion in Formatter().parse(text):
        if name is None:
            continue
        # {region:>999999999} or {region.__class__} would be filled in too.
        if name not in PLACEHOLDERS or form or conversion:
            raise ValueError(f"“{{{name}}}” is none of {', '.join(f'{{{known}}}' for known in PLACEHOLDERS)}")
        named.add(name)
    return named


def word(name: str, value: str) -> str:
    """What a prompt says for this value of the placeholder."""
    return WORDS.get(name, {}).get(value, value)


def fill(text: str, values: Mapping[str, str]) -> str:
    """The prompt: every placeholder filled in, “A(n)” as the next word wants it, single spaces."""
    filled = text.format(**{name: word(name, values.get(name, "")) for name in PLACEHOLDERS})
    return re.sub(r"\b([Aa])\(n\) (\S+)", _with_article, " ".join(filled.split()))


def marked(prompt: str, stated: Collection[str]) -> list[tuple[str, bool]]:
    """The prompt in pieces, each with whether the publication states it; joined they are the prompt."""
    if not any(stated):
        return [(prompt, False)]
    longest_first = sorted(filter(None, stated), key=len, reverse=True)
    pattern = rf"(?<!\w)({'|'.join(map(re.escape, longest_first))})(?!\w)"
    return [(piece, number % 2 == 1) for number, piece in enumerate(re.split(pattern, prompt)) if piece]


def source_of(prompt: str, stated: Collection[str]) -> str:
    """“stated” where each of the words is, else “assumed”."""
    return STATED if all(is_stated or piece.isspace() for piece, is_stated in marked(prompt, stated)) else ASSUMED


def literals(text: str) -> set[str]:
    """What stands between the placeholders."""
    return {literal.strip() for literal, *_ in Formatter().parse(text) if literal.strip()}


def _with_article(match: re.Match[str]) -> str:
    article, following = match.groups()
    is_spelled = following.isupper() or re.match(r"[A-Z]-", following)
    vowels = SPELLED_WITH_A_VOWEL if is_spelled else "AEIOUaeiou"
    return f"{article}{'n' if following[0] in vowels else ''} {following}"
