"""Pages around the pairs: instructions, consent, profile and display check before them, questions after them."""

from collections.abc import Iterator

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from radiorate.accounts.access import SignedInRequest, admin_only, reader_only
from radiorate.reading import closing, consent, display, practice, presentation, profile, sessions
from radiorate.reading.models import DisplayCheck
from radiorate.studies import enrolment
from radiorate.studies.models import Reader, Study

unstored = cache_control(private=True, no_store=True)


def reader_of(request: SignedInRequest, slug: str) -> Reader:
    """The user's place in an open or closed study; 404 where there is none."""
    found = Reader.objects.select_related("study__rubric").prefetch_related("study__rubric__criteria")
    return get_object_or_404(
        found.active().exclude(study__state=Study.State.DRAFT), study__slug=slug, user=request.user
    )


def due_before(request: SignedInRequest, reader: Reader) -> str | None:
    """The name of the page that comes before any pair of an open study; None when nothing does."""
    return next(_all_due(request, reader), None)


def checked_screen(request: SignedInRequest, study: Study) -> str:
    """The screen this sign-in's last check was made on, as "1920x1080"; empty where none or nothing of it is known."""
    return request.session.get(_key(study), {}).get("screen", "") if study.display_check else ""


def _all_due(request: SignedInRequest, reader: Reader) -> Iterator[str]:
    if consent.is_due(reader):
        yield "reading:consent"
    if profile.is_due(reader):
        yield "reading:profile"
    if reader.study.display_check and (session := presentation.session_due(reader)):
        check = request.session.get(_key(reader.study), {}).get("check")
        if not display.holds(reader, session, check):
            yield "reading:display"


def _key(study: Study) -> str:
    return f"display-check-{study.pk}"


@require_safe
@unstored
@reader_only
def instructions(request: SignedInRequest, slug: str) -> HttpResponse:
    reader = reader_of(request, slug)
    return render(request, "reading/instructions.html", {"study": reader.study})


@require_http_methods(["GET", "HEAD", "POST"])
@unstored
@reader_only
def agree(request: SignedInRequest, slug: str) -> HttpResponse:
    """The study's consent text; agreeing to it leads to the first pair."""
    reader = reader_of(request, slug)
    if not reader.study.is_open or not consent.is_due(reader):
        return redirect("reading:study", slug)
    if request.method == "POST" and "agreed" in request.POST:
        consent.agree(reader)
        return redirect("reading:study", slug)
    missing = request.method == "POST"
    context = {"study": reader.study, "missing": missing}
    return render(request, "reading/consent.html", context, status=422 if missing else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@unstored
@reader_only
def describe(request: SignedInRequest, slug: str) -> HttpResponse:
    """What the reader says of herself, once a study."""
    reader = reader_of(request, slug)
    if not reader.study.is_open or not profile.is_due(reader):
        return redirect("reading:study", slug)
    form = profile.ProfileForm(request.POST if request.method == "POST" else None, instance=reader)
    if form.is_valid():
        enrolment.describe(reader, form.cleaned_data)
        return redirect("reading:study", slug)
    context = {"study": reader.study, "form": form}
    return render(request, "reading/profile.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@unstored
@reader_only
def check_display(request: SignedInRequest, slug: str) -> HttpResponse:
    """The grey steps; one that is not seen is answered with advice, and the reader may go on all the same."""
    reader = reader_of(request, slug)
    session = presentation.session_due(reader)
    if not (reader.study.is_open and reader.study.display_check and session):
        return redirect("reading:study", slug)
    form = display.DisplayForm(request.POST if request.method == "POST" else None)
    check: DisplayCheck | None = None
    if form.is_valid():
        check = display.record(reader, session, form.cleaned_data)
        request.session[_key(reader.study)] = {"check": check.pk, "screen": check.screen}
        if check.all_seen:
            return redirect("reading:study", slug)
        form = display.DisplayForm()
    steps = [(form[name], *step) for name, *step in display.STEPS]
    context = {"study": reader.study, "form": form, "check": check, "steps": steps}
    return render(request, "reading/display.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@unstored
@reader_only
def close(request: SignedInRequest, slug: str) -> HttpResponse:
    """The closing questions, a page at a time, once all pairs are rated."""
    reader = reader_of(request, slug)
    if not (reader.study.is_open and reader.study.closing_questions and presentation.is_done(reader)):
        return redirect("reading:study", slug)
    asked = closing.next_form(reader)
    form = asked(request.POST or None) if asked else None
    if form and form.is_valid():
        closing.answer(reader, form.cleaned_data)
        return redirect("reading:closing", slug)
    status = 422 if form and form.is_bound else 200
    return render(request, "reading/closing.html", {"study": reader.study, "form": form}, status=status)


def _active(slug: str, code: str) -> Reader:
    """A reader of an open study; 404 where there is none."""
    found = Reader.objects.active().filter(study__state=Study.State.OPEN).select_related("study")
    return get_object_or_404(found, study__slug=slug, code=code)


@require_POST
@admin_only
def let_pass(request: SignedInRequest, slug: str, code: str) -> HttpResponse:
    """Let a reader go on to the pairs that count without the agreement that the practice asks for."""
    try:
        practice.let_pass(_active(slug, code), request.user, request.POST.get("reason", ""))
        messages.success(request, f"{code} can go on to the pairs that count.")
    except practice.NotPassed as refused:
        messages.error(request, str(refused))
    return redirect("studies:detail", slug)


@require_POST
@admin_only
def reopen(request: SignedInRequest, slug: str, code: str) -> HttpResponse:
    """Let a reader change answers of a finished session again."""
    given = request.POST.get("session", "")
    session = int(given) if given.isascii() and given.isdigit() and len(given) < 5 else 0
    try:
        sessions.reopen(_active(slug, code), session, request.user, request.POST.get("reason", ""))
        messages.success(request, f"{code} can change session {session} again.")
    except sessions.NotOpened as refused:
        messages.error(request, str(refused))
    return redirect("studies:detail", slug)


@require_POST
@admin_only
def open_early(request: SignedInRequest, slug: str, code: str) -> HttpResponse:
    """Let a reader begin the next session though the wash-out lasts."""
    reader = _active(slug, code)
    wait = presentation.wait(reader)
    try:
        if wait is None:
            raise sessions.NotOpened(f"No session of {code} is locked.")
        sessions.open_early(reader, wait.session, request.user, request.POST.get("reason", ""))
        messages.success(request, f"{code} can begin session {wait.session} now.")
    except sessions.NotOpened as refused:
        messages.error(request, str(refused))
    return redirect("studies:detail", slug)
