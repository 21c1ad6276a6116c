"""Pages of the accounts room."""

from http import HTTPStatus

from allauth.account.utils import perform_login
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from radiorate.accounts import audit, invitations, lifecycle
from radiorate.accounts.access import SignedInRequest, admin_only, signed_in
from radiorate.accounts.forms import AuditFilter, FirstPasswordForm, InviteForm, NameForm
from radiorate.accounts.models import User

PER_PAGE = 50


@signed_in
@require_GET
def home(request: SignedInRequest) -> HttpResponse:
    """Admins start at the studies, readers at their reading list."""
    return redirect("studies:list" if request.user.is_staff else "reading:list")


@admin_only
@require_http_methods(["GET", "HEAD", "POST"])
def people(request: SignedInRequest) -> HttpResponse:
    """All accounts; a POST invites another, and its answer is the one page that shows the link."""
    form = InviteForm(_posted(request))
    if form.is_valid():
        try:
            user, link = invitations.invite(**form.cleaned_data, by=request.user, request=request)
            return show_link(request, user, link)
        except IntegrityError:  # invited by another admin since the form was checked
            form.add_error("email", "This e-mail has an account already.")
    page = Paginator(User.objects.with_access(), PER_PAGE).get_page(request.GET.get("page"))
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    return render(request, "accounts/people.html", {"form": form, "page": page}, status=status)


@admin_only
@require_POST
def link(request: SignedInRequest, pk: int) -> HttpResponse:
    """The one page that shows a new link for another's account."""
    user = get_object_or_404(User, pk=pk, is_active=True)
    if user == request.user:
        messages.error(request, "Change your own password on your profile.")
        return redirect("accounts:people")
    return show_link(request, user, invitations.renew(user, request.user, request))


@admin_only
@require_POST
def revoke(request: SignedInRequest, pk: int) -> HttpResponse:
    user = get_object_or_404(User, pk=pk)
    if invitations.revoke(user, request.user):
        messages.success(request, f"The link of {user} no longer works.")
    return redirect("accounts:people")


@admin_only
@require_POST
def deactivate(request: SignedInRequest, pk: int) -> HttpResponse:
    user = get_object_or_404(User, pk=pk)
    try:
        lifecycle.deactivate(user, request.user)
        messages.success(request, f"{user} is deactivated and signed out everywhere.")
    except lifecycle.Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("accounts:people")


@admin_only
@require_POST
def reactivate(request: SignedInRequest, pk: int) -> HttpResponse:
    """The page with the link the reactivated account needs, as its password went at deactivation."""
    user = get_object_or_404(User, pk=pk)
    new_link = lifecycle.reactivate(user, request.user, request)
    return show_link(request, user, new_link) if new_link else redirect("accounts:people")


def show_link(request: SignedInRequest, user: User, link: str) -> HttpResponse:
    """The one page that shows a link; it is mailed too, where mails go out."""
    context = {
        "person": user,
        "link": link,
        "days": settings.INVITATION_DAYS,
        "mail_goes_out": invitations.mail_goes_out(),
        "mailed": invitations.mail(user, link),
    }
    return render(request, "accounts/link.html", context)


@require_GET
def invitation_link(request: HttpRequest, token: str) -> HttpResponse:
    """On to the page without the token in its address, so that neither history nor a Referer keeps it."""
    request.session["invitation"] = token
    return redirect("accounts:invitation")


@sensitive_post_parameters("password", "again")
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest) -> HttpResponseBase:
    """The form for the first password; a valid POST uses the link up and signs in. 410 when the link is dead."""
    token = request.session.get("invitation", "")
    found = invitations.find(token)
    if not found:
        return render(request, "accounts/invitation_gone.html", status=HTTPStatus.GONE)
    form = FirstPasswordForm(found.user, _posted(request))
    if form.is_valid() and (user := invitations.answer(token, form.cleaned_data["password"])):
        del request.session["invitation"]
        return perform_login(request, user)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    return render(request, "accounts/invitation.html", {"form": form, "invitation": found}, status=status)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: SignedInRequest) -> HttpResponse:
    form = NameForm(_posted(request), instance=request.user)
    if form.is_valid():
        form.save()
        messages.success(request, gettext("Saved."))
        return redirect("accounts:profile")
    context = {"form": form, "has_second_factor": is_mfa_enabled(request.user)}
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    return render(request, "accounts/profile.html", context, status=status)


@admin_only
@require_GET
def audit_trail(request: SignedInRequest) -> HttpResponse:
    """Who did what, newest first; `check=1` reads the whole chain."""
    form = AuditFilter(request.GET)
    page = Paginator(form.entries().order_by("-pk").select_related("actor"), PER_PAGE).get_page(request.GET.get("page"))
    query = request.GET.copy()
    for name in ("page", "check"):
        query.pop(name, None)
    context = {"form": form, "page": page, "query": f"{query.urlencode()}&" if query else ""}
    if "check" in request.GET:
        context |= {"checked": True, "broken": audit.first_broken()}
    return render(request, "accounts/audit.html", context)


@admin_only
@require_GET
def audit_csv(request: SignedInRequest) -> StreamingHttpResponse:
    """The filtered entries, oldest first, with their hashes."""
    entries = AuditFilter(request.GET).entries()
    response = StreamingHttpResponse(audit.csv_lines(entries), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="audit.csv"'
    return response


def _posted(request: HttpRequest) -> QueryDict | None:
    """What a form is bound to: a POST, also an empty one."""
    return request.POST if request.method == "POST" else None
