"""Whether anything but the pixels could tell the two origins of a study apart: files, sides, runs, exposure."""

from collections import Counter
from itertools import groupby
from typing import Any

from django.db.models import Count

from radiorate.images import blinding
from radiorate.images.models import Origin, Rendition
from radiorate.studies.assigning import LONGEST_RUN
from radiorate.studies.models import Assignment, Pair, Side, Study


def inspect(study: Study) -> dict[str, Any]:
    """What was measured, and `problems`, one sentence each; `ok` when there is none.

    Sides and exposure are those planned for all readers, removed ones too: that is what the design promises.
    """
    renditions = list(_renditions(study))
    problems = blinding.check(renditions) if renditions else ["Nothing is rendered yet: the study is a draft."]
    rows = list(
        Assignment.objects.filter(reader__study=study)
        .exclude(pair__kind=Pair.Kind.PRACTICE)
        .order_by("reader__number", "session", "position")
        .values_list("reader__number", "session", "pair__code", "pair__kind", "first_side", "repeat_of")
    )
    by_reader: Counter[int] = Counter()
    by_pair: Counter[str] = Counter()
    for number, _, code, kind, side, repeat_of in rows:
        if kind == Pair.Kind.MAIN and repeat_of is None:
            step = 1 if side == Side.LEFT else -1
            by_reader[number] += step
            by_pair[code] += step
    runs = [
        len(list(run))
        for _, session in groupby(rows, key=lambda row: row[:2])
        for _, run in groupby(session, key=lambda row: row[4])
    ]
    sides = {
        "largest_difference_within_a_reader": max(map(abs, by_reader.values()), default=0),
        "largest_difference_within_a_pair": max(map(abs, by_pair.values()), default=0),
        "longest_run": max(runs, default=0),
    }
    # One more where all read all; what a reader reads in turns is balanced in each of its parts.
    parts = 1 if study.blocks == 1 else 1 + study.blocks_per_reader
    if sides["largest_difference_within_a_reader"] > parts:
        problems.append("A reader sees more real images on one side than on the other.")
    if sides["largest_difference_within_a_pair"] > 1:
        problems.append("A pair's real image stands on one side for more than half of the readers.")
    if sides["longest_run"] > LONGEST_RUN:
        problems.append(f"One side holds the first image {sides['longest_run']} times running.")
    exposure = {origin: _exposure(study, origin) for origin in Origin.values}
    if exposure[Origin.REAL] != exposure[Origin.SYNTHETIC]:
        problems.append("Real and synthetic images are not shown equally often.")
    return {
        "study": study.slug,
        "state": study.state,
        "ok": not problems,
        "problems": problems,
        "files": len(renditions),
        "sides": sides,
        "showings_per_image": exposure,
    }


def _renditions(study: Study) -> list[Rendition]:
    """The files readers get, in no order that an origin could follow from."""
    shown = {(image, pair.recipe) for pair in study.pairs.all() for image in (pair.first_id, pair.second_id)}
    found = Rendition.objects.filter(image__in={image for image, _ in shown}).order_by("pk")
    return [each for each in found if (each.image_id, each.recipe) in shown]


def _exposure(study: Study, origin: str) -> dict[str, int]:
    """The least and the most first showings of an image of this origin, over all readers."""
    counts = [
        row["showings"]
        for place in ("first", "second")
        for row in Assignment.objects.filter(
            reader__study=study, repeat_of=None, **{f"pair__{place}__collection__origin": origin}
        )
        .exclude(pair__kind=Pair.Kind.PRACTICE)
        .values(f"pair__{place}")
        .annotate(showings=Count("pk"))
    ]
    return {"least": min(counts, default=0), "most": max(counts, default=0)}
