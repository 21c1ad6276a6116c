"""Pages of the results room, for admins alone: a reader who knew them would be no reader any more."""

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from radiorate.accounts.access import SignedInRequest, admin_only
from radiorate.results import dashboard as pages
from radiorate.results import dictionary, exporting, exports
from radiorate.studies import lifecycle
from radiorate.studies.models import Study


@require_safe
@admin_only
@never_cache
def dashboard(request: SignedInRequest, slug: str) -> HttpResponse:
    """The whole page, or the part that changes while readers are at work."""
    context = pages.page(get_object_or_404(Study.objects.select_related("rubric"), slug=slug))
    if request.htmx:
        return render(request, "results/_results.html", context)
    return render(request, "results/dashboard.html", context | {"exports": exports.names()})


@require_POST
@admin_only
def unseal(request: SignedInRequest, slug: str) -> HttpResponse:
    """Results by origin before closing, for a reason that the audit trail keeps."""
    study = get_object_or_404(Study, slug=slug)
    try:
        lifecycle.unseal(study, request.user, request.POST.get("reason", ""))
    except lifecycle.Refused as refused:
        messages.error(request, str(refused))
    return redirect("results:dashboard", slug)


@require_http_methods(["GET", "POST"])
@admin_only
@never_cache
def export(request: SignedInRequest, slug: str, name: str) -> HttpResponseBase:
    """One CSV, streamed as it comes; a file that wants a reason asks for it first."""
    study = get_object_or_404(Study, slug=slug)
    name = name.removesuffix(".csv")
    context = {"study": study, "name": name}
    try:
        rows = exporting.stream(study, name, request.user, request.POST.get("reason", ""))
    except KeyError:
        raise Http404 from None
    except exporting.Sealed:
        return render(request, "results/export_sealed.html", context, status=409)
    except exporting.ReasonMissing:
        return render(request, "results/export_reason.html", context)
    response = StreamingHttpResponse(rows, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{exporting.file_name(study, name)}"'
    return response


@require_safe
@admin_only
def data_dictionary(request: SignedInRequest) -> HttpResponse:
    """What each column of each file holds."""
    response = HttpResponse(dictionary.table(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="data-dictionary.csv"'
    return response
