"""Who may ask for a page: signed in, admin, or reader. Objects are fetched through the user besides."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django_htmx.middleware import HtmxDetails

from radiorate.accounts.models import User

Params = ParamSpec("Params")
View = Callable[Concatenate[HttpRequest, Params], HttpResponseBase]


class SignedInRequest(HttpRequest):
    """A request whose user is known: what the views behind these decorators may annotate."""

    user: User
    htmx: HtmxDetails


SignedInView = Callable[Concatenate[SignedInRequest, Params], HttpResponseBase]


def signed_in(view: SignedInView[Params]) -> View[Params]:
    """The view for signed-in users; others are sent to sign in, or get 401 where a fragment was asked for.

    401 instead of a redirect: fetch would follow it and put the sign-in page inside the form.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Params.args, **kwargs: Params.kwargs) -> HttpResponseBase:
        if request.user.is_authenticated:
            return view(cast(SignedInRequest, request), *args, **kwargs)
        if getattr(request, "htmx", False) or request.headers.get("Idempotency-Key"):
            return HttpResponse("Sign in again.", status=401, content_type="text/plain")
        return redirect_to_login(request.get_full_path())

    return guarded


def admin_only(view: SignedInView[Params]) -> View[Params]:
    """The view for admins; readers get 403 whatever the address holds, so it tells them nothing."""

    @signed_in
    @wraps(view)
    def guarded(request: SignedInRequest, *args: Params.args, **kwargs: Params.kwargs) -> HttpResponseBase:
        if not request.user.is_staff:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


def reader_only(view: SignedInView[Params]) -> View[Params]:
    """The view for readers; admins get 403, as one who may see origins must not rate."""

    @signed_in
    @wraps(view)
    def guarded(request: SignedInRequest, *args: Params.args, **kwargs: Params.kwargs) -> HttpResponseBase:
        if request.user.is_staff:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded
