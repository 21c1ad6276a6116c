"""What an admin does with batches: estimate, launch, cancel, resume, settle; each in the audit trail."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from secrets import randbelow
from typing import Any
from uuid import uuid4

from django.db import transaction

from generation import failpoints, lifecycle, sending
from generation.models import Batch, Generator, Job
from generation.ordering import order_of, provider_of
from generation.provider import Mode
from radiorate.accounts import audit
from radiorate.accounts.models import User
from radiorate.images.models import Collection, Origin

MOST_JOBS = 5000
SEEDS = 2**31


class Impossible(Exception):
    """Why a batch can't be launched, in sentences; nothing was written."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = list(problems)


@dataclass(frozen=True)
class JobSpec:
    """One image to order; what is left empty is left to the generator, and a seed is drawn where it takes one."""

    prompt: str
    mode: Mode = Mode.TEXT_TO_IMAGE
    prompt_source: str = ""
    body_part: str = ""
    view_position: str = ""
    laterality: str = ""
    patient_sex: str = ""
    pathology: str = ""
    seed: int | None = None
    width: int = 1024
    height: int = 1024
    options: Mapping[str, Any] = field(default_factory=dict)

    def job(self, batch: Batch, number: int) -> Job:
        """The row, not yet stored."""
        return Job(batch=batch, number=number, **{**vars(self), "options": dict(self.options)})


@dataclass(frozen=True)
class Estimate:
    """The most a batch can cost when nothing has to be sent twice, and the dearest image in it."""

    total_usd: Decimal
    dearest_usd: Decimal


def estimate(generator: Generator, orders: Sequence[JobSpec]) -> Estimate:
    """What the orders would cost; raises Impossible where the generator can't fill them."""
    return _check(_unsaved(Batch(generator=generator), orders))


def target(name: str) -> Collection:
    """The collection of that name, or a new one of synthetic images that `launch` stores with the batch."""
    new = Collection(name=name, origin=Origin.SYNTHETIC)
    return Collection.objects.filter(name=name).first() or new


def launch(
    *,
    generator: Generator,
    collection: Collection,
    orders: Sequence[JobSpec],
    budget_usd: Decimal,
    actor: User | None,
    protocol: str = "",
    protocol_facts: Mapping[str, Any] | None = None,
) -> Batch:
    """The batch with its jobs, committed whole and sent as far as the broker answers; the reaper sends the rest.

    collection: of synthetic images; one that isn't stored yet is stored with the batch.
    Raises Impossible before anything is written.
    """
    batch = Batch(
        generator=generator,
        collection=collection,
        protocol=protocol,
        protocol_facts=dict(protocol_facts or {}),
        budget_usd=budget_usd,
        created_by=actor,
    )
    jobs = _unsaved(batch, orders)
    dearest = _check(jobs).dearest_usd
    if collection.origin != Origin.SYNTHETIC:
        raise Impossible([f"“{collection}” holds real images; synthetic ones need a collection of their own."])
    if dearest > budget_usd:
        raise Impossible([f"One image can cost {dearest.normalize():f} USD, and the budget is {budget_usd:f} USD."])
    with transaction.atomic():
        if collection._state.adding:
            collection.save()
        batch.save()
        Job.objects.bulk_create(jobs, batch_size=500)
        detail = {"generator": generator.name, "jobs": len(jobs), "budget_usd": str(budget_usd), "protocol": protocol}
        audit.record(actor, "batch.launched", f"batch {batch.pk}", detail=detail)
        transaction.on_commit(lambda: _send([job.pk for job in jobs]))
    return batch


@transaction.atomic
def cancel(batch: Batch, actor: User) -> int:
    """How many jobs were taken back; those begun run to their end, nothing else begins."""
    count = lifecycle.cancel(batch.pk, f"cancelled by {actor}")
    if count is not None:
        audit.record(actor, "batch.cancelled", f"batch {batch.pk}", detail={"jobs": count})
    return count or 0


@transaction.atomic
def resume(batch: Batch, actor: User, budget_usd: Decimal) -> int:
    """How many cancelled or safely failed jobs wait again, under a budget that may be another one."""
    Batch.objects.filter(pk=batch.pk).update(budget_usd=budget_usd)
    again = lifecycle.resume(batch.pk)
    detail = {"jobs": len(again), "budget_usd": str(budget_usd)}
    audit.record(actor, "batch.resumed", f"batch {batch.pk}", detail=detail)
    transaction.on_commit(lambda: _send(again))
    return len(again)


@transaction.atomic
def settle(jobs: Sequence[Job], actor: User, *, was_charged: bool, order_again: bool) -> int:
    """How many of the jobs a person's word settled; those that aren't unknown any more stay as they are."""
    settled = [job for job in jobs if lifecycle.settle(job.pk, was_charged=was_charged, order_again=order_again)]
    detail = {"was_charged": was_charged, "ordered_again": order_again}
    for job in settled:
        audit.record(actor, "job.settled", f"batch {job.batch_id}, job {job.number}", detail=detail)
    if order_again:
        transaction.on_commit(lambda: _send([job.pk for job in settled]))
    return len(settled)


def _unsaved(batch: Batch, orders: Sequence[JobSpec]) -> list[Job]:
    return [spec.job(batch, number) for number, spec in enumerate(orders, start=1)]


def _check(jobs: Sequence[Job]) -> Estimate:
    """The estimate, and a seed for each job whose generator takes one; raises Impossible with every sentence once."""
    if not 1 <= len(jobs) <= MOST_JOBS:
        raise Impossible([f"A batch holds from 1 to {MOST_JOBS} images, not {len(jobs)}."])
    generator = jobs[0].batch.generator
    if not generator.is_active:
        raise Impossible([f"The generator {generator} is switched off."])
    try:
        provider = provider_of(generator)
    except KeyError as missing:
        raise Impossible([f"The generator {generator} can't be used: {missing.args[0]}."]) from missing
    can = provider.capabilities(generator.model)
    costs, problems = [], {}
    for job in jobs:
        if can.takes_seed and job.seed is None:
            job.seed = randbelow(SEEDS)
        order = order_of(job, uuid4())
        if order.mode not in can.modes:
            problems[f"The generator {generator} does no {order.mode.value.replace('_', ' ')}."] = True
        elif can.body_parts is not None and job.body_part and job.body_part not in can.body_parts:
            known = ", ".join(sorted(can.body_parts))
            problems[f"The generator {generator} can't draw the {job.body_part}; it draws: {known}."] = True
        else:
            problems |= dict.fromkeys(provider.problems(order), True)
            costs.append(provider.estimate_usd(order))
    if problems:
        raise Impossible(list(problems))
    return Estimate(sum(costs, Decimal(0)), max(costs))


def _send(job_ids: Sequence[int]) -> None:
    failpoints.reach("unsent")
    sending.send(job_ids)
