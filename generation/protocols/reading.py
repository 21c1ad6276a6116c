"""From a protocol file to the experiment; whatever is wrong in it becomes one sentence."""

import tomllib
from collections.abc import Callable, Mapping
from typing import Any

from generation import masking
from generation.protocols import wording
from generation.protocols.experiment import LISTS, Prompt, Protocol
from generation.provider import Mode

HEAD = ("title", "publication", "note")
MOST_IMAGES = 5000
KNOWN_VALUES = {"views": ("AP", "PA", "LL", "RL"), "sides": ("L", "R", "B"), "sexes": ("F", "M")}


def read(name: str, text: str) -> Protocol:
    """The protocol of that TOML. Raises ValueError with one sentence on what is wrong."""
    try:
        return _protocol(name, tomllib.loads(text))
    except ValueError as error:
        raise ValueError(f"The protocol {name} can't be read: {str(error).rstrip('.')}.") from error


def _protocol(name: str, table: dict[str, Any]) -> Protocol:
    stated, assumed = table.pop("stated", {}), table.pop("assumed", {})
    _check_head(table, stated, assumed)
    settings = _merged(stated, assumed)
    read_as = settings.pop("read_as", {})
    lists = {key: _read_as(settings.pop(key), read_as) for key in LISTS if key in settings}
    written = settings.pop("prompts", [])
    if not written:
        raise ValueError("it has no “prompts”")
    mode = Mode(settings.pop("mode", Mode.TEXT_TO_IMAGE))
    prompts = tuple(_prompt(entry, lists, mode) for entry in written)
    for key in ("words", "sources"):  # said for the record: there is one way to draw sources
        settings.pop(key, None)
    for key in ("seeds", "source_views"):
        settings[key] = tuple(settings.get(key, ()))
    if settings["seeds"] and settings.setdefault("images_per_prompt", len(settings["seeds"])) != len(settings["seeds"]):
        n = settings["images_per_prompt"]
        raise ValueError(f"it has {len(settings['seeds'])} seeds for {n} images of each prompt")
    protocol = Protocol(name=name, prompts=prompts, mode=mode, stated=stated, assumed=assumed, **table, **settings)
    _check_all_is_ordered(protocol, read_as)
    _check_edit(protocol)
    return protocol


def _check_head(table: Mapping[str, Any], stated: Any, assumed: Any) -> None:
    if not table.get("title"):
        raise ValueError("it has no “title”")
    for key, value in table.items():
        if key not in HEAD:
            raise ValueError(f"“{key}” must stand under [stated] or [assumed]")
        if not isinstance(value, str):
            raise ValueError(f"“{key}” must be text")
    if not isinstance(stated, dict) or not isinstance(assumed, dict):
        raise ValueError("“stated” and “assumed” must be headings, as in [stated]")
    if stated and not table.get("publication"):
        raise ValueError("what is [stated] needs a “publication” that states it")
    if "words" in assumed:
        raise ValueError("“words” are what the publication states of the prompts: they stand under [stated]")


def _merged(stated: Mapping[str, Any], assumed: Mapping[str, Any]) -> dict[str, Any]:
    """Both tables as one: lists joined, what is stated first. Raises ValueError for a value of the wrong kind."""
    for key, value in (*stated.items(), *assumed.items()):
        if key not in KINDS:
            raise ValueError(f"there is no “{key}”; there are: {', '.join(KINDS)}")
        fits, words = KINDS[key]
        if not fits(value):
            raise ValueError(f"“{key}” must be {words}")
    merged = dict(stated)
    for key, value in assumed.items():
        if key not in merged:
            merged[key] = value
        elif isinstance(value, list):
            merged[key] = [*merged[key], *value]
        else:
            raise ValueError(f"“{key}” is both stated and assumed; it can be only one of them")
    return merged


def _prompt(entry: str | dict[str, Any], lists: Mapping[str, list[str]], mode: Mode) -> Prompt:
    """A prompt with its own lists, and those of the whole file that its words name.

    What is edited has a region, named or not.
    """
    table: dict[str, Any] = {"text": entry} if isinstance(entry, str) else dict(entry)
    text = table.pop("text", None)
    if not isinstance(text, str) or not text.strip():
        raise ValueError("a prompt has no “text”")
    named = wording.placeholders(text)
    pad, shows = table.pop("pad", {}), table.pop("shows", "")
    if not _is_pad(pad):
        raise ValueError(f"“pad” of the prompt “{text}” must be {PAD_WORDS}")
    if not isinstance(shows, str):
        raise ValueError(f"“shows” of the prompt “{text}” must be a body part")
    own: dict[str, tuple[str, ...]] = {}
    for key, value in table.items():
        if key not in LISTS:
            raise ValueError(f"the prompt “{text}” has no “{key}”; it may have: {', '.join((*LISTS, 'pad', 'shows'))}")
        if not _is_list_of(key)(value):
            raise ValueError(f"“{key}” of the prompt “{text}” must be {KINDS[key][1]}")
        own[key] = tuple(value)
    for key, name in LISTS.items():
        is_wanted = name in named or (key == "regions" and mode != Mode.TEXT_TO_IMAGE)
        if is_wanted and key not in own:
            if key not in lists:
                raise ValueError(f"the prompt “{text}” wants {{{name}}}, and there are no “{key}”")
            own[key] = tuple(lists[key])
    return Prompt(text, **own, pad=pad, shows=shows)


