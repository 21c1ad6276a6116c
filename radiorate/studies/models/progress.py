"""Which showings count, and how far readers are: said once for studies, readers and results."""

from django.db import models
from django.db.models import Q

from radiorate.images.models import Image


class PairKind(models.TextChoices):
    MAIN = "main"
    CONTROL = "control"  # two of one origin
    PRACTICE = "practice"


def counted(assignment: str) -> Q:
    """Showings whose ratings count: practice doesn't."""
    return ~Q(**{f"{assignment}__pair__kind": PairKind.PRACTICE})


def comes_no_more(pair: str = "") -> Q:
    """Pairs that were withdrawn, or lost an image, after the study opened; `pair` is where they stand in the query."""
    lost, before = Image.State.WITHDRAWN, f"{pair}__" if pair else ""
    return (
        Q(**{f"{before}withdrawal__isnull": False})
        | Q(**{f"{before}first__state": lost})
        | Q(**{f"{before}second__state": lost})
    )


def to_be_rated(assignment: str) -> Q:
    """Counted showings that are rated or can still be."""
    return counted(assignment) & (~comes_no_more(f"{assignment}__pair") | Q(**{f"{assignment}__rating__isnull": False}))
