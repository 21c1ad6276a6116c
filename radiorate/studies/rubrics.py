"""Rubrics out of files: what readers score, on which scale, in which words. A rubric is one file in `rubrics/`."""

import tomllib
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Model

from radiorate.studies.models import Criterion, Rubric, Tag

FOLDER = Path(__file__).parent / "rubrics"
WORDS = (
    "key",
    "label",
    "hint",
    "kind",
    "target",
    "minimum",
    "maximum",
    "anchors",
    "expected",
    "body_parts",
    "position",
)
OF_KIND: dict[str, dict[str, Any]] = {  # what a kind of criterion always is, so that no file has to say it
    Criterion.Kind.COUNT: {"minimum": 0, "maximum": 99},
    Criterion.Kind.PREFERENCE: {"target": Criterion.Target.PAIR, "minimum": 1, "maximum": 3},
}
TAG_WORDS = ("key", "label", "criterion", "body_parts", "position")


class RubricChanged(ValueError):
    """A rubric file says something else than the stored rubric of its name and version."""


@cache
def names() -> tuple[str, ...]:
    """The rubrics there are, sorted: the files of the folder."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


@transaction.atomic
def load(name: str) -> Rubric:
    """The stored rubric of a file, written on first use.

    Raises KeyError for an unknown name, and RubricChanged when the file was changed without a new version: studies
    refer to the stored words, so they can't follow.
    """
    if name not in names():
        raise KeyError(f"{name} is none of: {', '.join(names())}")
    content = _content(name)
    rubric, is_new = Rubric.objects.get_or_create(
        name=name, version=content["version"], defaults={"description": content.get("description", "")}
    )
    asked_of = {entry["key"]: entry.get("body_parts", []) for entry in content["criteria"]}
    criteria = [_criterion(rubric, entry, place, asked_of) for place, entry in enumerate(content["criteria"])]
    tags = [_tag(rubric, entry, place, asked_of) for place, entry in enumerate(content["tags"])]
    if is_new:
        Criterion.objects.bulk_create(criteria)
        Tag.objects.bulk_create(tags)
    elif texts(rubric) != {"criteria": _texts(criteria, WORDS), "tags": _texts(tags, TAG_WORDS)}:
        raise RubricChanged(
            f"rubrics/{name}.toml was changed but is still version {rubric.version}: give it a new version."
        )
    return rubric


def texts(rubric: Rubric) -> dict[str, list[dict[str, Any]]]:
    """All that a reader's answer depends on, as plain values."""
    return {"criteria": _texts(rubric.criteria.all(), WORDS), "tags": _texts(rubric.tags.all(), TAG_WORDS)}


def _texts(rows: Iterable[Model], words: Sequence[str]) -> list[dict[str, Any]]:
    return [{word: getattr(row, word) for word in words} for row in rows]


def _content(name: str) -> dict[str, Any]:
    """What a file says; one that extends another says that, and then its own."""
    content = tomllib.loads((FOLDER / f"{name}.toml").read_text())
    base = _content(content["extends"]) if "extends" in content else {}
    return content | {key: [*base.get(key, []), *content.get(key, [])] for key in ("criteria", "tags")}


def _criterion(rubric: Rubric, entry: dict[str, Any], place: int, asked_of: dict[str, list[str]]) -> Criterion:
    """The criterion of an entry: a count is asked where a number is expected, one `with` another where that is."""
    regions = {"body_parts": list(entry["expected"])} if "expected" in entry else {}
    regions |= {"body_parts": asked_of[entry["with"]]} if "with" in entry else {}
    said = {word: value for word, value in entry.items() if word != "with"}
    criterion = Criterion(rubric=rubric, position=place, **OF_KIND.get(entry.get("kind", ""), {}) | regions | said)
    criterion.full_clean(exclude=["rubric"], validate_unique=False, validate_constraints=False)
    return criterion


def _tag(rubric: Rubric, entry: dict[str, Any], place: int, asked_of: dict[str, list[str]]) -> Tag:
    """The tag of an entry; without regions of its own it can be pinned where its criterion is asked."""
    tag = Tag(rubric=rubric, position=place, **{"body_parts": asked_of[entry["criterion"]], **entry})
    tag.full_clean(exclude=["rubric"], validate_unique=False, validate_constraints=False)
    return tag
