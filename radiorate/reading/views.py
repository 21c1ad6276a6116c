"""Pages of the reading room: a reader's studies, the pair to rate, and the pixels of its two images.

Nothing here but the pixels may depend on which image is real: not a header, an address, an order or a word. The one
exception is what a reader is told after answering a practice pair, none of whose images comes again.
"""

import re
from typing import Any
from uuid import UUID

import structlog
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from radiorate.accounts.access import SignedInRequest, reader_only
from radiorate.reading import around, closing, drafts, finding, practice, presentation, sessions, submission
from radiorate.reading.around import reader_of, unstored
from radiorate.reading.models import Presentation
from radiorate.reading.scales import BELIEVED_REAL, RatingForm, differences
from radiorate.studies.models import Pair, Reader, Side, Study

log = structlog.get_logger(__name__)
PLACE = re.compile(r"[0-9]{1,6}")


class Pixels(FileResponse):
    """A file that the server may hand to the kernel, though a middleware wraps the content of every stream.

    Copied through Python in small pieces, an image costs three times as much.
    """

    def _set_streaming_content(self, value: Any) -> None:
        if not hasattr(self, "file_to_stream"):
            super()._set_streaming_content(value)  # type: ignore[misc]


@require_safe
@unstored
@reader_only
def studies(request: SignedInRequest) -> HttpResponse:
    readers = (
        Reader.objects.active()
        .filter(user=request.user)
        .exclude(study__state=Study.State.DRAFT)
        .with_progress()
        .select_related("study")
        .order_by("study__state", "-study__opened_at")
    )
    return render(request, "reading/list.html", {"readers": readers})


@require_safe
@unstored
@vary_on_headers("HX-Request")
@reader_only
def page(request: SignedInRequest, slug: str) -> HttpResponse:
    """The pair that is due; `?place=n` opens the n-th pair again, with the answers saved for it."""
    reader = reader_of(request, slug)
    if not reader.study.is_open:
        return _fragment(request, "reading/_closed.html", {"study": reader.study})
    if due := around.due_before(request, reader):
        return redirect(due, slug)
    if place := request.GET.get("place", ""):
        try:
            shown = presentation.again(reader, int(place)) if PLACE.fullmatch(place) else None
        except sessions.Finished as finished:
            return _finished(request, reader.study, finished)
        if shown is None:
            raise Http404
        return _pair(request, shown, _resumed(shown, saved=shown.assignment.rating.event.answers))
    return _due(request, reader)


@require_http_methods(["GET", "POST"])
@unstored
@vary_on_headers("HX-Request")
@reader_only
def answer(request: SignedInRequest, presentation_id: UUID) -> HttpResponse:
    """Store the answer to a showing; the response is the next pair."""
    shown = _showing(request, presentation_id)
    if request.method == "GET":  # the address of a page that was an answer, opened again
        return redirect("reading:study", shown.study.slug)
    form = RatingForm(shown, request.POST)
    if not form.is_valid() or finding.is_due(shown):
        return _refused(shown, _pair(request, shown, form, status=422))
    try:
        # A change of a stored answer; sent a second time, it gets what it got the first time.
        if shown.version and shown.assignment.pair.kind != Pair.Kind.PRACTICE and not hasattr(shown, "event"):
            sessions.refuse_finished(shown.assignment.reader, shown.assignment.session)
        submission.submit(shown, form.cleaned_data, form.client_times)
    except submission.NotOpen:
        context = {"study": shown.study, "answers": form.words}
        return _refused(shown, _fragment(request, "reading/_closed.html", context, status=410))
    except sessions.Finished as finished:
        return _refused(shown, _finished(request, shown.study, finished, form.words))
    except submission.Answered as refusal:
        if shown.assignment.pair.kind == Pair.Kind.PRACTICE:  # its truth is told: the first answer stays
            return _refused(shown, _feedback(request, shown, refusal.saved.answers, status=409))
        return _refused(shown, _conflict(request, shown, form, refusal))
    if shown.assignment.pair.kind == Pair.Kind.PRACTICE:
        practice.conclude(shown.assignment.reader)
        response = _feedback(request, shown, form.cleaned_data)
    else:
        response = _due(request, shown.assignment.reader, answered=shown)
    return _saved(shown, response)


