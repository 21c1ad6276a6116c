"""The report on a study's blinding: four parts; all but balance must also find the leaks planted to try them."""

from collections.abc import Callable, Iterator
from math import isnan
from typing import Any

from django.core.files.storage import default_storage

from radiorate.blinding import counterfactual, equality, pixels, worlds
from radiorate.blinding.worlds import World
from radiorate.images.models import Origin, Rendition
from radiorate.studies import inspection
from radiorate.studies.models import Pair, Study

Json = dict[str, Any]


def check(study: Study, tell: Callable[[str], object] = lambda words: None) -> Json:
    """What was measured, and `problems`, one sentence each; `ok` when there is none.

    parts: balance (files, sides, runs, exposure), equality (the answers that bring pictures), counterfactual (whole
    visits with the truth turned) and pixels (what they tell without anatomy). The second and third read the study as
    a reader does, so they need it to be open; `skipped` says why a part was left out.
    tell: hears a few words before each step.
    """
    tell("files, sides and exposure")
    report = inspection.inspect(study)
    parts: Json = {"balance": {"problems": list(report["problems"])}}
    if study.is_open:
        parts |= visits(study, tell)
    else:
        why = {"skipped": f"the study is {study.state}: no reader can visit it", "problems": []}
        parts |= {"equality": why, "counterfactual": why}
    parts["pixels"] = pictures(study, tell)
    for name, part in parts.items():
        if part.get("leaks_planted", 0) > part.get("leaks_found", 0):
            part["problems"].append(f"The part {name} missed a leak that was planted to try it.")
    problems = [problem for part in parts.values() for problem in part["problems"]]
    return {**report, "ok": not problems, "problems": problems, "parts": _without_nan(parts)}


def _without_nan(found: Any) -> Any:
    """What can't be known as None: JSON has no word for nan."""
    if isinstance(found, dict):
        return {name: _without_nan(value) for name, value in found.items()}
    return None if isinstance(found, float) and isnan(found) else found


def visits(study: Study, tell: Callable[[str], object]) -> Json:
    """The parts equality and counterfactual of an open study."""
    tell("a reader's visit")
    as_is = worlds.rehearse(study, World.AS_IS)
    pictures = as_is.pictures()
    tried = [bool(equality.check(leaky)["problems"]) for leaky in equality.planted(pictures)]
    parts = {"equality": equality.check(pictures) | {"leaks_planted": len(tried), "leaks_found": sum(tried)}}
    compared: Json = {"exchanges": 0, "problems": []}
    for world in (World.TURNED, World.RELABELLED):
        tell(f"the same visit with {world.value}")
        found = counterfactual.compare(as_is.session, worlds.rehearse(study, world).session, world.value)
        compared["exchanges"] += found["exchanges"]
        compared["problems"] += found["problems"]
    tried = [
        bool(counterfactual.compare(as_is.session, leaky, "a leak")["problems"])
        for leaky in counterfactual.planted(as_is.session)
    ]
    return parts | {"counterfactual": compared | {"leaks_planted": len(tried), "leaks_found": sum(tried)}}


def pictures(study: Study, tell: Callable[[str], object]) -> Json:
    """The part pixels of a study whose pairs are drawn."""
    tell("the pixels")
    rows = list(_measured(study))
    tried = [bool(pixels.judge(leaky)["problems"]) for leaky in pixels.planted(rows)]
    return pixels.judge(rows) | {"leaks_planted": len(tried), "leaks_found": sum(tried)}


def _measured(study: Study) -> Iterator[pixels.Row]:
    """Each picture of the pairs that count, once."""
    pairs = study.pairs.exclude(kind=Pair.Kind.PRACTICE).order_by("code")
    done = set()
    for number, pair in enumerate(pairs.select_related("first__collection", "second__collection")):
        for image in (pair.first, pair.second):
            found = Rendition.objects.filter(image=image, recipe=pair.recipe).first()
            if found and image.pk not in done:
                done.add(image.pk)
                with default_storage.open(str(found.file)) as stored:
                    grey = pixels.grey(stored.read())
                yield pixels.measures(grey), image.collection.origin == Origin.REAL, number
