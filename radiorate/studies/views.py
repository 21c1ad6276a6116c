"""Pages of the studies room."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from radiorate.accounts.access import admin_only


@admin_only
def list(request: HttpRequest) -> HttpResponse:
    return render(request, "base.html")
