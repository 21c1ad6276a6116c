"""Pages of the reading room."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from radiorate.accounts.access import signed_in


@signed_in
def list(request: HttpRequest) -> HttpResponse:
    return render(request, "base.html")