def _check_all_is_ordered(protocol: Protocol, read_as: Mapping[str, list[str]]) -> None:
    """What a publication states must not be left out unseen."""
    for key in LISTS:
        ordered = {value for prompt in protocol.prompts for value in getattr(prompt, key)}
        for value in _read_as(protocol.stated.get(key, []), read_as):
            if value not in ordered:
                raise ValueError(f"“{value}” is stated among the {key}, and no prompt orders it")


def _check_edit(protocol: Protocol) -> None:
    """What is edited needs a mask for each region or a pad for each prompt, and nothing else does."""
    unmasked = [region for region in protocol.regions if region not in protocol.masks]
    if protocol.mode == Mode.INPAINTING and unmasked:
        raise ValueError(f"inpainting needs “masks” for each region; there is none for: {', '.join(unmasked)}")
    if protocol.mode != Mode.INPAINTING and protocol.masks:
        raise ValueError(f"“masks” are for inpainting, and the mode is {protocol.mode}")
    if unknown := [region for region in protocol.masks if region not in protocol.regions]:
        raise ValueError(f"there is a mask, and no prompt, for: {', '.join(unknown)}")
    for prompt in protocol.prompts:
        if bool(prompt.pad) != (protocol.mode == Mode.OUTPAINTING):
            raise ValueError(f"outpainting, and only it, needs a “pad” for each prompt; look at “{prompt.text}”")
    if protocol.in_steps and protocol.mode != Mode.OUTPAINTING:
        raise ValueError("“in_steps” is for outpainting")


def _read_as(values: list[str], read_as: Mapping[str, list[str]]) -> list[str]:
    """The values, with what the file reads the publication's wider words as in their place."""
    return list(dict.fromkeys(narrow for value in values for narrow in read_as.get(value, [value])))


def _is_list_of(key: str) -> Callable[[Any], bool]:
    return lambda value: _are_texts(value) and all(entry in KNOWN_VALUES.get(key, (entry,)) for entry in value)


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(entry, str) and entry.strip() for entry in value)


def _is_number(least: int, most: int) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _are_prompts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(entry, str | dict) for entry in value)


def _are_seeds(value: Any) -> bool:
    return isinstance(value, list) and all(_is_number(0, 2**31 - 1)(entry) for entry in value)


def _is_read_as(value: Any) -> bool:
    return isinstance(value, dict) and all(_are_texts(entry) for entry in value.values())


def _is_pad(value: Any) -> bool:
    shares = value.values() if isinstance(value, dict) and value.keys() <= {"left", "right", "top", "bottom"} else [-1]
    return all(isinstance(share, int | float) and 0 < share <= MOST_PAD for share in shares)


def _are_masks(value: Any) -> bool:
    return isinstance(value, dict) and not any(masking.problems({"shapes": shapes}) for shapes in value.values())


MOST_PAD = 4
PAD_WORDS = f"left, right, top, bottom: shares of the source's width or height, to {MOST_PAD}"
# What may stand under [stated] and [assumed]: whether a value fits, and what it must be in words.
KINDS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "mode": (lambda value: value in list(Mode), f"one of {', '.join(Mode)}"),
    "prompts": (_are_prompts, "a list of prompts"),
    "words": (_are_texts, "a list of texts"),
    **{key: (_is_list_of(key), f"a list of {', '.join(KNOWN_VALUES.get(key, ['texts']))}") for key in LISTS},
    "read_as": (_is_read_as, "a table of lists of texts"),
    "images_per_prompt": (_is_number(1, MOST_IMAGES), f"a number from 1 to {MOST_IMAGES}"),
    "width": (_is_number(64, 8192), "a number of pixels from 64 to 8192"),
    "height": (_is_number(64, 8192), "a number of pixels from 64 to 8192"),
    "seeds": (_are_seeds, "a list of whole numbers"),
    "sources": (lambda value: value == "randomly selected", "“randomly selected”, the one way there is"),
    "sources_per_region": (_is_number(1, 1000), "a number from 1 to 1000"),
    "source_views": (_is_list_of("views"), f"a list of {', '.join(KNOWN_VALUES['views'])}"),
    "draw_seed": (_is_number(0, 2**31 - 1), "a whole number"),
    "masks": (_are_masks, "for each region a list of shapes, in shares of the picture"),
    "in_steps": (lambda value: isinstance(value, bool), "true or false"),
    "generators": (_is_number(1, 20), "a number from 1 to 20"),
    "every": (lambda value: value in ("week", "month", "quarter", "year"), "one of week, month, quarter, year"),
}
