"""Pages of the images room."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from radiorate.accounts.access import admin_only


@admin_only
def collections(request: HttpRequest) -> HttpResponse:
    return render(request, "base.html")
