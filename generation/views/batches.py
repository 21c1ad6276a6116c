"""Batches: how far they are, what came of their jobs, and what an admin decides about them."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from generation import batches as acts
from generation import progress, quality, restoring
from generation.forms import ResumeForm, SettleForm
from generation.models import Batch, Job
from generation.views.jobs import settle, with_results
from radiorate.accounts.access import SignedInRequest, admin_only

BATCHES_A_PAGE = 25
JOBS_A_PAGE = {"table": 50, "grid": 96}


@require_safe
@admin_only
def batches(request: SignedInRequest) -> HttpResponse:
    found = Batch.objects.select_related("generator", "collection", "created_by").with_progress().order_by("-pk")
    page = Paginator(found, BATCHES_A_PAGE).get_page(request.GET.get("page"))
    rows = [progress.of(batch) for batch in page]
    context = {"page": page, "rows": rows, "is_live": any(row.is_live for row in rows)}
    return _live(request, "batches", {**context, "is_restored": not restoring.is_at_home()})


@require_safe
@admin_only
def batch(request: SignedInRequest, pk: int) -> HttpResponse:
    found = Batch.objects.select_related("generator", "collection", "created_by").with_progress()
    row = progress.of(get_object_or_404(found, pk=pk))
    context = {"row": row, "batch": row.batch, "pace": progress.pace(row), "silence": progress.silence(row.batch)}
    context |= {"settle": SettleForm(), "resume": ResumeForm(initial={"budget_usd": row.batch.budget_usd})}
    if not request.htmx:
        context["quality"] = quality.of(row.batch)
    return _live(request, "batch", context | _jobs(request, row))


@require_POST
@admin_only
def pause(request: SignedInRequest, pk: int) -> HttpResponse:
    count = acts.pause(get_object_or_404(Batch, pk=pk), request.user)
    if count is None:
        messages.error(request, "The batch is paused already.")
    else:
        messages.success(request, f"Paused: {count} jobs wait; what was begun runs to its end.")
    return redirect("generation:batch", pk=pk)


@require_POST
@admin_only
def go_on(request: SignedInRequest, pk: int) -> HttpResponse:
    count = acts.go_on(get_object_or_404(Batch, pk=pk), request.user)
    if count is None:
        messages.error(request, "The batch isn't paused.")
    else:
        messages.success(request, f"{count} jobs go on.")
    return redirect("generation:batch", pk=pk)


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
def settle_all(request: SignedInRequest, pk: int) -> HttpResponse:
    """One word for every unknown job of a batch, as many as the page showed."""
    found = get_object_or_404(Batch, pk=pk)
    unknown = list(found.jobs.filter(state=Job.State.UNKNOWN).select_related("batch"))
    if request.POST.get("seen") == str(len(unknown)):
        settle(request, unknown)
    else:
        messages.error(request, f"Nothing was settled: {len(unknown)} jobs are unknown now. Look again.")
    return redirect("generation:batch", pk=pk)


class Counted(Paginator):
    """Pages of rows whose number is known already."""

    count = 0

    def __init__(self, rows: Any, per_page: int, count: int) -> None:
        super().__init__(rows, per_page)
        self.count = count


def _jobs(request: SignedInRequest, row: progress.Progress) -> dict[str, Any]:
    """One page of the batch's jobs, as a table or as a grid of pictures, all or those in one state."""
    state = request.GET.get("state", "")
    state = state if state in Job.State.values else ""
    view = "grid" if request.GET.get("view") == "grid" else "table"
    jobs = row.batch.jobs.filter(state=state) if state else row.batch.jobs.all()
    count = row.counts[state] if state else row.ordered
    page = Counted(with_results(jobs.order_by("number")), JOBS_A_PAGE[view], count).get_page(request.GET.get("page"))
    chosen = {"view": "view=grid&" if view == "grid" else "", "state": f"state={state}&" if state else ""}
    query = chosen["view"] + chosen["state"]
    return {"page": page, "jobs": [progress.JobRow(job) for job in page], "state": state, "view": view} | {
        "query": query,
        "view_query": chosen["view"],
        "state_query": chosen["state"],
    }


def _live(request: SignedInRequest, name: str, context: dict[str, Any]) -> HttpResponse:
    """The page, or the part of it that asks for itself again while something is at work."""
    fragment = "_" if request.htmx else ""
    return render(request, f"generation/{fragment}{name}.html", context)
