"""Plausible SIMULATED ratings by the path a reader's answers take, for studies labelled simulated only."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np
from django.db.models.functions import Now

from radiorate.images.models import Origin
from radiorate.reading import presentation, submission
from radiorate.reading.models import Presentation
from radiorate.studies.models import Criterion, Reader, Side, Study

SYNTHETIC_EFFECT = -0.9  # on the latent scale whose noise has standard deviation 1
READER_SPREAD, READER_ORIGIN_SPREAD, IMAGE_SPREAD, PATIENCE_SPREAD = 0.4, 0.25, 0.6, 0.35
THRESHOLDS = np.array([-2.2, -1.3, -0.3, 0.9])  # cut the latent scale into five shares of the range
MEMORY = 0.7  # share of a judgement that returns when the image does
PREFERRED_FROM = 0.5  # a smaller difference is none
MISCOUNTED_BELOW = -2.0  # on the latent scale: an image so bad shows one too many or too few
NOT_ASSESSABLE_SHARE = 0.01
MEDIAN_SECONDS = 40


class NotSimulated(ValueError):
    """Ratings are made up for studies that say so on every page, and for no others."""


@dataclass
class _Judge:
    """A simulated reader: leniency, eye for synthetic images, pace, and what was thought of images seen before."""

    leniency: float
    eye: float
    pace: float
    remembered: dict[tuple[object, str], float]


def simulate(study: Study, seed: int) -> int:
    """The number of ratings made for all open assignments; the same study and seed give the same answers.

    Raises NotSimulated for a study not flagged `simulated`; nothing is written then.
    """
    if not study.simulated:
        raise NotSimulated(f"{study.slug} is not a simulated study")
    criteria = list(study.rubric.criteria.all())
    image_random = np.random.default_rng([seed, 0])
    images: dict[object, float] = {}
    for pair in study.pairs.order_by("code"):
        for image in (pair.first_id, pair.second_id):
            images.setdefault(image, float(image_random.normal(0, IMAGE_SPREAD)))
    return sum(
        _read_all(reader, criteria, images, np.random.default_rng([seed, reader.number]))
        for reader in study.readers.filter(removed_at__isnull=True).order_by("number")
    )


def _read_all(
    reader: Reader, criteria: list[Criterion], images: dict[object, float], random: np.random.Generator
) -> int:
    judge = _Judge(
        leniency=float(random.normal(0, READER_SPREAD)),
        eye=float(random.normal(0, READER_ORIGIN_SPREAD)),
        pace=float(random.normal(0, PATIENCE_SPREAD)),
        remembered={},
    )
    made = 0
    while shown := presentation.next_for(reader):
        answers = _answers(shown, criteria, images, judge, random)
        seconds = MEDIAN_SECONDS * float(np.exp(judge.pace + random.normal(0, 0.3)))
        # The server believes no page that was looked at longer than it has been out: it went out earlier, then.
        Presentation.objects.filter(pk=shown.pk).update(shown_at=Now() - timedelta(seconds=seconds))
        shown.refresh_from_db(fields=["shown_at"])
        times = {"t_shown": 0.0, "t_submit": 1000 * seconds, "hidden_ms": 0.0}
        submission.submit(shown, answers, times)
        made += 1
    return made


def _answers(
    shown: Presentation,
    criteria: list[Criterion],
    images: dict[object, float],
    judge: _Judge,
    random: np.random.Generator,
) -> dict[str, Any]:
    assignment = shown.assignment
    sides = {Side.LEFT.value: assignment.left, Side.RIGHT.value: assignment.right}
    scores: dict[str, dict[str, int]] = {}
    not_assessable: dict[str, dict[str, str]] = {}
    impression = {}
    for side, image in sides.items():
        is_synthetic = image.collection.origin == Origin.SYNTHETIC
        impression[side] = images[image.pk] + is_synthetic * (SYNTHETIC_EFFECT + judge.eye)
    for criterion in criteria:
        if not criterion.applies_to(assignment.pair.body_part):
            continue
        if criterion.kind == Criterion.Kind.PREFERENCE:
            gap = impression["right"] - impression["left"] + random.normal()
            scores[criterion.key] = {"": 2 + int(gap > PREFERRED_FROM) - int(gap < -PREFERRED_FROM)}
            continue
        if criterion.target == Criterion.Target.PAIR:
            scores[criterion.key] = {"": _score(sum(impression.values()) / 2 + random.normal(), criterion)}
            continue
        for side, image in sides.items():
            if random.random() < NOT_ASSESSABLE_SHARE:
                not_assessable.setdefault(criterion.key, {})[side] = "outside the field"
                continue
            noise = _returning(judge, (image.pk, criterion.key), random)
            if criterion.kind == Criterion.Kind.COUNT:
                number = criterion.expected[assignment.pair.body_part]
                wrong = int(impression[side] + noise < MISCOUNTED_BELOW) * int(random.choice([-1, 1]))
                scores.setdefault(criterion.key, {})[side] = number + wrong
                continue
            latent = impression[side] + judge.leniency + noise
            scores.setdefault(criterion.key, {})[side] = _score(latent, criterion)
    gap = impression["left"] - impression["right"] + _returning(judge, (assignment.pair_id, "choice"), random)
    levels = shown.study.levels_of_confidence
    worse = "right" if gap > 0 else "left"
    return {
        "scores": scores,
        "not_assessable": not_assessable,
        "believed_real": "left" if gap > 0 else "right",
        "confidence": int(np.clip(1 + abs(gap) * levels / 3, 1, levels)),
        "comment": "",
        "marks": _marks(worse, abs(gap), [tag.key for tag in shown.tags], random),
    }


def _returning(judge: _Judge, key: tuple[object, str], random: np.random.Generator) -> float:
    """Standard normal noise that comes back in part when the same thing is judged again."""
    fresh = float(random.normal())
    if key not in judge.remembered:
        judge.remembered[key] = fresh
        return fresh
    return MEMORY * judge.remembered[key] + float(np.sqrt(1 - MEMORY**2)) * fresh


def _score(latent: float, criterion: Criterion) -> int:
    """The grade of a latent judgement: the thresholds' five steps, spread over the criterion's range."""
    share = int(np.searchsorted(THRESHOLDS, latent)) / len(THRESHOLDS)
    return criterion.minimum + round(share * (criterion.maximum - criterion.minimum))


def _marks(side: str, certainty: float, tags: list[str], random: np.random.Generator) -> list[dict[str, Any]]:
    if random.random() > 0.3 * certainty or not tags:
        return []
    x, y = np.clip(random.normal(0.5, 0.15, size=2), 0.02, 0.98)
    return [{"side": side, "tag": str(random.choice(tags)), "x": round(float(x), 4), "y": round(float(y), 4)}]
