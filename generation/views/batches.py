"""Batches and their jobs: how far they are, and what an admin decides about them."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Prefetch, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from generation import batches as acts
from generation import progress
from generation.forms import ResumeForm, SettleForm
from generation.models import Attempt, Batch, Job
from radiorate.accounts.access import SignedInRequest, admin_only

BATCHES_A_PAGE, JOBS_A_PAGE = 25, 50


@require_safe
@admin_only
def batches(request: SignedInRequest) -> HttpResponse:
    found = Batch.objects.select_related("generator", "collection", "created_by").with_progress().order_by("-pk")
    page = Paginator(found, BATCHES_A_PAGE).get_page(request.GET.get("page"))
    rows = [progress.of(batch) for batch in page]
    return _live(request, "batches", {"page": page, "rows": rows, "is_live": any(row.is_live for row in rows)})


@require_safe
@admin_only
def batch(request: SignedInRequest, pk: int) -> HttpResponse:
    found = Batch.objects.select_related("generator", "collection", "created_by").with_progress()
    row = progress.of(get_object_or_404(found, pk=pk))
    state = request.GET.get("state", "")
    state = state if state in Job.State.values else ""
    jobs = _with_results(row.batch.jobs.order_by("number"))
    page = Paginator(jobs.filter(state=state) if state else jobs, JOBS_A_PAGE).get_page(request.GET.get("page"))
    context = {"row": row, "batch": row.batch, "page": page, "state": state, "is_live": row.is_live}
    context |= {"jobs": [progress.JobRow(job) for job in page], "query": f"state={state}&" if state else ""}
    context |= {"silence": progress.silence(row.batch), "settle": SettleForm()}
    resume = ResumeForm(initial={"budget_usd": row.batch.budget_usd})
    return _live(request, "batch", {**context, "resume": resume})


@require_safe
@admin_only
def job(request: SignedInRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(_with_results(Job.objects.select_related("batch__generator", "batch__collection")), pk=pk)
    context = {"job": found, "row": progress.JobRow(found), "settle": SettleForm()}
    return render(request, "generation/job.html", context)


@require_POST
@admin_only
def cancel(request: SignedInRequest, pk: int) -> HttpResponse:
    count = acts.cancel(get_object_or_404(Batch, pk=pk), request.user)
    messages.success(request, f"Cancelled {count} waiting jobs; what was begun runs to its end.")
    return redirect("generation:batch", pk=pk)


@require_POST
@admin_only
def resume(request: SignedInRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Batch, pk=pk)
    form = ResumeForm(request.POST)
    if form.is_valid():
        count = acts.resume(found, request.user, form.cleaned_data["budget_usd"])
        messages.success(request, f"{count} jobs wait again.")
    else:
        messages.error(request, "The budget is an amount of US dollars, 0 or more.")
    return redirect("generation:batch", pk=pk)


@require_POST
@admin_only
def settle(request: SignedInRequest, pk: int) -> HttpResponse:
    _settle(request, [get_object_or_404(Job.objects.select_related("batch"), pk=pk)])
    return redirect("generation:job", pk=pk)


@require_POST
@admin_only
def settle_all(request: SignedInRequest, pk: int) -> HttpResponse:
    """One word for every unknown job of a batch, as many as the page showed."""
    found = get_object_or_404(Batch, pk=pk)
    unknown = list(found.jobs.filter(state=Job.State.UNKNOWN).select_related("batch"))
    if request.POST.get("seen") == str(len(unknown)):
        _settle(request, unknown)
    else:
        messages.error(request, f"Nothing was settled: {len(unknown)} jobs are unknown now. Look again.")
    return redirect("generation:batch", pk=pk)


def _settle(request: SignedInRequest, jobs: Sequence[Job]) -> None:
    form = SettleForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Say both: whether it was charged, and what happens now.")
    elif count := acts.settle(jobs, request.user, **form.word()):
        messages.success(request, "Settled." if count == 1 else f"Settled {count} jobs.")
    else:
        messages.error(request, "This job is not unknown any more.")


def _with_results(jobs: QuerySet[Job]) -> QuerySet[Job]:
    attempts = Attempt.objects.order_by("number").prefetch_related("outputs__image")
    return jobs.prefetch_related(Prefetch("attempts", attempts))


def _live(request: SignedInRequest, name: str, context: dict[str, Any]) -> HttpResponse:
    """The page, or the part of it that asks for itself again while something is at work."""
    fragment = "_" if request.htmx else ""
    return render(request, f"generation/{fragment}{name}.html", context)
