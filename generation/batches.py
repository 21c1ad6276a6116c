"""What an admin does with batches: estimate, launch, pause, cancel, resume, settle; each in the audit trail."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from secrets import randbelow
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction

from generation import editing, failpoints, lifecycle, restoring, sending, sources
from generation.models import Attempt, Batch, Generator, Job
from generation.ordering import FACTS, laid, order_of, provider_of
from generation.provider import Mode, Pad
from generation.sheets import Sheet, sheet_of
from radiorate.accounts import audit
from radiorate.accounts.models import User
from radiorate.images.models import Collection, Image, Origin

MOST_JOBS = 5000
SEEDS = 2**31
STOPPED_BY_RESTORE = "restored from a backup: what waited in it may have been paid for since"
KIND = ("mode", "prompt", "width", "height", "source_id", "mask_shape", "pad", "on_hold", "options", *FACTS)
INHERITED = ("modality", "body_part", "view_position", "laterality", "patient_sex")  # facts an edit has from its source


class Impossible(Exception):
    """Why a batch can't be launched, in sentences; nothing was written."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = list(problems)


@dataclass(frozen=True)
class JobSpec:
    """One image to order; what is left empty is left to the generator, and a seed is drawn where it takes one.

    source: the image to edit. It is taken down to fit width x height; what it shows counts where nothing else is said.
    mask_shape: where an inpainting order may change it, see `masking`.
    pad: how far an outpainting order extends it, in pixels of the picture it is taken down to, rounded up to the grid.
    step_after: the place in the list of orders of the one whose image is to be edited, instead of a source.
    """

    prompt: str
    mode: Mode = Mode.TEXT_TO_IMAGE
    prompt_source: str = ""
    modality: str = ""
    body_part: str = ""
    view_position: str = ""
    laterality: str = ""
    patient_sex: str = ""
    pathology: str = ""
    seed: int | None = None
    width: int = 1024
    height: int = 1024
    options: Mapping[str, Any] = field(default_factory=dict)
    source: Image | None = None
    mask_shape: Mapping[str, Any] | None = None
    pad: Pad | None = None
    step_after: int | None = None

    def job(self, batch: Batch, number: int, before: Job | None = None) -> Job:
        """The row, not yet stored; `before` is the job whose image it edits."""
        fields = {**vars(self), "options": dict(self.options), "mask_shape": self.mask_shape and dict(self.mask_shape)}
        fields["on_hold"] = fields.pop("step_after") is not None
        shown = before or self.source
        if shown:
            fields |= {name: fields[name] or getattr(shown, name) for name in INHERITED}
            size = shown.width, shown.height
            width, height = size if before else editing.working_size(*size, self.width, self.height)
            pad = editing.on_grid(self.pad or Pad())
            fields |= {"width": pad.left + width + pad.right, "height": pad.top + height + pad.bottom}
            fields["pad"] = asdict(pad) if self.pad else None
        return Job(batch=batch, number=number, **fields)


@dataclass(frozen=True)
class Estimate:
    """The most a batch can cost when nothing has to be sent twice, and the dearest image in it.

    sheets: those on which images that the model doesn't edit at their own size are sent, one for each such image.
    """

    total_usd: Decimal
    dearest_usd: Decimal
    sheets: Sequence[Sheet] = ()


def estimate(generator: Generator, orders: Sequence[JobSpec]) -> Estimate:
    """What the orders would cost; raises Impossible where the generator can't fill them."""
    return _check(_unsaved(Batch(generator=generator), orders))


def too_dear(generator: Generator, found: Estimate, budget_usd: Decimal) -> list[str]:
    """The sentence on a budget that doesn't cover the dearest image; empty where it does."""
    if found.dearest_usd <= budget_usd:
        return []
    dearest = found.dearest_usd.normalize()
    return [f"One image of {generator} can cost {dearest:f} USD, and the budget is {budget_usd:f} USD."]


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
    launch_id: UUID | None = None,
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
        launch_id=launch_id,
    )
    jobs = _unsaved(batch, orders)
    problems = too_dear(generator, _check(jobs), budget_usd)
    if collection.origin != Origin.SYNTHETIC:
        raise Impossible([f"“{collection}” holds real images; synthetic ones need a collection of their own."])
    if problems:
        raise Impossible(problems)
    with transaction.atomic():
        if collection._state.adding:
            collection.save()
        batch.save()
        Job.objects.bulk_create(jobs, batch_size=500)
        steps = [(job, spec.step_after) for job, spec in zip(jobs, orders, strict=True) if spec.step_after is not None]
        for job, before in steps:
            job.after = jobs[before]  # has its key only now
        Job.objects.bulk_update([job for job, _ in steps], ["after"], batch_size=500)
        detail = {"generator": generator.name, "jobs": len(jobs), "budget_usd": str(budget_usd), "protocol": protocol}
        audit.record(actor, "batch.launched", f"batch {batch.pk}", detail=detail)
        transaction.on_commit(lambda: _send([job.pk for job in jobs if not job.on_hold]))
    return batch


@transaction.atomic
def cancel(batch: Batch, actor: User) -> int:
    """How many jobs were taken back; those begun run to their end, nothing else begins."""
    count = lifecycle.cancel(batch.pk, f"cancelled by {actor}")
    if count is not None:
        audit.record(actor, "batch.cancelled", f"batch {batch.pk}", detail={"jobs": count})
    return count or 0


