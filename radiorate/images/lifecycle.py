"""Every change of an image's state, each one UPDATE that names the state it leaves."""

from collections.abc import Sequence

from django.db import transaction

from radiorate.accounts import audit
from radiorate.accounts.models import User
from radiorate.images.models import Image


class NotPossible(Exception):
    """The image is not in the state this act leaves, or no reason is given; the message says which."""


def withdraw(image: Image, actor: User | None, reason: str) -> None:
    """Take an image out of further pairing, for good and with a reason; ratings of it stay."""
    leaves = [Image.State.AVAILABLE, Image.State.HELD]
    _move(image, leaves, Image.State.WITHDRAWN, actor, "image.withdrawn", reason)


def release(image: Image, actor: User | None, reason: str) -> None:
    """Make a held image available: a person has looked at it."""
    _move(image, [Image.State.HELD], Image.State.AVAILABLE, actor, "image.released", reason)


def _move(image: Image, leaves: Sequence[str], state: str, actor: User | None, action: str, reason: str) -> None:
    reason = reason.strip()[:300]
    if not reason:
        raise NotPossible("Give a reason; it goes into the audit trail.")
    with transaction.atomic():
        kept = "" if state == Image.State.AVAILABLE else reason
        if not Image.objects.filter(pk=image.pk, state__in=leaves).update(state=state, state_reason=kept):
            raise NotPossible(f"The image is {Image.objects.values_list('state', flat=True).get(pk=image.pk)} already.")
        audit.record(actor, action, f"image {image.pk}", reason=reason)
    image.state, image.state_reason = state, kept
