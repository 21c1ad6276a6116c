"""Pages of the images room, for admins."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count, Max, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from radiorate.accounts import audit
from radiorate.accounts.access import SignedInRequest, admin_only
from radiorate.images import imports, labelling, lifecycle, masking, previews, sharing
from radiorate.images.facts import BODY_PARTS, BODY_PARTS_OF_DICOM
from radiorate.images.forms import (
    CollectionForm,
    ConsentForm,
    DescribeForm,
    FilterForm,
    LabelForm,
    LookForm,
    ReasonForm,
    UploadForm,
    WithdrawForm,
)
from radiorate.images.manifest import Unreadable
from radiorate.images.models import Collection, Image, Import, ImportFile, Origin

REGIONS = sorted(BODY_PARTS_OF_DICOM - set(BODY_PARTS))
IMAGES_A_PAGE, FILES_A_PAGE, HELD_A_PAGE = 60, 200, 24
TOLD_APART = {"file", "kept", "words", "masked"}  # of the provenance, which the pages show in their own way


@require_http_methods(["GET", "HEAD", "POST"])
@admin_only
def collections(request: SignedInRequest) -> HttpResponse:
    form = CollectionForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        with transaction.atomic():
            made = form.save()
            detail = {"origin": made.origin, "cross_sections": made.has_cross_sections}
            audit.record(request.user, "collection.created", f"collection {made}", detail=detail)
        return redirect("images:collection", pk=made.pk)
    rows = Collection.objects.annotate(
        count=Count("images"),
        held=Count("images", filter=Q(images__state=Image.State.HELD)),
        withdrawn=Count("images", filter=Q(images__state=Image.State.WITHDRAWN)),
        regions=Count("images__body_part", distinct=True, filter=~Q(images__body_part="")),
        newest=Max("images__added_at"),
    )
    context = {"rows": rows, "form": form, "held": Image.objects.held().count()}
    return render(request, "images/collections.html", context, status=422 if form.errors else 200)


@require_safe
@admin_only
def library(request: SignedInRequest) -> HttpResponse:
    return render(request, "images/library.html", _shelf(request, Image.objects.all()))


@require_safe
@admin_only
def collection(request: SignedInRequest, pk: int) -> HttpResponse:
    return _collection_page(request, get_object_or_404(Collection, pk=pk), UploadForm())


@require_POST
@admin_only
def upload(request: SignedInRequest, pk: int) -> HttpResponse:
    into = get_object_or_404(Collection, pk=pk)
    form = UploadForm(request.POST, request.FILES)
    if form.is_valid():
        told = form.cleaned_data
        try:
            started = imports.begin(into, told["pictures"], told["manifest"], request.user, told["layout"])
            return redirect("images:import", pk=started.pk)
        except Unreadable as problem:
            form.add_error(None, str(problem))
    return _collection_page(request, into, form, status=422)


@require_http_methods(["GET", "HEAD", "POST"])
@admin_only
def label(request: SignedInRequest, pk: int) -> HttpResponse:
    """Images that lack a region, view, side or sex, to choose among and to tell of many at once."""
    of = get_object_or_404(Collection, pk=pk)
    lacks = [name for name in labelling.LACKS if name in request.GET.getlist("lacks")] or ["region", "view"]
    form = LabelForm(of.images.all(), request.POST if request.method == "POST" else None)
    if form.is_valid():
        told = labelling.tell(form.cleaned_data["images"], form.told(), request.user)
        messages.success(request, f"Saved for {told.changed} image{'' if told.changed == 1 else 's'}.")
        if told.refused:
            messages.warning(request, f"{told.refused} stood in a study that was opened; they stay as they were then.")
        return redirect(request.get_full_path())
    lacking = labelling.lacking(of, lacks).order_by("added_at", "pk")
    context = {
        "collection": of,
        "form": form,
        "fields": [field for field in form if field.name != "images"],
        "chosen": {str(pk) for pk in request.POST.getlist("images")},
        "page": Paginator(lacking, IMAGES_A_PAGE).get_page(request.GET.get("page")),
        "lacks": lacks,
        "all_lacks": labelling.LACKS,
        "query": "".join(f"lacks={name}&" for name in lacks),
        "regions": REGIONS,
    }
    return render(request, "images/label.html", context, status=422 if form.errors else 200)


@require_POST
@admin_only
def allow_sending(request: SignedInRequest, pk: int) -> HttpResponse:
    return _consent(request, pk, lifecycle.allow_sending, "Recorded: its images may be sent as their licences allow.")


@require_POST
@admin_only
def forbid_sending(request: SignedInRequest, pk: int) -> HttpResponse:
    return _consent(request, pk, lifecycle.forbid_sending, "Recorded: its images are not sent any more.")


@require_safe
@admin_only
def one_import(request: SignedInRequest, pk: int) -> HttpResponse:
    """How far an import is; the manifest's rows without a file are listed when they are asked for."""
    found = get_object_or_404(Import.objects.select_related("collection", "started_by"), pk=pk)
    outcome = request.GET.get("outcome", "")
    outcome = outcome if outcome in ImportFile.Outcome.values else ""
    files = found.files.select_related("image")
    files = files.filter(outcome=outcome) if outcome else files.exclude(outcome=ImportFile.Outcome.ABSENT)
    context = {
        "import": found,
        "progress": imports.progress(found),
        "page": Paginator(files, FILES_A_PAGE).get_page(request.GET.get("page")),
        "outcome": outcome,
        "query": f"outcome={outcome}&" if outcome else "",
        "is_live": found.state != Import.State.DONE,
    }
    return render(request, f"images/{'_import' if request.htmx else 'import'}.html", context)