@require_http_methods(["GET", "POST"])
@unstored
@vary_on_headers("HX-Request")
@reader_only
def find(request: SignedInRequest, presentation_id: UUID) -> HttpResponse:
    """Lock what a reader saw at first; the response is the same showing with all that is asked then."""
    shown = _showing(request, presentation_id)
    if request.method == "GET" or not shown.study.finding_asked:
        return redirect("reading:study", shown.study.slug)
    form, reader = finding.FindingForm(shown, request.POST), shown.assignment.reader
    if not shown.study.is_open or reader.removed_at:
        context = {"study": shown.study, "answers": form.words}
        return _refused(shown, _fragment(request, "reading/_closed.html", context, status=410))
    if not Presentation.objects.live().filter(pk=shown.pk).exists():  # sent once more, the pair rated since
        return _saved(shown, _due(request, reader))
    if finding.is_due(shown):
        if not form.is_valid():
            return _refused(shown, _first_look(request, shown, form, status=422))
        finding.lock(shown, form.cleaned_data)
    return _saved(shown, _pair(request, shown, _resumed(shown)))


@require_POST
@unstored
@reader_only
def draft(request: SignedInRequest, presentation_id: UUID) -> HttpResponse:
    """Keep a form that is left half filled."""
    shown = _showing(request, presentation_id)
    stamp = _uuid(request.POST.get("stamp", ""))
    if stamp is None:
        return HttpResponse("A draft has a stamp.", status=400, content_type="text/plain")
    drafts.keep(shown, request.POST, stamp)
    return HttpResponse(status=204)


@require_safe
@reader_only
def image(request: SignedInRequest, token: str) -> HttpResponseBase:
    """The canonical pixels behind a token, streamed, with headers that are the same for every image."""
    rendition = presentation.rendition(request.user, token)
    if rendition is None:
        raise Http404
    response: HttpResponseBase
    try:
        response = Pixels(rendition.file.open(), content_type="image/png")
    except OSError:
        log.exception("reading.image_unreadable", rendition=rendition.pk)
        response = HttpResponse("This image cannot be shown.", status=503, content_type="text/plain")
    # Its name on the storage would tell one image from another.
    response.headers.pop("Content-Disposition", None)
    response["Cache-Control"] = "private, no-store"
    return response


def _showing(request: SignedInRequest, presentation_id: UUID) -> Presentation:
    """The reader's showing, with all that is asked about it; 404 for anybody else's.

    What waited on a shared computer says whose it is, and is not taken from anybody else.
    """
    if request.headers.get("X-Reader", request.user.alias) != request.user.alias:
        raise PermissionDenied(
            gettext("This answer is another reader's. It is kept on this computer until that reader signs in.")
        )
    found = Presentation.objects.shown_to(request.user).with_questions()
    shown: Presentation = get_object_or_404(found, pk=presentation_id)
    return shown


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _due(request: SignedInRequest, reader: Reader, answered: Presentation | None = None) -> HttpResponse:
    """The next pair, a notice that a break is due before it, or the end."""
    shown = presentation.next_for(reader, ahead=_uuid(request.POST.get("ahead", "")))
    if shown is None and (wait := presentation.wait(reader)):
        return _fragment(request, "reading/_later.html", {"study": reader.study, "wait": wait})
    if shown is None and practice.is_short(reader):
        return _practice(request, reader)
    if shown is None:
        context = {"study": reader.study, "questions_left": closing.next_form(reader) is not None}
        return _fragment(request, "reading/_finished.html", context)
    position = presentation.progress(shown)
    if answered and presentation.is_break_due(answered, shown, position):
        return _fragment(request, "reading/_break.html", {"study": reader.study, "rated": position.place - 1})
    return _pair(request, shown, _resumed(shown), position=position)


def _resumed(shown: Presentation, saved: dict[str, Any] | None = None) -> RatingForm:
    """The form as the reader left it: half filled, as saved, or empty."""
    form = RatingForm(shown, saved=saved)
    if left := drafts.of(shown):
        form.initial = left.fields
    return form


