"""Pages of the studies room, for admins."""

import secrets
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from radiorate.accounts import invitations
from radiorate.accounts.access import SignedInRequest, admin_only
from radiorate.accounts.views import show_link
from radiorate.studies import definition, enrolment, lifecycle, overview, pairing, reminders
from radiorate.studies.forms import EnrolForm, ExpectedForm, FileForm, StudyForm
from radiorate.studies.models import Pair, Reader, Study
from radiorate.studies.protocol import canonical

PER_PAGE = 50
UNPROCESSABLE = HTTPStatus.UNPROCESSABLE_ENTITY


@require_safe
@admin_only
def list(request: SignedInRequest) -> HttpResponse:
    studies = Study.objects.with_progress().defer("protocol").order_by("-created_at", "pk")
    page = Paginator(studies, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "studies/list.html", {"page": page})


@require_http_methods(["GET", "HEAD", "POST"])
@admin_only
def new(request: SignedInRequest) -> HttpResponse:
    """A draft by form; the seed proposed is drawn, so that two studies don't share one by habit.

    An address may bring the number of pairs, as the planner's answer does.
    """
    initial = {
        "seed": secrets.randbelow(10**6),
        "rubric": "radiographs",
        "pairs_wanted": request.GET.get("pairs_wanted"),
    }
    form = StudyForm(_posted(request), initial=initial)
    if form.is_valid():
        try:
            study = definition.create(form.definition(), request.user)
            return redirect("studies:detail", study.slug)
        except definition.Invalid as problem:
            form.add_error(None, str(problem))
    return _design(request, form, FileForm())


@require_POST
@admin_only
def upload(request: SignedInRequest) -> HttpResponse:
    """A draft out of a study file."""
    form = FileForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            study = definition.create(form.cleaned_data["file"], request.user)
            return redirect("studies:detail", study.slug)
        except definition.Invalid as problem:
            form.add_error("file", str(problem))
    return _design(request, StudyForm(), form)


@require_http_methods(["GET", "HEAD", "POST"])
@admin_only
def edit(request: SignedInRequest, slug: str) -> HttpResponse:
    study = get_object_or_404(Study, slug=slug, state=Study.State.DRAFT)
    # The form writes what was typed into its instance, valid or not: the page's head needs the stored study.
    form = StudyForm(_posted(request), instance=Study.objects.get(pk=study.pk))
    if form.is_valid():
        try:
            study = definition.change(study, form.definition(), request.user)
            return redirect("studies:detail", study.slug)
        except definition.Invalid as problem:
            form.add_error(None, str(problem))
    return _design(request, form, None, study)


@require_http_methods(["GET", "HEAD", "POST"])
@admin_only
def practice(request: SignedInRequest, slug: str) -> HttpResponse:
    """The scores expected of the practice images that opening would draw."""
    study = get_object_or_404(Study.objects.select_related("rubric"), slug=slug, state=Study.State.DRAFT)
    form = ExpectedForm(study, pairing.propose(study).of(Pair.Kind.PRACTICE), _posted(request))
    if form.is_valid():
        try:
            definition.expect(study, form.scores(), request.user)
            return redirect("studies:detail", slug)
        except definition.Invalid as problem:
            form.add_error(None, str(problem))
    status = UNPROCESSABLE if form.is_bound else HTTPStatus.OK
    return render(request, "studies/practice.html", {"study": study, "form": form}, status=status)


@require_safe
@admin_only
def detail(request: SignedInRequest, slug: str) -> HttpResponse:
    return _page(request, _study(slug), EnrolForm())


@require_safe
@admin_only
def file(request: SignedInRequest, slug: str) -> HttpResponse:
    """The study as TOML."""
    return _download(definition.export(_study(slug)), "application/toml", f"{slug}.toml")


@require_safe
@admin_only
def protocol(request: SignedInRequest, slug: str) -> HttpResponse:
    """The protocol of an opened study in the canonical form that its hash is taken of."""
    study = get_object_or_404(Study.objects.exclude(state=Study.State.DRAFT), slug=slug)
    return _download(canonical(study.protocol or {}), "application/json", f"{slug}-protocol.json")


@require_POST
@admin_only
def copy(request: SignedInRequest, slug: str) -> HttpResponse:
    """A new draft with the same design, to change and to open."""
    try:
        made = definition.copy(_study(slug), request.user)
        return redirect("studies:edit", made.slug)
    except definition.Invalid as problem:  # such as a rubric whose file has changed
        messages.error(request, str(problem))
        return redirect("studies:detail", slug)