@require_safe
@admin_only
def detail(request: SignedInRequest, pk: UUID) -> HttpResponse:
    return _detail_page(request, pk)


@require_safe
@admin_only
def picture(request: SignedInRequest, pk: UUID, side: int) -> HttpResponse:
    """The image on a square; the browser may keep it, and asks each time whether parts were masked since."""
    image = get_object_or_404(Image, pk=pk)
    etag = f'"{image.pixel_sha256}"'
    answer = get_conditional_response(request, etag)
    if answer is None:
        answer = HttpResponse(previews.preview(image, side), content_type="image/png")
    answer["ETag"], answer["Cache-Control"] = etag, "private, no-cache"
    return answer


@require_safe
@admin_only
def held(request: SignedInRequest) -> HttpResponse:
    """Every image that waits for a person's look, with the words that were found in it."""
    waiting = Image.objects.held().select_related("collection")
    context = {"page": Paginator(waiting, HELD_A_PAGE).get_page(request.GET.get("page"))}
    return render(request, "images/held.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@admin_only
def look(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """One image in large: released as it is, or with rectangles of it made black; of a held one then on to the next."""
    image = get_object_or_404(Image.objects.select_related("collection"), pk=pk)
    was_held, words = image.state == Image.State.HELD, image.provenance.get("words", [])
    if request.method != "POST":
        form = LookForm(image, initial={"boxes": "\n".join(" ".join(map(str, box)) for box in words)})
        return _look_page(request, image, words, form)
    form = LookForm(image, request.POST)
    if form.is_valid():
        boxes, reason = form.cleaned_data["boxes"], form.cleaned_data["reason"]
        try:
            if form.cleaned_data["act"] == "mask":
                masking.mask(image, boxes, request.user, reason)
                messages.success(request, "Masked for good: it may be paired now.")
            else:
                lifecycle.release(image, request.user, reason)
                messages.success(request, "Released as it is: it may be paired now.")
            ahead = Image.objects.held().first() if was_held else None
            return redirect("images:look", pk=ahead.pk) if ahead else redirect("images:detail", pk=pk)
        except lifecycle.NotPossible as problem:
            form.add_error(None, str(problem))
    return _look_page(request, image, words, form, status=422)


@require_POST
@admin_only
def withdraw(request: SignedInRequest, pk: UUID) -> HttpResponse:
    image = get_object_or_404(Image.objects.select_related("collection"), pk=pk)
    form = WithdrawForm(image.collection.origin, request.POST)
    if form.is_valid():
        try:
            lifecycle.withdraw(image, request.user, form.cleaned_data["words"], form.cleaned_data["ground"])
            messages.success(request, "Withdrawn: it will not be paired any more.")
            return redirect("images:detail", pk=pk)
        except lifecycle.NotPossible as problem:
            form.add_error(None, str(problem))
    return _detail_page(request, pk, withdraw=form, status=422)


@require_POST
@admin_only
def describe(request: SignedInRequest, pk: UUID) -> HttpResponse:
    image = get_object_or_404(Image, pk=pk)
    form = DescribeForm(request.POST, instance=get_object_or_404(Image, pk=pk))
    if form.is_valid():
        try:
            if lifecycle.describe(image, lambda _: form.cleaned_data, request.user):
                messages.success(request, "Saved: it is paired by this from now on.")
            return redirect("images:detail", pk=pk)
        except lifecycle.NotPossible as problem:
            form.add_error(None, str(problem))
    return _detail_page(request, pk, describe=form, status=422)


@require_POST
@admin_only
def restore(request: SignedInRequest, pk: UUID) -> HttpResponse:
    form = ReasonForm(request.POST)
    if form.is_valid():
        try:
            lifecycle.restore(get_object_or_404(Image, pk=pk), request.user, form.cleaned_data["reason"])
            messages.success(request, "Taken back: it may be paired again.")
            return redirect("images:detail", pk=pk)
        except lifecycle.NotPossible as problem:
            form.add_error(None, str(problem))
    return _detail_page(request, pk, form, status=422)


def _consent(request: SignedInRequest, pk: int, act: Callable[..., None], done: str) -> HttpResponse:
    of = get_object_or_404(Collection, pk=pk)
    form = ConsentForm(request.POST)
    if form.is_valid():
        words = form.cleaned_data if act is lifecycle.allow_sending else {"reason": form.cleaned_data["reason"]}
        try:
            act(of, request.user, **words)
            messages.success(request, done)
            return redirect("images:collection", pk=pk)
        except lifecycle.NotPossible as problem:
            form.add_error(None, str(problem))
    return _collection_page(request, of, UploadForm(), form, status=422)


def _look_page(
    request: SignedInRequest, image: Image, words: list[list[int]], form: LookForm, status: int = 200
) -> HttpResponse:
    context = {
        "image": image,
        "words": words,
        "cuts": [(left, top, right - left, bottom - top) for left, top, right, bottom in words],
        "form": form,
        "is_held": image.state == Image.State.HELD,
        "waiting": Image.objects.held().count(),
    }
    return render(request, "images/look.html", context, status=status)


def _detail_page(
    request: SignedInRequest,
    pk: UUID,
    form: ReasonForm | None = None,
    withdraw: WithdrawForm | None = None,
    describe: DescribeForm | None = None,
    status: int = 200,
) -> HttpResponse:
    image = get_object_or_404(Image.objects.select_related("collection", "reference"), pk=pk)
    context = {
        "image": image,
        "form": form or ReasonForm(),
        "withdraw": withdraw or WithdrawForm(image.collection.origin),
        "describe": describe or DescribeForm(instance=image),
        "regions": REGIONS,
        "file": image.provenance.get("file", {}),
        "kept": image.provenance.get("kept", {}),
        "masked": image.provenance.get("masked", {}),
        "others": {key: value for key, value in image.provenance.items() if key not in TOLD_APART},
        "renditions": image.renditions.order_by("pk"),
        "imitations": image.imitations.order_by("added_at"),
        "is_held": image.state == Image.State.HELD,
        "is_withdrawn": image.state == Image.State.WITHDRAWN,
    }
    return render(request, "images/detail.html", context, status=status)


def _collection_page(
    request: SignedInRequest, of: Collection, form: UploadForm, consent: ConsentForm | None = None, status: int = 200
) -> HttpResponse:
    context: dict[str, Any] = {
        "collection": of,
        "form": form,
        "imports": of.imports.select_related("started_by")[:5],
        "lacking": labelling.lacking(of, ["region", "view"]).count(),
    }
    if of.origin == Origin.REAL:
        context |= {"consent": consent or ConsentForm(), "licences": sharing.licences(of)}
    return render(request, "images/collection.html", context | _shelf(request, of.images.all(), of), status=status)


def _shelf(request: SignedInRequest, images: QuerySet[Image], of: Collection | None = None) -> dict[str, Any]:
    """One page of thumbnails and the filters that chose them."""
    filters = FilterForm(request.GET, of)
    found = filters.apply(images).select_related("collection").order_by("body_part", "view_position", "added_at", "pk")
    page = Paginator(found, IMAGES_A_PAGE).get_page(request.GET.get("page"))
    kept = request.GET.copy()
    kept.pop("page", None)
    return {"filters": filters, "page": page, "query": f"{kept.urlencode()}&" if kept else ""}