def _finished(
    request: SignedInRequest, study: Study, finished: sessions.Finished, answers: list[tuple[str, str]] | None = None
) -> HttpResponse:
    """That a session takes no more changes, with the change that was not stored."""
    context = {"study": study, "session": finished.number, "answers": answers}
    return _fragment(request, "reading/_session_finished.html", context, status=410)


def _practice(request: SignedInRequest, reader: Reader) -> HttpResponse:
    """The next pair of a further attempt at the practice, or how the last one went."""
    practice.conclude(reader)  # where the answer was stored, but not yet what came of it
    if not practice.is_short(reader):
        return redirect("reading:study", reader.study.slug)
    if due := practice.again(reader, begin=request.GET.get("practice") == "again"):
        shown = presentation.show(due, due.rating.version)
        return _pair(request, shown, _resumed(shown))
    context = {"study": reader.study, "last": practice.last(reader), "attempts_left": practice.attempts_left(reader)}
    return _fragment(request, "reading/_practice.html", context)


def _feedback(
    request: SignedInRequest, shown: Presentation, answers: dict[str, Any], status: int = 200
) -> HttpResponse:
    """Which image of a practice pair was real: the one page that tells it, and never of a pair that counts."""
    letters = ("A", "B") if shown.assignment.first_side == Side.LEFT else ("B", "A")
    believed = BELIEVED_REAL[answers["believed_real"]]
    context = {"study": shown.study, "real": letters[0], "synthetic": letters[1], "believed": believed}
    context["compared"] = practice.compared(shown.assignment, answers)
    return _fragment(request, "reading/_feedback.html", context, status)


def _saved(shown: Presentation, response: HttpResponse) -> HttpResponse:
    """The same response, signed: what names the answer tells the page that it is stored."""
    response["X-Rating-Saved"] = str(shown.pk)
    return response


def _refused(shown: Presentation, response: HttpResponse) -> HttpResponse:
    """The same response, signed: only what names the answer is believed to be the server's word on it."""
    response["X-Rating-Refused"] = str(shown.pk)
    return response


def _conflict(
    request: SignedInRequest, shown: Presentation, form: RatingForm, refusal: submission.Answered
) -> HttpResponse:
    """The same pair again with the reader's own answers in the form and the saved ones beside it: she picks."""
    anew = presentation.show(shown.assignment, refusal.saved.version)
    listed = differences(shown, refusal.saved.answers, form)
    status = 409 if isinstance(refusal, submission.Conflict) else 422
    return _pair(request, anew, form, status=status, differences=listed)


def _pair(
    request: SignedInRequest,
    shown: Presentation,
    form: RatingForm,
    status: int = 200,
    position: presentation.Progress | None = None,
    **context: Any,
) -> HttpResponse:
    if finding.is_due(shown):
        return _first_look(request, shown, finding.FindingForm(shown), status)
    position = position or presentation.progress(shown)
    context |= {
        "shown": shown,
        "study": shown.study,
        "form": form,
        "told": finding.told(shown),
        "progress": position,
        "place_before": presentation.place_before(shown, position),
        "ahead": presentation.after(shown),
        "draft": None if form.is_bound else drafts.of(shown),
        "action": reverse("reading:answer", args=[shown.pk]),
    }
    return _fragment(request, "reading/_pair.html", context, status)


def _first_look(
    request: SignedInRequest, shown: Presentation, form: finding.FindingForm, status: int = 200
) -> HttpResponse:
    """The pair with nothing but the question what it shows."""
    context = {"shown": shown, "study": shown.study, "form": form, "progress": presentation.progress(shown)}
    return _fragment(request, "reading/_first_look.html", context, status)


def _fragment(request: SignedInRequest, name: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """The fragment alone for htmx, else the whole page around it."""
    if request.htmx:
        return render(request, name, context, status=status)
    # In a fragment <noscript> is parsed as plain markup: its images would be loaded beside those on the canvases.
    whole = {"fragment": name, "plain_images": True, "screen": around.checked_screen(request, context["study"])}
    return render(request, "reading/page.html", context | whole, status=status)
