"""Which outputs are left out and why: by a person, for a reason of the list, before readers are meant to see them."""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Now

from generation.models import Batch, NearCopy, Output
from radiorate.accounts import audit
from radiorate.accounts.models import User
from radiorate.images import lifecycle
from radiorate.images.models import Ground, Image

WITHDRAWN = Q(image__state=Image.State.WITHDRAWN)


@dataclass(frozen=True)
class Rate:
    """How many of a generator's or a batch's outputs are left out: so that leaving out much is seen."""

    excluded: int
    outputs: int

    @property
    def percent(self) -> float:
        return 100 * self.excluded / self.outputs if self.outputs else 0


@dataclass(frozen=True)
class Quality:
    """What a batch's page says of its outputs."""

    of_batch: Rate
    of_generator: Rate
    grounds: list[tuple[str, int]]  # of the batch's exclusions, in words
    near_copies: int  # outputs of the batch that look like a real image and that nobody has looked at
    not_compared: int


def of(batch: Batch) -> Quality:
    """The quality of a batch's outputs, in three questions."""
    own = Output.objects.filter(attempt__job__batch=batch)
    counts = own.aggregate(
        outputs=Count("pk"),
        excluded=Count("pk", filter=WITHDRAWN),
        not_compared=Count("pk", filter=Q(image__fingerprint__compared_at=None)),
    )
    whole = Output.objects.filter(attempt__job__batch__generator=batch.generator_id)
    of_all = whole.aggregate(outputs=Count("pk"), excluded=Count("pk", filter=WITHDRAWN))
    rows = own.filter(WITHDRAWN).values_list("image__withdrawn_for").annotate(count=Count("pk")).order_by("-count")
    return Quality(
        Rate(counts["excluded"], counts["outputs"]),
        Rate(of_all["excluded"], of_all["outputs"]),
        [(dict(Ground.choices).get(ground, "reason not of the list"), count) for ground, count in rows],
        to_look_at().filter(output__attempt__job__batch=batch).values("output").distinct().count(),
        counts["not_compared"],
    )


def to_look_at() -> QuerySet[NearCopy]:
    """The near-copies about which nobody has decided."""
    return NearCopy.objects.filter(kept_at=None).exclude(output__image__state=Image.State.WITHDRAWN)


def exclude(output: Output, actor: User, ground: str, words: str = "") -> None:
    """Leave an output out of what studies draw from. Raises images.lifecycle.NotPossible."""
    if output.image.renditions.exists():
        raise lifecycle.NotPossible(
            "It stands in a pair of a study that was opened. On the image's own page it can be withdrawn: "
            "its pair is shown no more, and what was rated stays."
        )
    lifecycle.withdraw(output.image, actor, words, ground)


@transaction.atomic
def keep(near_copies: QuerySet[NearCopy], actor: User, note: str) -> int:
    """How many likenesses of one output a person has looked at and found to be no copy; the note says why."""
    found = list(near_copies.filter(kept_at=None).select_related("output"))
    kept = near_copies.filter(pk__in=[each.pk for each in found]).update(kept_at=Now(), kept_by=actor, note=note[:300])
    for each in found:
        detail = {"real": str(each.real_id), "correlation": each.correlation, "hash_distance": each.hash_distance}
        audit.record(actor, "near_copy.kept", f"image {each.output.image_id}", reason=note, detail=detail)
    return kept
