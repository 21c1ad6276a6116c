"""The page on which images that were made elsewhere are brought in, with their prompts, as a batch."""

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from generation import batches, importing
from generation.forms import ImportForm
from generation.models import Job
from radiorate.accounts.access import SignedInRequest, admin_only
from radiorate.images import imports
from radiorate.images.manifest import Unreadable

MOST_AT_ONCE = 500  # a person waits for the answer; the command takes as many as a batch holds


@require_http_methods(["GET", "HEAD", "POST"])
@admin_only
def bring_in(request: SignedInRequest) -> HttpResponse:
    """The form; with files, the batch they have become, or each line that keeps them all out."""
    form = ImportForm(request.POST, request.FILES) if request.method == "POST" else ImportForm()
    problems: list[importing.Problem] = []
    if form.is_valid():
        try:
            rows, problems = _read(form.cleaned_data)
            if not problems:
                return _brought_in(request, form.cleaned_data, rows)
        except batches.Impossible as impossible:
            form.add_error(None, impossible.problems)
        except Unreadable as unreadable:
            form.add_error(None, str(unreadable))
    context = {"form": form, "problems": problems, "columns": importing.COLUMNS.split(), "most": MOST_AT_ONCE}
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors or problems else HTTPStatus.OK
    return render(request, "generation/import.html", context, status=status)


def _read(told: dict[str, Any]) -> tuple[list[importing.Row], list[importing.Problem]]:
    """The rows of what was uploaded and all that is wrong with them. Raises Impossible and Unreadable."""
    files, table = imports.unpacked(told["pictures"])
    if told["manifest"]:
        table = imports.found_in(told["manifest"])
    if table is None:
        raise batches.Impossible(["There is no manifest: upload one, or put manifest.csv into the ZIP file."])
    if len(files) > MOST_AT_ONCE:
        raise batches.Impossible(
            [f"This page takes {MOST_AT_ONCE} pictures at once, not {len(files)}: manage.py import_outputs takes more."]
        )
    return importing.read(files, table.read(), batches.target(told["collection"]))


def _brought_in(request: SignedInRequest, told: dict[str, Any], rows: list[importing.Row]) -> HttpResponse:
    generator = importing.generator_named(told["generator"], rows[0].told.get("model", ""))
    batch = importing.bring_in(rows, generator, batches.target(told["collection"]), actor=request.user)
    images = batch.jobs.filter(state=Job.State.SUCCEEDED).count()
    messages.success(request, f"Imported as {batch}. Images: {images}; refusals: {len(rows) - images}.")
    return redirect("generation:batch", pk=batch.pk)
