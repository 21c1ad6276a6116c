"""Pair by pair: how each was scored, and one with its images and every answer. For closed studies."""

from typing import Any

from django.db.models import Avg, Case, Count, F, FloatField, Q, When

from radiorate.reading.models import Mark, Rating, Score
from radiorate.results import wording
from radiorate.results.plots import Table, Value
from radiorate.studies.models import Criterion, Pair, Side, Study

SCALE = Criterion.Kind.SCALE
REAL = Q(scores__side=F("assignment__first_side"))
NAMED = Q(believed_real=F("assignment__first_side"))
PREFERRED: dict[Value, str] = {1: Side.LEFT, 2: "equal", 3: Side.RIGHT}  # what the numbers of a preference say
UNDECIDED = Q(believed_real__in=("both", "neither"))

Json = dict[str, Any]


def overview(study: Study) -> list[Json]:
    """The main pairs but withdrawn ones, by code: region, readings, share that named the real one, mean scores.

    First showings only. The means are those of the readings there are, without any inference.
    """
    first = Rating.objects.filter(assignment__pair__study=study, assignment__repeat_of__isnull=True)
    hits = Case(When(NAMED, then=1.0), When(UNDECIDED, then=0.5), default=0.0, output_field=FloatField())
    named = first.values("assignment__pair").annotate(readings=Count("pk"), share=Avg(hits))
    scored = first.filter(scores__value__isnull=False, scores__criterion__kind=SCALE).exclude(scores__side="")
    means = scored.values("assignment__pair").annotate(
        real=Avg("scores__value", filter=REAL), synthetic=Avg("scores__value", filter=~REAL)
    )
    by_pair = {row["assignment__pair"]: row for row in named}
    scores = {row["assignment__pair"]: row for row in means}
    nothing = {"readings": 0, "share": None, "real": None, "synthetic": None}
    return [
        {"pair": pair, **nothing, **by_pair.get(pair.pk, {}), **scores.get(pair.pk, {})}
        for pair in study.pairs.filter(kind=Pair.Kind.MAIN, withdrawal__isnull=True).order_by("code")
    ]


def page(study: Study, pair: Pair) -> Json:
    """The pair's images, its answers reader by reader, the scores of each image, and the defects pinned."""
    ratings = list(
        Rating.objects.filter(assignment__pair=pair)
        .select_related("assignment__reader")
        .order_by("assignment__reader__number", "assignment__session", "assignment__position")
    )
    scores = Score.objects.filter(rating__in=ratings).values_list("rating", "criterion", "side", "value", "reason")
    told = {
        (rating, criterion, side): value if value is not None else reason
        for rating, criterion, side, value, reason in scores
    }
    criteria = [each for each in study.rubric.criteria.all() if each.applies_to(pair.body_part)]
    head = ["Reader", "Named real", "Confidence", "Seconds"]
    head += [
        f"{each.label}, {name}" for each in criteria for name in (_images(pair) if each.target == "each" else ["pair"])
    ]
    rows: list[list[Value]] = []
    for rating in ratings:
        cells: list[Value] = [
            _who(rating),
            _named(pair, rating, rating.believed_real),
            rating.confidence,
            float(rating.seconds),
        ]
        for each in criteria:
            sides = _sides(rating) if each.target == "each" else ("",)
            values = [told.get((rating.pk, each.pk, side), wording.UNKNOWN) for side in sides]
            if each.kind == Criterion.Kind.PREFERENCE:
                values = [_named(pair, rating, PREFERRED.get(value, wording.UNKNOWN)) for value in values]
            cells += values
        rows.append([*cells, rating.comment])
    marks = Mark.objects.filter(rating__in=ratings).select_related("rating__assignment__reader").order_by("pk")
    pinned: list[list[Value]] = [
        [_who(mark.rating), _image_at(pair, mark.rating, mark.side), mark.tag, float(mark.x), float(mark.y)]
        for mark in marks
    ]
    return {
        "pair": pair,
        "images": list(zip(_images(pair), (pair.first, pair.second), strict=True)),
        "answers": Table([*head, "Comment"], rows),
        "marks": Table(["Reader", "Image", "Defect", "From the left", "From the top"], pinned),
    }


def _images(pair: Pair) -> list[str]:
    """What the two images are called: by origin, and numbered where both have one."""
    if pair.kind == Pair.Kind.MAIN:
        return ["real", "synthetic"]
    return [f"first ({pair.first.collection.origin})", f"second ({pair.second.collection.origin})"]


def _sides(rating: Rating) -> tuple[str, str]:
    """On which sides the first and the second image stood."""
    first = rating.assignment.first_side
    return first, Side.RIGHT if first == Side.LEFT else Side.LEFT


def _image_at(pair: Pair, rating: Rating, side: str) -> str:
    return _images(pair)[_sides(rating).index(side)]


def _named(pair: Pair, rating: Rating, answer: str) -> str:
    """The image an answer names by its side; other answers as they are."""
    return _image_at(pair, rating, answer) if answer in Side.values else answer


def _who(rating: Rating) -> str:
    assignment = rating.assignment
    repeated = ", repeat" if assignment.repeat_of_id else ""
    return f"{assignment.reader.code}, session {assignment.session}{repeated}"
