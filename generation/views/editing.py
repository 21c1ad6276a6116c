"""The page on which one image is inpainted, extended or varied, and the files an edit leaves."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_safe

from generation import launching, sources
from generation.batches import Impossible
from generation.edit_form import EditForm
from generation.models import Job, Output
from generation.views.launching import launched, preview
from radiorate.accounts.access import SignedInRequest, admin_only
from radiorate.images.decoding import MIME, sniff
from radiorate.images.models import Image


@require_http_methods(["GET", "HEAD", "POST"])
@admin_only
def edit(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """The image with the mask that is drawn on it, and what the edit comes to; at last the launch."""
    image = get_object_or_404(Image.objects.select_related("collection"), pk=pk)
    form = EditForm(image, request.POST if request.method == "POST" else None)
    context: dict[str, Any] = {"form": form, "image": image, "refusal": sources.refusal_to_send(image)}
    if form.is_valid():
        try:
            if "launch" in request.POST:
                return launched(request, form.cleaned_data)
        except Impossible as impossible:
            context["problems"] = impossible.problems
        context |= preview(form.cleaned_data)
    is_wrong = form.errors or context.get("is_blocked") or "problems" in context
    if not request.htmx:
        context["generators"] = [(box, launching.ability(box.data["value"].instance)) for box in form["generator"]]
    template = "_preview" if request.htmx else "edit"
    status = HTTPStatus.UNPROCESSABLE_ENTITY if is_wrong else HTTPStatus.OK
    return render(request, f"generation/{template}.html", context, status=status)


@require_safe
@admin_only
def edit_file(request: SignedInRequest, pk: int, name: str) -> HttpResponse:
    """What a job's edit left beside its image: the mask, the picture as it was delivered, the distance map."""
    job = get_object_or_404(Job, pk=pk)
    output = Output.objects.filter(attempt__job=job).first()
    file = job.mask if name == "mask" else output and getattr(output, name)
    if not file:
        raise Http404
    with file.open() as stored:
        data = stored.read()
    return HttpResponse(data, content_type=MIME.get(sniff(data), "application/octet-stream"))
