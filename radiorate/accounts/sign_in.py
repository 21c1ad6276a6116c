"""Signing in: allauth's view, with a status that says when to wait and words for when the counters are away."""

from http import HTTPStatus
from typing import Any

from allauth.account.views import LoginView
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from redis.exceptions import RedisError


class SignInView(LoginView):
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """503 when wrong passwords can't be counted: without the limits nobody is let in."""
        try:
            return super().dispatch(request, *args, **kwargs)
        except RedisError:
            return render(request, "account/unavailable.html", status=HTTPStatus.SERVICE_UNAVAILABLE)

    def form_invalid(self, form: Any) -> HttpResponse:
        """The form with its words; 429 when they say that too many passwords were wrong."""
        response = super().form_invalid(form)
        if form.has_error("__all__", "too_many_login_attempts"):
            response.status_code = HTTPStatus.TOO_MANY_REQUESTS
        return response


sign_in = SignInView.as_view()
