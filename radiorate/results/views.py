"""Pages of the results room, for admins alone: a reader who knew them would be no reader any more."""

from pathlib import Path
from tempfile import TemporaryDirectory

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from radiorate.accounts.access import SignedInRequest, admin_only
from radiorate.results import cached, dictionary, exporting, exports, pictures, planner, plots, showings
from radiorate.results import dashboard as pages
from radiorate.results.filters import Filters
from radiorate.results.summary import summarise
from radiorate.studies import lifecycle
from radiorate.studies.models import Study

FIGURE_TYPES = {"svg": "image/svg+xml", "csv": "text/csv"}


@require_safe
@admin_only
@never_cache
def dashboard(request: SignedInRequest, slug: str) -> HttpResponse:
    """The whole page, or the part that changes while readers are at work; filters stand in the address."""
    study = get_object_or_404(Study.objects.select_related("rubric"), slug=slug)
    context = pages.page(study, Filters.of(request.GET))
    if request.htmx:
        return render(request, "results/_results.html", context)
    return render(request, "results/dashboard.html", context | {"exports": exports.names()})


@require_safe
@admin_only
@never_cache
def figure(request: SignedInRequest, slug: str, name: str) -> HttpResponse:
    """One figure of the dashboard, with its filters, as SVG or as the table of its numbers."""
    study = get_object_or_404(Study.objects.select_related("rubric"), slug=slug)
    chosen = Filters.of(request.GET)
    stem, _, kind = name.rpartition(".")
    answer = cached.ask(study, chosen)
    if isinstance(answer, cached.Waiting):
        return HttpResponse("Still being computed: ask again.", status=503, headers={"Retry-After": "2"})
    if stem not in plots.names() or kind not in FIGURE_TYPES:
        raise Http404
    summary = summarise(study, answer.found)
    plot = plots.make(stem, pages.source_of(study, summary))
    if plot is None:
        raise Http404
    text = plot.table.as_csv() if kind == "csv" else pictures.svg(plot, stem, pages.provenance(summary, chosen))
    response = HttpResponse(text, content_type=f"{FIGURE_TYPES[kind]}; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{exporting.stem(study)}-{stem}.{kind}"'
    return response


@require_safe
@admin_only
def pairs(request: SignedInRequest, slug: str) -> HttpResponse:
    """Every pair and how it was scored; a pair's page has its images and all answers. Only once the study is closed."""
    study = get_object_or_404(Study.objects.select_related("rubric"), slug=slug, state=Study.State.CLOSED)
    return render(request, "results/pairs.html", {"study": study, "table": showings.overview(study)})


@require_safe
@admin_only
def pair(request: SignedInRequest, slug: str, code: str) -> HttpResponse:
    """One pair: its two images as readers saw them, and what each reader answered."""
    study = get_object_or_404(Study.objects.select_related("rubric"), slug=slug, state=Study.State.CLOSED)
    found = get_object_or_404(study.pairs.select_related("first__collection", "second__collection"), code=code)
    return render(request, "results/pair.html", {"study": study, **showings.page(study, found)})


@require_safe
@admin_only
def plan(request: SignedInRequest) -> HttpResponse:
    """How many readers and pairs a study needs; what is wanted stands in the address."""
    return render(request, "results/planner.html", planner.page(request.GET))


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
    context = {"study": study, "name": f"{name}.csv"}
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
@never_cache
def package(request: SignedInRequest, slug: str) -> HttpResponseBase:
    """The whole study in one ZIP of one moment; the key is not in it."""
    study = get_object_or_404(Study.objects.select_related("rubric"), slug=slug)
    name = f"{exporting.stem(study)}.zip"
    try:
        with TemporaryDirectory() as folder:
            exporting.write(study, Path(folder) / name, request.user)
            file = (Path(folder) / name).open("rb")  # stays readable when the folder is gone
    except exporting.Sealed:
        return render(request, "results/export_sealed.html", {"study": study, "name": "The package"}, status=409)
    return FileResponse(file, as_attachment=True, filename=name)


@require_safe
@admin_only
def data_dictionary(request: SignedInRequest) -> HttpResponse:
    """What each column of each file holds."""
    response = HttpResponse(dictionary.table(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="data-dictionary.csv"'
    return response