@require_POST
@admin_only
def open_study(request: SignedInRequest, slug: str) -> HttpResponse:
    study = _study(slug)
    try:
        lifecycle.open_study(study, request.user, accept_unmatched=request.POST.get("reason", ""))
        messages.success(request, f"{study.title} is open: its readers can begin.")
    except lifecycle.Refused as refused:
        for reason in refused.reasons:
            messages.error(request, reason)
    return redirect("studies:detail", slug)


@require_POST
@admin_only
def close_study(request: SignedInRequest, slug: str) -> HttpResponse:
    study = _study(slug)
    try:
        lifecycle.close_study(study, request.user)
        messages.success(request, f"{study.title} is closed.")
    except lifecycle.Refused as refused:
        messages.error(request, str(refused))
    return redirect("studies:detail", slug)


@require_POST
@admin_only
def withdraw(request: SignedInRequest, slug: str) -> HttpResponse:
    """Take a pair out of an open study."""
    study, code = _study(slug), request.POST.get("pair", "")
    try:
        lifecycle.withdraw_pair(study, code, request.user, request.POST.get("reason", ""))
        messages.success(request, f"{code} is shown to nobody any more.")
    except lifecycle.Refused as refused:
        messages.error(request, str(refused))
    return redirect("studies:detail", slug)


@require_POST
@admin_only
def enrol(request: SignedInRequest, slug: str) -> HttpResponse:
    """Enrol an account; a person without one is invited, and the answer is the one page that shows the link."""
    study, form = _study(slug), EnrolForm(request.POST)
    if form.is_valid():
        try:
            reader, link = _enrol(request, study, form.cleaned_data)
            if link:
                return show_link(request, reader.user, link)
            messages.success(request, f"{reader.user} is reader {reader.code}.")
            return redirect("studies:detail", slug)
        except enrolment.Refused as refused:
            form.add_error(None, str(refused))
    return _page(request, study, form)


@transaction.atomic
def _enrol(request: SignedInRequest, study: Study, data: dict[str, Any]) -> tuple[Reader, str]:
    """The reader, and the link of one who was invited for it: both or neither."""
    user, link = data["user"], ""
    if user is None:
        user, link = invitations.invite(data["email"], "", "reader", request.user, request)
    facts = {key: data[key] for key in ("years", "subspecialty")}
    return enrolment.enrol(study, user, actor=request.user, **facts), link


@require_POST
@admin_only
def remove(request: SignedInRequest, slug: str, code: str) -> HttpResponse:
    reader = get_object_or_404(Reader.objects.select_related("study", "user"), study__slug=slug, code=code)
    enrolment.remove(reader, request.user, request.POST.get("reason", ""))
    messages.success(request, f"{reader.code} can't rate any more; the ratings stay.")
    return redirect("studies:detail", slug)


@require_POST
@admin_only
def remind(request: SignedInRequest, slug: str, code: str) -> HttpResponse:
    found = Reader.objects.with_progress().select_related("study", "user")
    reader = get_object_or_404(found, study__slug=slug, code=code)
    try:
        reminders.send(reader, request.user, request.build_absolute_uri(reverse("reading:list")))
        messages.success(request, f"{reader.user} was reminded.")
    except reminders.NotSent as refused:
        messages.error(request, str(refused))
    return redirect("studies:detail", slug)


def _posted(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def _study(slug: str) -> Study:
    return get_object_or_404(Study.objects.select_related("rubric"), slug=slug)


def _page(request: HttpRequest, study: Study, form: EnrolForm) -> HttpResponse:
    status = UNPROCESSABLE if form.is_bound else HTTPStatus.OK
    return render(request, "studies/detail.html", overview.context(study) | {"form": form}, status=status)


def _design(
    request: HttpRequest, form: StudyForm, file_form: FileForm | None, study: Study | None = None
) -> HttpResponse:
    bound = form.is_bound or (file_form is not None and file_form.is_bound)
    context = {"form": form, "file_form": file_form, "study": study}
    return render(request, "studies/design.html", context, status=UNPROCESSABLE if bound else HTTPStatus.OK)


def _download(text: str, content_type: str, name: str) -> HttpResponse:
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(text, content_type=f"{content_type}; charset=utf-8", headers=disposition)
