"""Every change of an image's, a collection's or an import's state, each one UPDATE that names the state it leaves."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from radiorate.accounts import audit
from radiorate.accounts.models import User
from radiorate.images.models import Collection, Ground, Image, Import, ImportFile, Origin

FREE = Q(state=Import.State.QUEUED) | Q(state=Import.State.RUNNING, lease_until__lt=Now())  # no worker holds it
NO_REASON = "Give a reason; it goes into the audit trail."


class NotPossible(Exception):
    """The image or collection is not in the state this act leaves, or a reason is missing; the message says which."""


def withdraw(image: Image, actor: User | None, words: str = "", ground: str = Ground.OTHER) -> None:
    """Take an image out of further pairing, on a ground of the list that its origin allows; ratings of it stay.

    words: what there is to say beside the ground; without any, the ground must say it all.
    """
    if ground not in Ground.of(image.collection.origin):
        raise NotPossible("Choose a reason from the list.")
    reason = words if ground == Ground.OTHER else ": ".join(filter(None, [Ground(ground).label, words.strip()]))
    leaves = Image.objects.filter(state__in=[Image.State.AVAILABLE, Image.State.HELD])
    _move(image, leaves, Image.State.WITHDRAWN, actor, "image.withdrawn", reason, ground)


def restore(image: Image, actor: User | None, reason: str) -> None:
    """Take a withdrawal back, unless readers may have been meant to see the image: an opened study stays as it went."""
    if image.renditions.exists():
        raise NotPossible("It stood in a pair of a study that was opened; there it stays withdrawn.")
    leaves = Image.objects.filter(state=Image.State.WITHDRAWN, renditions__isnull=True)
    _move(image, leaves, Image.State.AVAILABLE, actor, "image.restored", reason)


def release(image: Image, actor: User | None, reason: str) -> None:
    """Make a held image available: a person has looked at it."""
    leaves = Image.objects.filter(state=Image.State.HELD)
    _move(image, leaves, Image.State.AVAILABLE, actor, "image.released", reason)


@transaction.atomic
def describe(image: Image, tell: Callable[[Image], dict[str, str]], actor: User | None) -> dict[str, str]:
    """The facts that changed, with their new values; the audit trail keeps the old ones too.

    tell: from the stored image, which is locked meanwhile, to the facts' values by field.
    Raises NotPossible for an image of an opened study, whose pairs, protocol and results were drawn from its facts.
    """
    stored = Image.objects.select_for_update().get(pk=image.pk)
    new = {name: value for name, value in tell(stored).items() if value != getattr(stored, name)}
    if not new:
        return {}
    if stored.renditions.exists():
        raise NotPossible(
            "It stood in a pair of a study that was opened; what it is said to show stays as it was then."
        )
    Image.objects.filter(pk=image.pk).update(**new)
    detail = {"old": {name: getattr(stored, name) for name in new}, "new": new}
    audit.record(actor, "image.described", f"image {image.pk}", detail=detail)
    return new


def allow_sending(collection: Collection, actor: User | None, reason: str, licence: str = "") -> None:
    """Record an admin's consent: the real images may go to services outside, each as far as its licence allows.

    licence: of the images that name none; empty leaves it as it is.
    """
    _consent(collection, True, actor, "collection.sending_allowed", reason, licence)


def forbid_sending(collection: Collection, actor: User | None, reason: str) -> None:
    """Withdraw the consent: nothing of the collection is sent any more, not even for an order that waits already."""
    _consent(collection, False, actor, "collection.sending_forbidden", reason)


@transaction.atomic
def _consent(
    collection: Collection, may: bool, actor: User | None, action: str, reason: str, licence: str = ""
) -> None:
    reason = reason.strip()[:300]
    if not reason:
        raise NotPossible(NO_REASON)
    told = {"licence": licence} if licence else {}
    asked = Collection.objects.filter(pk=collection.pk, origin=Origin.REAL, may_be_sent=not may)
    if not asked.update(may_be_sent=may, **told):
        raise NotPossible(f"Consent is {'given' if may else 'not given'} already, or the images are no real ones.")
    audit.record(actor, action, f"collection {collection}", reason=reason, detail=told)


def _move(
    image: Image, leaves: QuerySet[Image], state: str, actor: User | None, action: str, reason: str, ground: str = ""
) -> None:
    reason = reason.strip()[:300]
    if not reason:
        raise NotPossible(NO_REASON)
    with transaction.atomic():
        kept = "" if state == Image.State.AVAILABLE else reason
        if not leaves.filter(pk=image.pk).update(state=state, state_reason=kept, withdrawn_for=ground):
            raise NotPossible(f"The image is {Image.objects.values_list('state', flat=True).get(pk=image.pk)} already.")
        detail = {"ground": ground} if ground else {}
        audit.record(actor, action, f"image {image.pk}", reason=reason, detail=detail)
    image.state, image.state_reason, image.withdrawn_for = state, kept, ground


def claim_import(import_id: int, lease: timedelta) -> UUID | None:
    """Take an import that waits or whose worker is gone; None when another holds it or it is done."""
    token = uuid4()
    taken = Import.objects.filter(FREE, pk=import_id).update(
        state=Import.State.RUNNING, claim=token, lease_until=Now() + lease
    )
    return token if taken else None


def renew_import(import_id: int, claim: UUID, lease: timedelta) -> bool:
    """Whether the import is still this worker's, for as long again."""
    held = Import.objects.filter(pk=import_id, state=Import.State.RUNNING, claim=claim)
    return bool(held.update(lease_until=Now() + lease))


def finish_import(import_id: int, claim: UUID) -> bool:
    """Close an import whose files are all settled; False when the claim was lost."""
    held = Import.objects.filter(pk=import_id, state=Import.State.RUNNING, claim=claim)
    return bool(held.update(state=Import.State.DONE, finished_at=Now(), claim=None, lease_until=None))


def settle_file(file: ImportFile, outcome: str, reason: str, image: Image | None) -> bool:
    """Write what became of a waiting file; False when that is written already.

    The name of a real radiograph may be the patient's: it is forgotten once the image itself stands for the file. A
    refused file keeps its name, or nobody could tell which one it was.
    """
    waiting = ImportFile.objects.filter(pk=file.pk, outcome=ImportFile.Outcome.WAITING)
    forgotten = {"name": f"file {_place(file)}"} if image and image.collection.origin == Origin.REAL else {}
    return bool(waiting.update(outcome=outcome, reason=reason[:300], image=image, **forgotten))


def _place(file: ImportFile) -> int:
    """Which file of its import it is, from 1 on."""
    return ImportFile.objects.filter(of_import_id=file.of_import_id, pk__lte=file.pk).count()
