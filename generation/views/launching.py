"""The page on which an experiment is ordered."""

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from generation import launching, protocols
from generation.batches import Impossible
from generation.forms import LaunchForm
from radiorate.accounts.access import SignedInRequest, admin_only


@require_http_methods(["GET", "HEAD", "POST"])
@admin_only
def launch(request: SignedInRequest) -> HttpResponse:
    """The form; with what it holds, every prompt, and what each generator takes or can't do; at last the launch."""
    form = LaunchForm(request.POST if request.method == "POST" else None)
    context: dict[str, Any] = {"form": form, "faults": protocols.faults()}
    is_valid = form.is_valid()
    context |= {"experiment": form.cleaned_data.get("experiment") if form.is_bound else None, "able": form.there}
    if is_valid:
        data = form.cleaned_data
        try:
            if "launch" in request.POST:
                return launched(request, data)
        except Impossible as impossible:
            context["problems"] = impossible.problems
        context |= preview(data)
        if context["is_blocked"] and (experiment := context["experiment"]):
            regions = data["regions"] or experiment.regions
            able = launching.able_regions(data["generator"], data["budget_usd"], experiment, regions, **data["asked"])
            context["able"] = able
    is_wrong = form.errors or context.get("is_blocked") or "problems" in context
    if not request.htmx:
        context["generators"] = [(box, launching.ability(box.data["value"].instance)) for box in form["generator"]]
    template = "_preview" if request.htmx else "launch"
    status = HTTPStatus.UNPROCESSABLE_ENTITY if is_wrong else HTTPStatus.OK
    return render(request, f"generation/{template}.html", context, status=status)


def launched(request: SignedInRequest, data: dict[str, Any]) -> HttpResponse:
    try:
        batches = launching.launch(
            generators=data["generator"],
            orders=data["orders"],
            budget_usd=data["budget_usd"],
            actor=request.user,
            protocol=data["experiment"],
            collection=data["collection"],
            new_collection=data["new_collection"],
            launch_id=data["launch_id"],
        )
    except launching.Launched as before:
        messages.info(request, "This order was launched already, and once only. Open the form anew for another.")
        return redirect("generation:batch", pk=before.batch.pk)
    if len(batches) == 1:
        return redirect("generation:batch", pk=batches[0].pk)
    names = ", ".join(f"{batch} ({batch.generator})" for batch in batches)
    messages.success(request, f"Launched {len(batches)} batches: {names}.")
    return redirect("generation:batches")


def preview(data: dict[str, Any]) -> dict[str, Any]:
    """What would be ordered, from whom and for how much."""
    experiment, orders, generators = data["experiment"], data["orders"], data["generator"]
    offers = launching.offers(generators, orders, data["budget_usd"], experiment)
    new = data["new_collection"]
    into = data["collection"] or new or [launching.own_collection(experiment, offer.generator) for offer in offers]
    lines = launching.lines(orders, experiment)
    return {
        "lines": lines,
        "edits": any(line.edits for line in lines),
        "offers": offers,
        "images": len(orders),
        "all_images": len(orders) * len(offers),
        "total_usd": sum(offer.estimate.total_usd for offer in offers if offer.estimate),
        "into": into if isinstance(into, list) else [into],
        "is_blocked": any(offer.problems for offer in offers),
        "wants_more": experiment is not None and len(offers) < experiment.generators,
    }
