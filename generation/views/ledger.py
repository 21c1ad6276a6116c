"""The ledger: what was reserved, charged and is not known, and what a person says about it."""

import re
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from generation import batches as acts
from generation import ledger as books
from generation import restoring, spending
from generation.forms import ResumeForm, SettleForm
from generation.models import Attempt, Batch
from generation.money_forms import LedgerFilter, LimitForm
from radiorate.accounts.access import SignedInRequest, admin_only

LINES_A_PAGE, UNSETTLED_SHOWN = 25, 100
NUMBER = re.compile(r"[0-9]{1,18}")


@require_safe
@admin_only
def ledger(request: SignedInRequest) -> HttpResponse:
    chosen = LedgerFilter(request.GET)
    attempts = chosen.attempts()
    page = Paginator(books.by_month_and_batch(attempts), LINES_A_PAGE).get_page(request.GET.get("page"))
    query = urlencode(chosen.chosen())
    unsettled = books.unsettled()
    context: dict[str, Any] = {"filter": chosen, "page": page, "query": f"{query}&" if query else ""}
    context |= {"total": books.total(attempts), "this_month": books.total(Attempt.objects.all().this_month())}
    context |= {"limit_usd": spending.monthly_usd(), "month": timezone.now()}
    context |= {"limit": LimitForm(initial={"monthly_usd": spending.monthly_usd()}), "settle": SettleForm()}
    context["unsettled"] = unsettled.select_related("job__batch__generator")[:UNSETTLED_SHOWN]
    context |= {"unsettled_count": unsettled.count(), "is_restored": not restoring.is_at_home()}
    return render(request, "generation/ledger.html", context)


@require_POST
@admin_only
def export_ledger(request: SignedInRequest) -> StreamingHttpResponse:
    """The chosen attempts as CSV; a POST, since the trail keeps who took it."""
    chosen = LedgerFilter(request.POST)
    lines = books.export(chosen.attempts(), request.user, **chosen.chosen())
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="ledger.csv"'
    return response


@require_POST
@admin_only
def set_limit(request: SignedInRequest) -> HttpResponse:
    form = LimitForm(request.POST)
    if form.is_valid():
        spending.set_monthly_usd(form.cleaned_data["monthly_usd"], request.user)
        messages.success(request, "The monthly limit is stored; it holds from the next call on.")
    else:
        messages.error(request, "The limit is an amount of US dollars, 0 or more, or empty.")
    return redirect("generation:ledger")


@require_POST
@admin_only
def set_budget(request: SignedInRequest, pk: int) -> HttpResponse:
    """A running batch's budget: lowered, it holds from the next call on."""
    batch = get_object_or_404(Batch, pk=pk)
    form = ResumeForm(request.POST)
    if form.is_valid():
        acts.set_budget(batch, request.user, form.cleaned_data["budget_usd"])
        messages.success(request, "The budget is stored; it holds from the next call on.")
    else:
        messages.error(request, "The budget is an amount of US dollars, 0 or more.")
    return redirect("generation:batch", pk=pk)


@require_POST
@admin_only
def settle_attempts(request: SignedInRequest) -> HttpResponse:
    """One word for the chosen attempts of which nobody knows whether they were charged."""
    form = SettleForm(request.POST)
    numbers = [int(text) for text in request.POST.getlist("attempt") if NUMBER.fullmatch(text)]
    chosen = list(books.unsettled().filter(pk__in=numbers).select_related("job__batch"))
    if not form.is_valid() or not chosen:
        messages.error(request, "Choose attempts, and say both: whether they were charged, and what happens now.")
        return redirect("generation:ledger")
    word = form.word()
    lost = [attempt.job for attempt in chosen if attempt.outcome == Attempt.Outcome.LOST]
    refused = [attempt for attempt in chosen if attempt.outcome == Attempt.Outcome.REFUSED]
    count = acts.settle(lost, request.user, **word)
    count += acts.settle_refusals(refused, request.user, was_charged=word["was_charged"])
    messages.success(request, f"Settled {count} of {len(chosen)}.")
    return redirect("generation:ledger")


@require_POST
@admin_only
def resume_after_restore(request: SignedInRequest) -> HttpResponse:
    stopped = acts.resume_after_restore(request.user, keep="keep" in request.POST)
    messages.success(request, f"Orders go out again; {stopped} batches with waiting jobs were stopped.")
    return redirect("generation:ledger")
