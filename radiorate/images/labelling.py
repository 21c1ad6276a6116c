"""What is still to be told of a collection's images, and telling it of many at once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.db.models import Q, QuerySet

from radiorate.accounts.models import User
from radiorate.images import lifecycle
from radiorate.images.models import Collection, Image

# Data sets say "frontal" where nobody wrote down which of AP and PA it is: that is no view yet.
LACKS = {
    "region": Q(body_part=""),
    "view": Q(view_position="", view_modifier__in=["", "frontal"]),
    "side": Q(laterality=""),
    "sex": Q(patient_sex=""),
}


@dataclass(frozen=True)
class Told:
    """How many images now say something else, and how many could not be changed."""

    changed: int
    refused: int


def lacking(of: Collection, what: Sequence[str]) -> QuerySet[Image]:
    """Images that lack one of these, names of LACKS, and of which it may still be told: no opened study holds them."""
    open_ones = of.images.exclude(state=Image.State.WITHDRAWN).filter(renditions__isnull=True)
    return open_ones.filter(reduce(or_, (LACKS[name] for name in what), Q(pk__in=[])))


def tell(images: Iterable[Image], told: Mapping[str, str], actor: User) -> Told:
    """Write these values, by field, into each image; empty ones leave what is there. Each change is audited."""
    new = {name: value for name, value in told.items() if value}
    if "view_position" in new:  # the view is one fact: what was said beyond the old one goes with it
        new["view_modifier"] = told.get("view_modifier", "")
    changed = refused = 0
    for image in images:
        try:
            changed += bool(lifecycle.describe(image, lambda _: new, actor))
        except lifecycle.NotPossible:
            refused += 1
    return Told(changed, refused)
