"""One job: what was ordered, every call that was begun for it, and what a person decides about it."""

from collections.abc import Sequence

from django.contrib import messages
from django.db.models import Prefetch, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from generation import batches as acts
from generation import lifecycle, progress
from generation.forms import ExcludeForm, SettleForm
from generation.models import Attempt, Job
from radiorate.accounts.access import SignedInRequest, admin_only


@require_safe
@admin_only
def job(request: SignedInRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(with_results(Job.objects.select_related("batch__generator", "batch__collection")), pk=pk)
    others = Job.objects.filter(batch=found.batch)
    context = {
        "job": found,
        "row": progress.JobRow(found),
        "settle": SettleForm(),
        "exclude": ExcludeForm(),
        "is_free": lifecycle.surely_free(others.filter(pk=pk)).exists(),
        "before": others.filter(number__lt=found.number).order_by("-number").first(),
        "next": others.filter(number__gt=found.number).order_by("number").first(),
    }
    return render(request, "generation/job.html", context)


@require_POST
@admin_only
def settle_one(request: SignedInRequest, pk: int) -> HttpResponse:
    settle(request, [get_object_or_404(Job.objects.select_related("batch"), pk=pk)])
    return redirect("generation:job", pk=pk)


@require_POST
@admin_only
def retry(request: SignedInRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Job.objects.select_related("batch"), pk=pk)
    if acts.retry(found, request.user, even_if_charged="even_if_charged" in request.POST):
        messages.success(request, "The job waits again.")
    elif found.batch.stopped_at:
        messages.error(request, "The batch is stopped: order again what is to be ordered on its page.")
    else:
        messages.error(request, "It may have been charged, or it has not failed: it stays as it is.")
    return redirect("generation:job", pk=pk)


def settle(request: SignedInRequest, jobs: Sequence[Job]) -> None:
    """Write a person's word on unknown jobs, and say what came of it."""
    form = SettleForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Say both: whether it was charged, and what happens now.")
    elif count := acts.settle(jobs, request.user, **form.word()):
        messages.success(request, "Settled." if count == 1 else f"Settled {count} jobs.")
    else:
        messages.error(request, "This job is not unknown any more.")


def with_results(jobs: QuerySet[Job]) -> QuerySet[Job]:
    """The jobs with their attempts and outputs: three questions, however many jobs."""
    attempts = Attempt.objects.order_by("number").prefetch_related("outputs__image")
    return jobs.prefetch_related(Prefetch("attempts", attempts))
