"""What must not stay behind: a person's pages in a cache, one-time tokens in the log."""

import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django_structlog.middlewares import RequestMiddleware

ONE_TIME = re.compile(r"(/accounts/(?:invitation|password/reset/key)/)[^/?]+")


class NoStoreMiddleware:
    """Pages made for a session are stored by no cache, unless the view says otherwise."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.session.accessed:
            response.headers.setdefault("Cache-Control", "no-store")
        return response


class RequestLogMiddleware(RequestMiddleware):
    """The request log, in which a link that opens an account is cut short."""

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        return ONE_TIME.sub(r"\1...", RequestMiddleware.format_request(request))
