"""The page on which a batch is ordered."""

from collections import Counter
from http import HTTPStatus
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from generation import batches as acts
from generation.forms import LaunchForm
from generation.models import Generator
from radiorate.accounts.access import SignedInRequest, admin_only


@require_http_methods(["GET", "HEAD", "POST"])
@admin_only
def launch(request: SignedInRequest) -> HttpResponse:
    """The form; with what it holds, how many images that is, what they cost and what can't be; at last the launch."""
    form = LaunchForm(request.POST if request.method == "POST" else None)
    context: dict[str, Any] = {"form": form, "generators": Generator.objects.filter(is_active=True)}
    if form.is_valid():
        data = form.cleaned_data
        try:
            if "launch" in request.POST:
                batch = acts.launch(
                    generator=data["generator"],
                    collection=form.target(),
                    orders=data["orders"],
                    budget_usd=data["budget_usd"],
                    actor=request.user,
                    protocol=data["protocol"],
                    protocol_facts=data["facts"],
                )
                return redirect("generation:batch", pk=batch.pk)
            context["estimate"] = acts.estimate(data["generator"], data["orders"])
            context["prompts"] = Counter(order.prompt for order in data["orders"]).items()
            context["is_short"] = context["estimate"].total_usd > data["budget_usd"]
        except acts.Impossible as impossible:
            context["problems"] = impossible.problems
    template = "_preview" if request.htmx else "launch"
    is_wrong = form.errors or "problems" in context
    status = HTTPStatus.UNPROCESSABLE_ENTITY if is_wrong else HTTPStatus.OK
    return render(request, f"generation/{template}.html", context, status=status)