@transaction.atomic
def pause(batch: Batch, actor: User) -> int | None:
    """How many jobs were put on hold; those begun run to their end. None if it is paused already."""
    count = lifecycle.pause(batch.pk)
    if count is not None:
        audit.record(actor, "batch.paused", f"batch {batch.pk}", detail={"jobs": count})
    return count


@transaction.atomic
def go_on(batch: Batch, actor: User) -> int | None:
    """How many jobs may be taken again; None if the batch isn't paused."""
    released = lifecycle.go_on(batch.pk)
    if released is None:
        return None
    audit.record(actor, "batch.gone_on", f"batch {batch.pk}", detail={"jobs": len(released)})
    transaction.on_commit(lambda: _send(released))
    return len(released)


@transaction.atomic
def retry(job: Job, actor: User, *, even_if_charged: bool) -> bool:
    """Whether a job that ended without an image waits again; charged ones by this person's word alone."""
    if not lifecycle.retry(job.pk, even_if_charged=even_if_charged):
        return False
    target, detail = f"batch {job.batch_id}, job {job.number}", {"even_if_charged": even_if_charged}
    audit.record(actor, "job.ordered_again", target, detail=detail)
    transaction.on_commit(lambda: _send([job.pk]))
    return True


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


@transaction.atomic
def settle_refusals(attempts: Sequence[Attempt], actor: User, *, was_charged: bool) -> int:
    """How many refusals a person's word settled, of those of which the provider didn't say whether it charges them."""
    settled = [attempt for attempt in attempts if lifecycle.settle_refusal(attempt.pk, was_charged=was_charged)]
    for attempt in settled:
        target = f"batch {attempt.job.batch_id}, job {attempt.job.number}"
        audit.record(actor, "refusal.settled", target, detail={"was_charged": was_charged})
    return len(settled)


@transaction.atomic
def set_budget(batch: Batch, actor: User, budget_usd: Decimal) -> None:
    """From its commit on no call begins that would pass the new budget; what was begun runs to its end."""
    former = Batch.objects.select_for_update(no_key=True).get(pk=batch.pk).budget_usd
    Batch.objects.filter(pk=batch.pk).update(budget_usd=budget_usd)
    detail = {"from_usd": former, "to_usd": budget_usd}
    audit.record(actor, "batch.budget_set", f"batch {batch.pk}", detail=detail)


@transaction.atomic
def resume_after_restore(actor: User | None, *, keep: bool = False) -> int:
    """How many batches were stopped, each to be resumed by a person, before orders go out of this database again.

    keep: stop none of them, as nothing was paid for since the backup.
    """
    waiting = Batch.objects.filter(jobs__state=Job.State.QUEUED).distinct().order_by("pk")
    stops = [] if keep else [lifecycle.cancel(batch.pk, STOPPED_BY_RESTORE) for batch in waiting]
    restoring.come_home()
    stopped = len([stop for stop in stops if stop is not None])
    audit.record(actor, "generation.resumed_after_restore", "database", detail={"stopped": stopped, "kept": keep})
    return stopped


def _unsaved(batch: Batch, orders: Sequence[JobSpec]) -> list[Job]:
    jobs: list[Job] = []
    for number, spec in enumerate(orders, start=1):
        before = None if spec.step_after is None else jobs[spec.step_after]
        jobs.append(spec.job(batch, number, before))
    return jobs


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
    problems: dict[str, bool] = {}
    unpriced: set[str] = set()
    # Thousands of orders differ by their seed alone: one of each kind is checked.
    kinds = [repr([getattr(job, name) for name in KIND]) for job in jobs]
    costs: dict[str, Decimal] = {}
    laid_on: dict[str, Sheet] = {}
    for job, kind in zip(jobs, kinds, strict=True):
        if not can.takes_seed:
            job.seed = None  # the record must not name a seed that nobody used
        elif job.seed is None:
            job.seed = randbelow(SEEDS)
        if kind in costs:
            continue
        costs[kind] = Decimal(0)
        order = order_of(job, uuid4())
        if sheet := sheet_of(order, can):
            order, laid_on[kind] = laid(order, sheet), sheet
        if job.width * job.height > settings.IMAGE_MAX_PIXELS:  # it would be bought, and then not taken in
            size = f"{job.width} × {job.height}"
            problems[f"A picture of {size} pixels is too large: at most {settings.IMAGE_MAX_PIXELS:,} in all."] = True
        elif order.mode not in can.modes:
            problems[f"The generator {generator} does no {order.mode.value.replace('_', ' ')}."] = True
        elif unfit := sources.problems(job, can):
            problems |= dict.fromkeys(unfit, True)
        elif can.body_parts is not None and job.body_part and job.body_part not in can.body_parts:
            known = ", ".join(sorted(can.body_parts))
            problems[f"The generator {generator} can't draw the {job.body_part}; it draws: {known}."] = True
        elif wrong := provider.problems(order):
            problems |= dict.fromkeys(wrong, True)
        else:
            try:
                costs[kind] = provider.estimate_usd(order)
            except KeyError as rate:
                unpriced.add(rate.args[0])
    if unpriced:
        problems[f"The price list of {generator} lacks the price of: {', '.join(sorted(unpriced))}."] = True
    if problems:
        raise Impossible(list(problems))
    sheets = [laid_on[kind] for kind in kinds if kind in laid_on]
    return Estimate(sum((costs[kind] for kind in kinds), Decimal(0)), max(costs.values()), sheets)


def _send(job_ids: Sequence[int]) -> None:
    failpoints.reach("unsent")
    sending.send(job_ids)
