"""What is left out and why, and outputs beside the real images they look like."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Max
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from generation import near_copies as search
from generation import quality
from generation.forms import ExcludeForm
from generation.models import Batch, NearCopy, Output
from radiorate.accounts.access import SignedInRequest, admin_only
from radiorate.images import lifecycle

OUTPUTS_A_PAGE = 10


@require_safe
@admin_only
def near_copies(request: SignedInRequest) -> HttpResponse:
    """The outputs nobody has decided about, most alike first, each beside what it looks like."""
    batch = Batch.objects.filter(pk=request.GET["batch"]).first() if request.GET.get("batch", "").isdecimal() else None
    found = Output.objects.filter(near_copies__in=quality.to_look_at())
    if batch:
        found = found.filter(attempt__job__batch=batch)
    found = found.annotate(most=Max("near_copies__correlation")).order_by("-most", "pk")
    page = Paginator(found.select_related("image", "attempt__job"), OUTPUTS_A_PAGE).get_page(request.GET.get("page"))
    alike = NearCopy.objects.filter(output__in=[output.pk for output in page], kept_at=None).select_related("real")
    rows = [(output, [each for each in alike if each.output_id == output.pk]) for output in page]
    context: dict[str, Any] = {
        "rows": rows,
        "page": page,
        "batch": batch,
        "query": f"batch={batch.pk}&" if batch else "",
    }
    context |= {"kept": NearCopy.objects.exclude(kept_at=None).count(), "least": search.CORRELATION}
    return render(request, "generation/near_copies.html", context)


@require_POST
@admin_only
def keep(request: SignedInRequest, pk: int) -> HttpResponse:
    """A person has compared an output with what it looks like: it is no copy."""
    output = get_object_or_404(Output, pk=pk)
    if quality.keep(output.near_copies.all(), request.user, request.POST.get("note", "").strip()):
        messages.success(request, "Kept, and noted.")
    else:
        messages.error(request, "Somebody has decided about it already.")
    return _back(request, output)


@require_POST
@admin_only
def exclude(request: SignedInRequest, pk: int) -> HttpResponse:
    output = get_object_or_404(Output.objects.select_related("image__collection", "attempt"), pk=pk)
    form = ExcludeForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Nothing was excluded: choose a reason from the list.")
        return _back(request, output)
    try:
        quality.exclude(output, request.user, form.cleaned_data["ground"], form.cleaned_data["words"])
        messages.success(request, "Excluded: it is counted, and not drawn for studies.")
    except lifecycle.NotPossible as problem:
        messages.error(request, str(problem))
    return _back(request, output)


@require_POST
@admin_only
def take_back(request: SignedInRequest, pk: int) -> HttpResponse:
    output = get_object_or_404(Output.objects.select_related("image", "attempt"), pk=pk)
    try:
        lifecycle.restore(output.image, request.user, request.POST.get("words", ""))
        messages.success(request, "Taken back: studies may draw it.")
    except lifecycle.NotPossible as problem:
        messages.error(request, str(problem))
    return _back(request, output)


@require_POST
@admin_only
def compare_again(request: SignedInRequest) -> HttpResponse:
    """Ask for all outputs to be compared with all real images, as ones may have come in since."""
    search.forget()
    search.ask()
    messages.success(request, "All outputs are compared again; what is found appears here.")
    return redirect("generation:near_copies")


def _back(request: SignedInRequest, output: Output) -> HttpResponse:
    if "near_copies" in request.POST:
        return redirect("generation:near_copies")
    return redirect("generation:job", pk=output.attempt.job_id)
