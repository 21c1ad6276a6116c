"""From rows to what a provider speaks: a generator's provider, and a job's order."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

from django.conf import settings
from django.utils.functional import SimpleLazyObject

from generation import editing, masking, sources
from generation.models import Generator, Job
from generation.provider import Connection, Mode, Order, Pad, Provider
from generation.sheets import Sheet
from radiorate import registry
from radiorate.images.decoding import decode, grey_png

FACTS = ("modality", "body_part", "view_position", "laterality", "patient_sex", "pathology")
TIMEOUT_SHARE_OF_LEASE = 0.6  # a call must end, and its answer be stored, before others may take the job for lost


def provider_of(generator: Generator) -> Provider:
    """The generator's provider, made with its options. Raises KeyError when no file holds it."""
    for package in settings.PROVIDER_PACKAGES:
        if generator.provider in registry.names(package):
            make = cast(Any, registry.load(package, generator.provider, "Provider"))
            return cast(Provider, make(generator.options, connection_of(generator)))
    raise KeyError(f"no provider is named {generator.provider}")


def connection_of(generator: Generator) -> Connection:
    """The address and the key that the environment gives under the generator's connection name."""
    name = (generator.connection or generator.provider).upper()
    return Connection(settings.BASE_URLS.get(name, ""), settings.API_KEYS.get(name, ""), name)


def order_of(job: Job, key: UUID) -> Order:
    """What the provider is asked for under this idempotency key, without the pictures of an edit.

    The job need not be stored yet.
    """
    return Order(
        key=key,
        mode=Mode(job.mode),
        model=job.batch.generator.model,
        prompt=job.prompt,
        seed=job.seed,
        width=job.width,
        height=job.height,
        pad=Pad(**job.pad) if job.pad else None,
        rates=cast(Mapping[str, Decimal], SimpleLazyObject(lambda: job.batch.generator.rates)),  # if asked for
        options={**facts_of(job), **job.options},
        timeout_seconds=TIMEOUT_SHARE_OF_LEASE * settings.LEASE_SECONDS,
    )


def with_pictures(order: Order, job: Job) -> Order:
    """The order with the source's pixels and the mask, read from the storage, and what its maker knows of the source.

    An order that edits nothing stays as it is.
    """
    if job.source is None:
        return order
    known = sources.known_of(job.source, job.batch.generator.provider)
    return replace(
        order,
        image=grey_png(sources.picture(job.source, job)),
        mask=grey_png(masking.draw(job.mask_shape, job.width, job.height)) if job.mask_shape else None,
        options={**order.options, "source": known} if known else order.options,
    )


def laid(order: Order, sheet: Sheet | None) -> Order:
    """The order as it is sent on a sheet, if on any; its pictures, where it has them yet.

    An outpainting order's canvas is made here, so that it has a mask and no pad.
    """
    if sheet is None:
        return order
    sent = replace(order, width=sheet.width, height=sheet.height, pad=None)
    if order.image is None:
        return sent
    canvas = decode(order.image).array
    if order.mask is None:
        canvas, mask = editing.extended(canvas, order.pad or Pad())
    else:
        mask = decode(order.mask).array
    return replace(sent, image=grey_png(sheet.lay(canvas)), mask=grey_png(sheet.lay_mask(mask)))


def facts_of(job: Job) -> dict[str, str]:
    """What the image is to show, by the names a manifest has too; what the order leaves open is left out."""
    return {name: getattr(job, name) for name in FACTS if getattr(job, name)}
